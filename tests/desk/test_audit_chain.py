"""The audit log is a chain: what is changed in it by hand shows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from typer.testing import CliRunner

from backline.cli.main import app
from backline.store import Cipher, Look, Store, Unreadable, create_store
from backline.store.audit import ChainReport
from backline.store.tables import EncryptionState
from tests.conftest import ENCRYPTION_KEY
from tests.desk.people import NOW


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    made = create_store(database_url)
    made.upgrade()
    yield made
    made.close()


def look(about: str, who: str = "Robin (account-1)") -> Look:
    return Look(NOW, who, "person_shown", about, "/desk/person")


def by_hand(store: Store, statement: str) -> None:
    """Do what the triggers forbid, as whoever owns the database can."""
    with store._engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            for change in ("update", "delete"):
                connection.execute(sa.text(f"DROP TRIGGER IF EXISTS audit_no_{change}"))
        else:
            connection.execute(sa.text("ALTER TABLE audit DISABLE TRIGGER audit_no_change"))
        connection.execute(sa.text(statement))


def older_version_adds(store: Store, about: str) -> None:
    with store._engine.begin() as connection:
        row = "INSERT INTO audit (at, who, action, about, why) VALUES (:at, 'x', 'y', :about, 'z')"
        at = sa.bindparam("at", NOW, type_=sa.DateTime(timezone=True))
        connection.execute(sa.text(row).bindparams(at), {"about": about})


def last_hash(store: Store) -> str:
    with store._engine.connect() as connection:
        newest = sa.text("SELECT hash FROM audit ORDER BY id DESC LIMIT 1")
        return str(connection.execute(newest).scalar())


def is_whole(store: Store, rows: int) -> bool:
    report = store.audit.verify()
    return (report.rows, report.broken, report.unsealed) == (rows, None, 0)


def test_an_untouched_log_is_whole(store: Store) -> None:
    store.audit.add(look("a"), look("b"))
    store.audit.add(look("c"))
    report = store.audit.verify()
    assert report == ChainReport(rows=3, broken=None, head=last_hash(store))


def test_an_empty_log_is_whole(store: Store) -> None:
    assert store.audit.verify() == ChainReport(rows=0, broken=None, unsealed=0)


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ("UPDATE audit SET who = 'Sam' WHERE id = 2", 2),
        ("UPDATE audit SET hash = previous WHERE id = 2", 2),
        ("UPDATE audit SET who = 'Sam', hash = NULL WHERE id = 2", 2),
        ("DELETE FROM audit WHERE id = 2", 3),
        ("DELETE FROM audit WHERE id = 1", 2),
        ("DELETE FROM audit WHERE id = 3", 3),
        ("DELETE FROM audit", 3),
        ("UPDATE audit SET hash = NULL, previous = NULL", 1),
        ("UPDATE audit SET hash = NULL, previous = NULL WHERE id = 3", 3),
    ],
)
def test_the_first_row_that_does_not_fit_is_named(store: Store, change: str, broken: int) -> None:
    store.audit.add(look("a"), look("b"), look("c"))
    by_hand(store, change)
    assert store.audit.verify().broken == broken
    store.audit.add(look("d"))
    assert store.audit.verify().broken is not None, "the next row does not mend it"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE encryption SET audit_head = NULL",
        "UPDATE encryption SET audit_key = NULL",
        "UPDATE encryption SET audit_key = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='",
        "UPDATE encryption SET audit_head = '{}'",
        "UPDATE encryption SET audit_head = audit_key",
    ],
)
def test_a_key_or_a_head_that_somebody_put_there_is_refused(store: Store, change: str) -> None:
    store.audit.add(look("a"))
    by_hand(store, change)
    with pytest.raises(Unreadable):
        store.audit.verify()
    with pytest.raises(Unreadable):
        store.audit.add(look("b"))


def test_rows_with_a_hash_and_no_chain_are_not_believed(store: Store) -> None:
    store.audit.add(look("a"))
    by_hand(store, "UPDATE encryption SET audit_head = NULL, audit_key = NULL")
    assert store.audit.verify().broken == 1
    store.audit.add(look("b"))
    assert store.audit.verify().broken == 1


def test_all_put_back_together_shows_by_the_hash_that_was_kept_elsewhere(store: Store) -> None:
    store.audit.add(look("a"))
    with store._engine.connect() as connection:
        before = connection.execute(sa.select(EncryptionState.audit_head)).scalar()
    store.audit.add(look("b"))
    kept = store.audit.verify().head
    by_hand(store, "DELETE FROM audit WHERE id = 2")
    with store._engine.begin() as connection:
        connection.execute(sa.update(EncryptionState).values(audit_head=before))
    assert is_whole(store, rows=1)
    assert store.audit.verify().head != kept


def test_the_database_itself_refuses_a_change(store: Store) -> None:
    store.audit.add(look("a"))
    with pytest.raises(sa.exc.DBAPIError), store._engine.begin() as connection:
        connection.execute(sa.text("UPDATE audit SET who = 'Sam'"))


def test_what_an_earlier_version_added_before_is_taken_into_the_chain(store: Store) -> None:
    older_version_adds(store, "before")
    assert store.audit.verify() == ChainReport(rows=1, broken=None, unsealed=1)
    store.audit.add(look("a"))
    assert is_whole(store, rows=2)
    by_hand(store, "UPDATE audit SET about = 'other' WHERE id = 1")
    assert store.audit.verify().broken == 1


def test_a_row_without_a_hash_is_never_taken_in_later(store: Store) -> None:
    store.audit.add(look("a"))
    older_version_adds(store, "beside")
    assert store.audit.verify().broken == 2
    store.audit.add(look("b"))
    assert store.audit.verify().broken == 2


def test_two_servers_add_to_one_chain(store: Store, database_url: str) -> None:
    other = create_store(database_url)
    for number in range(3):
        store.audit.add(look(f"here {number}"))
        other.audit.add(look(f"there {number}"))
    other.close()
    assert is_whole(store, rows=6)


def test_the_chain_outlives_a_change_of_keys(database_url: str) -> None:
    newer = Fernet.generate_key().decode()
    before = create_store(database_url, Cipher([ENCRYPTION_KEY]))
    before.upgrade()
    before.audit.add(look("a"))
    both = create_store(database_url, Cipher([newer, ENCRYPTION_KEY]))
    assert list(both.reencryption.portions(anew=True)) == []
    alone = create_store(database_url, Cipher([newer]))
    alone.audit.add(look("b"))
    assert is_whole(alone, rows=2)


def test_the_command_says_whether_it_is_whole(
    store: Store, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    store.audit.add(look("a"), look("b"))
    whole = CliRunner().invoke(app, ["audit", "verify"])
    assert whole.exit_code == 0
    assert whole.output == (
        "The audit log is whole: 2 rows.\n"
        f"Hash of the last row, to be kept elsewhere: {last_hash(store)}\n"
    )
    by_hand(store, "UPDATE audit SET who = 'Sam' WHERE id = 1")
    broken = CliRunner().invoke(app, ["audit", "verify"])
    assert broken.exit_code == 1
    assert "row 1" in broken.output


def test_the_command_still_lists_it(
    store: Store, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    store.audit.add(look("a"))
    listed = CliRunner().invoke(app, ["audit"])
    assert listed.output == "2026-11-30 09:00Z  person_shown  a  Robin (account-1)\n"
