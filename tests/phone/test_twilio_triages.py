"""Whole calls through Twilio Voice to a running server: in words, by keys, unsure, in danger."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import requests
import sqlalchemy as sa
import yaml

from backline.facts import EMERGENCY_LISTS, Slot
from backline.phone.dialogue.wording import groups
from backline.policy.checklists import LISTS
from backline.privacy import new_pseudonym_key
from tests.conftest import ENCRYPTION_KEY, PROJECT, Server, postgres_database, start_server
from tests.phone.caller import KEYS, WORDS, Caller
from tests.phone.conftest import CLINIC_PHONE
from tests.phone.twilio_voice import ACCOUNT, AUTH_TOKEN, PUBLIC_URL, TwilioCall, TwilioVoice
from tests.services import REDIS_HOW, REDIS_URL, redis_available, require_or_skip

CALLER = "+61400123456"
DANGERS = [slot for slot in LISTS if slot in EMERGENCY_LISTS]
EMERGENCY_GROUPS = [(slot, at) for slot in DANGERS for at in range(len(groups()[slot]))]
CONFIDENT, FAIR, DOUBTFUL, HOPELESS, UNTOLD = 0.95, 0.7, 0.4, 0.1, 0.0


def phone_environment(folder: Path) -> dict[str, str]:
    """What a server needs to answer calls."""
    settings = yaml.safe_load((PROJECT / "clinic.yml").read_text(encoding="utf-8"))
    settings["phone_line"] = {"transfer_to": CLINIC_PHONE}
    file = folder / "clinic.yml"
    file.write_text(yaml.safe_dump(settings), encoding="utf-8")
    return {
        "BACKLINE_CLINIC": str(file),
        "BACKLINE_PUBLIC_URL": PUBLIC_URL,
        "BACKLINE_TWILIO_ACCOUNT_SID": ACCOUNT,
        "BACKLINE_TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "BACKLINE_PSEUDONYM_KEY": new_pseudonym_key(),
        "BACKLINE_ENCRYPTION_KEYS": ENCRYPTION_KEY,
        "BACKLINE_LOG_LEVEL": "info",
    }


@dataclass
class Line:
    """A server that answers calls, and what it has stored."""

    server: Server
    twilio: TwilioVoice

    async def ring(self) -> TwilioCall:
        # Each test rings with calls of its own.
        return await self.twilio.ring(CALLER)

    def rows(self, query: str) -> list[dict[str, Any]]:
        engine = sa.create_engine(self.server.database_url, future=True)
        with engine.connect() as connection:
            found = [dict(row) for row in connection.execute(sa.text(query)).mappings()]
        engine.dispose()
        return found

    def last_result(self) -> tuple[str, str] | None:
        """Outcome and urgency of the last assessment that was stored."""
        found = self.rows("SELECT outcome, urgency FROM assessments ORDER BY id DESC LIMIT 1")
        return (found[0]["outcome"], found[0]["urgency"]) if found else None

    def results(self) -> int:
        return len(self.rows("SELECT id FROM assessments"))

    def last_call(self) -> dict[str, Any]:
        return self.rows("SELECT * FROM calls ORDER BY id DESC LIMIT 1")[0]


@pytest.fixture(scope="module")
def phone_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("phone")
    server = start_server(
        f"sqlite:///{folder / 'backline.db'}", folder / "log", **phone_environment(folder)
    )
    yield server
    assert server.stop() == 0


SERIAL = iter(range(1, 10_000))


def twilio(http: aiohttp.ClientSession, *servers: str) -> TwilioVoice:
    """Twilio, whose calls no other test has had."""
    service = TwilioVoice(http, *servers)
    service.serial = iter(range(1000 * next(SERIAL), 10_000_000))  # type: ignore[assignment]
    return service


@pytest.fixture
async def line(phone_server: Server) -> AsyncIterator[Line]:
    async with aiohttp.ClientSession() as http:
        yield Line(phone_server, twilio(http, phone_server.url))


# ---- To the end -------------------------------------------------------------------------------


@pytest.mark.parametrize("answers", [WORDS, KEYS], ids=["words", "keys"])
async def test_a_whole_call_comes_to_its_result(line: Line, answers: dict[str, str]) -> None:
    caller = Caller(await line.ring(), answers)
    said = await caller.talk()
    assert "not a diagnosis" in said
    assert line.last_result() == ("massage", "none")
    assert "read_back" not in caller.questions
    await caller.call.hang_up()
    assert line.last_call()["status"] == "finished"


@pytest.mark.parametrize("confidence", [FAIR, DOUBTFUL, UNTOLD])
async def test_what_was_not_heard_surely_is_read_back_and_the_result_is_the_same(
    line: Line, confidence: float
) -> None:
    caller = Caller(await line.ring(), confidence=confidence)
    # A doubtful "yes" confirms nothing: keys do.
    caller._answers = {**WORDS, "read_back": "1", "consent": "1"}
    await caller.talk()
    assert caller.questions.count("read_back") >= len(EMERGENCY_GROUPS) + 1
    assert line.last_result() == ("massage", "none")


async def test_a_no_that_is_confirmed_by_nobody_never_leads_to_a_massage(line: Line) -> None:
    before = line.results()
    caller = Caller(await line.ring(), {**WORDS, "consent": "1", "read_back": "mumble"}, HOPELESS)
    await caller.talk()
    assert caller.call.dialling is not None or caller.call.state == "completed"
    assert line.results() == before


async def test_who_says_nothing_hears_it_again_then_keys_then_the_hours(line: Line) -> None:
    call = await line.ring()
    await Caller(call).talk(until="emergency_signs")
    heard = []
    while call.gather is not None:
        assert len(heard) < 6
        heard.append(await call.silent())
    assert "numbness between your legs" in heard[0]
    assert any("Press one for yes" in said for said in heard)
    assert "eight am to six pm" in heard[-1]
    assert "zero zero zero" in heard[-1]
    assert call.state == "completed"
    assert line.last_call()["status"] == "unfinished"


@pytest.mark.parametrize("wish", ["agent", "0"])
async def test_who_wants_a_person_is_connected_or_told_when_to_call(line: Line, wish: str) -> None:
    caller = Caller(await line.ring())
    await caller.talk(until="pain_duration")
    await caller.give(wish)
    assert caller.call.dialling == (CLINIC_PHONE, CALLER)
    said = await caller.call.dial_ends("no-answer")
    assert "nobody at the clinic" in said
    assert "zero zero zero" in said
    call = line.last_call()
    assert call["status"] == "unfinished"


async def test_hanging_up_in_the_middle_keeps_what_is_known_and_what_was_not_asked(
    line: Line,
) -> None:
    caller = Caller(await line.ring())
    await caller.talk(until="health_conditions")
    await caller.call.hang_up()
    call = line.last_call()
    assert call["status"] == "unfinished"
    assert '"pain_severity": 4' in str(call["facts"]).replace("'", '"')
    assert "back_signs" in str(call["still_to_ask"])
    assert CALLER not in str(call)


# ---- Danger -----------------------------------------------------------------------------------


@pytest.mark.parametrize("question", ["consent", "pain_duration", "health_conditions", "age"])
@pytest.mark.parametrize("confidence", [CONFIDENT, FAIR])
async def test_an_emergency_is_told_slowly_whenever_it_is_said(
    line: Line, question: str, confidence: float
) -> None:
    caller = Caller(await line.ring())
    await caller.talk(until=question)
    caller._confidence = confidence
    await caller.give("my legs went numb, both of them")
    while caller.call.gather is not None and not caller.call.slowly:
        await caller.give("1")
    assert "zero zero zero" in " ".join(caller.call.slowly)
    assert line.last_result() == ("doctor_first", "emergency")


@pytest.mark.parametrize(("signs", "group"), EMERGENCY_GROUPS)
@pytest.mark.parametrize("answer", ["yes", "1"], ids=["words", "keys"])
async def test_a_danger_sign_of_any_group_is_an_emergency(
    line: Line, signs: Slot, group: int, answer: str
) -> None:
    caller = Caller(await line.ring(), {**KEYS, "follow_up": "1"})
    await caller.talk(until=signs.value)
    for _ in range(group):
        await caller.give("2")
    await caller.give(answer)
    await caller.talk()
    assert line.last_result() == ("doctor_first", "emergency")
    assert "zero zero zero" in " ".join(caller.call.slowly)


@pytest.mark.parametrize("severity", ["seven", "nine out of ten", "8", "*"])
@pytest.mark.parametrize("confidence", [CONFIDENT, FAIR])
async def test_severe_pain_is_for_a_doctor_first(
    line: Line, severity: str, confidence: float
) -> None:
    answers = {**KEYS, "pain_severity": severity, "follow_up": "1"}
    caller = Caller(await line.ring(), answers, confidence)
    await caller.talk()
    assert line.last_result() == ("doctor_first", "soon")


# ---- Faults -----------------------------------------------------------------------------------


async def test_requests_that_come_twice_are_heard_once(line: Line) -> None:
    once, twice = Caller(await line.ring()), Caller(await line.ring())
    say = twice.call.say
    twice.call.say = lambda *a: say(*a, repeat=2)  # type: ignore[method-assign]
    assert await twice.talk() == await once.talk()
    assert twice.questions == once.questions
    assert line.last_result() == ("massage", "none")


async def test_ten_calls_at_once_are_all_answered_in_time(line: Line) -> None:
    before = line.results()

    async def call() -> str:
        return await Caller(await line.ring(), KEYS).talk()

    said = await asyncio.gather(*(call() for _ in range(10)))
    assert all("not a diagnosis" in result for result in said)
    assert line.results() == before + 10
    assert max(line.twilio.seconds) < 8


async def test_a_database_that_is_locked_hands_over_and_an_emergency_is_told(
    tmp_path: Path,
) -> None:
    database = tmp_path / "backline.db"
    server = start_server(f"sqlite:///{database}", tmp_path / "log", **phone_environment(tmp_path))
    try:
        async with aiohttp.ClientSession() as http:
            service = twilio(http, server.url)
            calls = [await service.ring(CALLER) for _ in range(3)]
            with closing(sqlite3.connect(database, isolation_level=None)) as other:
                other.execute("BEGIN EXCLUSIVE")
                late, yes, danger = await asyncio.gather(
                    service.ring(CALLER),
                    calls[0].say("yes"),
                    calls[1].say("I have chest pain and cannot breathe"),
                )
                other.execute("ROLLBACK")
            told = await (await http.get(f"{server.url}/metrics")).text()
            assert 'backline_calls_failed_total{entrance="twilio"' in told
            assert "zero zero zero" in late.last
            assert late.dialling is not None
            assert "zero zero zero" in yes
            assert calls[0].dialling is not None
            assert "zero zero zero" in danger
            assert "How old are you?" in await calls[2].say("yes")
    finally:
        server.stop()


@pytest.mark.postgresql
@pytest.mark.redis
async def test_two_servers_take_turns_in_one_call(tmp_path: Path) -> None:
    require_or_skip(redis_available(), REDIS_HOW)
    with postgres_database() as url:
        environment = {**phone_environment(tmp_path), "REDIS_URL": REDIS_URL}
        servers = [start_server(url, tmp_path / f"log{n}", **environment) for n in range(2)]
        try:
            async with aiohttp.ClientSession() as http:
                service = twilio(http, *(server.url for server in servers))
                line = Line(servers[0], service)
                caller = Caller(await line.ring(), KEYS)
                await caller.talk()
                assert line.last_result() == ("massage", "none")
        finally:
            for server in servers:
                server.stop()


# The last one here: it looks at what all of the above left behind.
def test_the_log_and_the_metrics_tell_of_calls_and_of_nobody(
    phone_server: Server,
) -> None:
    log = phone_server.log.read_text(errors="replace")
    assert '"route": "/webhooks/phone/voice/turn"' in log
    metrics = requests.get(f"{phone_server.url}/metrics", timeout=10).text
    assert 'backline_calls_total{entrance="twilio"}' in metrics
    assert 'backline_call_turns_total{entrance="twilio",heard="keys"}' in metrics
    assert 'backline_calls_handed_over_total{entrance="twilio",outcome="no-answer"}' in metrics
    of_calls = [json.loads(row) for row in log.splitlines() if '"/webhooks/phone' in row]
    assert all(row["channel"] == "phone" and row["conversation"] for row in of_calls)
    for secret in (CALLER, CALLER[3:], "legs went numb", "cannot breathe", "CA0000"):
        assert secret not in log
        assert secret not in metrics
