"""A backup holds all that cannot be made again, and brings it back."""

from __future__ import annotations

import io
import os
import shutil
import stat
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from backline.store.backup import DUMPS
from backline.store.cipher import Cipher
from backline.store.file_encryption import decrypt_file
from tests.conftest import ENCRYPTION_KEY, PROJECT, Server, postgres_database, start_server
from tests.plain import PLAIN
from tests.talking import Patient

WORD = "marmalade"
"""Somebody says it to the clinic."""


@dataclass(frozen=True)
class Clinic:
    """A clinic on a machine of its own, which has one of the two databases.

    Attributes:
        environment: where its database, models and settings are.
        backup: made while its server ran.
        finished, open: two conversations in it, of which one is in the middle.
    """

    database: str
    environment: dict[str, str]
    backup: Path
    finished: str = ""
    open: str = ""


@contextmanager
def machine(database: str, folder: Path) -> Iterator[Clinic]:
    """A machine with an empty database, and what every installation comes with."""
    shutil.copy(PROJECT / "clinic.yml", folder / "clinic.yml")
    with ExitStack() as stack:
        if database == "sqlite":
            url = f"sqlite:///{folder / 'backline.db'}"
        else:
            url = stack.enter_context(postgres_database())
        environment = {
            "DATABASE_URL": url,
            "BACKLINE_CLINIC": str(folder / "clinic.yml"),
            "BACKLINE_MODELS": str(folder / "models"),
        }
        yield Clinic(database, environment, folder / "b.backup")


def serve(clinic: Clinic, log: Path) -> Server:
    places = {name: v for name, v in clinic.environment.items() if name != "DATABASE_URL"}
    return start_server(clinic.environment["DATABASE_URL"], log, **places)


def backline(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "backline.cli", *arguments],
        cwd=PROJECT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def clinic(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Clinic]:
    """A clinic with two conversations, backed up while its server ran."""
    folder = tmp_path_factory.mktemp("clinic")
    with machine(request.param, folder) as made:
        shutil.copytree(PROJECT / "models", folder / "models")
        server = serve(made, folder / "log")
        finished, open_one = Patient(server.url), Patient(server.url)
        finished.say("sore back")
        finished.answer_all(PLAIN)
        open_one.say("sore back")
        open_one.answer_until("pain_duration")
        open_one.say(f"3 weeks, since the {WORD} crate")
        done = backline("backup", str(made.backup), **made.environment)
        assert done.returncode == 0, done.stderr
        server.stop()
        yield replace(made, finished=finished.id, open=open_one.id)


def test_a_restored_clinic_goes_on_where_it_was(clinic: Clinic, tmp_path: Path) -> None:
    with machine(clinic.database, tmp_path) as new:
        done = backline("restore", str(clinic.backup), **new.environment)
        assert done.returncode == 0, done.stderr
        server = serve(new, tmp_path / "log")
        patient = Patient(server.url)
        patient.id = clinic.open
        patient.say("4")
        assert patient.asked == "health_conditions"
        assert patient.answer_all(PLAIN)["outcome"] == "massage"
        server.stop()
        engine = sa.create_engine(new.environment["DATABASE_URL"], future=True)
        with engine.connect() as connection:
            told = connection.execute(
                sa.text("SELECT conversation_id FROM assessments ORDER BY id")
            )
            assert list(told.scalars()) == [clinic.finished, clinic.open]
        engine.dispose()


def test_a_database_that_holds_something_is_only_replaced_when_told_so(clinic: Clinic) -> None:
    refused = backline("restore", str(clinic.backup), **clinic.environment)
    assert refused.returncode == 1
    assert "--overwrite" in refused.stderr
    done = backline("restore", str(clinic.backup), "--overwrite", **clinic.environment)
    assert done.returncode == 0, done.stderr
    assert conversations(clinic) == {clinic.open, clinic.finished}


def test_who_was_deleted_since_stays_deleted_and_nobody_else_is(
    clinic: Clinic, tmp_path: Path
) -> None:
    with machine(clinic.database, tmp_path) as new:
        for options in ((), ("--overwrite",), ("--overwrite",)):
            done = backline("restore", str(clinic.backup), *options, **new.environment)
            assert done.returncode == 0, done.stderr
            if not options:
                assert backline("erase", clinic.finished, **new.environment).returncode == 0
                continue
            # The second time by the list that the restored database has.
            assert "deleted again: 1" in done.stdout
            assert conversations(new) == {clinic.open}
    assert not list(clinic.backup.parent.glob("*.erasures"))


def test_where_the_database_is_gone_the_list_of_deletions_is_given(
    clinic: Clinic, tmp_path: Path
) -> None:
    listed = tmp_path / "deleted"
    with machine(clinic.database, tmp_path) as lost:
        backline("restore", str(clinic.backup), **lost.environment)
        assert backline("erase", clinic.finished, **lost.environment).returncode == 0
        assert backline("erasures", str(listed), **lost.environment).returncode == 0
    assert stat.S_IMODE(listed.stat().st_mode) == 0o600
    assert clinic.finished not in listed.read_text()
    (tmp_path / "new").mkdir()
    with machine(clinic.database, tmp_path / "new") as new:
        options = ("--erasures", str(listed))
        done = backline("restore", str(clinic.backup), *options, **new.environment)
        assert done.returncode == 0, done.stderr
        assert conversations(new) == {clinic.open}


