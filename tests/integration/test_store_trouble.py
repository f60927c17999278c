"""The store where things go wrong: locks, races, lost connections, half-done migrations."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from backline.policy import Plan
from backline.store import (
    AssessmentRecord,
    LesserAfterEmergency,
    Store,
    StoreConfigError,
    StoreError,
    StoreUnavailable,
    create_store,
)

NOW = dt.datetime.now(dt.timezone.utc)
ASSESSMENT = AssessmentRecord(
    facts={"pain_severity": 4},
    outcome="massage",
    urgency="none",
    rules=["M1"],
    reasons=["a private matter"],
    plan=Plan(massage_sessions=4, weeks=6, review_after_sessions=2),
    policy_version="2026-11",
    model_version="test",
)
EVENTS = (
    "CREATE TABLE events (sender_id VARCHAR(255), timestamp FLOAT,"
    " type_name VARCHAR(255), action_name VARCHAR(255))"
)
NO_ANSWER_S = 4.0
"""Within this time a patient is told that something is wrong."""


@pytest.fixture
def store(database_url: str) -> Store:
    store = create_store(database_url)
    store.upgrade()
    return store


@contextmanager
def beside(database_url: str) -> Iterator[Any]:
    """A plain connection of another program."""
    engine = sa.create_engine(database_url, future=True)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@contextmanager
def locked(database_url: str) -> Iterator[None]:
    """Another program in the middle of a long change."""
    with beside(database_url) as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql("LOCK TABLE conversations, assessments IN EXCLUSIVE MODE")
        yield
        connection.rollback()


@pytest.mark.parametrize(
    "use",
    [
        lambda store: store.record_assessment("c1", "rest", ASSESSMENT),
        lambda store: store.record_consent("c1", "rest", True, "v1"),
        lambda store: store.erase("c1"),
        lambda store: store.ping(),
    ],
    ids=["record_assessment", "record_consent", "erase", "ping"],
)
def test_a_locked_database_is_unavailable_within_seconds(
    store: Store, database_url: str, use: Callable[[Store], object]
) -> None:
    store.record_assessment("c1", "rest", dataclasses.replace(ASSESSMENT, outcome="combined"))
    with locked(database_url):
        began = time.monotonic()
        with pytest.raises(StoreUnavailable):
            use(store)
        assert time.monotonic() - began < NO_ANSWER_S
    use(store)


def test_the_same_assessment_from_several_threads_is_kept_once(
    store: Store, database_url: str
) -> None:
    ids: list[int] = []
    start = threading.Barrier(5)

    def record() -> None:
        start.wait()
        ids.append(store.record_assessment("c1", "rest", ASSESSMENT))

    threads = [threading.Thread(target=record) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with beside(database_url) as connection:
        kept = connection.exec_driver_sql("SELECT id FROM assessments").scalars().all()
    assert ids == kept * 5


def test_of_two_servers_at_once_none_makes_less_of_an_emergency(
    store: Store, database_url: str
) -> None:
    """Whichever comes first: a result is never the latest after an emergency of the same person."""
    emergency = dataclasses.replace(ASSESSMENT, outcome="doctor_first", urgency="emergency")
    servers = [store, create_store(database_url)]
    conversations = [f"c{number}" for number in range(20)]
    start = threading.Barrier(2)

    def record(server: Store, assessment: AssessmentRecord) -> None:
        for conversation in conversations:
            start.wait()
            with contextlib.suppress(LesserAfterEmergency):
                server.record_assessment(conversation, "rest", assessment)

    threads = [
        threading.Thread(target=record, args=pair)
        for pair in zip(servers, (emergency, ASSESSMENT), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    latest = [store.latest_assessment(conversation) for conversation in conversations]
    assert [found["urgency"] for found in latest if found] == ["emergency"] * len(conversations)


def test_a_refused_assessment_is_reported_without_quoting_the_patient(store: Store) -> None:
    with pytest.raises(StoreError) as caught:
        store.record_assessment("c1", "rest", dataclasses.replace(ASSESSMENT, outcome="surgery"))
    chain = [str(caught.value), str(caught.value.__cause__)]
    assert not [text for text in chain if "private" in text]


@pytest.mark.parametrize("forget", ["erase", "purge"])
def test_nothing_of_deleted_data_is_left_in_the_files_of_sqlite(
    tmp_path: Path, forget: str
) -> None:
    store = create_store(f"sqlite:///{tmp_path / 'backline.db'}")
    store.upgrade()
    secret = "Sciatica-4711"
    facts = {"note": secret * 2000}
    store.record_assessment("c1", "rest", dataclasses.replace(ASSESSMENT, facts=facts))
    if forget == "erase":
        store.erase("c1")
    else:
        store.purge(dt.timedelta(0), NOW + dt.timedelta(days=1))
    assert not [file for file in tmp_path.iterdir() if secret.encode() in file.read_bytes()]


def test_erasing_succeeds_while_somebody_reads_the_sqlite_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'backline.db'}"
    store = create_store(url)
    store.upgrade()
    store.record_assessment("c1", "rest", ASSESSMENT)
    with beside(url) as connection:
        connection.exec_driver_sql("BEGIN")
        connection.exec_driver_sql("SELECT * FROM assessments").all()
        assert store.erase("c1") is True
    assert store.latest_assessment("c1") is None


def test_purging_takes_more_conversations_than_one_batch(store: Store, database_url: str) -> None:
    number = 1200
    with beside(database_url) as connection:
        connection.exec_driver_sql(EVENTS)
        connection.exec_driver_sql("CREATE INDEX ix_events_sender_id ON events (sender_id)")
        statement = sa.text("INSERT INTO events (sender_id, timestamp) VALUES (:id, 0)")
        connection.execute(statement, [{"id": f"old-{i}"} for i in range(number)])
        connection.commit()
    assert store.purge(dt.timedelta(days=90), NOW) == number
    with beside(database_url) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM events").scalar_one() == 0


def test_purging_reads_over_an_event_without_a_time(store: Store, database_url: str) -> None:
    with beside(database_url) as connection:
        connection.exec_driver_sql(EVENTS)
        connection.exec_driver_sql("INSERT INTO events (sender_id) VALUES ('old')")
        connection.commit()
    assert store.purge(dt.timedelta(days=90), NOW) == 1


def test_postgresql_may_drop_its_connections(postgres_url: str) -> None:
    store = create_store(postgres_url)
    store.upgrade()
    store.ping()
    with beside(postgres_url) as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        # They are told to end, and end a moment later.
        while connection.exec_driver_sql(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).scalar_one():
            connection.rollback()
            time.sleep(0.01)
    assert store.record_assessment("c1", "rest", ASSESSMENT) > 0


def test_a_postgresql_that_takes_no_changes_is_unavailable(postgres_url: str) -> None:
    create_store(postgres_url).upgrade()
    name = sa.engine.make_url(postgres_url).database
    with beside(postgres_url) as connection:
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        connection.commit()
    with pytest.raises(StoreUnavailable):
        create_store(postgres_url).ping()


def test_options_of_a_postgresql_url_are_kept(postgres_url: str) -> None:
    store = create_store(f"{postgres_url}?options=-c%20search_path%3Dclinic")
    with beside(postgres_url) as connection:
        connection.exec_driver_sql("CREATE SCHEMA clinic")
        connection.commit()
    store.upgrade()
    with beside(postgres_url) as connection:
        assert "assessments" in sa.inspect(connection).get_table_names(schema="clinic")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "postgresql://user:secret@host:port/backline",
        "postgresql+nosuch://user:secret@host/backline",
        "sqlite+nosuch:///backline.db",
        "sqlite://",
    ],
)
def test_a_url_that_cannot_work_is_refused_by_name(url: str) -> None:
    with pytest.raises(StoreConfigError, match="DATABASE_URL") as caught:
        create_store(url)
    assert "secret" not in f"{caught.value} {caught.value.__cause__}"


def test_the_schema_of_this_version_is_accepted(store: Store) -> None:
    store.check_schema()


def test_a_database_without_tables_is_noticed(database_url: str) -> None:
    with pytest.raises(StoreConfigError, match="`backline db upgrade`"):
        create_store(database_url).check_schema()


def test_a_newer_schema_is_noticed(store: Store, database_url: str) -> None:
    with beside(database_url) as connection:
        connection.exec_driver_sql("UPDATE backline_alembic_version SET version_num = '9999'")
        connection.exec_driver_sql("UPDATE schema_compatibility SET oldest = '9999'")
        connection.commit()
    with pytest.raises(StoreConfigError, match=r"newer .* `backline db upgrade`"):
        store.check_schema()


def test_a_migration_that_fails_leaves_the_tables_as_they_were(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise sa.exc.OperationalError("CREATE INDEX", {}, Exception("disk full"))

    monkeypatch.setattr("alembic.op.create_index", fail)
    with pytest.raises(StoreUnavailable):
        create_store(database_url).upgrade()
    with beside(database_url) as connection:
        assert sa.inspect(connection).get_table_names() == []


def test_the_migrations_can_be_taken_back_and_made_again(store: Store, database_url: str) -> None:
    from backline.store import schema
    from backline.store.engine import create_engine

    engine = create_engine(database_url)
    schema.downgrade(engine)
    # SQLite keeps its own table of counters.
    left = set(sa.inspect(engine).get_table_names()) - {"sqlite_sequence"}
    assert left == {schema.VERSION_TABLE}
    store.upgrade()
    store.check_schema()
    engine.dispose()
