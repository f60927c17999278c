"""The audit log is a chain: what is changed in it by hand shows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from typer.testing import CliRunner

from backline.cli.main import app
from backline.store import Cipher, Look, Store, create_store
from backline.store.audit import ChainReport
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


def test_an_untouched_log_is_whole(store: Store) -> None:
    store.audit.add(look("a"), look("b"))
    store.audit.add(look("c"))
    assert store.audit.verify() == ChainReport(rows=3, broken=None, unsealed=0)


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
    ],
)
def test_the_first_row_that_does_not_fit_is_named(store: Store, change: str, broken: int) -> None:
    store.audit.add(look("a"), look("b"), look("c"))
    by_hand(store, change)
    assert store.audit.verify().broken == broken


def test_the_database_itself_refuses_a_change(store: Store) -> None:
    store.audit.add(look("a"))
    with pytest.raises(sa.exc.DBAPIError), store._engine.begin() as connection:
        connection.execute(sa.text("UPDATE audit SET who = 'Sam'"))


def test_what_an_earlier_version_adds_is_taken_into_the_chain(store: Store) -> None:
    older_version_adds(store, "before")
    store.audit.add(look("a"))
    older_version_adds(store, "beside")
    assert store.audit.verify() == ChainReport(rows=3, broken=None, unsealed=1)
    store.audit.add(look("b"))
    assert store.audit.verify() == ChainReport(rows=4, broken=None, unsealed=0)
    by_hand(store, "UPDATE audit SET about = 'other' WHERE id = 3")
    assert store.audit.verify().broken == 3


def test_two_servers_add_to_one_chain(store: Store, database_url: str) -> None:
    other = create_store(database_url)
    for number in range(3):
        store.audit.add(look(f"here {number}"))
        other.audit.add(look(f"there {number}"))
    other.close()
    assert store.audit.verify() == ChainReport(rows=6, broken=None, unsealed=0)


def test_the_chain_outlives_a_change_of_keys(database_url: str) -> None:
    newer = Fernet.generate_key().decode()
    before = create_store(database_url, Cipher([ENCRYPTION_KEY]))
    before.upgrade()
    before.audit.add(look("a"))
    both = create_store(database_url, Cipher([newer, ENCRYPTION_KEY]))
    assert list(both.reencryption.portions(anew=True)) == []
    alone = create_store(database_url, Cipher([newer]))
    alone.audit.add(look("b"))
    assert alone.audit.verify() == ChainReport(rows=2, broken=None, unsealed=0)


def test_the_command_says_whether_it_is_whole(
    store: Store, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    store.audit.add(look("a"), look("b"))
    whole = CliRunner().invoke(app, ["audit", "verify"])
    assert (whole.exit_code, whole.output) == (0, "The audit log is whole: 2 rows.\n")
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