def test_where_there_is_no_list_of_deletions_it_is_told(clinic: Clinic, tmp_path: Path) -> None:
    with machine(clinic.database, tmp_path) as new:
        done = backline("restore", str(clinic.backup), **new.environment)
        assert "--erasures" in done.stdout
        assert conversations(new) == {clinic.open, clinic.finished}


def test_what_is_no_list_of_deletions_is_refused(clinic: Clinic, tmp_path: Path) -> None:
    (tmp_path / "deleted").write_text("backline erasures 1\nhalf of it")
    with machine(clinic.database, tmp_path) as new:
        options = ("--erasures", str(tmp_path / "deleted"))
        refused = backline("restore", str(clinic.backup), *options, **new.environment)
        assert refused.returncode == 1
        assert "no list of erasures" in refused.stderr


def conversations(clinic: Clinic) -> set[str]:
    """Those that are stored, by Rasa's part and by ours; both have the same."""
    engine = sa.create_engine(clinic.environment["DATABASE_URL"], future=True)
    with engine.connect() as connection:
        rasa = connection.execute(sa.text("SELECT DISTINCT sender_id FROM events")).scalars().all()
        ours = connection.execute(sa.text("SELECT id FROM conversations")).scalars().all()
    engine.dispose()
    assert set(ours) <= set(rasa)
    return set(rasa)


def test_a_backup_tells_nothing_without_its_key(clinic: Clinic, tmp_path: Path) -> None:
    assert not tarfile.is_tarfile(clinic.backup)
    with machine(clinic.database, tmp_path) as new:
        other = {**new.environment, "BACKLINE_ENCRYPTION_KEYS": Fernet.generate_key().decode()}
        refused = backline("restore", str(clinic.backup), **other)
        assert refused.returncode == 1
        assert "the key that it was made with is not in BACKLINE_ENCRYPTION_KEYS" in refused.stderr
        assert "Traceback" not in refused.stderr


def test_what_somebody_said_is_in_no_database_file_dump_or_backup(
    clinic: Clinic, tmp_path: Path
) -> None:
    plain = tmp_path / "plain"
    decrypt_file(clinic.backup, plain, Cipher([ENCRYPTION_KEY]))
    with tarfile.open(plain) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    name = DUMPS[clinic.database]
    dump = tmp_path / "unpacked" / name
    if clinic.database == "postgresql":
        # The dump itself is compressed.
        with (tmp_path / "sql").open("wb") as sql:
            subprocess.run(["pg_restore", "--file=-", str(dump)], stdout=sql, check=True)
        dump = tmp_path / "sql"
    folder = clinic.backup.parent
    for file in (dump, clinic.backup, *folder.glob("backline.db*")):
        content = file.read_bytes()
        assert content
        for word in (WORD, WORD.title(), "sore back", "crate"):
            assert word.encode() not in content, file.name


def test_a_backup_of_an_earlier_version_that_was_not_encrypted_is_restored(
    clinic: Clinic, tmp_path: Path
) -> None:
    plain = tmp_path / "plain.backup"
    decrypt_file(clinic.backup, plain, Cipher([ENCRYPTION_KEY]))
    with machine(clinic.database, tmp_path) as new:
        done = backline("restore", str(plain), **new.environment)
        assert done.returncode == 0, done.stderr
        assert conversations(new) == {clinic.open, clinic.finished}


def test_only_the_owner_may_read_a_backup(clinic: Clinic) -> None:
    assert stat.S_IMODE(clinic.backup.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"no backup at all", b"\x1f\x8b\x08\x00broken"])
def test_a_damaged_backup_is_refused_with_a_sentence(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "b.backup"
    file.write_bytes(content)
    done = backline("restore", str(file), DATABASE_URL=f"sqlite:///{tmp_path / 'new.db'}")
    assert done.returncode == 1
    assert "is no backup, or is damaged" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_would_write_elsewhere_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "b.backup"
    with tarfile.open(file, "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("../escaped"), io.BytesIO())
    done = backline("restore", str(file), DATABASE_URL=f"sqlite:///{tmp_path / 'new.db'}")
    assert done.returncode == 1
    assert not (tmp_path.parent / "escaped").exists()


def test_a_backup_that_cannot_be_made_leaves_the_last_one(tmp_path: Path) -> None:
    file = tmp_path / "b.backup"
    file.write_bytes(b"the last one")
    done = backline("backup", str(file), DATABASE_URL=f"sqlite:///{tmp_path / 'none.db'}")
    assert done.returncode == 1
    assert "DATABASE_URL names" in done.stderr
    assert file.read_bytes() == b"the last one"
