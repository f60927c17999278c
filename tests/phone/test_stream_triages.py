"""Whole triages on a running server, by voice and by keys, over the audio stream."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from backline.phone.whisper import Whisper
from tests.conftest import Server
from tests.phone.gateway import Line, ring
from tests.phone.speakers import SPEAKERS, mu_law, noisy, quiet
from tests.phone.streams import TOKEN, model, require_voices, said, stream_server

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
OFFERS_KEYS = re.compile(r"\bpress (one|a key|the number)\b", re.IGNORECASE)
MOST_TURNS = 45


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with an audio stream; stopping it must be clean."""
    require_voices()
    running = stream_server(tmp_path_factory.mktemp("stream"))
    yield running
    assert running.stop() == 0


class Caller:
    """Knows from the store what was asked last, and answers it; by keys once these are offered.

    Attributes:
        answers: what to say or press to each question, by its slot.
        keys: what means the same on the keys.
        speak: how words sound from this caller, as mu-law.
    """

    def __init__(
        self,
        server: Server,
        line: Line,
        answers: dict[str, str],
        keys: dict[str, str],
        speak: Callable[[str], bytes],
    ) -> None:
        self._speak = speak
        self._keys = keys
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
            answer = self._answer(talk, " ".join(p["text"] for p in state["turn"]["say"]))
            if set(answer) <= set("0123456789*#"):
                # Keys may be pressed at any time.
                await self._line.press(answer)
            else:
                await self._line.listen(heard + 1)
                await self._line.say(self._speak(answer))
            await self._next_turn(state["turn"]["number"])
            heard = self._line.turns

    def _answer(self, talk: dict[str, Any], told: str) -> str:
        slot = talk["slot"]
        answer, key = self._answers.get(slot, "no"), self._keys.get(slot, "2")
        if talk["pending"]:
            true = any(fact in talk["pending"]["question"] for fact in TRUE)
            answer, key = ("yes", "1") if true else ("no", "2")
        elif talk["choosing"] and key == "2":
            return "none of these"
        return key if OFFERS_KEYS.search(told) else answer

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

    def ways(self) -> list[str]:
        """How each answer came to count: `sure`, `read_back` or `keys`."""
        with sqlite3.connect(self._database) as database:
            rows = database.execute(
                "select confirmed from hearings where conversation_id = "
                "(select conversation_id from calls order by started_at desc limit 1)"
            ).fetchall()
        return [row[0] for row in rows]

    def _row(self, query: str) -> str:
        with sqlite3.connect(self._database) as database:
            return str(database.execute(query).fetchone()[0])


BY_VOICE = {
    "consent": "yes",
    "pain_duration": "three weeks",
    "pain_severity": "four out of ten",
    "massage_response": "no, I have never had a massage",
    "age": "36#",
}
SAME_BY_KEYS = {
    "consent": "1",
    "pain_duration": "1",
    "pain_severity": "4",
    "massage_response": "1",
    "age": "36#",
}
BY_KEYS = {
    **SAME_BY_KEYS,
    "emergency_signs": "2",
    "health_conditions": "2",
    "recent_injury": "2",
    "pain_duration": "3",
    "muscle_spasm": "2",
    "leg_symptoms": "2",
}


async def triage(
    server: Server,
    answers: dict[str, str],
    keys: dict[str, str] = SAME_BY_KEYS,
    speak: Callable[[str], bytes] = said,
) -> Caller:
    """A whole call; returns its caller, who knows what it came to."""
    async with ring(server.url, f"CA{uuid.uuid4().hex}", TOKEN, speed=SPEED) as line:
        caller = Caller(server, line, answers, keys, speak)
        await caller.talk()
        return caller


def in_noise(speaker: int) -> Callable[[str], bytes]:
    """How words of a voice sound in a street, at 15 dB of noise."""
    return lambda text: mu_law(noisy(quiet(0.3) + SPEAKERS[speaker].say(text) + quiet(0.3)))


async def test_a_triage_is_finished_by_voice(server: Server) -> None:
    caller = await triage(server, BY_VOICE)
    assert caller.result() == ("massage", "none")


@pytest.mark.parametrize("speaker", [0, 1, 3])
async def test_a_triage_is_finished_by_voice_in_noise(server: Server, speaker: int) -> None:
    # What the smallest model does not hear is pressed once keys are offered.
    caller = await triage(server, BY_VOICE, speak=in_noise(speaker))
    assert caller.result() == ("massage", "none")
    ways = caller.ways()
    assert len(ways) - ways.count("keys") > len(ways) / 2, ways


async def test_a_triage_is_finished_by_keys_alone(server: Server) -> None:
    caller = await triage(server, BY_KEYS)
    assert caller.result() == ("combined", "none")
    assert set(caller.ways()) == {"keys"}


async def test_severe_pain_that_is_spoken_leads_to_a_doctor(server: Server) -> None:
    severe = {**BY_KEYS, "pain_severity": "eight out of ten"}
    caller = await triage(server, severe, {**BY_KEYS, "pain_severity": "8"})
    assert caller.result() == ("doctor_first", "soon")


async def test_an_emergency_that_is_spoken_is_told_at_once(server: Server) -> None:
    signs = {**BY_KEYS, "emergency_signs": "I can't feel anything between my legs"}
    caller = await triage(server, signs, {**BY_KEYS, "emergency_signs": "1"})
    assert caller.result() == ("doctor_first", "emergency")


@pytest.mark.parametrize("speaker", [1, 2])
@pytest.mark.parametrize(
    ("slot", "words", "key"),
    [
        ("pain_severity", "eight out of ten", "8"),
        ("emergency_signs", "both of my legs are numb", "1"),
    ],
)
async def test_who_is_in_danger_comes_to_a_doctor_in_noise(
    server: Server, speaker: int, slot: str, words: str, key: str
) -> None:
    caller = await triage(
        server, {**BY_KEYS, slot: words}, {**BY_KEYS, slot: key}, in_noise(speaker)
    )
    assert caller.result() in (("doctor_first", "soon"), ("doctor_first", "emergency"))


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
