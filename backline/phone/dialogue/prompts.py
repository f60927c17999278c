"""Word what a caller is asked, offered and told by the line itself. Pure."""

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

    def ask_again(self, state: CallState, *before: Phrase, keys: bool = False) -> Transition:
        """Ask what is open, with what is said before it."""
        before = (*self.call_first(state), *before)
        asked = tuple(Phrase(text, bool(state.standing)) for text in self.open_question(state))
        shown = (Phrase(self._key_help(state)),) if keys else ()
        kind = "yes_no" if state.pending else state.kind or "other"
        slot = None if state.pending else state.slot
        listening = self._wording.listening(kind, slot)
        return Transition(state, Prompt((*before, *asked, *shown), AfterPrompt.LISTEN, listening))

    def call_first(self, state: CallState) -> tuple[Phrase, ...]:
        """Return what everything begins with while an emergency stands."""
        if not state.standing:
            return ()
        return (Phrase(self._wording.say(f"{state.standing}_first"), slowly=True),)

    def open_question(self, state: CallState) -> list[str]:
        """Return what is open, as it is asked."""
        if state.pending is not None:
            return [state.pending.question]
        if state.slot in CHECKLISTS:
            left = lines_left(state)
            if state.choosing:
                return [self._wording.choices(left)]
            group = groups()[state.slot][state.reading[state.at]] if state.slot else {}
            if len(left) == 1:
                return [self._wording.say("last_of_group", lines=lines()[left[0]])]
            begun = "any_of" if len(left) == len(group) else "any_other_of"
            read = listed([lines()[c] for c in left])
            return [self._wording.group(begun, state.slot, read)]
        if state.closing:
            return [*paragraphs(state.prompt), self.offer(state)]
        return [state.prompt]

    def offer(self, state: CallState) -> str:
        """Offer what can still be had when nothing is asked any more."""
        return self._wording.say("connect_offer" if state.standing else "book_offer")

    def _key_help(self, state: CallState) -> str:
        if state.pending is not None:
            return self._wording.say("yes_or_no")
        if state.slot in CHECKLISTS:
            return self._wording.say("keys_other" if state.choosing else "keys_yes_no")
        return self._wording.keys(state.kind, state.slot)

    def no_match(self, state: CallState, why: str, keys: bool = False) -> Transition:
        """Ask once more as nothing came of it, then offer keys, then a person."""
        misses = state.misses + 1
        if misses >= GIVE_UP_AFTER:
            return self.person(state, "give_up")
        state = replace(state, misses=misses)
        first = Phrase(self._wording.say(why))
        return self.ask_again(state, first, keys=keys or misses >= OFFER_KEYS_AFTER)

    def repeat(self, state: CallState) -> Transition:
        """Say it again, as was asked by voice; who goes on asking is offered keys, then a person.

        Noise is heard as "what?" for as long as it lasts.
        """
        state = replace(state, repeats=state.repeats + 1)
        if state.repeats > GIVE_UP_AFTER:
            return self.person(state, "give_up")
        return self.ask_again(state, keys=state.repeats >= OFFER_KEYS_AFTER)

    def alarm(self, state: CallState) -> Transition:
        """Connect at a danger sign that may have been heard, and that nobody confirms or denies."""
        said = (
            Phrase(self._wording.say("maybe_emergency"), slowly=True),
            Phrase(self._wording.say("connecting")),
        )
        return Transition(
            replace(state, pending=None), Prompt(said, AfterPrompt.TRANSFER, emergency=True)
        )

    def person(self, state: CallState, why: str) -> Transition:
        """Hand over to a person; at a danger sign that is not settled, with the number to call."""
        if state.alarm:
            return self.alarm(state)
        said = (*self.call_first(state), Phrase(self._wording.say(why)))
        return Transition(
            replace(state, pending=None), Prompt(said, AfterPrompt.TRANSFER, finished=state.closing)
        )

    def end(self, state: CallState, why: str, finished: bool = False) -> Transition:
        """Hang up with a sentence of `talk.yml`; at a danger sign, after the number to call."""
        said = (*self.call_first(state), Phrase(self._wording.say(why)))
        if state.alarm:
            said = (Phrase(self._wording.say("maybe_emergency"), slowly=True), *said)
        finished = finished and not state.unsettled
        return Transition(
            state, Prompt(said, AfterPrompt.HANG_UP, emergency=state.alarm, finished=finished)
        )


def lines_left(state: CallState) -> tuple[str, ...]:
    """Return the lines of the group that is read out, without those that hold already."""
    if state.slot not in CHECKLISTS or state.slot is None or state.at >= len(state.reading):
        return ()
    group = groups()[state.slot][state.reading[state.at]]
    return tuple(code for code in group if code not in state.chosen)


def paragraphs(text: str) -> list[str]:
    """Split a text into paragraphs, each without its spaces around."""
    return [part.strip() for part in text.split("\n\n") if part.strip()]
