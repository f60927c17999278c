"""Everything that cannot be made again, in one file: the database, the models, clinic.yml.

The file is encrypted with the key of the database. Secrets are not in it, that key included
(docs/deploying.md says which to keep). Who was erased since then is erased again by a restore.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from backline.clock import utcnow
from backline.failures import Told
from backline.settings import Settings
from backline.store import create_store
from backline.store.cipher import Cipher
from backline.store.engine import create_engine, keep_private
from backline.store.erasures import ErasureList, NoList, read_list
from backline.store.errors import StoreError, Unreadable, translate_driver_errors
from backline.store.file_encryption import Damaged, decrypt_file, encrypt_file, is_encrypted_file
from backline.store.keys import SETTING, cipher_by, find_keys, key_file

FORMAT = 1
MANIFEST, CLINIC, MODELS = "backup.json", "clinic.yml", "models"
ERASURES = "erasures"
NOT_A_BACKUP = (EOFError, KeyError, TypeError, ValueError, tarfile.TarError, zlib.error)
"""What reading something else as a backup raises."""
DUMPS = {"sqlite": "database.sqlite", "postgresql": "database.dump"}


class BackupError(Told, RuntimeError):
    """A backup could not be made or restored; the text says why and what to do."""


@dataclass(frozen=True)
class Restored:
    """What a restore did beside bringing the backup back.

    Attributes:
        made_at: when the backup was made.
        erased: how many conversations were erased again.
        knows_erasures: whether there was a list of those that were erased since then.
        new_key: the file that a key was made in, for a database that had none.
    """

    made_at: str
    erased: int
    knows_erasures: bool
    new_key: Path | None


def back_up(settings: Settings, file: Path) -> None:
    """Write a backup, encrypted and readable by its owner alone. Servers may go on meanwhile.

    The database is taken as it is at one moment. An existing file is only replaced by a whole one.

    Raises:
        BackupError: it could not be made.
        StoreError: there is no key, or it does not fit the database.
    """
    store = create_store(settings.database_url)
    # Tables of an earlier version are backed up, too: that is done before an upgrade.
    store.check_keys()
    engine = create_engine(settings.database_url)
    kind = engine.dialect.name
    with tempfile.TemporaryDirectory(dir=file.absolute().parent) as name:
        folder = Path(name)
        dump = folder / DUMPS[kind]
        (_dump_sqlite if kind == "sqlite" else _dump_postgresql)(engine.url, dump)
        manifest = {
            "format": FORMAT,
            "made_at": utcnow().isoformat(timespec="seconds"),
            "backline": version("backline"),
            "database": kind,
        }
        (folder / MANIFEST).write_text(json.dumps(manifest, indent=2), encoding="utf-8")
        whole, encrypted = folder / "whole", folder / "encrypted"
        whole.touch(mode=0o600)
        with tarfile.open(whole, "w:gz") as archive:
            archive.add(folder / MANIFEST, MANIFEST)
            archive.add(dump, dump.name)
            archive.add(settings.clinic_file, CLINIC)
            for model in sorted(settings.models.glob("*.tar.gz")):
                archive.add(model, f"{MODELS}/{model.name}")
        encrypt_file(whole, encrypted, store.field_encryption.cipher)
        encrypted.replace(file)
    engine.dispose()


def restore(
    settings: Settings, file: Path, *, overwrite: bool = False, erasures: Path | None = None
) -> Restored:
    """Bring back what a backup holds; stop the servers before.

    Args:
        overwrite: replace what the database holds, and clinic.yml; otherwise only an empty database
            is filled, and clinic.yml stays as it is.
        erasures: a list that `backline erasures` wrote, beside the one of the present database.

    Raises:
        BackupError: the database could not be restored, and is as it was.
        StoreError: the keys do not fit what the backup holds.
        OSError: the database is restored, but a model or clinic.yml could not be written.
    """
    engine = create_engine(settings.database_url)
    kind, url = engine.dialect.name, engine.url
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cipher = _cipher_of(url)
        manifest = _unpack(file, folder, cipher, url)
        if manifest["database"] != kind:
            raise BackupError(
                f"{file} holds a {manifest['database']} database, and DATABASE_URL names {kind}; "
                "restore into one of the same kind"
            )
        tables = _tables(engine)
        if not overwrite and tables:
            raise BackupError(
                "the database is not empty; name an empty one in DATABASE_URL, or replace what it "
                "holds with --overwrite"
            )
        engine.dispose()
        if kind != "sqlite" and cipher is None:
            raise BackupError(f"{SETTING} is missing: what people said is stored encrypted")
        lists = _lists(settings.database_url, ERASURES in tables, erasures)
        dump = folder / DUMPS[kind]
        if kind == "sqlite":
            # Before it takes the place of the present one, so that nobody comes back in between.
            restored = _erase_again(f"sqlite:///{dump}", lists, _cipher_of(url, make=True))
            _restore_sqlite(url, dump)
        else:
            with _kept_beside(file, lists):
                _restore_postgresql(url, dump)
                restored = _erase_again(settings.database_url, lists, cipher)
        settings.models.mkdir(parents=True, exist_ok=True)
        for model in (folder / MODELS).glob("*.tar.gz"):
            # With its time: the newest is served.
            shutil.copy2(model, settings.models)
        if overwrite:
            shutil.copyfile(folder / CLINIC, settings.clinic_file)
    made = key_file(url) if cipher is None else None
    return Restored(manifest["made_at"], restored, bool(lists), made)


def write_erasures(settings: Settings, file: Path) -> int:
    """Write the list of erased conversations, as hashes, into a file; returns how many there are.

    Raises:
        StoreError: the database does not answer, or the keys do not fit.
        OSError: the file cannot be written.
    """
    store = create_store(settings.database_url)
    store.check_ready()
    told = store.erasures.list()
    told.write(file)
    return len(told.erased)


def _cipher_of(url: sa.engine.URL, *, make: bool = False) -> Cipher | None:
    """Give the cipher of the database there, if it has a key, or can be given one."""
    keys = find_keys(url)
    if not keys and make:
        field_encryption = create_store(str(url)).field_encryption
        field_encryption.prepare(make_key=True)
        return field_encryption.cipher
    return cipher_by(url, keys) if keys else None


def _lists(database_url: str, has_list: bool, file: Path | None) -> list[ErasureList]:
    lists = []
    if file is not None:
        try:
            lists.append(read_list(file))
        except (NoList, OSError) as error:
            raise BackupError(f"--erasures: {error}") from None
    if has_list:
        lists.append(create_store(database_url).erasures.list())
    return lists


def _erase_again(url: str, lists: list[ErasureList], cipher: Cipher | None) -> int:
    """Bring the tables up to date, and erase who was erased since; returns how many that were.

    Sessions and links of staff, and tokens of programs, of the backup's time are void.
    """
    store = create_store(url, cipher)
    try:
        store.upgrade()
        # What was ended or revoked since then must not open the desk again.
        store.staff_sessions.end_everybodys()
        store.staff.void_links()
        store.api_tokens.void(utcnow())
        return sum(store.erasures.replay(told) for told in lists)
    finally:
        store.close()


@contextmanager
def _kept_beside(file: Path, lists: list[ErasureList]) -> Iterator[None]:
    """Keep the present database's list in a file until it is replayed: a restore drops it."""
    beside = file.with_name(f"{file.name}.erasures")
    for told in lists[-1:]:
        told.write(beside)
    try:
        yield
    except (BackupError, StoreError) as error:
        if not beside.exists():
            raise
        raise BackupError(
            f"{error}; who was erased since is listed in {beside}: give it with --erasures"
        ) from None
    beside.unlink(missing_ok=True)


