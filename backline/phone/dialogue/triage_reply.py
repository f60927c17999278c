"""Say what the triage replied: its question, its result, or that it has none. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from backline.dialogue import Conversation
from backline.facts import CHECKLISTS, Facts, Slot
from backline.phone.dialogue.progress import Progress
from backline.phone.dialogue.prompts import (
    CRISIS,
    EMERGENCY,
    PERSON,
    TEXT,
    Prompts,
    paragraphs,
)
from backline.phone.dialogue.state import CallState, Prompt, Transition
from backline.phone.dialogue.wording import PhoneWording, groups
from backline.phone.events import AfterPrompt, Phrase
from backline.replies import Reply, TriageResult
from backline.responses import OWN_RESULTS

NEVER_TEXTED = frozenset(OWN_RESULTS)
"""Rules about thoughts of ending one's life, and about violence at home."""


class TriageReplies:
    """Turns replies of the triage into what is said next."""

    def __init__(self, wording: PhoneWording, prompts: Prompts, progress: Progress) -> None:
        self._wording = wording
        self._prompts = prompts
        self._progress = progress

    def told(self, state: CallState, reply: Reply, conversation: Conversation) -> Transition:
        """Say what the triage replied.

        Args:
            conversation: as the triage knows it after the reply.
        """
        state = replace(state, silences=0, pending=None)
        texts, question, result = reply.texts, reply.question, reply.result
        state = _standing_after(state, reply)
        if result is not None:
            return self._tell_result(state, result, [t for t in texts if t != result.text])
        asides = tuple(Phrase(text) for text in texts)
        if reply.failed:
            return Transition(state, Prompt(asides, AfterPrompt.TRANSFER))
        if reply.deleted or conversation.declined:
            return Transition(state, Prompt(asides, AfterPrompt.HANG_UP, finished=True))
        if question is None:
            # Nothing of the question that was open before goes on, its keys neither.
            state = state if state.closing else state.anew(closing=True, offer=PERSON)
            listening = self._wording.listening("other", None)
            if state.standing:
                said = tuple(replace(phrase, slowly=True) for phrase in asides)
                return Transition(
                    state,
                    Prompt(said, AfterPrompt.LISTEN, listening, emergency=True, finished=True),
                )
            said = (*asides, Phrase(self._prompts.offer(state)))
            return Transition(state, Prompt(said, AfterPrompt.LISTEN, listening))
        slot, kind = Slot(question.slot), question.kind
        prompt = question.prompt or question.text
        if slot in CHECKLISTS:
            return self._read_out(state, slot, kind, prompt, asides)
        return self._ask(state, slot, kind, prompt, asides, conversation)

    def _ask(
        self,
        state: CallState,
        slot: Slot,
        kind: str,
        prompt: str,
        asides: tuple[Phrase, ...],
        conversation: Conversation,
    ) -> Transition:
        """Ask a question that is no checklist; two of them may be asked at once."""
        state = replace(
            state,
            slot=slot,
            kind=kind,
            prompt=prompt,
            reading=(),
            closing=False,
            offer="",
            telling=_invites_to_tell(state, slot, conversation),
            together=slot is Slot.PAIN_DURATION
            and not state.by_keys
            and state.slot is not slot
            and conversation.facts.pain_severity is None,
        )
        if state.standing:
            # The reply begins with the call already.
            step = self._prompts.ask_again(replace(state, standing=""), *asides)
            return replace(step, state=state)
        return self._prompts.ask_again(state, *asides)

    def _tell_result(
        self, state: CallState, result: TriageResult, texts: Sequence[str]
    ) -> Transition:
        emergency = result.emergency
        parts = [Phrase(part, slowly=emergency) for part in paragraphs(result.text)]
        others = [Phrase(t) for t in texts]
        # An emergency is told before anything else that the turn has to say.
        said = [*parts, *others] if emergency else [*others, *parts]
        standing = (CRISIS if result.crisis else EMERGENCY) if emergency else ""
        offer = "" if standing else TEXT if _may_be_texted(state, result) else PERSON
        state = state.anew(closing=True, prompt=result.text, standing=standing, offer=offer)
        return Transition(
            state,
            Prompt(
                (*said, Phrase(self._prompts.offer(state))),
                AfterPrompt.LISTEN,
                replace(
                    self._wording.listening("yes_no" if offer else "other", None),
                    speech=not state.deaf or bool(standing),
                ),
                emergency=emergency,
                finished=True,
            ),
        )

    def _read_out(
        self, state: CallState, slot: Slot, kind: str, prompt: str, asides: tuple[Phrase, ...]
    ) -> Transition:
        """Begin to read out a checklist, or go on with it."""
        going_on = state.slot is slot and not state.read_out
        if not going_on:
            again = state.slot is slot and state.unsure
            reading = state.unsure if again else tuple(range(len(groups()[slot])))
            chosen = state.chosen if again else ()
            state = state.anew(slot=slot, kind=kind, prompt=prompt, reading=reading, chosen=chosen)
            return self._prompts.ask_again(state, *asides, Phrase(prompt))
        return self._progress.next_group(state, asides)


def _invites_to_tell(state: CallState, slot: Slot, conversation: Conversation) -> bool:
    """Return whether a question is asked beside "what happened?".

    Whether to go on is; and the age, where who just agreed to go on told nothing yet.
    """
    if state.by_keys:
        return False
    if slot is Slot.CONSENT:
        return state.slot is not slot
    return slot is Slot.AGE and state.slot is Slot.CONSENT and conversation.facts == Facts()


def _may_be_texted(state: CallState, result: TriageResult) -> bool:
    """Return whether a result may stand on a telephone that others may look at."""
    return state.textable and not NEVER_TEXTED.intersection(result.rules)


def _standing_after(state: CallState, reply: Reply) -> CallState:
    """Return the state with what stands after a reply."""
    told = reply.standing
    if told is None:
        return state
    standing = (CRISIS if told.crisis else EMERGENCY) if told.holds else ""
    return state.anew(closing=True, prompt=state.prompt if standing else "", standing=standing)
