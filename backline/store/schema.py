"""The tables' versions: bring them up to date, or say that they are not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError

from backline.policy.rules import ALARM_RULES
from backline.store.engine import BEGIN_IMMEDIATE
from backline.store.errors import StoreConfigError, StoreUnavailable, translate_driver_errors
from backline.store.tables import AlarmRule, Base, schema_compatibility

MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "backline_alembic_version"
UPGRADE_LOCK = 7_261_524
"""Any number will do; two servers that start at once must use the same."""
PATIENCE_S = 15
"""How long one server waits while another brings the tables up to date."""


def upgrade(engine: Any) -> None:
    """Create the tables or bring them up to date. Several servers may do it at once.

    Tables of a newer version are left alone, where that version says that this one can use them:
    so a server of the old version can start again in the middle of an upgrade.

    Raises:
        StoreConfigError: the tables are newer than this version of Backline can use.
        StoreUnavailable: the database does not answer, or refuses; the text says why.
    """
    with _migrating(engine) as (connection, config):
        if _compare(connection, config) is not Age.NEWER:
            command.upgrade(config, "head")
            _keep_alarm_rules(connection)


def _keep_alarm_rules(connection: Any) -> None:
    """Have the database know which rules are alarms; by a change it orders the list anew."""
    known = set(connection.execute(sa.select(AlarmRule.rule)).scalars())
    for rule in sorted(known - set(ALARM_RULES)):
        connection.execute(sa.delete(AlarmRule.__table__).where(AlarmRule.rule == rule))
    for rule in sorted(set(ALARM_RULES) - known):
        connection.execute(sa.insert(AlarmRule.__table__).values(rule=rule))


def downgrade(engine: Any, revision: str = "base") -> None:
    """Take the tables back to a revision; `base` drops them with all they hold."""
    with _migrating(engine) as (_, config):
        command.downgrade(config, revision)


def check(engine: Any) -> None:
    """Return if this version of Backline can use the tables as they are.

    Raises:
        StoreConfigError: they are missing, older or too new; the text says what to do.
        StoreUnavailable: the database does not answer.
    """
    config = _config()
    with translate_driver_errors(), engine.connect() as connection:
        age = _compare(connection, config)
    if age is Age.NONE:
        raise StoreConfigError("the database has no tables yet; run `backline db upgrade`")
    if age is Age.OLDER:
        raise StoreConfigError(
            "the database is of an older Backline than this one; run `backline db upgrade`"
        )


def is_ours(name: str | None, kind: str, _parent: Any) -> bool:
    """Leave out other programs' tables, Rasa's `events` first of all; Alembic's `include_name`."""
    return kind != "table" or name in Base.metadata.tables


def _config() -> Config:
    config = Config()
    # A % in the path would be read as the start of a placeholder.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


class Age(Enum):
    """The tables, compared with those that this version of Backline makes."""

    NONE = "none"
    OLDER = "older"
    SAME = "same"
    NEWER = "newer, and usable by this version"


def _compare(connection: Any, config: Config) -> Age:
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    current: str | None = context.get_current_revision()
    scripts = ScriptDirectory.from_config(config)
    head = str(scripts.get_current_head())
    if current is None:
        return Age.NONE
    if current == head:
        return Age.SAME
    if current in {script.revision for script in scripts.walk_revisions()}:
        return Age.OLDER
    oldest = connection.execute(sa.select(schema_compatibility.c.oldest)).scalar()
    # Revisions are numbered: their names are in their order.
    if oldest is None or oldest > head:
        raise StoreConfigError(
            "the database is of a newer Backline than this one; install that version, "
            "then run `backline db upgrade`"
        )
    return Age.NEWER


@contextmanager
def _migrating(engine: Any) -> Iterator[tuple[Any, Config]]:
    """One transaction around the migrations, alone among all servers."""
    config = _config()
    try:
        with engine.execution_options(**{BEGIN_IMMEDIATE: True}).connect() as connection:
            alone = _alone_on_sqlite if engine.dialect.name == "sqlite" else _alone_on_postgresql
            with alone(connection):
                config.attributes["connection"] = connection
                yield connection, config
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or type(error).__name__).strip()
        raise StoreUnavailable(
            f"the tables could not be brought up to date ({' '.join(reason.split())}); "
            "check DATABASE_URL and run `backline db upgrade`"
        ) from error


@contextmanager
def _alone_on_postgresql(connection: Any) -> Iterator[None]:
    with connection.begin():
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{PATIENCE_S}s'")
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(UPGRADE_LOCK)))
        yield


@contextmanager
def _alone_on_sqlite(connection: Any) -> Iterator[None]:
    driver = connection.connection
    driver.execute(f"PRAGMA busy_timeout={PATIENCE_S * 1000}")
    # SQLite changes a table by making it anew, and dropping the old one would delete by cascade
    # all that refers to it. Has no effect inside a transaction, hence before it.
    driver.execute("PRAGMA foreign_keys=OFF")
    # Neither setting is to last: the pool does not get this connection back.
    connection.detach()
    with connection.begin():
        yield
        if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
            raise StoreConfigError("the migration would leave rows without their owner; not done")
