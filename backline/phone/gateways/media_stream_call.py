"""Lead one call of the audio stream: say a turn, listen, recognise the answer, and so on."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable
from enum import Enum
from typing import Any, Protocol, TypeVar

from backline.failures import describe
from backline.observability import metrics
from backline.phone.audio import media_frames
from backline.phone.audio.asr import Recogniser
from backline.phone.audio.endpointing import is_whole, whole_answers
from backline.phone.audio.tts import VoiceError, Voices
from backline.phone.audio.vad import (
    Endpointer,
    NoSpeech,
    SpeechEnded,
    SpeechEvent,
    SpeechPaused,
    SpeechResumed,
    SpeechSegment,
    SpeechStarted,
    SpeechTooLong,
)
from backline.phone.calls import CallService
from backline.phone.events import (
    AfterPrompt,
    BotTurn,
    Event,
    ListenOptions,
    NoInput,
    NoMatch,
    NoMatchReason,
    PhoneCall,
    Transcript,
)
from backline.phone.gateways.media_stream_attempt import Attempt, Recognised

logger = logging.getLogger(__name__)

STALLED_S = 10.0
"""Seconds without any frame after which a stream is given up. Lines send frames in silence, too."""
MARK_S = 3.0
"""Seconds after which speech that must have been played counts as played, told or not."""
LINE_S = 20.0
"""Seconds that the phone line has for a turn."""
KEY_S = 3.0
"""Seconds between two keys of one answer."""
LONGEST_CALL_S = 45 * 60.0
MOST_GARBAGE = 200
"""Frames that cannot be read, in one call: more come from no gateway."""
PIECE = media_frames.SAMPLE_RATE // 5
"""Bytes of speech in a frame: 200 ms."""
SAID_AGAIN = 2
"""How often a turn that was interrupted by noise alone is said again, and not counted as a miss."""

_T = TypeVar("_T")


class End(str, Enum):
    """The end of a stream, as the metric names it."""

    HUNG_UP = "hung_up"
    TRANSFERRED = "transferred"
    FINISHED = "finished"
    STALLED = "stalled"
    FAILED = "failed"


class WebSocket(Protocol):
    """The part of Sanic's WebSocket that is used."""

    async def recv(self, timeout: float | None = None) -> str | bytes | None: ...

    async def send(self, message: str) -> None: ...

    async def close(self, code: int = 1000, reason: str = "") -> None: ...


class _NoEvent(Enum):
    """Something happened that the phone line is not told."""

    GO_ON = "go on"
    """Nothing has come of it yet."""
    AGAIN = "again"
    """Only noise has come of it, while the turn was being said."""


class _Played(str):
    """The mark of this name was reached."""


class _Gone(Exception):
    """There is nobody on the line any more."""

    def __init__(self, how: End) -> None:
        super().__init__(how.value)
        self.how = how


class _Failed(Exception):
    """This call cannot be led by this program; a person has to."""


_Happened = SpeechEvent | media_frames.Key | _Played | Recognised | _Gone | _Failed | VoiceError


async def close(socket: WebSocket, code: int, reason: str) -> None:
    """Close a WebSocket that may be gone already."""
    with contextlib.suppress(Exception):
        await asyncio.wait_for(socket.close(code, reason), 5)


