"""What a caller is asked, offered and told by the line itself. Pure."""

from __future__ import annotations

from dataclasses import replace

from backline.facts import CHECKLISTS
from backline.phone.dialogue.state import CallState, Prompt, Transition
from backline.phone.dialogue.wording import PhoneWording, groups, lines
from backline.phone.events import AfterPrompt, Phrase
from backline.phone.text.verbalize import listed

EMERGENCY, CRISIS = "emergency", "crisis"
"""What may stand in a call (`CallState.standing`)."""
OFFER_KEYS_AFTER, GIVE_UP_AFTER = 2, 3
"""Misses in a row after which keys are offered, and a person takes over."""


class Prompts:
    """Turns where a call stands into what is said next, and what comes then."""

    def __init__(self, wording: PhoneWording) -> None:
        self._wording = wording

    def ask_again(self, talk: CallState, *before: Phrase, keys: bool = False) -> Transition:
        """Ask what is open, with what is said before it."""
        before = (*self.call_first(talk), *before)
        asked = tuple(Phrase(text, bool(talk.standing)) for text in self.open_question(talk))
        shown = (Phrase(self._key_help(talk)),) if keys else ()
        kind = "yes_no" if talk.pending else talk.kind or "other"
        slot = None if talk.pending else talk.slot
        listening = self._wording.listening(kind, slot)
        return Transition(talk, Prompt((*before, *asked, *shown), AfterPrompt.LISTEN, listening))

    def call_first(self, talk: CallState) -> tuple[Phrase, ...]:
        """What everything begins with while an emergency stands."""
        if not talk.standing:
            return ()
        return (Phrase(self._wording.say(f"{talk.standing}_first"), slowly=True),)

    def open_question(self, talk: CallState) -> list[str]:
        """What is open, as it is asked."""
        if talk.pending is not None:
            return [talk.pending.question]
        if talk.slot in CHECKLISTS:
            left = lines_left(talk)
            if talk.choosing:
                return [self._wording.choices(left)]
            group = groups()[talk.slot][talk.reading[talk.at]] if talk.slot else {}
            if len(left) == 1:
                return [self._wording.say("last_of_group", lines=lines()[left[0]])]
            begun = "any_of" if len(left) == len(group) else "any_other_of"
            name = f"{begun}_{talk.slot.value}" if talk.slot else begun
            return [self._wording.say(name, lines=listed([lines()[c] for c in left]))]
        if talk.closing:
            return [*paragraphs(talk.prompt), self.offer(talk)]
        return [talk.prompt]

    def offer(self, talk: CallState) -> str:
        """What can still be had when nothing is asked any more."""
        return self._wording.say("connect_offer" if talk.standing else "book_offer")

    def _key_help(self, talk: CallState) -> str:
        if talk.pending is not None:
            return self._wording.say("yes_or_no")
        if talk.slot in CHECKLISTS:
            return self._wording.say("keys_other" if talk.choosing else "keys_yes_no")
        return self._wording.keys(talk.kind, talk.slot)

    def miss(self, talk: CallState, why: str, keys: bool = False) -> Transition:
        """Nothing came of it: ask once more, then offer keys, then a person."""
        misses = talk.misses + 1
        if misses >= GIVE_UP_AFTER:
            return self.person(talk, "give_up")
        talk = replace(talk, misses=misses)
        first = Phrase(self._wording.say(why))
        return self.ask_again(talk, first, keys=keys or misses >= OFFER_KEYS_AFTER)

    def repeat(self, talk: CallState) -> Transition:
        """Say it again, as was asked by voice; who goes on asking is offered keys, then a person.

        Noise is heard as "what?" for as long as it lasts.
        """
        talk = replace(talk, repeats=talk.repeats + 1)
        if talk.repeats > GIVE_UP_AFTER:
            return self.person(talk, "give_up")
        return self.ask_again(talk, keys=talk.repeats >= OFFER_KEYS_AFTER)

    def alarm(self, talk: CallState) -> Transition:
        """A danger sign that may have been heard, and nobody who confirms or denies it."""
        said = (
            Phrase(self._wording.say("maybe_emergency"), slowly=True),
            Phrase(self._wording.say("connecting")),
        )
        return Transition(
            replace(talk, pending=None), Prompt(said, AfterPrompt.TRANSFER, emergency=True)
        )

    def person(self, talk: CallState, why: str) -> Transition:
        """Hand over to a person; at a danger sign that is not settled, with the number to call."""
        if talk.alarm:
            return self.alarm(talk)
        said = (*self.call_first(talk), Phrase(self._wording.say(why)))
        return Transition(
            replace(talk, pending=None), Prompt(said, AfterPrompt.TRANSFER, finished=talk.closing)
        )

    def end(self, talk: CallState, why: str, finished: bool = False) -> Transition:
        """Hang up with a sentence of `talk.yml`; at a danger sign, after the number to call."""
        said = (*self.call_first(talk), Phrase(self._wording.say(why)))
        if talk.alarm:
            said = (Phrase(self._wording.say("maybe_emergency"), slowly=True), *said)
        finished = finished and not talk.unsettled
        return Transition(
            talk, Prompt(said, AfterPrompt.HANG_UP, emergency=talk.alarm, finished=finished)
        )


def lines_left(talk: CallState) -> tuple[str, ...]:
    """The lines of the group that is read out, without those that hold already."""
    if talk.slot not in CHECKLISTS or talk.slot is None or talk.at >= len(talk.reading):
        return ()
    group = groups()[talk.slot][talk.reading[talk.at]]
    return tuple(code for code in group if code not in talk.chosen)


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text, each without its spaces around."""
    return [part.strip() for part in text.split("\n\n") if part.strip()]
