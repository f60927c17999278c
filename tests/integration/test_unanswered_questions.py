"""Questions that nothing answers are kept for the clinic, encrypted, and go with their talk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from backline.cli.answers import shown
from backline.cli.main import app
from backline.store import Store, StoreUnavailable, UnansweredQuestion, create_store
from backline.store.consents import forgetting

NOW = dt.datetime(2026, 11, 27, 9, 0, tzinfo=dt.timezone.utc)
VOUCHERS = UnansweredQuestion("ada", "do you sell vouchers for massages?", True, NOW)
PARKING = UnansweredQuestion("bob", "where can I leave my tricycle?", False, NOW)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    made = create_store(database_url)
    made.upgrade()
    for asked in (VOUCHERS, PARKING):
        made.unanswered_questions.add(asked, "rest")
    yield made
    made.close()


def test_they_are_given_back_as_they_were_asked_the_latest_first(store: Store) -> None:
    assert store.unanswered_questions.latest(10) == [PARKING, VOUCHERS]
    assert store.unanswered_questions.latest(1) == [PARKING]


def raw(store: Store) -> str:
    with store._engine.connect() as connection:
        return str(connection.execute(sa.text("SELECT * FROM unanswered_questions")).all())


def test_the_persons_words_are_encrypted(store: Store) -> None:
    assert "vouchers" not in raw(store)


def test_erasing_a_conversation_takes_its_questions_along(store: Store) -> None:
    assert store.erase("ada")
    assert store.unanswered_questions.latest(10) == [PARKING]


def test_a_later_no_to_storing_takes_them_along(store: Store) -> None:
    with store._engine.begin() as connection:
        for statement in forgetting():
            connection.execute(sa.text(statement), {"sender_id": "ada"})
    assert store.unanswered_questions.latest(10) == [PARKING]


def test_they_are_kept_no_longer_than_their_conversation(store: Store) -> None:
    assert store.purge(dt.timedelta(days=90), NOW + dt.timedelta(days=91)) == 2
    assert store.unanswered_questions.latest(10) == []


def test_what_is_not_encrypted_yet_is_encrypted_beside_a_running_server(store: Store) -> None:
    rows = sa.text("UPDATE unanswered_questions SET question = :plain WHERE id = 1")
    with store._engine.begin() as connection:
        connection.execute(rows, {"plain": VOUCHERS.question})
    assert sum(store.reencryption.portions(anew=True)) == 1
    assert "vouchers" not in raw(store)
    assert store.unanswered_questions.latest(10) == [PARKING, VOUCHERS]


def test_who_looks_is_kept_before_anything_is_shown(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shown(store, 10, "Sam", NOW) == [PARKING, VOUCHERS]
    looks = store.audit.all()
    assert {(look.action, look.why) for look in looks} == {
        ("questions_shown", "backline answers unanswered")
    }
    assert len(looks) == 2

    def away(*_looks: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(store.audit, "add", away)
    with pytest.raises(StoreUnavailable):
        shown(store, 10, "Sam", NOW)


def test_the_command_lists_them(
    store: Store, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    done = CliRunner().invoke(app, ["answers", "unanswered", "--by", "Sam"])
    assert done.exit_code == 0, done.output
    for words in (VOUCHERS.question, "after a result", PARKING.question, "in between"):
        assert words in done.output
