"""Say what the triage replied: its question, its result, or that it has none. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from backline.dialogue import Conversation
from backline.facts import CHECKLISTS, Slot
from backline.phone.dialogue.progress import Progress
from backline.phone.dialogue.prompts import CRISIS, EMERGENCY, Prompts, paragraphs
from backline.phone.dialogue.state import CallState, Prompt, Transition
from backline.phone.dialogue.wording import PhoneWording, groups
from backline.phone.events import AfterPrompt, Phrase
from backline.replies import Reply, TriageResult


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
            state = state if state.closing else CallState(closing=True)
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
        state = replace(state, slot=slot, kind=kind, prompt=prompt, reading=(), closing=False)
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
        state = CallState(closing=True, prompt=result.text, standing=standing)
        return Transition(
            state,
            Prompt(
                (*said, Phrase(self._prompts.offer(state))),
                AfterPrompt.LISTEN,
                self._wording.listening("other", None),
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
            state = CallState(slot=slot, kind=kind, prompt=prompt, reading=reading, chosen=chosen)
            return self._prompts.ask_again(state, *asides, Phrase(prompt))
        return self._progress.next_group(state, asides)


def _standing_after(state: CallState, reply: Reply) -> CallState:
    """Return the state with what stands after a reply."""
    told = reply.standing
    if told is None:
        return state
    standing = (CRISIS if told.crisis else EMERGENCY) if told.holds else ""
    return CallState(closing=True, prompt=state.prompt if standing else "", standing=standing)
