"""What people write and say is encrypted in the database, what was there before too."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from typer.testing import CliRunner

from backline.cli.main import app
from backline.runtime.stored_encryption import encrypt_what_is_stored
from backline.runtime.tracker_store import BacklineTrackerStore
from backline.store import Store, StoreConfigError, create_store, schema
from backline.store.calls import HearingRecord
from backline.store.cipher import Cipher
from backline.store.engine import create_engine
from backline.store.errors import Unreadable
from backline.store.reencryption import PORTION
from tests.conftest import PROJECT, Server, free_port, start_server
from tests.plain import PLAIN
from tests.talking import Patient

NOW = dt.datetime(2026, 11, 27, 9, 0, tzinfo=dt.timezone.utc)
WORD = "marmalade"
TOLD = f"it began when I lifted the {WORD} crate"
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
MANY = 2 * PORTION + 7


@pytest.fixture(scope="module")
def domain() -> Domain:
    return Domain.load(str(PROJECT / "domain.yml"))


@contextmanager
def beside(database_url: str) -> Iterator[Any]:
    """A connection of another program; what it changed is kept."""
    engine = sa.create_engine(database_url, future=True)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def kept(database_url: str) -> str:
    """All texts that may hold what people said, as they are stored."""
    with beside(database_url) as connection:
        texts = [
            *connection.execute(sa.text("SELECT data FROM events")).scalars(),
            *connection.execute(sa.text("SELECT about || ' ' || heard FROM hearings")).scalars(),
            *connection.execute(sa.text("SELECT CAST(state AS TEXT) FROM calls")).scalars(),
        ]
    return "\n".join(texts)


def said(text: str, id_: str = "m1") -> str:
    return json.dumps(UserUttered(text, message_id=id_).as_dict())


def make_old(database_url: str, messages: int = 3) -> None:
    """The tables of the version before, with a conversation and a call in them."""
    engine = create_engine(database_url)
    schema.upgrade(engine)
    schema.downgrade(engine, "0005")
    engine.dispose()
    with beside(database_url) as connection:
        # As Rasa makes it.
        BacklineTrackerStore.SQLEvent.__table__.create(connection)
        connection.execute(
            sa.insert(BacklineTrackerStore.SQLEvent.__table__),
            [
                {"sender_id": "ada", "type_name": "user", "timestamp": 1.0, "data": said(TOLD, i)}
                for i in (f"m{number}" for number in range(messages))
            ],
        )
        values = {"now": NOW, "state": json.dumps({"said": TOLD}), "told": TOLD}
        for statement in (
            "INSERT INTO conversations VALUES ('phone-1', 'phone', :now, :now)",
            "INSERT INTO calls (conversation_id, entrance, turn, state, status, started_at, "
            "last_turn_at) VALUES ('phone-1', 'twilio', 1, :state, 'under_way', :now, :now)",
            "INSERT INTO hearings (conversation_id, turn, about, heard, confirmed, at) "
            "VALUES ('phone-1', 1, 'recent_injury', :told, 'sure', :now)",
        ):
            connection.execute(sa.text(statement), values)


def upgraded(database_url: str, cipher: Cipher | None = None) -> Store:
    """A store whose time to encrypt has come."""
    create_store(database_url, cipher).upgrade()
    with beside(database_url) as connection:
        connection.execute(sa.text("UPDATE encryption SET begins_at = :now"), {"now": NOW})
    return create_store(database_url, cipher)


async def heard_in(database_url: str, domain: Domain) -> list[str | None]:
    tracker = await BacklineTrackerStore(domain, database_url).retrieve_full_tracker("ada")
    assert tracker is not None
    return [event.text for event in tracker.events if isinstance(event, UserUttered)]


async def test_what_is_said_is_stored_encrypted_and_read_back(
    database_url: str, domain: Domain
) -> None:
    store = create_store(database_url)
    store.upgrade()
    tracker = DialogueStateTracker.from_dict("ada", [], domain.slots)
    tracker.update(UserUttered(TOLD, message_id="m1"))
    await BacklineTrackerStore(domain, database_url).save(tracker)
    store.calls.begin("phone-1", "twilio", None, {"said": TOLD}, NOW)
    heard = HearingRecord("recent_injury", TOLD, 0.9, "sure")
    store.calls.go_on("phone-1", 2, {"said": TOLD}, [heard], "under_way", NOW)
    assert WORD not in kept(database_url)
    assert "recent_injury" not in kept(database_url)
    assert await heard_in(database_url, domain) == [TOLD]
    call = store.calls.get("phone-1")
    assert call is not None
    assert call.state == {"said": TOLD}
    assert store.calls.hearings("phone-1") == [heard]


async def test_what_was_stored_before_is_read_as_it_is(database_url: str, domain: Domain) -> None:
    make_old(database_url)
    store = create_store(database_url)
    store.upgrade()
    assert await heard_in(database_url, domain) == [TOLD] * 3
    call = store.calls.get("phone-1")
    assert call is not None
    assert call.state == {"said": TOLD}
    assert [hearing.heard for hearing in store.calls.hearings("phone-1")] == [TOLD]


async def test_what_was_stored_before_is_encrypted_beside_the_server(
    database_url: str, domain: Domain
) -> None:
    make_old(database_url, MANY)
    store = upgraded(database_url)
    await encrypt_what_is_stored(store)
    assert WORD not in kept(database_url)
    assert await heard_in(database_url, domain) == [TOLD] * MANY
    call = store.calls.get("phone-1")
    assert call is not None
    assert call.state == {"said": TOLD}
    assert [hearing.heard for hearing in store.calls.hearings("phone-1")] == [TOLD]


def test_of_what_was_stored_before_nothing_is_left_in_the_files(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'backline.db'}"
    make_old(url, MANY)
    list(upgraded(url).reencryption.portions())
    for file in tmp_path.iterdir():
        assert WORD.encode() not in file.read_bytes(), file.name


async def test_what_was_said_meanwhile_is_there_too(database_url: str, domain: Domain) -> None:
    make_old(database_url, MANY)
    portions = upgraded(database_url).reencryption.portions()
    next(portions)
    tracker_store = BacklineTrackerStore(domain, database_url)
    tracker = await tracker_store.retrieve("ada")
    assert tracker is not None
    tracker.update(UserUttered("and now it burns", message_id="new"))
    await tracker_store.save(tracker)
    assert sum(portions) > 0
    assert await heard_in(database_url, domain) == [TOLD] * MANY + ["and now it burns"]


def test_encrypting_that_was_stopped_goes_on_where_it_was(database_url: str) -> None:
    make_old(database_url, MANY)
    store = upgraded(database_url)
    assert next(store.reencryption.portions()) == PORTION
    assert not store.reencryption.is_complete()
    # Two beside the events that are left: a call and what was heard in it.
    assert sum(store.reencryption.portions()) == MANY - PORTION + 2
    assert store.reencryption.is_complete()
    assert sum(store.reencryption.portions()) == 0


async def test_a_message_that_was_heard_before_is_known_before_and_after(
    database_url: str, domain: Domain
) -> None:
    make_old(database_url, 9)
    store = upgraded(database_url)
    for _ in range(2):
        tracker_store = BacklineTrackerStore(domain, database_url)
        tracker = await tracker_store.retrieve("ada")
        assert tracker is not None
        assert await tracker_store.heard(tracker, "m1")
        assert not await tracker_store.heard(tracker, "m")
        await encrypt_what_is_stored(store)


async def test_a_message_that_is_stored_encrypted_is_heard_once(
    database_url: str, domain: Domain
) -> None:
    tracker_store = BacklineTrackerStore(domain, database_url)
    tracker = DialogueStateTracker.from_dict("ada", [], domain.slots)
    for number in range(9):
        tracker.update(UserUttered("it aches", message_id=f"m{number}"))
        tracker.update(ActionExecuted("action_listen"))
    await tracker_store.save(tracker)
    latest = await tracker_store.retrieve("ada")
    assert latest is not None
    assert await tracker_store.heard(latest, "m0")
    assert not await tracker_store.heard(latest, "m%")


# ---- A rolling upgrade --------------------------------------------------------------------------


async def test_on_postgresql_the_version_before_can_read_on_until_the_upgrade_is_over(
    postgres_url: str, domain: Domain
) -> None:
    make_old(postgres_url)
    store = create_store(postgres_url)
    store.upgrade()
    assert store.field_encryption.begins_in > dt.timedelta(minutes=29)
    tracker_store = BacklineTrackerStore(domain, postgres_url)
    tracker = await tracker_store.retrieve("ada")
    assert tracker is not None
    tracker.update(UserUttered("and now it burns", message_id="new"))
    await tracker_store.save(tracker)
    assert "and now it burns" in kept(postgres_url)
    assert oldest_version(postgres_url) == "0003"


def oldest_version(database_url: str) -> str:
    with beside(database_url) as connection:
        return str(
            connection.execute(sa.text("SELECT oldest FROM schema_compatibility")).scalar_one()
        )


def test_once_it_encrypts_a_version_that_cannot_read_that_does_not_start(
    database_url: str,
) -> None:
    make_old(database_url)
    next(upgraded(database_url).reencryption.portions())
    assert oldest_version(database_url) == "0006"


def test_a_new_database_is_encrypted_from_its_first_row_on(database_url: str) -> None:
    store = create_store(database_url)
    store.upgrade()
    assert not store.field_encryption.begins_in
    assert store.reencryption.is_complete()
    assert oldest_version(database_url) == "0006"


# ---- Keys ---------------------------------------------------------------------------------------


async def test_keys_are_changed_beside_the_server(database_url: str, domain: Domain) -> None:
    make_old(database_url, MANY)
    list(upgraded(database_url, Cipher([OLD])).reencryption.portions())
    both = create_store(database_url, Cipher([NEW, OLD]))
    # Events, a call, and what was heard in it.
    assert sum(both.reencryption.portions(anew=True)) == MANY + 2
    after = create_store(database_url, Cipher([NEW]))
    after.upgrade()
    assert [hearing.heard for hearing in after.calls.hearings("phone-1")] == [TOLD]


def test_a_key_that_is_no_longer_there_stops_the_change(database_url: str) -> None:
    make_old(database_url)
    store = upgraded(database_url, Cipher([OLD]))
    list(store.reencryption.portions())
    store.calls.begin("phone-2", "twilio", None, {}, NOW)
    stranger = create_store(database_url, Cipher([NEW]))
    with pytest.raises((StoreConfigError, Unreadable)):
        list(stranger.reencryption.portions(anew=True))
    assert [hearing.heard for hearing in store.calls.hearings("phone-1")] == [TOLD]


def test_another_key_stops_the_start_with_a_sentence(database_url: str) -> None:
    create_store(database_url, Cipher([OLD])).upgrade()
    with pytest.raises(StoreConfigError, match="BACKLINE_ENCRYPTION_KEYS") as told:
        create_store(database_url, Cipher([NEW])).upgrade()
    assert NEW not in str(told.value)


@pytest.fixture
def without_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BACKLINE_ENCRYPTION_KEYS")


@pytest.mark.usefixtures("without_key")
def test_sqlite_makes_a_key_of_its_own_and_says_where(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = create_store(f"sqlite:///{tmp_path / 'backline.db'}")
    store.upgrade()
    file = tmp_path / "backline.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert store.field_encryption.made == file
    assert [str(file) in record.getMessage() for record in caplog.records] == [True]
    again = create_store(f"sqlite:///{tmp_path / 'backline.db'}")
    again.upgrade()
    assert again.field_encryption.made is None


@pytest.mark.usefixtures("without_key")
def test_only_a_start_makes_a_key(tmp_path: Path) -> None:
    store = create_store(f"sqlite:///{tmp_path / 'elsewhere.db'}")
    with pytest.raises(StoreConfigError, match="`backline db upgrade`"):
        store.erase("ada")
    assert not (tmp_path / "elsewhere.key").exists()


def test_encrypting_by_hand_says_what_it_did(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'backline.db'}"
    make_old(url)
    create_store(url).upgrade()
    done = CliRunner(env={"DATABASE_URL": url}).invoke(app, ["db", "encrypt"])
    assert done.exit_code == 0, done.output
    assert "Encrypted 5 rows" in done.output
    assert WORD not in kept(url)


def test_encrypting_by_hand_waits_for_the_end_of_an_upgrade(postgres_url: str) -> None:
    make_old(postgres_url)
    create_store(postgres_url).upgrade()
    done = CliRunner(env={"DATABASE_URL": postgres_url}).invoke(app, ["db", "encrypt"])
    assert done.exit_code == 1
    assert "for the next 30 minutes" in done.output


@pytest.mark.usefixtures("without_key")
def test_no_new_key_is_made_for_a_database_whose_key_is_lost(tmp_path: Path) -> None:
    url, file = f"sqlite:///{tmp_path / 'backline.db'}", tmp_path / "backline.key"
    create_store(url).upgrade()
    file.unlink()
    with pytest.raises(StoreConfigError, match=r"backline\.key back"):
        create_store(url).upgrade()
    assert not file.exists()


@pytest.mark.usefixtures("without_key")
async def test_nor_where_only_the_conversations_tell_that_it_is_encrypted(
    tmp_path: Path, domain: Domain
) -> None:
    url, file = f"sqlite:///{tmp_path / 'backline.db'}", tmp_path / "backline.key"
    tracker = DialogueStateTracker.from_dict("ada", [], domain.slots)
    tracker.update(UserUttered(TOLD, message_id="m1"))
    await BacklineTrackerStore(domain, url).save(tracker)
    file.unlink()
    with pytest.raises(StoreConfigError, match=r"backline\.key back"):
        BacklineTrackerStore(domain, url)


@pytest.mark.usefixtures("without_key")
def test_on_postgresql_the_operator_is_told_to_bring_a_key(postgres_url: str) -> None:
    with pytest.raises(StoreConfigError, match=r"BACKLINE_ENCRYPTION_KEYS is missing.*keys new"):
        create_store(postgres_url).upgrade()
    with beside(postgres_url) as connection:
        assert sa.inspect(connection).get_table_names() == []


@pytest.mark.usefixtures("without_key")
def test_the_key_of_the_file_goes_on_opening_once_the_environment_has_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'backline.db'}"
    store = create_store(url)
    store.upgrade()
    store.calls.begin("phone-1", "twilio", None, {"said": TOLD}, NOW)
    monkeypatch.setenv("BACKLINE_ENCRYPTION_KEYS", NEW)
    later = create_store(url)
    later.upgrade()
    call = later.calls.get("phone-1")
    assert call is not None
    assert call.state == {"said": TOLD}


# ---- A server -----------------------------------------------------------------------------------


@pytest.fixture
def server_without_setting(tmp_path: Path) -> Iterator[Server]:
    """As `make run` starts one, in a folder that others may look into."""
    url = f"sqlite:///{tmp_path / 'backline.db'}"
    server = start_server(url, tmp_path / "log", BACKLINE_ENCRYPTION_KEYS="")
    yield server
    assert server.stop() == 0


def test_nothing_of_a_conversation_is_in_the_files_of_a_running_server(
    server_without_setting: Server, tmp_path: Path
) -> None:
    patient = Patient(server_without_setting.url)
    patient.say("sore back")
    patient.answer_until("pain_duration")
    patient.say(f"3 weeks, since I lifted the {WORD} crate")
    patient.answer_all(PLAIN)
    files = [file for file in tmp_path.iterdir() if file.name.startswith("backline.db")]
    assert {file.suffix for file in files} == {".db", ".db-wal", ".db-shm"}
    for file in files:
        content = file.read_bytes()
        for told in (WORD, "sore back", "since I lifted"):
            assert told.encode() not in content, file.name
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert str(tmp_path / "backline.key") in server_without_setting.log.read_text()
    assert WORD not in server_without_setting.log.read_text()


def test_a_server_on_postgresql_without_a_key_says_what_to_set(postgres_url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "backline.cli", "serve", "--port", str(free_port())],
        cwd=PROJECT,
        env={**os.environ, "DATABASE_URL": postgres_url, "BACKLINE_ENCRYPTION_KEYS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "BACKLINE_ENCRYPTION_KEYS is missing" in done.stderr
    assert "Traceback" not in done.stderr


# ---- Files --------------------------------------------------------------------------------------


def modes(folder: Path) -> dict[str, int]:
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


def test_the_database_and_its_log_are_for_their_owner_alone(tmp_path: Path) -> None:
    store = create_store(f"sqlite:///{tmp_path / 'backline.db'}")
    store.upgrade()
    store.ping()
    found = modes(tmp_path)
    assert {"backline.db", "backline.db-wal", "backline.db-shm"} <= found.keys()
    assert set(found.values()) == {0o600}


def test_a_database_that_others_could_read_is_taken_from_them(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'backline.db'}"
    first = create_store(url)
    first.upgrade()
    for file in tmp_path.iterdir():
        file.chmod(0o644)
    create_store(url).ping()
    assert set(modes(tmp_path).values()) == {0o600}


def test_another_program_leaves_the_log_to_a_server_that_connects_anew(tmp_path: Path) -> None:
    path = tmp_path / "backline.db"
    create_store(f"sqlite:///{path}").upgrade()
    engine = create_engine(f"sqlite:///{path}")
    other = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('SELECT * FROM calls')"
    with engine.connect() as first, engine.connect() as second:
        for connection in (first, second):
            connection.exec_driver_sql("SELECT * FROM conversations")
            connection.rollback()
        subprocess.run([sys.executable, "-c", other, str(path)], check=True)
        assert path.with_name("backline.db-wal").exists()
    engine.dispose()


def test_the_folder_keeps_its_rights(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    create_store(f"sqlite:///{tmp_path / 'backline.db'}").upgrade()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


async def test_the_server_tries_again_while_the_database_is_away(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from backline.runtime import stored_encryption
    from backline.store import StoreUnavailable

    make_old(database_url)
    store = upgraded(database_url)
    monkeypatch.setattr(stored_encryption, "AGAIN_S", 0.01)
    answers = iter([StoreUnavailable("away"), False])

    def is_complete() -> bool:
        answer = next(answers)
        if isinstance(answer, StoreUnavailable):
            raise answer
        return answer

    monkeypatch.setattr(store.reencryption, "is_complete", is_complete)
    await asyncio.wait_for(encrypt_what_is_stored(store), 60)
    assert WORD not in kept(database_url)
