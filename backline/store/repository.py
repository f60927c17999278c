"""Reading and writing what is kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from backline.store.engine import create_engine
from backline.store.errors import StoreConfigError, StoreUnavailable
from backline.store.tables import Assessment, Consent, Conversation, Plan, PlanSession

MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "backline_alembic_version"
UPGRADE_LOCK = 7_261_524
"""Any number will do; two servers that start at once must use the same."""


@dataclass(frozen=True)
class PlanRecord:
    """A plan as it is kept; see `backline.policy.Plan` for the units."""

    massage_sessions: int | None = None
    weeks: int | None = None
    review_after_sessions: int | None = None
    therapies: list[str] = field(default_factory=list)
    self_care: list[str] = field(default_factory=list)
    postponed_until: str | None = None


@dataclass(frozen=True)
class AssessmentRecord:
    """An assessment as it is kept: JSON-ready facts, codes, rule ids and versions."""

    facts: dict[str, Any]
    outcome: str
    urgency: str
    rules: list[str]
    reasons: list[str]
    plan: PlanRecord
    policy_version: str
    model_version: str


def create_store(database_url: str) -> Store:
    """The store behind a database URL; connects on first use.

    Raises:
        StoreConfigError: the URL is wrong.
    """
    return Store(database_url)


class Store:
    """All of it, one method a need. Methods block; call them off the event loop.

    Every method raises `StoreUnavailable` if the database does not answer within seconds.
    """

    def __init__(self, database_url: str) -> None:
        self._engine = create_engine(database_url)

    @contextmanager
    def _session(self) -> Iterator[Session]:
        try:
            with Session(self._engine, future=True) as session, session.begin():
                yield session
        except (DBAPIError, PoolTimeout) as error:
            raise StoreUnavailable(
                f"the database does not answer ({type(error).__name__})"
            ) from error

    def upgrade(self) -> None:
        """Create the tables or bring them up to date. Several servers may do it at once.

        Raises:
            StoreConfigError: the tables are newer than this version of Backline.
        """
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        script = ScriptDirectory.from_config(config)
        try:
            with self._engine.connect() as connection, connection.begin():
                if connection.dialect.name == "postgresql":
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(UPGRADE_LOCK)))
                else:
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                context = MigrationContext.configure(
                    connection, opts={"version_table": VERSION_TABLE}
                )
                current = context.get_current_revision()
                known = {revision.revision for revision in script.walk_revisions()}
                if current is not None and current not in known:
                    raise StoreConfigError(
                        "the database is of a newer Backline; upgrade the program, not the tables"
                    )
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        except SQLAlchemyError as error:
            raise StoreUnavailable(
                f"the tables could not be brought up to date ({type(error).__name__}); "
                "check DATABASE_URL and run `backline db upgrade`"
            ) from error

    def ping(self) -> None:
        """Return if the store could take an assessment now."""
        with self._session() as session:
            session.execute(sa.select(Conversation.id).limit(1))

    def record_consent(
        self, conversation_id: str, channel: str, given: bool, text_version: str
    ) -> None:
        """Keep an answer to the consent question, once as long as it stays the same."""
        with self._session() as session:
            self._see(session, conversation_id, channel)
            latest = session.execute(
                sa.select(Consent)
                .where(Consent.conversation_id == conversation_id)
                .order_by(Consent.id.desc())
                .limit(1)
            ).scalar_one_or_none()
            if latest is None or (latest.given, latest.text_version) != (given, text_version):
                session.add(
                    Consent(
                        conversation_id=conversation_id,
                        given=given,
                        text_version=text_version,
                        at=_now(),
                    )
                )

    def record_assessment(
        self, conversation_id: str, channel: str, assessment: AssessmentRecord
    ) -> int:
        """Keep an assessment and return its id; committed when this returns.

        The same assessment again, after a reply that got lost, is not kept twice.
        """
        with self._session() as session:
            self._see(session, conversation_id, channel)
            latest = session.execute(_latest(conversation_id)).scalar_one_or_none()
            if latest is not None and _same(latest, assessment):
                return int(latest.id)
            row = Assessment(
                conversation_id=conversation_id,
                facts=assessment.facts,
                outcome=assessment.outcome,
                urgency=assessment.urgency,
                rules=assessment.rules,
                reasons=assessment.reasons,
                policy_version=assessment.policy_version,
                model_version=assessment.model_version,
                created_at=_now(),
            )
            session.add(row)
            session.flush()
            _add_plan(session, int(row.id), assessment.plan)
            return int(row.id)

    def latest_assessment(self, conversation_id: str) -> dict[str, Any] | None:
        """The newest assessment of a conversation, as JSON-ready data."""
        with self._session() as session:
            row = session.execute(_latest(conversation_id)).scalar_one_or_none()
            if row is None:
                return None
            names = ("id", "facts", "outcome", "urgency", "rules", "reasons", "policy_version")
            return {name: getattr(row, name) for name in names}

    def erase(self, conversation_id: str) -> bool:
        """Delete a conversation, ours and Rasa's part; False if there was none."""
        with self._session() as session:
            deleted = self._delete(session, [conversation_id])
        self._forget_pages()
        return deleted > 0

    def purge(self, older_than: dt.timedelta, now: dt.datetime) -> int:
        """Delete conversations without a message for that long; returns how many."""
        cut = now - older_than
        with self._session() as session:
            ours = session.execute(
                sa.select(Conversation.id).where(Conversation.last_seen_at < cut)
            ).scalars()
            old = set(ours)
            events = self._events(session)
            if events is not None:
                last = sa.func.max(events.c.timestamp)
                rows = session.execute(
                    sa.select(events.c.sender_id, last).group_by(events.c.sender_id)
                )
                latest = dict(rows.all())
                old = {i for i in old if latest.get(i, 0) < cut.timestamp()}
                kept = set(session.execute(sa.select(Conversation.id)).scalars())
                old |= {s for s, at in latest.items() if at < cut.timestamp() and s not in kept}
            self._delete(session, sorted(old))
        self._forget_pages()
        return len(old)

    def _delete(self, session: Session, ids: list[str]) -> int:
        deleted = session.execute(sa.delete(Conversation).where(Conversation.id.in_(ids))).rowcount
        events = self._events(session)
        if events is not None:
            deleted += session.execute(
                sa.delete(events).where(events.c.sender_id.in_(ids))
            ).rowcount
        return int(deleted)

    def _events(self, session: Session) -> Any:
        """Rasa's table of events, if it is there."""
        if not sa.inspect(session.connection()).has_table("events"):
            return None
        return sa.table("events", sa.column("sender_id"), sa.column("timestamp"))

    def _forget_pages(self) -> None:
        """Take deleted rows out of SQLite's write-ahead log, too."""
        if self._engine.dialect.name != "sqlite":
            return
        with self._engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    @staticmethod
    def _see(session: Session, conversation_id: str, channel: str) -> None:
        row = session.get(Conversation, conversation_id, with_for_update=True)
        if row is None:
            row = Conversation(id=conversation_id, channel=channel[:32], created_at=_now())
            session.add(row)
        row.last_seen_at = _now()
        session.flush()


