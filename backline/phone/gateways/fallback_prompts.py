"""Hold what callers hear when the dialogue gives nothing: waiting, trouble, nobody there.

Loaded whole at start, so that it is there when nothing else is.
"""

from __future__ import annotations

from dataclasses import dataclass

from backline.phone.dialogue.wording import PhoneWording
from backline.phone.events import Phrase
from backline.phone.text.verbalize import spoken
from backline.responses import clinic_words
from backline.settings import Clinic


@dataclass(frozen=True)
class FallbackPrompts:
    """Sentences of data/phone/talk.yml, by their names there.

    Attributes:
        one_moment: the answer takes longer than a caller waits in silence.
        trouble: the talk broke; with the emergency number.
        connecting: before the clinic's telephone rings.
        nobody_there: it was busy, or nobody answered; with the hours and the emergency number.
        no_person: where a person is to be reached, where nobody is called from here.
        farewell: the last words.
    """

    one_moment: Phrase
    trouble: Phrase
    connecting: Phrase
    nobody_there: Phrase
    no_person: Phrase
    farewell: Phrase


def load_fallback_prompts(clinic: Clinic) -> FallbackPrompts:
    """Load the sentences for this clinic.

    Raises:
        KeyError: the file lacks one.
    """
    wording = PhoneWording(clinic_words(clinic))

    def phrase(name: str, *, slowly: bool = False) -> Phrase:
        return Phrase(spoken(wording.say(name)), slowly=slowly)

    return FallbackPrompts(
        one_moment=phrase("one_moment"),
        trouble=phrase("trouble", slowly=True),
        connecting=phrase("connecting"),
        nobody_there=phrase("nobody_there", slowly=True),
        no_person=phrase("no_person"),
        farewell=phrase("farewell"),
    )