def _unpack(file: Path, folder: Path, cipher: Cipher | None, url: sa.engine.URL) -> dict[str, Any]:
    try:
        source = file
        if is_encrypted_file(file):
            source = folder / "whole"
            _decrypt(file, source, cipher, url)
        with tarfile.open(source) as archive:
            for member in archive.getmembers():
                inside = (folder / member.name).resolve().is_relative_to(folder.resolve())
                if not (member.isfile() and inside):
                    raise BackupError(f"{file} holds {member.name!r}, which no backup does")
            archive.extractall(folder)  # noqa: S202 - each member was looked at
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        made_by = manifest["format"]
    except OSError as error:
        reason = error.strerror or "it is not whole"
        raise BackupError(f"{file} cannot be read as a backup ({reason})") from None
    except NOT_A_BACKUP:
        # Without what the libraries say, which is about their formats, line by line.
        raise BackupError(
            f"{file} is no backup, or is damaged; `backline backup` writes one"
        ) from None
    if made_by != FORMAT:
        raise BackupError(f"{file} was made by another version of Backline; restore it with that")
    return manifest


def _decrypt(file: Path, target: Path, cipher: Cipher | None, url: sa.engine.URL) -> None:
    try:
        if cipher is None:
            raise Unreadable
        decrypt_file(file, target, cipher)
    except Unreadable:
        beside = key_file(url)
        where = SETTING if beside is None else f"{SETTING} or {beside}"
        raise BackupError(
            f"{file} is encrypted, and the key that it was made with is not in {where}; "
            "put it there, after a newer one if you have one"
        ) from None
    except Damaged as error:
        raise BackupError(f"{file} is no backup, or is damaged: {error}") from None


