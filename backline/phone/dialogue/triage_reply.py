"""Say what the triage replied: its question, its result, or that it has none. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from backline.dialogue import Conversation
from backline.facts import CHECKLISTS, EmergencySign, Slot
from backline.phone.dialogue.progress import Progress
from backline.phone.dialogue.prompts import CRISIS, EMERGENCY, Prompts, paragraphs
from backline.phone.dialogue.state import CallState, Prompt, Transition
from backline.phone.dialogue.wording import PhoneWording, groups
from backline.phone.events import AfterPrompt, Phrase


class TriageReplies:
    """Turns replies of the triage into what is said next."""

    def __init__(self, wording: PhoneWording, prompts: Prompts, progress: Progress) -> None:
        self._wording = wording
        self._prompts = prompts
        self._progress = progress

    def told(
        self, state: CallState, reply: Sequence[Mapping[str, Any]], conversation: Conversation
    ) -> Transition:
        """Say what the triage replied.

        Args:
            reply: its messages, as the REST interface gives them.
            conversation: as the triage knows it after them.
        """
        state = replace(state, silences=0, pending=None)
        texts, question, result, kinds = _sorted(reply)
        state = _standing_after(state, reply)
        if result is not None:
            return self._tell_result(state, result, [t for t in texts if t != result[0]])
        asides = tuple(Phrase(text) for text in texts)
        if "error" in kinds:
            return Transition(state, Prompt(asides, AfterPrompt.TRANSFER))
        if "deleted" in kinds or conversation.declined:
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
        prompt, marker = question
        slot, kind = Slot(marker["slot"]), str(marker["input"]["kind"])
        if slot in CHECKLISTS:
            return self._read_out(state, slot, kind, prompt, asides)
        state = replace(state, slot=slot, kind=kind, prompt=prompt, reading=(), closing=False)
        if state.standing:
            # The reply begins with the call already.
            step = self._prompts.ask_again(replace(state, standing=""), *asides)
            return replace(step, state=state)
        return self._prompts.ask_again(state, *asides)

    def _tell_result(
        self, state: CallState, result: tuple[str, Mapping[str, Any]], texts: Sequence[str]
    ) -> Transition:
        text, marker = result
        emergency = marker["urgency"] == "emergency"
        parts = [Phrase(part, slowly=emergency) for part in paragraphs(text)]
        others = [Phrase(t) for t in texts]
        # An emergency is told before anything else that the turn has to say.
        said = [*parts, *others] if emergency else [*others, *parts]
        crisis = marker.get("facts", {}).get("emergency_signs") == [EmergencySign.SELF_HARM.value]
        standing = (CRISIS if crisis else EMERGENCY) if emergency else ""
        state = CallState(closing=True, prompt=text, standing=standing)
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


_Marker = Mapping[str, Any]


def _standing_after(state: CallState, reply: Sequence[Mapping[str, Any]]) -> CallState:
    """Return the state with what stands after a reply, as its marker tells."""
    for message in reply:
        marker: _Marker = message.get("custom") or {}
        if marker.get("type") == "emergency_standing":
            kind = CRISIS if marker.get("kind") == EmergencySign.SELF_HARM.value else EMERGENCY
            standing = kind if marker["holds"] else ""
            return CallState(
                closing=True, prompt=state.prompt if standing else "", standing=standing
            )
    return state


def _sorted(
    reply: Sequence[Mapping[str, Any]],
) -> tuple[list[str], tuple[str, _Marker] | None, tuple[str, _Marker] | None, set[str]]:
    """A reply's texts, its question and its result with their texts, and the kinds of markers.

    Rasa sends the text and the marker of one response after each other.
    """
    texts: list[str] = []
    question = result = None
    kinds: set[str] = set()
    for message in reply:
        marker: Mapping[str, Any] = message.get("custom") or {}
        if message.get("text"):
            texts.append(str(message["text"]))
        kind = str(marker.get("type", ""))
        kinds.add(kind)
        if kind == "question":
            prompt = texts.pop() if texts else ""
            question = (str(marker.get("prompt") or prompt), marker)
        elif kind == "triage_result":
            result = (texts[-1] if texts else "", marker)
    return texts, question, result, kinds
