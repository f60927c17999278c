"""What operators see of triages at `/metrics`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa

from tests.conftest import Server, start_server
from tests.plain import PLAIN
from tests.talking import Patient, post
from tests.watching import Metrics

TOKEN = "a-long-random-text-of-this-test-only"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("metrics")
    server = start_server(
        f"sqlite:///{folder / 'backline.db'}", folder / "log", BACKLINE_METRICS_TOKEN=TOKEN
    )
    yield server
    server.stop()


@pytest.fixture
def before(server: Server) -> Metrics:
    return Metrics(server.url)


@pytest.fixture
def patient(server: Server) -> Patient:
    return Patient(server.url)


def test_turns_are_counted_by_channel(server: Server, before: Metrics, patient: Patient) -> None:
    patient.talk("sore back", "yes")
    now = Metrics(server.url)
    name = "backline_turn_seconds_count"
    assert now.get(name, channel="rest") == before.get(name, channel="rest") + 2
    assert now.get("backline_turns_under_way", channel="rest") == 0


def test_the_parts_of_a_turn_are_timed(server: Server, before: Metrics, patient: Patient) -> None:
    patient.say("sore back")
    patient.answer_all(PLAIN)
    now = Metrics(server.url)
    name = "backline_stage_seconds_count"
    for stage in (
        "tracker_read",
        "understanding",
        "prediction",
        "action",
        "store",
        "tracker_write",
    ):
        assert now.get(name, stage=stage) > before.get(name, stage=stage), stage


def test_the_parts_of_turns_take_no_longer_than_the_turns(
    server: Server, before: Metrics, patient: Patient
) -> None:
    patient.say("sore back")
    patient.answer_until("pain_severity")
    now = Metrics(server.url)
    # What takes place inside an action is in its time, too.
    parts = ("tracker_read", "understanding", "prediction", "action", "tracker_write")
    name = "backline_stage_seconds_sum"
    spent = sum(now.get(name, stage=part) - before.get(name, stage=part) for part in parts)
    name = "backline_turn_seconds_sum"
    assert 0 < spent <= now.get(name, channel="rest") - before.get(name, channel="rest")


def test_a_result_is_counted_by_outcome_urgency_and_deciding_rule(
    server: Server, before: Metrics, patient: Patient
) -> None:
    patient.say("sore back")
    result = patient.answer_all(PLAIN)
    labels = {"outcome": "massage", "urgency": "none", "rule": result["rules"][0]}
    name = "backline_results_total"
    now = Metrics(server.url)
    assert now.get(name, **labels) == before.get(name, **labels) + 1
    begun = "backline_triages_begun_total"
    assert now.get(begun) == before.get(begun) + 1


def test_every_rule_is_there_before_it_decides(before: Metrics) -> None:
    assert "backline_results_total" in before.names
    assert before.labels["backline_results_total"] == {"outcome", "urgency", "rule"}


def test_an_emergency_is_counted_by_channel(
    server: Server, before: Metrics, patient: Patient
) -> None:
    patient.say("I can't pee and my legs are numb")
    name = "backline_emergencies_total"
    assert Metrics(server.url).get(name, channel="rest") == before.get(name, channel="rest") + 1


def test_what_is_not_understood_or_answered_is_counted(
    server: Server, before: Metrics, patient: Patient
) -> None:
    patient.say("sore back")
    patient.answer_until("pain_severity")
    patient.talk("blah fnord", "blah fnord")
    now = Metrics(server.url)
    fallbacks = "backline_fallbacks_total"
    kind = {"kind": "nlu_fallback"}
    assert now.get(fallbacks, **kind) == before.get(fallbacks, **kind) + 2
    for name in ("backline_questions_asked_again_total", "backline_questions_given_up_total"):
        slot = {"slot": "pain_severity"}
        assert now.get(name, **slot) == before.get(name, **slot) + 1


def test_a_refused_request_is_counted_by_its_code(server: Server, before: Metrics) -> None:
    post(server.url, b"{")
    labels = {"channel": "rest", "code": "bad_json"}
    name = "backline_requests_refused_total"
    assert Metrics(server.url).get(name, **labels) == before.get(name, **labels) + 1


def test_a_turn_that_cannot_be_saved_is_counted_with_the_reason(
    server: Server, before: Metrics, patient: Patient
) -> None:
    blocker = sqlite3.connect(server.database_url.removeprefix("sqlite:///"), isolation_level=None)
    blocker.execute("BEGIN EXCLUSIVE")
    patient.say("sore back")
    blocker.execute("ROLLBACK")
    blocker.close()
    now = Metrics(server.url)
    failed = {"channel": "rest", "reason": "StoreUnavailable"}
    name = "backline_turns_failed_total"
    assert now.get(name, **failed) == before.get(name, **failed) + 1
    errors = "backline_database_errors_total"
    kind = {"kind": "OperationalError"}
    assert now.get(errors, **kind) > before.get(errors, **kind)


def test_the_versions_and_the_age_of_the_model_are_told(before: Metrics) -> None:
    assert before.labels["backline_build_info"] == {"version", "policy_version", "model"}
    assert before.get("backline_model_trained_timestamp_seconds") > 1.7e9


def test_the_event_loop_is_watched(server: Server, before: Metrics) -> None:
    assert "backline_event_loop_lag_seconds_bucket" in before.names


def test_a_lost_database_takes_readiness_away_and_metrics_stay(
    postgres_url: str, tmp_path: Path
) -> None:
    server = start_server(postgres_url, tmp_path / "log")
    address, name = postgres_url.rsplit("/", 1)
    admin = sa.create_engine(f"{address}/postgres", future=True, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        assert Metrics(server.url).get("backline_ready") == 1
        connection.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        connection.exec_driver_sql(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"  # noqa: S608
        )
        without = Metrics(server.url)
        assert without.get("backline_ready") == 0
        assert without.get("backline_database_errors_total", kind="OperationalError") > 0
        connection.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        assert Metrics(server.url).get("backline_ready") == 1
    admin.dispose()
    server.stop()


THROUGH_A_PROXY = {"X-Forwarded-For": "198.51.100.7"}


def metrics_as(server: Server, path: str = "/metrics", **headers: str) -> requests.Response:
    return requests.get(server.url + path, headers={**THROUGH_A_PROXY, **headers}, timeout=10)


@pytest.mark.parametrize("path", ["/metrics", "/metrics/", "//metrics", "/%6Detrics"])
def test_metrics_tell_nothing_to_who_comes_through_a_proxy(server: Server, path: str) -> None:
    answer = metrics_as(server, path)
    assert answer.status_code in (401, 404)
    assert "backline_" not in answer.text


@pytest.mark.parametrize(
    "given",
    [
        "Bearer wrong",
        "Bearer",
        "Bearer ",
        f"Basic {TOKEN}",
        TOKEN,
        f"Bearer {TOKEN}x",
        "Bearer \xff",
    ],
)
def test_a_wrong_token_opens_no_metrics(server: Server, given: str) -> None:
    answer = metrics_as(server, Authorization=given)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "backline_" not in answer.text


def test_the_token_opens_the_metrics_from_anywhere(server: Server) -> None:
    answer = metrics_as(server, Authorization=f"Bearer {TOKEN}")
    assert answer.status_code == 200
    assert "backline_ready" in answer.text
    assert TOKEN not in server.log.read_text(encoding="utf-8")


def test_a_program_of_this_machine_needs_no_token(server: Server) -> None:
    assert requests.get(f"{server.url}/metrics", timeout=10).status_code == 200


def test_a_second_server_on_the_port_ends_with_a_sentence_and_one(server: Server) -> None:
    from tests.messaging.test_commands import run

    port = server.url.rsplit(":", 1)[1]
    second = run("serve", "--port", port, DATABASE_URL=server.database_url)
    assert second.returncode == 1
    assert f"--host 127.0.0.1 --port {port}" in second.stderr
    assert "another program listens there" in second.stderr
    assert "Traceback" not in second.stderr + second.stdout
