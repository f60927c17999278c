"""Calls in which one thing is said by voice, on the line itself, heard as the stream hears it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from backline.phone.audio.asr import Recogniser
from backline.phone.audio.endpointing import is_whole, whole_answers
from backline.phone.audio.media_frames import SAMPLE_RATE
from backline.phone.audio.vad import (
    Endpointer,
    NoSpeech,
    SpeechDetector,
    SpeechEnded,
    SpeechPaused,
    SpeechResumed,
    SpeechTooLong,
)
from backline.phone.calls import CallService
from backline.phone.dialogue.state import CallState
from backline.phone.dialogue.wording import PhoneWording
from backline.phone.events import (
    AfterPrompt,
    BotTurn,
    Dtmf,
    ListenOptions,
    NoInput,
    NoMatch,
    NoMatchReason,
    PhoneCall,
    Transcript,
)
from backline.store import Store
from tests.phone.evaluation.caller import SimulatedCaller, State
from tests.phone.evaluation.judging import GOODBYE, NOT_FINISHED, PERSON, Judge, Verdict
from tests.phone.evaluation.truth import Truth
from tests.phone.evaluation.utterances import Spoken

FRAME = SAMPLE_RATE // 50
"""Bytes of sound that a line carries at once: 20 ms."""
MOST_TURNS = 120
"""A call by keys takes under half as many."""


@dataclass(frozen=True)
class Hearing:
    """What hears callers: the phone line, and what the audio stream has before it."""

    line: CallService
    store: Store
    recogniser: Recogniser
    wording: PhoneWording
    voice: Callable[[], SpeechDetector]

    async def call(self, spoken: Spoken) -> Verdict:
        """Lead one call to its end.

        Raises:
            RuntimeError: the question of the utterance never came.
        """
        truth = Truth(spoken.facts, self.wording, spoken.said, consents=spoken.asked == "consent")
        caller, judge = SimulatedCaller(spoken, truth), Judge(spoken, truth)
        call = PhoneCall(f"CA{uuid.uuid4().hex}", "stream")
        turn = await self.line.answer(call)
        state = await self._state(call, turn)
        for _ in range(MOST_TURNS):
            if state.over:
                break
            answer = caller.answer(state)
            event = answer if isinstance(answer, Dtmf) else await self._hear(spoken, answer, turn)
            turn = await self.line.handle(call, turn.number, event)
            before, state = state, await self._state(call, turn)
            if caller.place is not None:
                judge.notice(before, event, state)
        await self.line.hang_up(call)
        if caller.place is None:
            raise RuntimeError(f"{spoken.said!r}: its question never came")
        return judge.verdict(state, *self._end(call, state))

    async def _hear(
        self, spoken: Spoken, text: str, turn: BotTurn
    ) -> Transcript | NoMatch | NoInput:
        return await heard(
            spoken.audio(text),
            turn.listening or ListenOptions(),
            Endpointer(self.voice()),
            self.recogniser,
        )

    async def _state(self, call: PhoneCall, turn: BotTurn) -> State:
        conversation = self.line.conversation_of(call)
        record = self.store.calls.get(conversation)
        if record is None:
            raise RuntimeError("the call is not kept")
        known = await self.line._conversation(conversation)
        said = " ".join(phrase.text for phrase in turn.say)
        talk = CallState.from_json(record.state["talk"])
        return State(talk, known.facts, known.consent, said, turn.then, turn.emergency)

    def _end(self, call: PhoneCall, last: State) -> tuple[str, str | None]:
        """The outcome and its urgency, or how else the call ended."""
        if last.then is AfterPrompt.TRANSFER:
            return PERSON, None
        found = self.store.latest_assessment(self.line.conversation_of(call))
        if last.over and found is not None:
            return str(found["outcome"]), str(found["urgency"])
        return (GOODBYE if last.then is AfterPrompt.HANG_UP else NOT_FINISHED), None


async def heard(
    audio: bytes, listening: ListenOptions, ear: Endpointer, recogniser: Recogniser
) -> Transcript | NoMatch | NoInput:
    """What the audio stream makes of a caller's sound, once it has said all it has to say.

    As `backline.phone.gateways.media_stream_call` does it: recognised at a pause that may be the
    end, not waited for after a whole answer, and answered as soon as they have finished. What they
    say after that is not heard. Recognition takes none of the caller's time here: a live one may
    know too late that an answer is whole, and then only waits longer.
    """
    ear.attend(listening)
    ear.wait()
    result: Transcript | NoMatch | None = None
    for at in range(0, len(audio), FRAME):
        for sound in ear.feed(audio[at : at + FRAME]):
            if isinstance(sound, SpeechPaused):
                result = await recogniser.transcribe(sound.said.audio)
                if is_whole(result, listening):
                    ear.hurry(whole_answers().pause_s)
            elif isinstance(sound, SpeechResumed):
                result = None
            elif isinstance(sound, SpeechEnded):
                return result or await recogniser.transcribe(sound.said.audio)
            elif isinstance(sound, SpeechTooLong):
                return NoMatch(NoMatchReason.TOO_LONG)
            elif isinstance(sound, NoSpeech):
                return NoMatch(NoMatchReason.NOISE) if sound.noisy else NoInput()
    return NoInput()
