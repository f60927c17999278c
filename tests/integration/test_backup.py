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
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.conftest import PROJECT, start_server
from tests.integration.test_faults import ANSWERS
from tests.talking import Patient


@pytest.fixture
def place(tmp_path: Path) -> dict[str, str]:
    """A clinic's own models and settings."""
    shutil.copy(PROJECT / "clinic.yml", tmp_path / "clinic.yml")
    shutil.copytree(PROJECT / "models", tmp_path / "models")
    return {
        "BACKLINE_CLINIC": str(tmp_path / "clinic.yml"),
        "BACKLINE_MODELS": str(tmp_path / "models"),
    }


def backline(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "backline.cli", *arguments],
        cwd=PROJECT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def emptied(database_url: str) -> None:
    """The database as a new machine would have it."""
    if database_url.startswith("sqlite"):
        for file in Path(database_url.removeprefix("sqlite:///")).parent.glob("backline.db*"):
            file.unlink()
        return
    engine = sa.create_engine(database_url, future=True)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    engine.dispose()


@pytest.fixture
def talk(database_url: str, tmp_path: Path, place: dict[str, str]) -> Iterator[tuple[str, str]]:
    """A server with one finished conversation and one in the middle, backed up while it runs."""
    server = start_server(database_url, tmp_path / "log", **place)
    finished, open_one = Patient(server.url), Patient(server.url)
    finished.say("sore back")
    finished.answer_all(ANSWERS)
    open_one.talk("sore back", "yes", "none", "3 weeks")
    done = backline("backup", str(tmp_path / "b.backup"), DATABASE_URL=database_url, **place)
    assert done.returncode == 0, done.stderr
    server.stop()
    yield finished.id, open_one.id


def test_a_restored_clinic_goes_on_where_it_was(
    talk: tuple[str, str], database_url: str, tmp_path: Path, place: dict[str, str]
) -> None:
    emptied(database_url)
    shutil.rmtree(place["BACKLINE_MODELS"])
    done = backline("restore", str(tmp_path / "b.backup"), DATABASE_URL=database_url, **place)
    assert done.returncode == 0, done.stderr
    server = start_server(database_url, tmp_path / "log2", **place)
    patient = Patient(server.url)
    patient.id = talk[1]
    patient.say("4")
    assert patient.asked == "recent_injury"
    assert patient.answer_all(ANSWERS)["outcome"] == "massage"
    server.stop()
    engine = sa.create_engine(database_url, future=True)
    with engine.connect() as connection:
        kept = connection.execute(sa.text("SELECT conversation_id FROM assessments ORDER BY id"))
        assert list(kept.scalars()) == list(talk)
    engine.dispose()


def test_a_database_that_holds_something_is_only_replaced_when_told_so(
    talk: tuple[str, str], database_url: str, tmp_path: Path, place: dict[str, str]
) -> None:
    backline("erase", talk[0], DATABASE_URL=database_url)
    file = str(tmp_path / "b.backup")
    refused = backline("restore", file, DATABASE_URL=database_url, **place)
    assert refused.returncode == 1
    assert "--overwrite" in refused.stderr
    done = backline("restore", file, "--overwrite", DATABASE_URL=database_url, **place)
    assert done.returncode == 0, done.stderr
    assert backline("erase", talk[0], DATABASE_URL=database_url).returncode == 0


def test_only_the_owner_may_read_a_backup(talk: tuple[str, str], tmp_path: Path) -> None:
    assert stat.S_IMODE((tmp_path / "b.backup").stat().st_mode) == 0o600


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
    assert "there is no database" in done.stderr
    assert file.read_bytes() == b"the last one"
