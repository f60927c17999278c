"""What commands say when a key, a database or a file is not what it has to be: one sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result
from cryptography.fernet import Fernet
from typer.testing import CliRunner

from backline.cli.main import app
from backline.store import create_store
from backline.store.cipher import Cipher
from tests.conftest import PROJECT

KEYS, DATABASE = "BACKLINE_ENCRYPTION_KEYS", "DATABASE_URL"
ANOTHER = Fernet.generate_key().decode()
GARBAGE = bytes(range(256)) * 40
LONGEST = 600
"""Characters of a sentence that somebody reads."""

MAKES = ("db upgrade",)
"""Makes a database where there is none."""
READS = (
    "db encrypt",
    "purge",
    "erase somebody",
    "reveal somebody",
    "audit",
    "audit verify",
    "desk accounts",
    "export csv",
    "desk close-account robin@clinic.example",
    "keys rotate",
    "channels undelivered",
    "phone calls",
    "erasures {folder}/erasures",
    "backup {folder}/backup",
)
CHECKS = ("channels check", "phone check")
"""Say what is wrong on standard output, line by line."""
SLOW = ("serve --port 5999", "chat")
"""Load Rasa, in a process of their own."""


@pytest.fixture(autouse=True)
def clinic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clinic with a phone line and Telegram, whose database and key are in order."""
    for name in [n for n in os.environ if n.startswith("BACKLINE_") and n != KEYS]:
        monkeypatch.delenv(name)
    file = tmp_path / "clinic.yml"
    plain = (PROJECT / "clinic.yml").read_text(encoding="utf-8")
    file.write_text(f"{plain}\nphone_line:\n  language: en-AU\n", encoding="utf-8")
    monkeypatch.setenv("BACKLINE_CLINIC", str(file))
    monkeypatch.setenv("BACKLINE_PROJECT", str(PROJECT))
    monkeypatch.setenv("BACKLINE_PUBLIC_URL", "https://bot.clinic.example")
    monkeypatch.setenv("BACKLINE_TELEGRAM_TOKEN", "123456789:AAEexampleexampleexampleexample")
    monkeypatch.setenv("BACKLINE_TELEGRAM_SECRET", "x" * 20)
    monkeypatch.setenv("BACKLINE_TELEGRAM_API", "http://127.0.0.1:9")
    monkeypatch.setenv("BACKLINE_PHONE_TOKEN", "t" * 40)
    monkeypatch.setenv("BACKLINE_PSEUDONYM_KEY", "p" * 40)
    monkeypatch.setenv(DATABASE, f"sqlite:///{tmp_path / 'backline.db'}")
    return file


def run(command: str, folder: Path) -> Result:
    arguments = [part.format(folder=folder) for part in command.split()]
    return CliRunner().invoke(app, arguments, catch_exceptions=True)


def told(command: str, folder: Path) -> str:
    """The one sentence with which a command failed."""
    done = run(command, folder)
    assert isinstance(done.exception, SystemExit), repr(done.exception)
    assert done.exit_code == 1, done.output
    return the_sentence(done.stderr)


def the_sentence(said: str) -> str:
    assert "Traceback" not in said
    (line,) = said.splitlines()
    assert line.startswith("backline: ")
    assert len(line) < LONGEST
    return line