def _tables(engine: Any) -> list[str]:
    with translate_driver_errors():
        return list(sa.inspect(engine).get_table_names())


def _dump_sqlite(url: sa.engine.URL, dump: Path) -> None:
    path = Path(str(url.database))
    if not path.exists():
        raise BackupError(f"there is no database {path}")
    keep_private(path)
    _copy_sqlite(path, dump)


def _restore_sqlite(url: sa.engine.URL, dump: Path) -> None:
    # Into the file that is there: a server that was not stopped waits for the lock instead of
    # writing into a file that nobody sees any more.
    _copy_sqlite(dump, Path(str(url.database)))


def _copy_sqlite(source: Path, target: Path) -> None:
    """In one transaction, whatever goes on in either of them."""
    keep_private(target)
    try:
        with closing(sqlite3.connect(source)) as from_, closing(sqlite3.connect(target)) as to:
            from_.backup(to)
    except sqlite3.Error as error:
        raise BackupError(f"the database could not be copied to {target}: {error}") from None


def _dump_postgresql(url: sa.engine.URL, dump: Path) -> None:
    _postgresql(url, "pg_dump", "--format=custom", "--no-owner", f"--file={dump}")


def _restore_postgresql(url: sa.engine.URL, dump: Path) -> None:
    options = ("--single-transaction", "--exit-on-error", "--no-owner", "--clean", "--if-exists")
    _postgresql(url, "pg_restore", *options, f"--dbname={url.database}", str(dump))


def _postgresql(url: sa.engine.URL, program: str, *arguments: str) -> None:
    # Not on the command line, where everybody on the machine could read the password.
    given = {
        "PGHOST": url.host,
        "PGPORT": url.port,
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
        "PGSSLMODE": url.query.get("sslmode"),
        "PGSSLROOTCERT": url.query.get("sslrootcert"),
    }
    environment = {name: str(value) for name, value in given.items() if value is not None}
    try:
        done = subprocess.run(  # noqa: S603 - our own arguments
            [program, *arguments],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise BackupError(
            f"{program} is not installed; on Debian or Ubuntu: apt-get install postgresql-client"
        ) from None
    if done.returncode != 0:
        raise BackupError(f"{program}: {' '.join(done.stderr.split())}")
