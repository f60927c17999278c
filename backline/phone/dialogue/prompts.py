"""Word what a caller is asked, offered and told by the line itself. Pure."""

from __future__ import annotations

from dataclasses import replace

from backline.facts import CHECKLISTS, Slot
from backline.phone.dialogue.state import CallState, Prompt, Transition
from backline.phone.dialogue.wording import PhoneWording, groups, lines
from backline.phone.events import AfterPrompt, Phrase
from backline.phone.text.verbalize import listed

TEXT, PERSON = "text", "person"
"""What may be offered after the result (`CallState.offer`)."""
EMERGENCY, CRISIS = "emergency", "crisis"
"""What may stand in a call (`CallState.standing`)."""
OFFER_KEYS_AFTER, GIVE_UP_AFTER = 2, 3
"""Silences in a row after which keys are offered; and what comes to nothing, before a person."""
KEYS_AFTER, KEYS_AFTER_IN_ALL = 2, 4
"""Misses at one question, and in the whole call, after which the rest goes by keys."""
GIVE_UP_WITH_KEYS_AFTER = 4
"""Misses at one question after which a person takes over: two are before the keys."""
WRONG_KEY = "wrong_key"


class Prompts:
    """Turns where a call stands into what is said next, and what comes then."""

    def __init__(self, wording: PhoneWording) -> None:
        self._wording = wording

    def ask_again(
        self,
        state: CallState,
        *before: Phrase,
        keys: bool = False,
        slowly: bool = False,
        whole: bool = True,
    ) -> Transition:
        """Ask what is open, with what is said before it.

        Args:
            whole: see `open_question`.
        """
        if state.by_keys and not state.keys_said:
            before = (*before, Phrase(self._wording.say("by_keys")))
            state = replace(state, keys_said=True)
        before = (*self.call_first(state), *before)
        slowly = slowly or bool(state.standing)
        asked = tuple(Phrase(t, slowly) for t in self.open_question(state, whole=whole))
        keys = keys or state.by_keys
        shown = (Phrase(self._key_help(state)),) if keys else ()
        yes_no = state.pending is not None or state.offer
        kind = "yes_no" if yes_no else state.kind or "other"
        slot = None if state.pending else state.slot
        if state.pending is None and (state.telling or state.together):
            listening = self._wording.listening("story", slot, keys=state.kind)
        else:
            listening = self._wording.listening(kind, slot)
        # While an emergency stands, whatever is said is heard.
        listening = replace(listening, speech=not state.deaf or bool(state.standing))
        return Transition(state, Prompt((*before, *asked, *shown), AfterPrompt.LISTEN, listening))

    def call_first(self, state: CallState) -> tuple[Phrase, ...]:
        """Return what everything begins with while an emergency stands."""
        if not state.standing:
            return ()
        return (Phrase(self._wording.say(f"{state.standing}_first"), slowly=True),)

    def open_question(self, state: CallState, *, whole: bool = True) -> list[str]:
        """Return what is open, as it is asked.

        Args:
            whole: after the result, that is said again before what is offered.
        """
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
            told = paragraphs(state.prompt) if whole or state.standing else []
            return [*told, self.offer(state)]
        if state.telling and state.slot is Slot.AGE:
            return [self._wording.say("story_and_age")]
        if state.together:
            return [self._wording.say("how_long_and_how_bad")]
        return [state.prompt]

    def offer(self, state: CallState) -> str:
        """Offer what can still be had when nothing is asked any more."""
        if state.standing:
            return self._wording.say("connect_offer")
        return self._wording.say("text_offer" if state.offer == TEXT else "book_offer")

    def _key_help(self, state: CallState) -> str:
        if state.pending is not None:
            return self._wording.say("yes_or_no")
        if state.closing:
            # The offer names its keys.
            return ""
        if state.slot in CHECKLISTS:
            return self._wording.say("keys_other" if state.choosing else "keys_yes_no")
        return self._wording.keys(state.kind, state.slot)

    def no_match(self, state: CallState, why: str, keys: bool = False) -> Transition:
        """Ask once more as nothing came of it, then by keys, then connect with a person."""
        missed = self.missed(state, why)
        if missed is None:
            return self.person(state, "give_up")
        return self.ask_again(missed, Phrase(self._wording.say(why)), keys=keys, whole=False)

    @staticmethod
    def missed(state: CallState, why: str) -> CallState | None:
        """Count what came to nothing. After two at a question the rest of the call goes by keys.

        Who goes on talking then is not listened to any more, so that noise cannot come before a
        key. Returns None where it is time for a person.
        """
        misses, missed = state.misses + 1, state.missed + 1
        at_once = state.alarm or why == WRONG_KEY
        if misses >= (GIVE_UP_AFTER if at_once else GIVE_UP_WITH_KEYS_AFTER):
            return None
        return replace(
            state,
            misses=misses,
            missed=missed,
            by_keys=state.by_keys or misses >= KEYS_AFTER or missed >= KEYS_AFTER_IN_ALL,
            deaf=state.deaf or (state.by_keys and why != WRONG_KEY),
            telling=False,
            together=False,
        )

    def repeat(self, state: CallState) -> Transition:
        """Say it again, as was asked by voice; who goes on asking is offered keys, then a person.

        Noise is heard as "what?" for as long as it lasts.
        """
        again = state.repeats >= 1
        state = replace(
            state, repeats=state.repeats + 1, missed=state.missed + again, telling=False
        )
        if state.repeats > GIVE_UP_AFTER:
            return self.person(state, "give_up")
        return self.ask_again(state, keys=state.repeats >= OFFER_KEYS_AFTER, slowly=True)

    def alarm(self, state: CallState) -> Transition:
        """Connect at a danger sign that may have been heard, and that nobody confirms or denies."""
        said = (
            Phrase(self._wording.say("maybe_emergency"), slowly=True),
            Phrase(self._wording.say("connecting")),
        )
        return Transition(
            replace(state, pending=None, handed="alarm"),
            Prompt(said, AfterPrompt.TRANSFER, emergency=True),
        )

    def person(self, state: CallState, why: str) -> Transition:
        """Hand over to a person; at a danger sign that is not settled, with the number to call."""
        if state.alarm:
            return self.alarm(state)
        said = (*self.call_first(state), Phrase(self._wording.say(why)))
        handed = "offered" if why == "connecting" and state.offer else why
        return Transition(
            replace(state, pending=None, handed=state.standing or handed),
            Prompt(said, AfterPrompt.TRANSFER, finished=state.closing),
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
