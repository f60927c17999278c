"""What is kept and what is deleted, on SQLite and on PostgreSQL."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import sqlite3
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from backline.policy import Plan
from backline.policy.plans import COMBINED
from backline.store import (
    AssessmentRecord,
    InboundMessage,
    LesserAfterEmergency,
    Store,
    StoreConfigError,
    StoreUnavailable,
    create_store,
    schema,
)
from backline.store.repository import VERSION_TABLE
from backline.store.tables import Base, Contact, OutgoingMessage, ReceivedMessage
from backline.store.tables import Plan as PlanRow

NOW = dt.datetime.now(dt.timezone.utc)


def assessment(**changes: object) -> AssessmentRecord:
    values = {
        "facts": {"pain_severity": 4},
        "outcome": "massage",
        "urgency": "none",
        "rules": ["M1"],
        "reasons": ["your back muscles go into spasm"],
        "plan": Plan(massage_sessions=4, weeks=6, review_after_sessions=2),
        "policy_version": "2026-11",
        "model_version": "test",
    }
    return AssessmentRecord(**{**values, **changes})  # type: ignore[arg-type]


@pytest.fixture
def store(database_url: str) -> Store:
    store = create_store(database_url)
    store.upgrade()
    return store


def rows(database_url: str, query: str) -> list[tuple[object, ...]]:
    engine = sa.create_engine(database_url, future=True)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.exec_driver_sql(query)]
    engine.dispose()
    return found


def test_an_assessment_is_readable_with_plain_sql(store: Store, database_url: str) -> None:
    store.record_assessment("c1", "rest", assessment())
    assert rows(database_url, "SELECT outcome, urgency FROM assessments") == [("massage", "none")]


def test_a_plan_has_its_sessions_and_their_review(store: Store, database_url: str) -> None:
    store.record_assessment("c1", "rest", assessment())
    query = "SELECT number, due_after_days FROM plan_sessions ORDER BY number"
    assert rows(database_url, query) == [(1, 0), (2, 14), (3, 28), (4, 42)]
    reviewed = rows(database_url, "SELECT number FROM plan_sessions WHERE is_review")
    assert reviewed == [(2,)]


def test_the_same_assessment_again_is_kept_once(store: Store, database_url: str) -> None:
    first = store.record_assessment("c1", "rest", assessment())
    assert store.record_assessment("c1", "rest", assessment()) == first
    assert rows(database_url, "SELECT count(*) FROM assessments") == [(1,)]


def test_a_changed_assessment_is_kept_beside_the_first(store: Store) -> None:
    first = store.record_assessment("c1", "rest", assessment())
    second = store.record_assessment("c1", "rest", assessment(facts={"pain_severity": 5}))
    assert second != first
    latest = store.latest_assessment("c1")
    assert latest is not None
    assert latest["facts"] == {"pain_severity": 5}


def test_a_plan_is_kept_with_all_that_it_says(store: Store, database_url: str) -> None:
    plan = COMBINED.to_json()
    store.record_assessment("c1", "rest", assessment(plan=COMBINED))
    engine = sa.create_engine(database_url, future=True)
    with engine.connect() as connection:
        kept = connection.execute(sa.select(PlanRow.__table__)).mappings().one()
        assert {name: kept[name] for name in plan} == plan
    engine.dispose()


EMERGENCY = {"outcome": "doctor_first", "urgency": "emergency", "rules": ["E1"]}


def urgencies(database_url: str) -> list[object]:
    return [row[0] for row in rows(database_url, "SELECT urgency FROM assessments ORDER BY id")]


@pytest.mark.parametrize("urgency", ["urgent", "soon", "none"])
def test_nothing_lesser_is_kept_after_an_emergency_that_nobody_ended(
    store: Store, database_url: str, urgency: str
) -> None:
    store.record_assessment("c1", "rest", assessment(**EMERGENCY))
    with pytest.raises(LesserAfterEmergency, match="nobody said that it had ended"):
        store.record_assessment("c1", "rest", assessment(urgency=urgency))
    assert urgencies(database_url) == ["emergency"]


@pytest.mark.parametrize("ended", ["seen", "mistake"])
def test_both_are_kept_once_an_emergency_had_ended(
    store: Store, database_url: str, ended: str
) -> None:
    store.record_assessment("c1", "rest", assessment(**EMERGENCY))
    store.record_assessment("c1", "rest", assessment(emergency_ended=ended))
    assert urgencies(database_url) == ["emergency", "none"]
    told = rows(database_url, "SELECT emergency_ended FROM assessments ORDER BY id")
    assert told == [(None,), (ended,)]


def test_what_follows_an_ended_emergency_needs_not_say_so_again(
    store: Store, database_url: str
) -> None:
    store.record_assessment("c1", "rest", assessment(**EMERGENCY))
    store.record_assessment("c1", "rest", assessment(emergency_ended="seen"))
    store.record_assessment("c1", "rest", assessment(facts={"pain_severity": 5}))
    assert urgencies(database_url) == ["emergency", "none", "none"]


def test_another_emergency_is_kept_after_one(store: Store, database_url: str) -> None:
    store.record_assessment("c1", "rest", assessment(**EMERGENCY))
    store.record_assessment("c1", "rest", assessment(**EMERGENCY, facts={"emergency_signs": []}))
    assert urgencies(database_url) == ["emergency", "emergency"]


def test_the_emergency_of_one_patient_stands_beside_the_result_of_another(
    store: Store, database_url: str
) -> None:
    store.record_assessment("c1", "rest", assessment(**EMERGENCY))
    store.record_assessment("c1", "rest", assessment(patient=2))
    with pytest.raises(LesserAfterEmergency):
        store.record_assessment("c1", "rest", assessment(patient=1))
    assert rows(database_url, "SELECT patient, urgency FROM assessments ORDER BY id") == [
        (1, "emergency"),
        (2, "none"),
    ]


def test_the_emergency_of_one_conversation_is_nothing_to_another(
    store: Store, database_url: str
) -> None:
    store.record_assessment("c1", "rest", assessment(**EMERGENCY))
    store.record_assessment("c2", "rest", assessment())
    assert urgencies(database_url) == ["emergency", "none"]


def test_the_same_assessment_again_is_kept_once_for_each_patient(
    store: Store, database_url: str
) -> None:
    first = store.record_assessment("c1", "rest", assessment())
    other = store.record_assessment("c1", "rest", assessment(patient=2))
    assert store.record_assessment("c1", "rest", assessment()) == first
    assert store.record_assessment("c1", "rest", assessment(patient=2)) == other
    assert rows(database_url, "SELECT count(*) FROM assessments") == [(2,)]


def test_an_unknown_outcome_is_refused_by_the_database(store: Store) -> None:
    with pytest.raises((StoreUnavailable, sa.exc.IntegrityError)):
        store.record_assessment("c1", "rest", assessment(outcome="surgery"))


def test_consent_is_kept_once_while_it_stays_the_same(store: Store, database_url: str) -> None:
    for given in (True, True, False):
        store.record_consent("c1", "rest", given, "2026-11")
    assert rows(database_url, "SELECT count(*) FROM consents") == [(2,)]


def test_consent_is_kept_with_its_time_its_channel_and_what_was_answered(
    store: Store, database_url: str
) -> None:
    store.record_consent("c1", "telegram", True, "2026-11/abc")
    query = "SELECT channel, text_version, at IS NOT NULL FROM consents"
    kept = [(channel, text, bool(at)) for channel, text, at in rows(database_url, query)]
    assert kept == [("telegram", "2026-11/abc", True)]


def test_an_assessment_brings_its_consent_only_where_none_is_kept(
    store: Store, database_url: str
) -> None:
    store.record_consent("c1", "rest", True, "2026-11/abc")
    store.record_assessment("c1", "rest", assessment(), agreed_to="2026-11")
    store.record_assessment("c2", "rest", assessment(), agreed_to="2026-11")
    kept = rows(database_url, "SELECT conversation_id, text_version FROM consents ORDER BY id")
    assert kept == [("c1", "2026-11/abc"), ("c2", "2026-11")]


def make_events(database_url: str, sender: str, timestamp: float) -> None:
    engine = sa.create_engine(database_url, future=True)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE IF NOT EXISTS events"
            " (id INTEGER, sender_id VARCHAR(255), timestamp FLOAT,"
            " type_name VARCHAR(255), action_name VARCHAR(255))"
        )
        connection.execute(
            sa.text("INSERT INTO events (sender_id, timestamp) VALUES (:s, :t)"),
            {"s": sender, "t": timestamp},
        )
    engine.dispose()


def test_erasing_deletes_everything_of_one_conversation(store: Store, database_url: str) -> None:
    store.record_assessment("c1", "rest", assessment())
    store.record_assessment("c2", "rest", assessment())
    make_events(database_url, "c1", NOW.timestamp())
    assert store.erase("c1")
    for table in ("conversations", "assessments", "plans"):
        assert rows(database_url, f"SELECT count(*) FROM {table}") == [(1,)]  # noqa: S608
    assert rows(database_url, "SELECT count(*) FROM events") == [(0,)]
    assert not store.erase("c1")


def test_purging_deletes_what_is_older_and_nothing_else(store: Store, database_url: str) -> None:
    store.record_assessment("c1", "rest", assessment())
    day = dt.timedelta(days=1)
    assert store.purge(2 * day, NOW) == 0
    assert store.purge(day, NOW + 2 * day) == 1
    assert rows(database_url, "SELECT count(*) FROM assessments") == [(0,)]


def test_purging_deletes_conversations_that_rasa_alone_knows(
    store: Store, database_url: str
) -> None:
    make_events(database_url, "old", NOW.timestamp() - 10 * 86400)
    make_events(database_url, "new", NOW.timestamp())
    assert store.purge(dt.timedelta(days=5), NOW) == 1
    assert rows(database_url, "SELECT sender_id FROM events") == [("new",)]


def answer_consent(database_url: str, sender: str, timestamp: float) -> None:
    make_events(database_url, sender, timestamp)
    engine = sa.create_engine(database_url, future=True)
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "UPDATE events SET type_name = 'slot', action_name = 'consent' WHERE sender_id = :s"
            ),
            {"s": sender},
        )
    engine.dispose()


def test_words_whose_writer_never_answered_whether_to_store_them_go_after_a_day(
    store: Store, database_url: str
) -> None:
    long_ago = NOW.timestamp() - 25 * 3600
    make_events(database_url, "silent", long_ago)
    make_events(database_url, "still-there", long_ago)
    make_events(database_url, "still-there", NOW.timestamp() - 3600)
    answer_consent(database_url, "answered", long_ago)
    store.record_assessment("emergency", "rest", assessment(**EMERGENCY))
    make_events(database_url, "emergency", long_ago)
    assert store.purge(dt.timedelta(days=90), NOW) == 0
    left = rows(database_url, "SELECT DISTINCT sender_id FROM events ORDER BY sender_id")
    assert left == [("answered",), ("emergency",), ("still-there",)]


def test_who_stopped_before_answering_whether_to_store_has_stopped(
    store: Store, database_url: str
) -> None:
    day_before = NOW - dt.timedelta(hours=25)
    delivery = InboundMessage("telegram", "key", "silent", "sealed", "sealed")
    (taken,) = store.inbox.accept([delivery], day_before)
    received = store.queues.load(taken.conversation_id, day_before).pending[0]
    stopped = {"opted_out_at": day_before}
    store.inbox.mark_processed(received, "telegram", "sealed", [], day_before, contact=stopped)
    make_events(database_url, "silent", day_before.timestamp())
    store.purge(dt.timedelta(days=90), NOW)
    assert rows(database_url, "SELECT sender_id FROM events") == []
    person = store.queues.load("silent", NOW).person
    assert person is not None
    assert person.opted_out_at == day_before


def test_a_conversation_that_goes_on_is_not_purged(store: Store, database_url: str) -> None:
    store.record_assessment("c1", "rest", assessment())
    make_events(database_url, "c1", (NOW + dt.timedelta(days=10)).timestamp())
    assert store.purge(dt.timedelta(days=5), NOW + dt.timedelta(days=8)) == 0


def test_nothing_of_a_conversation_outlives_it() -> None:
    kept = {"contacts", "outgoing_messages", "received_messages"}
    assert kept == {table.__tablename__ for table in (Contact, OutgoingMessage, ReceivedMessage)}
    # Those the erasure names, since they may be there before the conversation is.
    of_conversations = {
        table.name: table.c.conversation_id
        for table in Base.metadata.sorted_tables
        if "conversation_id" in table.c and table.name not in kept
    }
    assert len(of_conversations) > 10
    for name, column in of_conversations.items():
        (key,) = column.foreign_keys
        assert (key.target_fullname, key.ondelete) == ("conversations.id", "CASCADE"), name


def test_the_id_of_a_result_that_is_gone_is_never_given_again(store: Store) -> None:
    gone = store.record_assessment("c1", "rest", assessment())
    store.erase("c1")
    assert store.record_assessment("c2", "rest", assessment()) > gone
    # A program that has read up to there gets what came after.
    assert [one.kept.outcome for one in store.exports.assessments(after=gone)] == ["massage"]


def test_an_upgrade_keeps_results_and_what_refers_to_them(database_url: str) -> None:
    store = create_store(database_url)
    store.upgrade()
    kept = store.record_assessment("c1", "rest", assessment())
    schema.downgrade(store._engine, "0019")
    store.upgrade()
    assert rows(database_url, "SELECT id, outcome FROM assessments") == [(kept, "massage")]
    assert rows(database_url, "SELECT count(*) FROM plan_sessions") == [(4,)]
    with pytest.raises(sa.exc.IntegrityError), store._engine.begin() as connection:
        connection.execute(sa.text("UPDATE assessments SET urgency = 'none of these'"))
    store.erase("c1")
    assert store.record_assessment("c2", "rest", assessment()) > kept
    assert rows(database_url, "SELECT count(*) FROM plan_sessions") == [(4,)]


def test_upgrading_again_changes_nothing(store: Store) -> None:
    store.upgrade()
    store.ping()


def is_ours(name: str | None, kind: str, _: object) -> bool:
    """SQLite has a table of its own for ids that are never given again."""
    return (kind, name) != ("table", "sqlite_sequence")


def test_the_migrations_make_the_tables_of_the_code(store: Store, database_url: str) -> None:
    engine = sa.create_engine(database_url, future=True)
    with engine.connect() as connection:
        options = {"version_table": VERSION_TABLE, "include_name": is_ours}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def _upgrade(url: str) -> None:
    create_store(url).upgrade()


def test_servers_that_start_together_upgrade_once(database_url: str) -> None:
    context = multiprocessing.get_context("spawn")
    others = [context.Process(target=_upgrade, args=(database_url,)) for _ in range(3)]
    for process in others:
        process.start()
    for process in others:
        process.join(60)
    assert [process.exitcode for process in others] == [0, 0, 0]


def make_newer(database_url: str, oldest: str) -> None:
    """As a later version's migration leaves the tables: with one more, and one more column."""
    engine = sa.create_engine(database_url, future=True)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")  # noqa: S608
        connection.execute(sa.text("UPDATE schema_compatibility SET oldest = :o"), {"o": oldest})
        connection.exec_driver_sql("CREATE TABLE clinics (id INTEGER PRIMARY KEY)")
        connection.exec_driver_sql("ALTER TABLE assessments ADD COLUMN reviewed_by VARCHAR(64)")
    engine.dispose()