class StreamedCall:
    """One call, from its first word to its end."""

    def __init__(
        self,
        socket: WebSocket,
        start: media_frames.Start,
        call: PhoneCall,
        line: CallService,
        recogniser: Recogniser,
        voices: Voices,
        endpointer: Endpointer,
    ) -> None:
        self._socket = socket
        self._stream = start.stream
        self._call = call
        self._line = line
        self._recogniser = recogniser
        self._voices = voices
        self._endpointer = endpointer
        self._happened: asyncio.Queue[_Happened] = asyncio.Queue()
        self._sequence = media_frames.Sequence()
        self._keys = media_frames.KeyFilter()
        self._loop = asyncio.get_running_loop()
        self._begun = self._loop.time()
        self._turns = 0
        self._playing_until = 0.0
        self._fell_silent_at: float | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    async def lead(self) -> End:
        """Lead the call to its end, and say how it ended."""
        how = End.FAILED
        self._start(self._receive())
        try:
            how = await self._talk()
        except _Gone as gone:
            how = gone.how
        except (_Failed, VoiceError) as error:
            logger.error("A call is handed to a person: %s", error)
            metrics.CALLS_FAILED.labels(self._call.entrance, type(error).__name__.strip("_")).inc()
        except Exception as error:  # noqa: BLE001 - a caller is never left alone with a dead line
            logger.error("A call failed: %s", describe(error))
            metrics.CALLS_FAILED.labels(self._call.entrance, type(error).__name__).inc()
        finally:
            reason = "hang_up" if how in (End.FINISHED, End.HUNG_UP, End.STALLED) else "transfer"
            await close(self._socket, 1000, reason)
            for task in self._tasks:
                task.cancel()
            metrics.FRAMES_DROPPED.labels("late").inc(self._sequence.dropped)
            metrics.FRAMES_DROPPED.labels("missing").inc(self._sequence.missing)
            with contextlib.suppress(_Failed):
                await self._ask(self._line.hang_up(self._call))
        return how

    async def _talk(self) -> End:
        turn = await self._ask(self._line.answer(self._call))
        while True:
            event = await self._turn(turn)
            if event is None:
                return End.TRANSFERRED if turn.then is AfterPrompt.TRANSFER else End.FINISHED
            if self._loop.time() - self._begun > LONGEST_CALL_S:
                raise _Failed("it takes too long")
            turn = await self._ask(self._line.handle(self._call, turn.number, event))

    async def _ask(self, answer: Awaitable[_T]) -> _T:
        try:
            return await asyncio.wait_for(answer, LINE_S)
        except asyncio.TimeoutError:
            raise _Failed("the phone line gives no answer") from None

    async def _turn(self, turn: BotTurn) -> Event | None:
        """Say a turn and take what is answered; None if nothing is to come after it."""
        for again in range(SAID_AGAIN + 1):
            self._turns += 1
            attempt = Attempt(turn, str(self._turns), last=again == SAID_AGAIN)
            event = await self._say_and_listen(attempt)
            if not isinstance(event, _NoEvent):
                if event is not None:
                    metrics.CALLS_HEARD.labels(self._call.entrance, event.kind).inc()
                return event
        raise AssertionError("the last attempt is always an answer")

    async def _say_and_listen(self, attempt: Attempt) -> Event | _NoEvent | None:
        self._endpointer.attend(attempt.turn.listening or ListenOptions())
        speaking = self._start(self._say(attempt))
        try:
            if self._endpointer.speaking:
                # They went on after what was taken for their answer.
                await self._interrupt(attempt, speaking)
            while True:
                left = attempt.until and max(attempt.until - self._loop.time(), 0.01)
                happened = await self._next(left)
                event = await self._respond(attempt, speaking, happened)
                if event is not _NoEvent.GO_ON:
                    return event
        finally:
            speaking.cancel()

    async def _next(self, within_s: float | None) -> _Happened | None:
        """Return what happens next; None if nothing does in time."""
        try:
            happened = await asyncio.wait_for(self._happened.get(), within_s)
        except asyncio.TimeoutError:
            return None
        if isinstance(happened, Exception):
            raise happened
        return happened

    async def _respond(
        self, attempt: Attempt, speaking: asyncio.Task[Any], happened: _Happened | None
    ) -> Event | _NoEvent | None:
        """Answer something that happened: with an event, or by listening on."""
        match happened:
            case media_frames.Key(digit=digit):
                return await self._press(attempt, speaking, digit)
            case None if attempt.keys:
                return attempt.pressed()
            case None:
                return self._all_said(attempt)
            case _Played() if happened == attempt.mark:
                return self._all_said(attempt)
        if attempt.keys or attempt.turn.listening is None:
            return _NoEvent.GO_ON
        return await self._respond_to_sound(attempt, speaking, happened)

    async def _respond_to_sound(
        self, attempt: Attempt, speaking: asyncio.Task[Any], happened: _Happened
    ) -> Event | _NoEvent | None:
        """Answer what is heard while no key is pressed, and while somebody is listened to."""
        if attempt.turn.listening is not None and not attempt.turn.listening.speech:
            return self._wait_for_keys(attempt, attempt.turn.listening, happened)
        match happened:
            case SpeechStarted():
                await self._interrupt(attempt, speaking)
            case SpeechPaused(said):
                self._recognise(attempt, said)
            case SpeechResumed():
                attempt.hearing = None
            case SpeechEnded(said):
                return self._end_answer(attempt, said)
            case Recognised():
                return self._take_recognised(attempt, happened)
            case SpeechTooLong():
                await self._hush(attempt, speaking)
                return NoMatch(NoMatchReason.TOO_LONG)
            case NoSpeech(noisy):
                return NoMatch(NoMatchReason.NOISE) if noisy else NoInput()
        return _NoEvent.GO_ON

    def _wait_for_keys(
        self, attempt: Attempt, listening: ListenOptions, happened: _Happened
    ) -> Event | _NoEvent:
        """Wait for keys alone: no voice and no noise answers, or stops what is said."""
        waited = self._loop.time() - (attempt.said_at or self._loop.time())
        match happened:
            case NoSpeech():
                return NoInput()
            case SpeechEnded() | SpeechTooLong() if attempt.said:
                if waited >= listening.wait_s:
                    return NoInput()
                self._endpointer.wait()
        return _NoEvent.GO_ON

    def _end_answer(self, attempt: Attempt, said: SpeechSegment) -> Event | _NoEvent | None:
        """Recognise what they said to its end, if that is not done yet."""
        self._fell_silent_at = self._loop.time() - (self._endpointer.now - said.ended_at)
        if attempt.hearing is None:
            self._recognise(attempt, said)
        attempt.ended = True
        return self._answered(attempt)

    def _take_recognised(self, attempt: Attempt, recognised: Recognised) -> Event | _NoEvent | None:
        """Keep what an utterance turned out to be; one that is whole is waited for no longer."""
        listening = attempt.turn.listening
        if recognised.said is attempt.hearing and listening is not None:
            attempt.recognised = recognised
            if is_whole(recognised.result, listening):
                self._endpointer.hurry(whole_answers().pause_s)
        return self._answered(attempt)

    async def _interrupt(self, attempt: Attempt, speaking: asyncio.Task[Any]) -> None:
        attempt.go_on()
        listening = attempt.turn.listening
        self._look_whether_said(attempt)
        if attempt.said or listening is None:
            return
        attempt.interrupted = True
        if listening.interruptible:
            await self._hush(attempt, speaking)

    def _look_whether_said(self, attempt: Attempt) -> None:
        """Take what must have been played as heard, where the gateway tells no marks."""
        if attempt.sent and self._loop.time() >= self._playing_until:
            attempt.said = True

    async def _hush(self, attempt: Attempt, speaking: asyncio.Task[Any]) -> None:
        """Stop speaking at once."""
        if attempt.said:
            return
        speaking.cancel()
        self._playing_until = 0.0
        attempt.said = attempt.cut_short = True
        await self._send(media_frames.clear(self._stream))

    def _all_said(self, attempt: Attempt) -> Event | _NoEvent | None:
        if attempt.said:
            return _NoEvent.GO_ON
        attempt.said, attempt.said_at = True, self._loop.time()
        if attempt.turn.then is not AfterPrompt.LISTEN:
            return None
        self._endpointer.wait()
        return self._answered(attempt)

    def _answered(self, attempt: Attempt) -> Event | _NoEvent | None:
        """Return what they said, once it is recognised and they have heard all."""
        if not attempt.ended or attempt.recognised is None or not attempt.said:
            return _NoEvent.GO_ON
        said, result = attempt.recognised.said, attempt.recognised.result
        if isinstance(result, Transcript):
            return Transcript(
                result.text,
                result.confidence,
                result.alternatives,
                said.began_at,
                said.ended_at,
                attempt.interrupted,
            )
        if result.why is NoMatchReason.NOISE and attempt.interrupted:
            if attempt.turn.listening is not None and not attempt.turn.listening.interruptible:
                # All was said in spite of it, and now they can answer.
                attempt.forget()
                return _NoEvent.GO_ON
            if not attempt.last:
                return _NoEvent.AGAIN
        return result

    async def _press(
        self, attempt: Attempt, speaking: asyncio.Task[Any], digit: str
    ) -> Event | _NoEvent | None:
        """Take a key. It wins over what is said at the same time, and stops the bot's speech."""
        self._look_whether_said(attempt)
        await self._hush(attempt, speaking)
        most = attempt.turn.listening.keys if attempt.turn.listening is not None else 1
        if attempt.keys and digit == "#":
            return attempt.pressed()
        attempt.keys += digit
        if len(attempt.keys) >= most or attempt.keys in ("#", "*"):
            return attempt.pressed()
        attempt.until = self._loop.time() + KEY_S
        return _NoEvent.GO_ON

    def _recognise(self, attempt: Attempt, said: SpeechSegment) -> None:
        attempt.hearing, attempt.recognised = attempt.with_earlier(said), None
        self._start(self._recognised(attempt.hearing))

    async def _recognised(self, said: SpeechSegment) -> None:
        with metrics.RECOGNITION_SECONDS.time():
            try:
                result = await self._recogniser.transcribe(said.audio)
            except Exception as error:  # noqa: BLE001 - else the call would wait for ever
                logger.error("Recognition failed: %s", describe(error))
                result = NoMatch(NoMatchReason.FAILED)
        self._happened.put_nowait(Recognised(said, result))

    async def _say(self, attempt: Attempt) -> None:
        """Speak a turn; a mark tells when it was heard.

        What fails here is told to the call as if it had come down the line.
        """
        try:
            for phrase in attempt.turn.say:
                async for audio in self._voices.speak(phrase):
                    if self._fell_silent_at is not None:
                        waited = self._loop.time() - self._fell_silent_at
                        metrics.STREAM_REPLY_SECONDS.observe(waited)
                        self._fell_silent_at = None
                    await self._play(audio)
            await self._send(media_frames.mark(self._stream, attempt.mark))
        except (_Gone, VoiceError) as error:
            self._happened.put_nowait(error)
            return
        except Exception as error:  # noqa: BLE001 - else the call would wait for ever
            self._happened.put_nowait(_Failed(type(error).__name__))
            return
        attempt.sent = True
        # Some gateways tell no marks.
        await asyncio.sleep(max(self._playing_until - self._loop.time(), 0) + MARK_S)
        self._happened.put_nowait(_Played(attempt.mark))

    async def _play(self, audio: bytes) -> None:
        now = self._loop.time()
        self._playing_until = max(self._playing_until, now) + len(audio) / media_frames.SAMPLE_RATE
        for at in range(0, len(audio), PIECE):
            await self._send(media_frames.media(self._stream, audio[at : at + PIECE]))

    async def _send(self, frame: str) -> None:
        try:
            await self._socket.send(frame)
        except Exception as error:
            raise _Gone(End.HUNG_UP) from error

    async def _receive(self) -> None:
        """Take in frames until the line is gone."""
        how = End.HUNG_UP
        garbage = 0
        try:
            while garbage < MOST_GARBAGE:
                message = await self._socket.recv(timeout=STALLED_S)
                if message is None:
                    how = End.STALLED
                    return
                try:
                    frame = media_frames.read(message)
                except media_frames.FrameError:
                    garbage += 1
                    metrics.FRAMES_DROPPED.labels("garbage").inc()
                    continue
                if isinstance(frame, media_frames.Stop):
                    return
                self._take(frame)
        except Exception as error:  # noqa: BLE001 - Sanic has several for a socket that is gone
            logger.debug("A stream ended: %s", type(error).__name__)
        finally:
            self._happened.put_nowait(_Gone(how))

    def _take(self, frame: media_frames.Frame | None) -> None:
        if isinstance(frame, media_frames.Media):
            for sound in self._endpointer.feed(self._sequence.add(frame)):
                self._happened.put_nowait(sound)
        elif isinstance(frame, media_frames.Key):
            if self._keys.is_new(frame):
                self._happened.put_nowait(frame)
        elif isinstance(frame, media_frames.Mark):
            self._happened.put_nowait(_Played(frame.name))

    def _start(self, work: Any) -> asyncio.Task[Any]:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
