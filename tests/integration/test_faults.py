"""A database that is locked or gone, a model that is missing: what people and operators see."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.conftest import PROJECT, Server, free_port, start_server
from tests.plain import PLAIN
from tests.talking import FIRST, Patient

LAST = "massage_response"
"""The question after whose plain answer there is a result."""


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[Server]:
    server = start_server(database_url, tmp_path / "log")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def sqlite_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("faults")
    server = start_server(f"sqlite:///{folder / 'backline.db'}", folder / "log")
    yield server
    server.stop()


def ready(server: Server) -> int:
    try:
        with urllib.request.urlopen(f"{server.url}/health/ready", timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


OWNERS = {
    "conversations": "id",
    "consents": "conversation_id",
    "assessments": "conversation_id",
    "events": "sender_id",
}


def kept(path: str, patient: Patient) -> set[str]:
    """The tables that hold something of a patient."""
    with sqlite3.connect(path) as connection:
        return {
            table
            for table, owner in OWNERS.items()
            if connection.execute(
                f"SELECT 1 FROM {table} WHERE {owner} = ?",  # noqa: S608
                (patient.id,),
            ).fetchone()
        }


def test_a_result_is_stored_and_readable_with_plain_sql(server: Server) -> None:
    patient = Patient(server.url)
    patient.say("sore back")
    patient.answer_all(PLAIN)
    engine = sa.create_engine(server.database_url, future=True)
    with engine.connect() as connection:
        found = list(
            connection.execute(
                sa.text("SELECT outcome, urgency FROM assessments WHERE conversation_id = :id"),
                {"id": patient.id},
            )
        )
        stored = connection.execute(
            sa.text("SELECT count(*) FROM events WHERE sender_id = :id"), {"id": patient.id}
        ).scalar_one()
    engine.dispose()
    assert [tuple(row) for row in found] == [("massage", "none")]
    assert stored > 0


def test_declining_stores_that_it_was_declined_and_no_assessment(sqlite_server: Server) -> None:
    patient = Patient(sqlite_server.url)
    patient.talk("sore back, 3 weeks", "no thanks")
    path = sqlite_server.database_url.removeprefix("sqlite:///")
    assert kept(path, patient) == {"events", "conversations", "consents"}
    patient.say("oh no, I just passed out")
    assert patient.result is not None
    assert kept(path, patient) == {"events", "conversations", "consents"}


def test_deleted_data_is_gone_from_every_table(sqlite_server: Server) -> None:
    patient = Patient(sqlite_server.url)
    patient.say("sore back")
    patient.answer_all(PLAIN)
    patient.talk("delete my data", "yes")
    path = sqlite_server.database_url.removeprefix("sqlite:///")
    assert kept(path, patient) == set()


def test_a_locked_database_is_told_and_the_conversation_goes_on_after(
    sqlite_server: Server,
) -> None:
    patient = Patient(sqlite_server.url)
    patient.say("sore back")
    patient.answer_until("pain_duration")
    path = sqlite_server.database_url.removeprefix("sqlite:///")
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN EXCLUSIVE")
    messages = patient.say("3 weeks")
    assert (messages[-1].get("custom") or {}).get("code") == "unavailable"
    assert "02 5550 0100" in patient.heard
    blocker.execute("ROLLBACK")
    blocker.close()
    patient.say("3 weeks")
    assert patient.asked == "pain_severity"


def test_no_result_is_told_that_is_not_stored(sqlite_server: Server) -> None:
    patient = Patient(sqlite_server.url)
    patient.say("sore back")
    patient.answer_until(LAST)
    path = sqlite_server.database_url.removeprefix("sqlite:///")
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    patient.say(PLAIN[LAST])
    assert patient.result is None
    blocker.execute("ROLLBACK")
    blocker.close()
    patient.say(PLAIN[LAST])
    assert patient.result is not None
    assert patient.result["outcome"] == "massage"


@contextmanager
def refusing(server: Server, change: str) -> Iterator[None]:
    """A database that refuses one kind of change, and takes all others."""
    path = server.database_url.removeprefix("sqlite:///")
    with sqlite3.connect(path) as connection:
        connection.execute(
            f"CREATE TRIGGER refusing BEFORE {change} BEGIN SELECT RAISE(ABORT, 'disk'); END"
        )
    yield
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TRIGGER refusing")


def events_of(server: Server, patient: Patient) -> int:
    with sqlite3.connect(server.database_url.removeprefix("sqlite:///")) as connection:
        found = connection.execute("SELECT count(*) FROM events WHERE sender_id = ?", (patient.id,))
        return int(found.fetchone()[0])


def code_of(messages: list[dict[str, Any]]) -> object:
    return (messages[-1].get("custom") or {}).get("code")


def test_a_result_that_could_not_be_stored_is_told_when_the_same_message_comes_again(
    sqlite_server: Server,
) -> None:
    patient = Patient(sqlite_server.url)
    patient.say("sore back")
    patient.answer_until(LAST)
    before = events_of(sqlite_server, patient)
    with refusing(sqlite_server, "INSERT ON assessments"):
        for _ in range(2):
            assert code_of(patient.say(PLAIN[LAST], "the-last")) == "unavailable"
    assert events_of(sqlite_server, patient) == before
    patient.say(PLAIN[LAST], "the-last")
    assert patient.result is not None
    assert patient.result["outcome"] == "massage"


def test_a_deletion_that_failed_is_done_when_the_same_message_comes_again(
    sqlite_server: Server,
) -> None:
    patient = Patient(sqlite_server.url)
    patient.talk("sore back", "yes", "delete my data")
    before = events_of(sqlite_server, patient)
    with refusing(sqlite_server, "DELETE ON conversations"):
        for _ in range(2):
            assert code_of(patient.say("yes", "delete")) == "unavailable"
    assert events_of(sqlite_server, patient) == before
    assert "deleted" in str(patient.say("yes", "delete"))
    assert events_of(sqlite_server, patient) == 0


def test_a_consent_that_could_not_be_stored_is_heard_when_the_same_message_comes_again(
    sqlite_server: Server,
) -> None:
    patient = Patient(sqlite_server.url)
    patient.say("sore back")
    with refusing(sqlite_server, "INSERT ON consents"):
        assert code_of(patient.say("yes", "the-yes")) == "unavailable"
    patient.say("yes", "the-yes")
    assert patient.asked == FIRST


def test_an_emergency_is_told_even_when_nothing_can_be_stored(sqlite_server: Server) -> None:
    path = sqlite_server.database_url.removeprefix("sqlite:///")
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    patient = Patient(sqlite_server.url)
    patient.say("I can't pee and my back hurts")
    blocker.execute("ROLLBACK")
    blocker.close()
    assert patient.result is not None
    assert patient.result["urgency"] == "emergency"


def test_a_lost_postgresql_turns_readiness_off_and_on_again(
    postgres_url: str, tmp_path: Path
) -> None:
    server = start_server(postgres_url, tmp_path / "log")
    name = postgres_url.rsplit("/", 1)[1]
    admin = sa.create_engine(
        postgres_url.rsplit("/", 1)[0] + "/postgres", future=True, isolation_level="AUTOCOMMIT"
    )
    patient = Patient(server.url)
    patient.say("sore back")
    patient.answer_until("pain_duration")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        connection.exec_driver_sql(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"  # noqa: S608
        )
        messages = patient.say("3 weeks")
        assert (messages[-1].get("custom") or {}).get("code") == "unavailable"
        assert ready(server) == 503
        in_danger = Patient(server.url)
        in_danger.say("I can't pee and my back hurts")
        assert in_danger.result is not None
        assert in_danger.result["urgency"] == "emergency"
        connection.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    assert ready(server) == 200
    patient.say("3 weeks")
    assert patient.asked == "pain_severity"
    admin.dispose()
    assert server.stop() == 0


def stored_assessments(database_url: str) -> int:
    engine = sa.create_engine(database_url, future=True)
    with engine.connect() as connection:
        count = int(connection.execute(sa.text("SELECT count(*) FROM assessments")).scalar_one())
    engine.dispose()
    return count


def test_an_emergency_is_told_without_redis_and_nothing_else_is(
    postgres_url: str, tmp_path: Path
) -> None:
    nowhere = f"redis://127.0.0.1:{free_port()}"
    server = start_server(postgres_url, tmp_path / "log", REDIS_URL=nowhere)
    patient = Patient(server.url)
    messages = patient.say("my back is sore")
    assert [(m.get("custom") or {}).get("code") for m in messages] == ["unavailable"]
    patient.say("I can't feel my legs")
    assert patient.result is not None
    assert patient.result["urgency"] == "emergency"
    # Whether they agreed to it cannot be known, so nothing is kept of what they said.
    assert stored_assessments(postgres_url) == 0
    server.stop()


def serve_once(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    import os

    return subprocess.run(
        [sys.executable, "-m", "backline.cli", "serve", "--port", "1025"],
        cwd=PROJECT,
        env={**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path / 'b.db'}", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_missing_model_stops_the_start_with_what_to_do(tmp_path: Path) -> None:
    done = serve_once(tmp_path, BACKLINE_MODELS=str(tmp_path))
    assert done.returncode == 1
    assert "backline train" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_broken_model_stops_the_start_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "broken.tar.gz").write_bytes(b"not a model")
    done = serve_once(tmp_path, BACKLINE_MODELS=str(tmp_path))
    assert done.returncode == 1
    assert "backline train" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("DATABASE_URL", "nonsense"),
        ("REDIS_URL", "http://x"),
        ("BACKLINE_CLINIC", "no-such.yml"),
        ("BACKLINE_ACTIONS_URL", "actions:5055"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_its_name(
    tmp_path: Path, setting: str, value: str
) -> None:
    done = serve_once(tmp_path, **{setting: value})
    assert done.returncode == 1
    assert setting in done.stderr
    assert "Traceback" not in done.stderr


def test_the_log_of_a_conversation_holds_no_word_of_it(sqlite_server: Server) -> None:
    patient = Patient(sqlite_server.url)
    patient.say("my zebrafish back is sore")
    patient.answer_until("pain_duration")
    assert "zebrafish" not in sqlite_server.log.read_text()
    assert patient.id not in sqlite_server.log.read_text()


def test_cli_decides_without_a_server() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "backline.cli", "decide", '{"emergency_signs": ["fainting"]}'],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["urgency"] == "emergency"