def test_an_old_version_works_beside_a_newer_one_that_says_it_can(
    store: Store, database_url: str
) -> None:
    store.record_assessment("before", "rest", assessment())
    make_newer(database_url, oldest="0003")
    restarted = create_store(database_url)
    restarted.upgrade()
    restarted.check_schema()
    restarted.record_assessment("after", "rest", assessment())
    for conversation in ("before", "after"):
        assert restarted.latest_assessment(conversation) is not None
        assert restarted.erase(conversation)


def test_an_old_version_that_names_none_of_the_newest_columns_can_store(
    store: Store, database_url: str
) -> None:
    store.record_assessment("c1", "rest", assessment())
    newest = {
        "assessments": {"patient", "emergency_ended"},
        "consents": {"channel"},
        "plans": {"review_after_weeks", "shared_programme"},
    }
    engine = sa.create_engine(database_url, future=True)
    now = {"now": NOW.isoformat(" ")}
    with engine.begin() as connection:
        for table, columns in newest.items():
            assert columns <= {c["name"] for c in sa.inspect(connection).get_columns(table)}
        connection.execute(
            sa.text(
                "INSERT INTO assessments (conversation_id, facts, outcome, urgency, rules, reasons,"
                " policy_version, model_version, created_at)"
                " VALUES ('c1', '{}', 'doctor_first', 'emergency', '[]', '[]', 'v', 'm', :now)"
            ),
            now,
        )
        connection.execute(
            sa.text(
                "INSERT INTO plans (assessment_id, therapies, self_care)"
                " SELECT max(id), '[]', '[]' FROM assessments"
            )
        )
        connection.execute(
            sa.text(
                "INSERT INTO consents (conversation_id, given, text_version, at)"
                " VALUES ('c1', true, 'v', :now)"
            ),
            now,
        )
    engine.dispose()
    # What it stored counts: it is of the first patient.
    with pytest.raises(LesserAfterEmergency):
        store.record_assessment("c1", "rest", assessment(facts={"pain_severity": 5}))


