"""Let answers count: what the triage is told of them, and how far a checklist is read out. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from backline.facts import CHECKLISTS, EMERGENCY_LISTS, PARTED, Slot
from backline.phone.dialogue.prompts import Prompts, lines_left
from backline.phone.dialogue.state import (
    AnswerEffect,
    AnswerEvidence,
    CallState,
    SendToTriage,
    Transition,
)
from backline.phone.events import Phrase
from backline.policy.checklists import OWN_FACTS
from backline.policy.conditions import MAY_BE_NOTES

NONE_OF_THESE, DONT_KNOW = "None of these", "I don't know"
"""What is told to the triage when every group was denied, or could not be answered."""
SETTLES_NOTHING = frozenset({*OWN_FACTS, *MAY_BE_NOTES, *PARTED})
"""Lines that alone do not make the rest of the list of no consequence."""
Titles = Mapping[Slot, Mapping[str, str]]
"""Of each question's options, what the triage is told for its value."""


class Progress:
    """Moves a call on by the answers that count."""

    def __init__(self, prompts: Prompts, titles: Titles) -> None:
        self._prompts = prompts
        self._titles = titles

    def apply(self, state: CallState, effect: AnswerEffect, confirmed: str) -> Transition:
        """Let an answer count."""
        evidence = _evidence(state, effect, confirmed)
        state = _answered(state, effect)
        if state.slot in CHECKLISTS:
            step = self._apply_to_checklist(state, effect)
        else:
            step = Transition(state, _for_triage(effect, aside=effect.aside))
        return replace(step, evidence=evidence)

    def _apply_to_checklist(self, state: CallState, effect: AnswerEffect) -> Transition:
        """Move on in the checklist that is read out, or tell the triage what was told beside it."""
        if effect.wish:
            # Whatever comes of it, the checklist is read from its beginning again.
            state = replace(state, read_out=True, unsure=(), chosen=())
        state = replace(state, chosen=(*state.chosen, *effect.codes))
        if effect.group_done or not lines_left(state):
            state = replace(state, at=state.at + 1)
        if state.slot in EMERGENCY_LISTS and effect.codes:
            return self._tell_lines(state)
        if effect.tell is not None:
            return Transition(state, _for_triage(effect, aside=True))
        return self.next_group(state, ())

    def next_group(self, state: CallState, before: tuple[Phrase, ...]) -> Transition:
        if state.at < len(state.reading):
            return self._prompts.ask_again(state, *before)
        return self._tell_lines(state)

    def _tell_lines(self, state: CallState) -> Transition:
        """Tell the triage what holds, as all groups are answered."""
        titles = self._titles.get(state.slot, {}) if state.slot else {}
        told = "; ".join(titles.get(code, code) for code in state.chosen) or NONE_OF_THESE
        if state.unsure and set(state.chosen) <= SETTLES_NOTHING:
            # It may turn out to keep nobody from massage, and the groups were not answered.
            told = DONT_KNOW
        return Transition(replace(state, read_out=True), SendToTriage(told))


def _evidence(state: CallState, effect: AnswerEffect, confirmed: str) -> tuple[AnswerEvidence, ...]:
    """Keep the words that an answer rests on; a wish is evidence of nothing."""
    if effect.wish:
        return ()
    about = effect.about or (state.slot.value if state.slot else "")
    if state.slot in CHECKLISTS and not effect.about:
        about += ": " + ", ".join(effect.codes or lines_left(state))
    return (AnswerEvidence(about, effect.heard, effect.confidence, confirmed),)


def _answered(state: CallState, effect: AnswerEffect) -> CallState:
    """Let nothing wait to be confirmed any more, as an answer counts."""
    # Who said yes to a group still has to say to which line, whatever else they tell.
    answered = effect.codes or effect.group_done or effect.wish
    choosing = state.choosing and not answered
    return replace(state, pending=None, misses=0, repeats=0, choosing=choosing)


def _for_triage(effect: AnswerEffect, *, aside: bool) -> SendToTriage:
    return SendToTriage(effect.tell or "", aside, effect.corrects, confirmed=effect.wish)
