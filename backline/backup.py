"""Everything that cannot be made again, in one file: the database, the models, clinic.yml.

Secrets are not in it: they come from the environment (docs/deploying.md says which to keep).
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from backline.settings import Settings
from backline.store.engine import create_engine

FORMAT = 1
MANIFEST, CLINIC, MODELS = "backup.json", "clinic.yml", "models"
DUMPS = {"sqlite": "database.sqlite", "postgresql": "database.dump"}


class BackupError(RuntimeError):
    """A backup could not be made or restored; the text says why and what to do."""


def back_up(settings: Settings, file: Path) -> None:
    """Write a backup, readable by its owner alone. Servers may go on meanwhile.

    The database is taken as it is at one moment. An existing file is only replaced by a whole one.

    Raises:
        BackupError: it could not be made.
    """
    engine = create_engine(settings.database_url)
    kind = engine.dialect.name
    with tempfile.TemporaryDirectory(dir=file.absolute().parent) as name:
        folder = Path(name)
        dump = folder / DUMPS[kind]
        (_dump_sqlite if kind == "sqlite" else _dump_postgresql)(engine.url, dump)
        manifest = {
            "format": FORMAT,
            "made_at": dt.datetime.now(dt.timezone.utc).isoformat(timespec="seconds"),
            "backline": version("backline"),
            "database": kind,
        }
        (folder / MANIFEST).write_text(json.dumps(manifest, indent=2), encoding="utf-8")
        whole = folder / "whole"
        whole.touch(mode=0o600)
        with tarfile.open(whole, "w:gz") as archive:
            archive.add(folder / MANIFEST, MANIFEST)
            archive.add(dump, dump.name)
            archive.add(settings.clinic_file, CLINIC)
            for model in sorted(settings.models.glob("*.tar.gz")):
                archive.add(model, f"{MODELS}/{model.name}")
        whole.replace(file)
    engine.dispose()


def restore(settings: Settings, file: Path, *, overwrite: bool = False) -> None:
    """Bring back what a backup holds; stop the servers before.

    Args:
        overwrite: replace what the database holds, and clinic.yml; otherwise only an empty database
            is filled, and clinic.yml stays as it is.

    Raises:
        BackupError: the database could not be restored, and is as it was.
        OSError: the database is restored, but a model or clinic.yml could not be written.
    """
    engine = create_engine(settings.database_url)
    kind = engine.dialect.name
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        manifest = _unpack(file, folder)
        if manifest["database"] != kind:
            raise BackupError(
                f"{file} holds a {manifest['database']} database, and DATABASE_URL names {kind}; "
                "restore into one of the same kind"
            )
        if not overwrite and _tables(engine):
            raise BackupError(
                "the database is not empty; name an empty one in DATABASE_URL, or replace what it "
                "holds with --overwrite"
            )
        engine.dispose()
        dump = folder / DUMPS[kind]
        if kind == "sqlite":
            _restore_sqlite(engine.url, dump)
        else:
            _restore_postgresql(engine.url, dump)
        settings.models.mkdir(parents=True, exist_ok=True)
        for model in (folder / MODELS).glob("*.tar.gz"):
            # With its time: the newest is served.
            shutil.copy2(model, settings.models)
        if overwrite:
            shutil.copyfile(folder / CLINIC, settings.clinic_file)


def _unpack(file: Path, folder: Path) -> dict[str, Any]:
    try:
        with tarfile.open(file) as archive:
            for member in archive.getmembers():
                inside = (folder / member.name).resolve().is_relative_to(folder.resolve())
                if not (member.isfile() and inside):
                    raise BackupError(f"{file} holds {member.name!r}, which no backup does")
            archive.extractall(folder)  # noqa: S202 - each member was looked at
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, EOFError, tarfile.TarError, ValueError) as error:
        raise BackupError(f"{file} is no backup, or is damaged: {error}") from None
    if manifest.get("format") != FORMAT:
        raise BackupError(f"{file} was made by another version of Backline; restore it with that")
    return manifest


def _tables(engine: Any) -> list[str]:
    try:
        return list(sa.inspect(engine).get_table_names())
    except sa.exc.SQLAlchemyError as error:
        raise BackupError(f"the database does not answer ({type(error).__name__})") from None


def _dump_sqlite(url: sa.engine.URL, dump: Path) -> None:
    path = Path(str(url.database))
    if not path.exists():
        raise BackupError(f"there is no database {path}")
    _copy_sqlite(path, dump)


def _restore_sqlite(url: sa.engine.URL, dump: Path) -> None:
    # Into the file that is there: a server that was not stopped waits for the lock instead of
    # writing into a file that nobody sees any more.
    _copy_sqlite(dump, Path(str(url.database)))


def _copy_sqlite(source: Path, target: Path) -> None:
    """In one transaction, whatever goes on in either of them."""
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