def a_database(kind: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """One whose texts are encrypted by a key that the environment has."""
    if kind == "postgresql":
        monkeypatch.setenv(DATABASE, str(request.getfixturevalue("postgres_url")))
    key = Fernet.generate_key().decode()
    monkeypatch.setenv(KEYS, key)
    store = create_store(os.environ[DATABASE], Cipher([key]))
    store.upgrade()
    store.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    a_database(request.param, request, monkeypatch)


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("key", ["", "no-key", ANOTHER], ids=["missing", "malformed", "another"])
@pytest.mark.parametrize("command", [*MAKES, *READS])
def test_a_key_that_does_not_fit_is_named(
    command: str, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEYS, key)
    assert KEYS in told(command, tmp_path)


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("key", ["no-key", ANOTHER], ids=["malformed", "another"])
@pytest.mark.parametrize("command", CHECKS)
def test_the_checks_name_a_key_that_does_not_fit(
    command: str, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEYS, key)
    done = run(command, tmp_path)
    assert isinstance(done.exception, SystemExit), repr(done.exception)
    assert done.exit_code == 1
    assert KEYS in done.stdout + done.stderr


@pytest.mark.parametrize("command", READS)
def test_a_database_that_is_not_there_is_named_and_not_made(command: str, tmp_path: Path) -> None:
    assert "backline.db" in told(command, tmp_path)
    assert not (tmp_path / "backline.db").exists()


@pytest.mark.parametrize("command", [*MAKES, *READS])
def test_a_database_that_does_not_answer_is_named(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DATABASE, "postgresql://postgres:secret@127.0.0.1:9/backline")
    sentence = told(command, tmp_path)
    assert DATABASE in sentence
    assert "secret" not in sentence


@pytest.mark.parametrize("command", [*MAKES, *READS])
def test_a_postgresql_without_this_database_is_named(
    command: str, postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DATABASE, f"{postgres_url}_not_there")
    assert DATABASE in told(command, tmp_path)


@pytest.mark.parametrize("command", [*MAKES, *READS])
def test_a_file_that_is_no_database_is_named(command: str, tmp_path: Path) -> None:
    (tmp_path / "backline.db").write_bytes(GARBAGE)
    assert DATABASE in told(command, tmp_path)
    assert (tmp_path / "backline.db").read_bytes() == GARBAGE


@pytest.mark.parametrize("command", [*MAKES, *READS])
def test_a_folder_in_place_of_the_database_is_named(command: str, tmp_path: Path) -> None:
    (tmp_path / "backline.db").mkdir()
    assert DATABASE in told(command, tmp_path)


@pytest.mark.parametrize("command", [*MAKES, *READS])
@pytest.mark.parametrize("url", ["nonsense", "mysql://host/db", "sqlite://", "postgresql://h:x/b"])
def test_a_url_that_is_none_is_named(
    command: str, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DATABASE, url)
    assert DATABASE in told(command, tmp_path)


@pytest.mark.parametrize("command", [*MAKES, *READS])
def test_a_key_file_that_is_garbage_is_named(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_store(os.environ[DATABASE]).upgrade()
    monkeypatch.setenv(KEYS, "")
    (tmp_path / "backline.key").write_bytes(GARBAGE)
    assert "backline.key" in told(command, tmp_path)


def spoiled(file: Path, how: str) -> None:
    """Put something in the place of a file that cannot be read as it."""
    file.unlink(missing_ok=True)
    if how == "folder":
        file.mkdir()
    elif how == "garbage":
        file.write_bytes(GARBAGE)
    elif how == "text":
        file.write_text("# No such thing\n\n- [a](b)\n\ttab: {\n", encoding="utf-8")
    elif how == "empty":
        file.touch()


SPOILED = ("missing", "folder", "garbage", "text", "empty")


@pytest.mark.parametrize("how", SPOILED)
@pytest.mark.parametrize(
    "command", [*MAKES, *READS, *CHECKS, "parse hello", "restore {folder}/backup"]
)
def test_a_clinic_yml_that_cannot_be_read_is_named(
    command: str, how: str, clinic: Path, tmp_path: Path
) -> None:
    spoiled(clinic, how)
    assert "clinic.yml" in told(command, tmp_path)


@pytest.mark.parametrize("how", SPOILED)
@pytest.mark.parametrize(
    "command",
    [
        "restore {folder}/given",
        "restore --overwrite {folder}/given",
        "phone transcript {folder}/given",
        "phone audio {folder}/given",
    ],
)
def test_a_file_that_is_not_what_the_command_takes_is_named(
    command: str, how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backline.phone.review.recordings.load_model", lambda: tmp_path)
    spoiled(tmp_path / "given", how)
    assert "given" in told(command, tmp_path)


@pytest.mark.parametrize("how", SPOILED)
def test_a_list_of_deletions_that_is_none_is_named(how: str, tmp_path: Path) -> None:
    create_store(os.environ[DATABASE]).upgrade()
    assert run("backup {folder}/backup", tmp_path).exit_code == 0
    spoiled(tmp_path / "list", how)
    said = told("restore --overwrite --erasures {folder}/list {folder}/backup", tmp_path)
    assert "list" in said


@pytest.mark.parametrize("place", ["{folder}", "{folder}/not-there/file", "{folder}/clinic.yml/f"])
@pytest.mark.parametrize("command", ["backup", "erasures"])
def test_a_place_that_cannot_be_written_to_is_named(
    command: str, place: str, tmp_path: Path
) -> None:
    create_store(os.environ[DATABASE]).upgrade()
    assert str(tmp_path) in told(f"{command} {place}", tmp_path)


@pytest.mark.parametrize("how", SPOILED)
def test_a_speech_model_that_is_none_is_named(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoiled(tmp_path / "model", how)
    monkeypatch.setenv("BACKLINE_SPEECH_MODEL", str(tmp_path / "model"))
    assert "speech" in told("phone audio {folder}/call.wav", tmp_path).lower()


@pytest.mark.parametrize(
    "facts", ["[", "[]", '{"pain_severity":[]}', '{"no":1}', "NaN", "[" * 5000]
)
def test_facts_that_are_none_are_told(facts: str, tmp_path: Path) -> None:
    told(f"decide {facts.replace('{', '{{').replace('}', '}}')}", tmp_path)


@pytest.mark.parametrize("command", SLOW)
@pytest.mark.parametrize(
    "wrong",
    [
        {KEYS: "no-key"},
        {KEYS: ANOTHER},
        {DATABASE: "postgresql://postgres@127.0.0.1:9/backline"},
    ],
    ids=["no key", "another key", "away"],
)
def test_nothing_is_served_with_a_key_or_a_database_that_does_not_fit(
    command: str, wrong: dict[str, str]
) -> None:
    create_store(os.environ[DATABASE]).upgrade()
    done = subprocess.run(
        [sys.executable, "-m", "backline.cli", *command.split()],
        cwd=PROJECT,
        env={**os.environ, **wrong},
        capture_output=True,
        text=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 1
    assert next(iter(wrong)) in the_sentence(done.stderr.splitlines()[-1])
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("how", ["missing", "folder", "garbage"])
def test_a_project_that_cannot_be_trained_is_named(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoiled(tmp_path / "domain.yml", how)
    monkeypatch.setenv("BACKLINE_PROJECT", str(tmp_path))
    assert str(tmp_path) in told("train", tmp_path)


def test_a_fault_of_the_program_is_told_without_what_it_quotes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_self: object) -> None:
        raise KeyError("my back hurts")

    monkeypatch.setattr("backline.store.Store.check_ready", broken)
    sentence = told("purge", tmp_path)
    assert "KeyError" in sentence
    assert "hurts" not in sentence
