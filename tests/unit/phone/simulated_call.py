"""A simulated caller of the evaluation on a pure call, heard as a test wants."""

from __future__ import annotations

from collections.abc import Callable

from backline.phone.dialogue.grounding import Confidence
from backline.phone.dialogue.wording import PhoneWording
from backline.phone.events import AfterPrompt, Dtmf, Event, NoMatch, NoMatchReason, Transcript
from backline.phone.text.verbalize import spoken
from tests.phone.evaluation.caller import SimulatedCaller, State
from tests.phone.evaluation.judging import NOT_FINISHED, PERSON, Judge, Verdict
from tests.phone.evaluation.truth import Truth
from tests.phone.evaluation.utterances import Spoken
from tests.unit.phone.pure_call import CLINIC, PureCall

WORDING = PhoneWording(CLINIC)
MOST_TURNS = 120
Ears = Callable[[str], tuple[str, Confidence] | None]
"""What is heard of what is said, and how surely; None for a noise."""


def truth_of(said: Spoken) -> Truth:
    return Truth(said.facts, WORDING, said.said, consents=said.asked == "consent")


def heard_well(text: str) -> tuple[str, Confidence]:
    return text, Confidence.SURE


def state_of(call: PureCall) -> State:
    last, known = call.last, call.conversation
    return State(
        call.talk, known.facts, known.consent, spoken(call.said), last.then, last.emergency
    )


def led(said: Spoken, ears: Ears = heard_well) -> Verdict:
    """A whole call, and what came of the utterance."""
    truth = truth_of(said)
    caller, judge, call = SimulatedCaller(said, truth), Judge(said, truth), PureCall()
    for _ in range(MOST_TURNS):
        before = state_of(call)
        if before.over:
            break
        event = _answered(call, caller.answer(before), ears)
        if caller.place is not None:
            judge.notice(before, event, state_of(call))
    assert caller.place is not None, "its question never came"
    last = state_of(call)
    if last.then is AfterPrompt.TRANSFER:
        return judge.verdict(last, PERSON)
    return judge.verdict(last, *(call.result or (NOT_FINISHED, None)))


def _answered(call: PureCall, answer: str | Dtmf, ears: Ears) -> Event:
    if isinstance(answer, Dtmf):
        call.presses(answer.digits)
        return answer
    heard = ears(answer)
    if heard is None:
        call.makes_noise(NoMatch(NoMatchReason.NOISE))
        return NoMatch(NoMatchReason.NOISE)
    text, sureness = heard
    call.hears(text, sureness=sureness)
    return Transcript(text, 0.5)
