"""Whole triages on a running server, by voice and by keys, over the audio stream."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from backline.phone.whisper import Whisper
from tests.conftest import Server
from tests.phone.evaluation.replies import stream_server
from tests.phone.gateway import Line, ring
from tests.phone.speakers import SPEAKERS, mu_law, noisy, quiet
from tests.phone.streams import TOKEN, model, require_voices, said

SPEED = 12.0
TRUE = (
    *(
        "none of these",
        "three weeks",
        "a pain of 4",
        "a pain of 8",
        "no injury",
        "no muscle spasms",
    ),
    *("no massage yet", "yes, go on", "both legs", "between your legs", "an age of 36"),
)
"""What callers of these tests say yes to when it is read back."""
MOST_TURNS = 45


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with an audio stream; stopping it must be clean."""
    require_voices()
    running = stream_server(tmp_path_factory.mktemp("stream"))
    yield running
    assert running.stop() == 0


class Caller:
    """Knows from the store what was asked last, and answers it.

    Attributes:
        answers: what to say or press to each question, by its slot.
        speak: how words sound from this caller, as mu-law.
    """

    def __init__(
        self,
        server: Server,
        line: Line,
        answers: dict[str, str],
        speak: Callable[[str], bytes] = said,
    ) -> None:
        self._speak = speak
        self._database = server.database_url.removeprefix("sqlite:///")
        self._line = line
        self._answers = answers

    async def talk(self) -> None:
        """Answer until the line is closed or a result was told."""
        await self._next_turn(0)
        heard = 0
        for _ in range(MOST_TURNS):
            # The turn is kept before it is said.
            state = self._state()
            talk = state["talk"]
            if self._line.closed is not None or talk["closing"]:
                return
            if state["turn"]["then"] != "listen":
                await self._line.until_closed()
                return
            answer = self._answers.get(talk["slot"], "no")
            if talk["pending"]:
                read_back = talk["pending"]["question"]
                answer = "yes" if any(true in read_back for true in TRUE) else "no"
            if talk["misses"]:
                answer = {"yes": "1", "no": "2"}.get(answer, answer)
            if set(answer) <= set("0123456789*#"):
                # Keys may be pressed at any time.
                await self._line.press(answer)
            else:
                await self._line.listen(heard + 1)
                await self._line.say(self._speak(answer))
            await self._next_turn(state["turn"]["number"])
            heard = self._line.turns

    async def _next_turn(self, number: int) -> None:
        """Until the next turn is kept, or the line was left."""
        for _ in range(600):
            if self._line.closed is not None or self._number() > number:
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"nothing came after turn {number}")

    def _number(self) -> int:
        with sqlite3.connect(self._database) as database:
            row = database.execute(
                "select turn from calls where status = 'under_way' order by started_at desc"
            ).fetchone()
        return int(row[0]) if row else 0

    def _state(self) -> dict[str, Any]:
        return dict(json.loads(self._row("select state from calls order by started_at desc")))

    def result(self) -> tuple[str, str] | None:
        """Outcome and urgency of this call; None if it came to none."""
        with sqlite3.connect(self._database) as database:
            row = database.execute(
                "select outcome, urgency from assessments where conversation_id = "
                "(select conversation_id from calls order by started_at desc limit 1) "
                "order by id desc limit 1"
            ).fetchone()
        return (row[0], row[1]) if row else None

    def _row(self, query: str) -> str:
        with sqlite3.connect(self._database) as database:
            return str(database.execute(query).fetchone()[0])


async def triage(
    server: Server, answers: dict[str, str], speak: Callable[[str], bytes] = said
) -> tuple[str, str] | None:
    """A whole call, and what it came to."""
    async with ring(server.url, f"CA{uuid.uuid4().hex}", TOKEN, speed=SPEED) as line:
        caller = Caller(server, line, answers, speak)
        await caller.talk()
        return caller.result()


def in_noise(speaker: int) -> Callable[[str], bytes]:
    """How words of a voice sound in a street, at 15 dB of noise."""
    return lambda text: mu_law(noisy(quiet(0.3) + SPEAKERS[speaker].say(text) + quiet(0.3)))


BY_VOICE = {
    "consent": "yes",
    "pain_duration": "three weeks",
    "pain_severity": "four out of ten",
    "massage_response": "no, I have never had a massage",
    "age": "36#",
}
BY_KEYS = {
    "consent": "1",
    "emergency_signs": "2",
    "health_conditions": "2",
    "recent_injury": "2",
    "pain_duration": "3",
    "pain_severity": "4",
    "massage_response": "1",
    "muscle_spasm": "2",
    "leg_symptoms": "2",
    "age": "36#",
}


async def test_a_triage_is_finished_by_voice(server: Server) -> None:
    assert await triage(server, BY_VOICE) == ("massage", "none")


async def test_a_triage_is_finished_by_keys_alone(server: Server) -> None:
    assert await triage(server, BY_KEYS) == ("combined", "none")


async def test_severe_pain_that_is_spoken_leads_to_a_doctor(server: Server) -> None:
    severe = {**BY_KEYS, "pain_severity": "eight out of ten"}
    assert await triage(server, severe) == ("doctor_first", "soon")


async def test_an_emergency_that_is_spoken_is_told_at_once(server: Server) -> None:
    signs = {**BY_KEYS, "emergency_signs": "I can't feel anything between my legs"}
    assert await triage(server, signs) == ("doctor_first", "emergency")


@pytest.mark.parametrize("speaker", [1, 2])
@pytest.mark.parametrize(
    ("slot", "words"),
    [("pain_severity", "eight out of ten"), ("emergency_signs", "both of my legs are numb")],
)
async def test_nobody_in_danger_comes_to_a_massage_in_noise(
    server: Server, speaker: int, slot: str, words: str
) -> None:
    # The smallest model does not hear each of them; a person, or a goodbye, is as safe.
    result = await triage(server, {**BY_KEYS, slot: words}, in_noise(speaker))
    assert result is None or result[0] == "doctor_first"


async def test_what_the_bot_says_can_be_understood(server: Server) -> None:
    async with ring(server.url, f"CA{uuid.uuid4().hex}", TOKEN, speed=SPEED) as line:
        await line.listen(1)
        beginning = bytes(line.heard[: int(7.5 * 8000)])
    # The smallest model takes a robot's "doctor" for an "octa".
    assert "computer program" in Whisper(model(), 1).hear(beginning)["text"].lower()


def test_nothing_a_caller_said_is_logged(server: Server) -> None:
    log = server.log.read_text(errors="replace").lower()
    for word in ("three weeks", "eight out of ten", "between my legs", "400000001", TOKEN):
        assert word not in log
