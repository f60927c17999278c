"""What was suspected is kept for the clinic's review, encrypted, and goes with its conversation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from backline.cli.main import app
from backline.cli.suspicions import shown
from backline.store import Store, StoreUnavailable, SuspicionRecord, create_store

NOW = dt.datetime(2026, 11, 27, 9, 0, tzinfo=dt.timezone.utc)
CLAUSE = "there was crimson in the pan"


def record(conversation: str = "ada", **changes: object) -> SuspicionRecord:
    values = {
        "conversation_id": conversation,
        "code": "bleeding",
        "clause": CLAUSE,
        "quote": "crimson in the pan",
        "score": 0.91,
        "nearest": "blood in the toilet",
        "answer": "unclear",
        "at": NOW,
    }
    return SuspicionRecord(**{**values, **changes})  # type: ignore[arg-type]


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    made = create_store(database_url)
    made.upgrade()
    yield made
    made.close()


def raw(store: Store) -> str:
    with store._engine.connect() as connection:
        return str(connection.execute(sa.text("SELECT * FROM suspicions")).all())


def test_it_is_given_back_as_it_was_kept_the_latest_first(store: Store) -> None:
    store.suspicions.add(record(), "rest")
    store.suspicions.add(record("bob", answer="no"), "rest")
    assert store.suspicions.latest(10) == [record("bob", answer="no"), record()]
    assert store.suspicions.latest(1) == [record("bob", answer="no")]


def test_the_persons_words_are_encrypted(store: Store) -> None:
    store.suspicions.add(record(), "rest")
    assert "crimson" not in raw(store)
    assert "blood in the toilet" in raw(store)


def test_erasing_a_conversation_takes_it_along(store: Store) -> None:
    store.suspicions.add(record(), "rest")
    store.suspicions.add(record("bob"), "rest")
    assert store.erase("ada")
    assert [s.conversation_id for s in store.suspicions.latest(10)] == ["bob"]


def test_it_is_kept_no_longer_than_its_conversation(store: Store) -> None:
    store.suspicions.add(record(), "rest")
    later = NOW + dt.timedelta(days=91)
    assert store.purge(dt.timedelta(days=90), later) == 1
    assert store.suspicions.latest(10) == []


def test_it_is_encrypted_anew_when_the_keys_change(store: Store) -> None:
    store.suspicions.add(record(), "rest")
    before = raw(store)
    assert sum(store.reencryption.portions(anew=True)) >= 0
    assert store.suspicions.latest(1) == [record()]
    assert before


def test_who_looks_is_kept_before_anything_is_shown(store: Store) -> None:
    store.suspicions.add(record(), "rest")
    store.suspicions.add(record(), "rest")
    assert shown(store, 10, "Sam", NOW) == [record(), record()]
    (look,) = store.audit.all()
    assert look.who.startswith("Sam (as ")
    assert (look.action, look.why) == ("suspicions_shown", "backline lexicon suspicions")
    assert look.about == store.field_encryption.hash_of("ada")[:40]


def test_nothing_is_shown_where_it_cannot_be_kept_that_somebody_looked(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_looks: object) -> None:
        raise StoreUnavailable("away")

    store.suspicions.add(record(), "rest")
    monkeypatch.setattr(store.audit, "add", away)
    with pytest.raises(StoreUnavailable):
        shown(store, 10, "Sam", NOW)


def test_the_command_lists_them(
    store: Store, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.suspicions.add(record(), "rest")
    monkeypatch.setenv("DATABASE_URL", database_url)
    done = CliRunner().invoke(app, ["lexicon", "suspicions", "--by", "Sam"])
    assert done.exit_code == 0, done.output
    for words in ("crimson in the pan", CLAUSE, "blood in the toilet", "unclear", "0.91"):
        assert words in done.output
