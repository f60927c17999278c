"""What callers hear when the talk itself has nothing to say: waiting, trouble, nobody there.

Loaded whole at start, so that it is there when nothing else is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from pathlib import Path

import yaml

from backline.phone.speech import Phrase
from backline.server.responses import clinic_words
from backline.settings import Clinic

FILE = Path(__file__).resolve().parents[2] / "data" / "phone" / "standby.yml"
SPOKEN = ("clinic_phone", "emergency_number")
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_A_NUMBER = re.compile(r"\+?[\d\s().-]*\d[\d\s().-]*")


@dataclass(frozen=True)
class Standby:
    """The sentences of data/phone/standby.yml, with the clinic's words in them."""

    wait: str
    trouble: str
    emergency: str
    connect: str
    nobody: str
    call_us: str
    goodbye: str

    def in_trouble(self) -> tuple[Phrase, ...]:
        """What is said when the talk broke, before the caller is handed over."""
        return (Phrase(self.trouble), Phrase(self.emergency, slowly=True))

    def unreachable(self) -> tuple[Phrase, ...]:
        """What is said when nobody at the clinic answers."""
        emergency = Phrase(self.emergency, slowly=True)
        return (Phrase(self.nobody), emergency, *self.farewell())

    def farewell(self) -> tuple[Phrase, ...]:
        """Where a person is to be reached, and goodbye."""
        return (Phrase(self.call_us), Phrase(self.goodbye))


def load_standby(clinic: Clinic) -> Standby:
    """The sentences for this clinic.

    Raises:
        ValueError: the file lacks a sentence, or has one that nobody says.
    """
    told = yaml.load(FILE.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506
    known = {field.name for field in fields(Standby)}
    if not isinstance(told, dict) or told.keys() != known:
        raise ValueError(f"{FILE.name} must have the sentences {', '.join(sorted(known))}")
    words = clinic_words(clinic)
    words |= {name: spoken_number(words[name]) for name in SPOKEN}
    for name, word in words.items():
        told = {key: sentence.replace("{" + name + "}", word) for key, sentence in told.items()}
    return Standby(**told)


def spoken_number(number: str) -> str:
    """A telephone number as it is spoken, digit by digit; other words stay as they are.

    `02 5550 0100` becomes "zero two, five five five zero, zero one zero zero".
    """
    if not _A_NUMBER.fullmatch(number):
        return number
    groups = re.findall(r"\d+", number)
    return ", ".join(" ".join(DIGITS[int(digit)] for digit in group) for group in groups)
