"""The keys come from the environment, and for SQLite from a file beside the database."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from backline.store import StoreConfigError
from backline.store.keys import cipher_by, find_keys, key_file, make_key_file

ONE, TWO, THREE = (Fernet.generate_key().decode() for _ in range(3))


@pytest.fixture
def url(tmp_path: Path) -> Any:
    return sa.engine.make_url(f"sqlite:///{tmp_path / 'clinic.db'}")


def test_the_file_has_the_name_of_its_database(url: Any, tmp_path: Path) -> None:
    assert key_file(url) == tmp_path / "clinic.key"


def test_only_sqlite_has_a_file() -> None:
    assert key_file(sa.engine.make_url("postgresql://user@host/backline")) is None


def test_a_made_file_is_for_its_owner_alone_and_holds_a_key(url: Any, tmp_path: Path) -> None:
    keys = make_key_file(tmp_path / "clinic.key")
    assert stat.S_IMODE((tmp_path / "clinic.key").stat().st_mode) == 0o600
    assert find_keys(url, {}) == keys
    cipher_by(url, keys)
    assert [file.name for file in tmp_path.iterdir()] == ["clinic.key"]


def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "clinic.key"
    first = make_key_file(file)
    assert make_key_file(file) == first


def test_servers_that_start_together_make_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as together:
        made = list(together.map(lambda _: make_key_file(tmp_path / "clinic.key"), range(8)))
    assert made == [made[0]] * 8


def test_keys_of_the_environment_come_before_those_of_the_file(url: Any, tmp_path: Path) -> None:
    (tmp_path / "clinic.key").write_text(f"# the key\n{THREE}\n")
    assert find_keys(url, {"BACKLINE_ENCRYPTION_KEYS": f"{ONE}, {TWO}"}) == [ONE, TWO, THREE]


def test_what_is_no_key_is_told_by_the_setting_and_the_file(url: Any, tmp_path: Path) -> None:
    (tmp_path / "clinic.key").write_text("no key\n")
    with pytest.raises(StoreConfigError, match=r"BACKLINE_ENCRYPTION_KEYS .*clinic\.key") as told:
        cipher_by(url, find_keys(url, {}))
    assert "no key" not in str(told.value)


def test_a_folder_that_takes_no_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreConfigError, match="BACKLINE_ENCRYPTION_KEYS"):
        make_key_file(tmp_path / "missing" / "clinic.key")