def _now() -> dt.datetime:
    return dt.datetime.now(dt.timezone.utc)


def _latest(conversation_id: str) -> Any:
    return (
        sa.select(Assessment)
        .where(Assessment.conversation_id == conversation_id)
        .order_by(Assessment.id.desc())
        .limit(1)
    )


def _same(row: Any, assessment: AssessmentRecord) -> bool:
    return bool(
        row.facts == assessment.facts
        and row.outcome == assessment.outcome
        and row.rules == assessment.rules
        and row.policy_version == assessment.policy_version
    )


def _add_plan(session: Session, assessment_id: int, plan: PlanRecord) -> None:
    row = Plan(
        assessment_id=assessment_id,
        massage_sessions=plan.massage_sessions,
        weeks=plan.weeks,
        review_after_sessions=plan.review_after_sessions,
        therapies=plan.therapies,
        self_care=plan.self_care,
        postponed_until=plan.postponed_until,
    )
    session.add(row)
    session.flush()
    count, days = plan.massage_sessions or 0, (plan.weeks or 0) * 7
    for number in range(1, count + 1):
        session.add(
            PlanSession(
                plan_id=row.id,
                number=number,
                due_after_days=days * (number - 1) // max(count - 1, 1),
                is_review=number == plan.review_after_sessions,
            )
        )