def test_tables_of_a_newer_backline_are_refused(store: Store, database_url: str) -> None:
    make_newer(database_url, oldest="9999")
    with pytest.raises(StoreConfigError, match="newer"):
        create_store(database_url).upgrade()


def test_a_locked_database_is_reported_within_seconds(tmp_path: Path) -> None:
    path = tmp_path / "backline.db"
    store = create_store(f"sqlite:///{path}")
    store.upgrade()
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN EXCLUSIVE")
    begun = time.monotonic()
    with pytest.raises(StoreUnavailable):
        store.record_assessment("c1", "rest", assessment())
    assert time.monotonic() - begun < 4
    blocker.execute("ROLLBACK")
    store.record_assessment("c1", "rest", assessment())


def test_a_database_that_is_gone_is_reported_within_seconds() -> None:
    store = create_store("postgresql://nobody@127.0.0.1:1/none")
    begun = time.monotonic()
    with pytest.raises(StoreUnavailable):
        store.ping()
    assert time.monotonic() - begun < 4


@pytest.mark.parametrize("url", ["not a url", "mysql://host/db", "oracle://host/db"])
def test_a_wrong_url_names_the_setting(url: str) -> None:
    with pytest.raises(StoreConfigError, match="DATABASE_URL"):
        create_store(url)
