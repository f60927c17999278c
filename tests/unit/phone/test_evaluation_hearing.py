"""The evaluation hears callers as the audio stream does, and leads their calls to an end."""

from __future__ import annotations

import audioop
import math
from types import SimpleNamespace
from typing import Any

from backline.phone.audio.vad import Endpointer
from backline.phone.dialogue.wording import groups
from backline.phone.events import (
    AfterPrompt,
    BotTurn,
    Dtmf,
    Event,
    ListenOptions,
    NoInput,
    NoMatch,
    NoMatchReason,
    PhoneCall,
    Phrase,
    Transcript,
)
from backline.phone.text.verbalize import spoken
from tests.phone.evaluation.hearing import Hearing, heard
from tests.phone.evaluation.judging import PERSON
from tests.phone.evaluation.replies import ANSWERS, ANSWERS_EACH, PRESSED, Replies, Timed
from tests.phone.evaluation.utterances import Spoken
from tests.phone.streams import ScriptedRecogniser
from tests.unit.phone.pure_call import PureCall
from tests.unit.phone.simulated_call import WORDING

YES_NO = ListenOptions(hints=("yes", "no"), wait_s=3, pause_s=0.8)
TONE = [round(8000 * math.sin(at * 0.7)) for at in range(8000)]


def sound(*seconds: float) -> bytes:
    """Quiet and speech in turn, beginning with quiet."""
    pcm = b""
    for place, length in enumerate(seconds):
        samples = int(length * 8000)
        some = (TONE * (samples // 8000 + 1))[:samples] if place % 2 else [0] * samples
        pcm += b"".join(sample.to_bytes(2, "little", signed=True) for sample in some)
    return audioop.lin2ulaw(pcm, 2)


def ear() -> Endpointer:
    return Endpointer(lambda pcm: float(audioop.rms(pcm, 2) > 500))


async def test_the_first_thing_that_ended_is_the_answer() -> None:
    recogniser = ScriptedRecogniser([Transcript("no", 0.5), Transcript("but", 0.5)])
    result = await heard(sound(0.5, 1, 1.5, 1, 3), YES_NO, ear(), recogniser)
    assert result == Transcript("no", 0.5)
    assert len(recogniser.heard) == 1


async def test_a_short_pause_belongs_to_the_answer() -> None:
    recogniser = ScriptedRecogniser([Transcript("no", 0.5), Transcript("no, but my leg", 0.5)])
    result = await heard(sound(0.5, 1, 0.6, 1, 3), YES_NO, ear(), recogniser)
    assert result == Transcript("no, but my leg", 0.5)


async def test_after_a_whole_answer_no_more_is_waited_for() -> None:
    recogniser = ScriptedRecogniser([Transcript("no", 0.99), Transcript("no, but my leg", 0.5)])
    result = await heard(sound(0.5, 1, 0.6, 1, 3), YES_NO, ear(), recogniser)
    assert result == Transcript("no", 0.99)


async def test_who_says_nothing_is_silent() -> None:
    recogniser = ScriptedRecogniser([Transcript("no", 0.5)])
    assert await heard(sound(9), YES_NO, ear(), recogniser) == NoInput()
    assert recogniser.heard == []


async def test_who_talks_on_and_on_is_told_so() -> None:
    listening = ListenOptions(wait_s=3, longest_s=2)
    recogniser = ScriptedRecogniser([Transcript("no", 0.5)])
    result = await heard(sound(0.5, 5), listening, ear(), recogniser)
    assert result == NoMatch(NoMatchReason.TOO_LONG)


class PureLine:
    """A phone line and its store, for one call."""

    def __init__(self) -> None:
        self.pure = PureCall()
        self.calls = self
        self.number = 1

    def conversation_of(self, call: PhoneCall) -> str:
        return call.id

    def get(self, _: str) -> Any:
        return SimpleNamespace(state={"talk": self.pure.talk.to_json()})

    def latest_assessment(self, _: str) -> dict[str, Any] | None:
        result = self.pure.result
        return None if result is None else {"outcome": result[0], "urgency": result[1]}

    async def _conversation(self, _: str) -> Any:
        return self.pure.conversation

    async def answer(self, _: PhoneCall) -> BotTurn:
        return self.turn

    async def handle(self, _: PhoneCall, number: int, event: Event) -> BotTurn:
        assert number == self.number
        self.number += 1
        if isinstance(event, Dtmf):
            self.pure.presses(event.digits)
        elif isinstance(event, Transcript):
            self.pure.hears(event.text)
        elif isinstance(event, NoMatch):
            self.pure.makes_noise(event)
        else:
            self.pure.is_silent()
        return self.turn

    async def hang_up(self, _: PhoneCall) -> None: ...

    @property
    def turn(self) -> BotTurn:
        last = self.pure.last
        said = tuple(Phrase(spoken(phrase.text)) for phrase in last.phrases)
        return BotTurn(self.number, said, last.then, last.listening, last.emergency)


class Mute(Spoken):
    """Makes a sound whatever they say."""

    def audio(self, text: str) -> bytes:
        return sound(0.5, 1, 9)


def hearing(*results: Transcript | NoMatch) -> Hearing:
    line: Any = PureLine()
    recogniser = ScriptedRecogniser(list(results))
    return Hearing(
        line, line, recogniser, WORDING, lambda: lambda pcm: float(audioop.rms(pcm, 2) > 500)
    )


async def test_a_call_is_led_to_its_result() -> None:
    said = Mute("pain_severity", "eight", {"pain_severity": 8})
    verdict = await hearing(Transcript("eight", 0.95)).call(said)
    assert {name: r.value for name, r in verdict.results.items()} == {
        "pain_severity": "right by voice"
    }
    assert (verdict.heard, verdict.confidence) == ("eight", 0.95)
    assert (verdict.end, verdict.urgency) == ("doctor_first", "soon")


async def test_a_call_that_a_person_takes_over_came_to_no_outcome() -> None:
    said = Mute("pain_severity", "eight", {"pain_severity": 8})
    verdict = await hearing(Transcript("operator", 0.95)).call(said)
    assert (verdict.end, verdict.urgency) == (PERSON, None)


class TimedLine:
    """A line and what the server keeps of its call, on which each reply takes half a second."""

    def __init__(self, **misheard: str) -> None:
        self.line = PureLine()
        self.misheard = misheard
        self.closed: tuple[int, str] | None = None
        self.turns = 1
        self.keys = ""

    async def after(self, number: int, _: Any) -> dict[str, Any] | None:
        assert self.line.number > number
        return {"talk": self.line.pure.talk.to_json(), "turn": self.line.turn.to_json()}

    async def listen(self, turns: int) -> None:
        assert self.turns >= turns

    async def say(self, audio: bytes) -> None:
        text = audio.decode()
        await self._go_on(Transcript(self.misheard.pop(text.replace(" ", "_"), text), 0.95))

    async def press(self, digits: str) -> None:
        self.keys += digits
        await self._go_on(Dtmf(digits))

    async def listen_for_sound(self) -> float:
        return 0.5

    async def _go_on(self, event: Event) -> None:
        await self.line.handle(PhoneCall("CA1", "stream"), self.line.number, event)
        self.turns += 1
        if self.line.turn.then is not AfterPrompt.LISTEN:
            self.closed = (1000, "")


async def timed(line: TimedLine) -> Replies:
    replies = Replies()
    words = {text: text.encode() for text in (*ANSWERS.values(), "yes", "no")}
    some: Any = line
    await Timed(some, some, words, WORDING, replies).talk()
    return replies


async def test_each_answer_by_voice_is_timed() -> None:
    line = TimedLine()
    replies = await timed(line)
    assert len(replies.waits) == ANSWERS_EACH
    assert (replies.closed_early, replies.incomplete) == (0, 0)
    assert line.keys == "2" * sum(len(groups()[slot]) for slot in PRESSED)


async def test_an_answer_that_is_not_understood_is_given_again() -> None:
    replies = await timed(TimedLine(three_weeks="the weather"))
    assert len(replies.waits) == ANSWERS_EACH + 1
    assert replies.incomplete == 0


async def test_a_call_that_the_line_ends_is_counted() -> None:
    replies = await timed(TimedLine(yes="goodbye"))
    assert (len(replies.waits), replies.closed_early) == (1, 1)
