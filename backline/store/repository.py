"""Reading and writing what is kept."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from backline.clock import utcnow
from backline.store import consents, retention, schema
from backline.store.alerts import Alerts
from backline.store.api_tokens import ApiTokens
from backline.store.assessments import AssessmentRecord, add_assessment
from backline.store.audit import Audit
from backline.store.call_backs import CallBacks
from backline.store.calls import Calls
from backline.store.cases import Cases
from backline.store.changes import Changes
from backline.store.cipher import Cipher
from backline.store.conversation_queue import ConversationQueues
from backline.store.corrections import Corrections
from backline.store.delivery_reports import DeliveryReports
from backline.store.engine import create_engine, sqlite_file
from backline.store.erasures import Erasures
from backline.store.errors import LesserAfterEmergency, StoreConfigError, StoreUnavailable
from backline.store.exports import Exports
from backline.store.field_encryption import FieldEncryption
from backline.store.figures import Figures
from backline.store.inbox import Inbox
from backline.store.notices import Notices
from backline.store.outbox import Outbox
from backline.store.policy_signatures import PolicySignatures
from backline.store.reencryption import Reencryption
from backline.store.staff import Staff
from backline.store.staff_sessions import StaffSessions
from backline.store.suspicions import Suspicions
from backline.store.tables import Assessment
from backline.store.takeovers import Takeovers
from backline.store.talks import Talks
from backline.store.transactions import Transactions
from backline.store.unanswered_questions import UnansweredQuestions

VERSION_TABLE = schema.VERSION_TABLE
EMERGENCY = "emergency"


def create_store(database_url: str, cipher: Cipher | None = None) -> Store:
    """Open the store behind a database URL; it connects on first use.

    Args:
        cipher: in place of the keys of the environment and of the file beside the database.

    Raises:
        StoreConfigError: the URL is wrong.
    """
    return Store(database_url, cipher)


def upgrade(database_url: str) -> None:
    """Create the tables or bring them up to date; see `Store.upgrade`."""
    store = create_store(database_url)
    try:
        store.upgrade()
    finally:
        store.close()


class Store:
    """Keeps all of it, one method a need. Methods block; call them off the event loop.

    Threads may share one. Every method raises `StoreUnavailable` if the database does not answer
    within seconds, or lacks the tables.

    Attributes:
        inbox, outbox: what came and what goes through messaging services.
        queues: what there is of each conversation with them to go on with.
        delivery_reports: what became of the messages.
        calls: those of the phone line.
        suspicions: what was suspected and asked about.
        unanswered_questions: what people asked and nothing could answer.
        audit: who of the staff saw or changed what.
        staff, staff_sessions: who may use the clinic's desk, and is signed in there.
        cases: people as the desk lists them, and who of the staff has them in hand.
        changes: whether anything changed that the desk shows.
        call_backs: whom the clinic is to call.
        notices: what staff are told outside the desk.
        alerts: what their browsers may be notified of.
        corrections: results that staff changed, and why.
        api_tokens: by which programs of the clinic read.
        policy_signatures: who signed the policy.
        figures: how the bot and the clinic do, in numbers.
        exports: assessments in their order, to be taken out.
        talks: what was said in a conversation.
        takeovers: conversations in which staff answer, and what is said then.
        field_encryption: how what people said is encrypted.
        reencryption: encrypts what was stored before.
        erasures: which conversations were erased.
    """

    def __init__(self, database_url: str, cipher: Cipher | None = None) -> None:
        self._engine = create_engine(database_url)
        self._transactions = Transactions(self._engine)
        self.field_encryption = FieldEncryption(self._transactions, cipher)
        self.audit = Audit(self._transactions, self.field_encryption)
        self.reencryption = Reencryption(self._transactions, self.field_encryption, self.audit)
        self.erasures = Erasures(self._transactions, self.field_encryption)
        self.inbox = Inbox(self._transactions)
        self.outbox = Outbox(self._transactions)
        self.queues = ConversationQueues(self._transactions)
        self.delivery_reports = DeliveryReports(self._transactions)
        self.calls = Calls(self._transactions, self.field_encryption)
        self.suspicions = Suspicions(self._transactions, self.field_encryption)
        self.unanswered_questions = UnansweredQuestions(self._transactions, self.field_encryption)
        self.staff = Staff(self._transactions, self.field_encryption, self.audit)
        self.staff_sessions = StaffSessions(self._transactions)
        self.cases = Cases(self._transactions, self.field_encryption, self.audit)
        self.changes = Changes(self._transactions)
        self.call_backs = CallBacks(
            self._transactions, self.field_encryption, self.audit, self.cases
        )
        self.notices = Notices(self._transactions, self.cases)
        self.alerts = Alerts(self._transactions, self.cases)
        self.takeovers = Takeovers(self._transactions, self.field_encryption, self.audit)
        self.corrections = Corrections(self._transactions, self.field_encryption, self.audit)
        self.api_tokens = ApiTokens(self._transactions, self.audit)
        self.policy_signatures = PolicySignatures(self._transactions, self.audit)
        self.figures = Figures(self._transactions, self.field_encryption)
        self.exports = Exports(self._transactions, self.cases.reference_of)
        self.talks = Talks(self._transactions, self.field_encryption)

    def close(self) -> None:
        """Let go of idle connections. The store can still be used."""
        self._engine.dispose()

    def upgrade(self) -> None:
        """Create the tables or bring them up to date. Several servers may do it at once.

        Raises:
            StoreConfigError: the tables are newer than this version of Backline, or there is no
                key to encrypt with, or none that fits what is stored.
        """
        self.field_encryption.prepare(make_key=True)
        schema.upgrade(self._engine)
        self.field_encryption.prepare()

    def check_schema(self) -> None:
        """Return if the tables are those of this version of Backline.

        Raises:
            StoreConfigError: they are missing, older or newer; the text says what to do.
        """
        schema.check(self._engine)

    def check_keys(self) -> None:
        """Return if the database is there, and its keys fit what is stored.

        Raises:
            StoreConfigError: they do not, or there is none; the text says what to do.
            StoreUnavailable: the database does not answer.
        """
        file = sqlite_file(self._engine.url)
        if file is not None and not file.exists():
            # Connecting would make an empty one.
            raise StoreConfigError(
                f"DATABASE_URL names {file}, which is not there; `backline db upgrade` makes a "
                "new database"
            )
        self.field_encryption.prepare()

    def check_ready(self) -> None:
        """Return if it could be worked with as it is: the database, its tables and its keys.

        Raises:
            StoreConfigError, StoreUnavailable: as `check_keys` and `check_schema`.
        """
        self.check_keys()
        self.check_schema()

    def ping(self) -> None:
        """Return if the store could take an assessment now."""
        with self._transactions.writing() as session:
            session.execute(sa.select(Assessment.id).limit(1))
            if not self._transactions.is_sqlite:
                self._ping_postgresql(session)

    @staticmethod
    def _ping_postgresql(session: Session) -> None:
        # Reading is still possible on a standby and beside most locks; writing is not.
        read_only = session.execute(
            sa.select(sa.func.current_setting("transaction_read_only"))
        ).scalar_one()
        if read_only == "on":
            raise StoreUnavailable("the database takes no changes, only questions")
        session.execute(sa.text("LOCK TABLE conversations, assessments IN ROW EXCLUSIVE MODE"))

    def record_consent(
        self, conversation_id: str, channel: str, given: bool, text_version: str
    ) -> None:
        """Keep an answer to the consent question, once as long as it stays the same.

        The tracker store keeps it by itself, together with the turn in which it is given.
        """
        answer = consents.ConsentAnswer(given, channel, text_version, utcnow())
        with self._transactions.writing() as session:
            for statement in consents.keeping():
                session.execute(consents.prepared(statement), answer.parameters(conversation_id))

    def record_assessment(
        self,
        conversation_id: str,
        channel: str,
        assessment: AssessmentRecord,
        agreed_to: str | None = None,
    ) -> int:
        """Keep an assessment and return its id; committed when this returns.

        The same assessment again, after a reply that got lost, is not kept twice.

        Args:
            agreed_to: the version of the text by which the person agreed to it, kept where no yes
                is, as after one that an earlier version heard; None if they were not asked.

        Raises:
            LesserAfterEmergency: it is no emergency, the latest of this patient is one, and the
                record does not tell how that had ended. Nothing is kept of it.
        """
        with self._transactions.writing() as session:
            self._transactions.touch(session, conversation_id, channel, utcnow())
            if agreed_to is not None:
                answer = consents.ConsentAnswer(True, channel, agreed_to, utcnow())
                _, keep = consents.keeping(whatever_text=True)
                session.execute(consents.prepared(keep), answer.parameters(conversation_id))
            latest = session.execute(
                _latest(conversation_id).where(Assessment.patient == assessment.patient)
            ).scalar_one_or_none()
            if latest is not None and _same(latest, assessment):
                return int(latest.id)
            if latest is not None and _makes_less_of(latest.urgency, assessment):
                raise LesserAfterEmergency(
                    "an emergency is followed by a lesser assessment of the same patient, and "
                    "nobody said that it had ended; it was not stored"
                )
            return add_assessment(session, conversation_id, assessment, utcnow())

    def latest_assessment(self, conversation_id: str) -> dict[str, Any] | None:
        """Return the newest assessment of a conversation, as JSON-ready data."""
        with self._transactions.reading() as session:
            row = session.execute(_latest(conversation_id)).scalar_one_or_none()
            if row is None:
                return None
            names = ("id", "facts", "outcome", "urgency", "rules", "reasons", "policy_version")
            return {name: getattr(row, name) for name in names}

    def erase(self, conversation_id: str, *, unread: bool = True) -> bool:
        """Delete a conversation, ours and Rasa's part; False if there was none.

        Args:
            unread: also messages that wait to be read. The person's own word to delete leaves them:
                they were written after it.
        """
        note = self.erasures.noter(conversation_id)
        with self._transactions.writing() as session:
            rows = retention.delete(session, [conversation_id], unread=unread)
            if rows:
                note(session)
        self._transactions.empty_log()
        return rows > 0

    def purge(self, older_than: dt.timedelta, now: dt.datetime) -> int:
        """Delete conversations without a message for that long; returns how many.

        Rasa's record of the messages counts, too, so that nobody is cut off in the middle. Of
        conversations in which consent was not answered for `retention.UNANSWERED_KEPT`, the words
        go, too; they are not counted.

        Args:
            now: with a time zone.
        """
        cut = now - older_than
        with self._transactions.long_read() as session:
            retention.take_time(session)
            candidates = retention.stale(session, cut)
        deleted = 0
        for portion in retention.batches(candidates):
            with self._transactions.writing() as session:
                retention.take_time(session)
                ids = retention.stale(session, cut, among=portion)
                retention.delete(session, ids)
            deleted += len(ids)
        self._forget_unanswered(now - retention.UNANSWERED_KEPT)
        self.inbox.prune_dedup_keys(now)
        self.delivery_reports.prune(now)
        self.staff_sessions.prune(now)
        self.staff.prune(now)
        self.notices.prune(cut)
        self._transactions.empty_log()
        return deleted

    def _forget_unanswered(self, cut: dt.datetime) -> None:
        with self._transactions.long_read() as session:
            retention.take_time(session)
            candidates = retention.unanswered(session, cut)
        for portion in retention.batches(candidates):
            with self._transactions.writing() as session:
                retention.take_time(session)
                retention.forget_words(session, retention.unanswered(session, cut, among=portion))


def _latest(conversation_id: str) -> Any:
    return (
        sa.select(Assessment)
        .where(Assessment.conversation_id == conversation_id)
        .order_by(Assessment.id.desc())
        .limit(1)
    )


def _makes_less_of(urgency: str, assessment: AssessmentRecord) -> bool:
    lesser = urgency == EMERGENCY and assessment.urgency != EMERGENCY
    return lesser and assessment.emergency_ended is None


def _same(row: Any, assessment: AssessmentRecord) -> bool:
    kept = [row.facts, row.outcome, row.rules, row.policy_version]
    # As the column would give it back, tuples as lists.
    new = [assessment.facts, assessment.outcome, assessment.rules, assessment.policy_version]
    return bool(kept == json.loads(json.dumps(new)))
