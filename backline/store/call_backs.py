"""Whom the clinic is to call: who asked for it, and whom a result did not reach.

Names and numbers come here as they are and are kept encrypted. A number that is kept with a call or
a contact is not kept a second time. Once somebody was called, both are gone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from backline.privacy import Encryptor
from backline.store.audit import Audit, By
from backline.store.cases import Cases
from backline.store.desk_tables import CallBack
from backline.store.field_encryption import FieldEncryption
from backline.store.tables import Assessment, Call, Contact, Conversation, StaffAccount
from backline.store.transactions import Transactions, update_rows

NAME, NUMBER, NOTE = ("call_backs.name",), ("call_backs.number",), ("call_backs.note",)
"""What the texts are encrypted as, before the conversation they belong to."""
ASKED, UNDELIVERED, BROKE_OFF = "asked", "undelivered", "broke_off"
SOON = ("emergency", "urgent")
"""Results that have to reach somebody."""


@dataclass(frozen=True)
class CallBackTask:
    """A call-back, without name and number.

    Attributes:
        reference: what staff call the conversation by.
        why: `ASKED`, `UNDELIVERED` or `BROKE_OFF`.
        reachable: whether a number, or what stands for one, is known.
        done_by, done_at, note: None while it waits.
    """

    id: int
    conversation_id: str
    reference: str
    why: str
    asked_at: dt.datetime
    reachable: bool
    done_by: str | None = None
    done_at: dt.datetime | None = None
    note: str | None = None


@dataclass(frozen=True)
class WhomToCall:
    """Who is to be called, as somebody of the staff sees it: `number` as one dials it."""

    name: str | None
    number: str


class CallBacks:
    """Call-backs, one method a need. Methods block, and raise `StoreUnavailable`, as the store's.

    What staff see or change is kept in the audit log in the same transaction.
    """

    def __init__(
        self,
        transactions: Transactions,
        field_encryption: FieldEncryption,
        audit: Audit,
        cases: Cases,
    ) -> None:
        self._transactions = transactions
        self._encryption = field_encryption
        self._audit = audit
        self._cases = cases

    def ask(
        self,
        conversation_id: str,
        channel: str,
        name: str | None,
        number: str | None,
        now: dt.datetime,
    ) -> None:
        """Keep that somebody wants to be called; who asks again changes what they gave.

        Args:
            number: in the form of E.164; None to be called by that of their messages.
        """
        cipher = self._encryption.cipher
        told = {
            "why": ASKED,
            "number": cipher.encrypt(number, *NUMBER, conversation_id) if number else None,
            **({"name": cipher.encrypt(name, *NAME, conversation_id)} if name else {}),
        }
        insert = self._transactions.insert(CallBack)
        with self._transactions.writing() as session:
            self._transactions.touch(session, conversation_id, channel, now)
            session.execute(
                insert.values(
                    conversation_id=conversation_id, asked_at=now, **told
                ).on_conflict_do_update(
                    index_elements=[CallBack.conversation_id],
                    index_where=CallBack.done_at.is_(None),
                    set_=told,
                )
            )

    def add_name(self, conversation_id: str, name: str) -> bool:
        """Keep the name of somebody who is to be called; False if nobody is."""
        kept = self._encryption.cipher.encrypt(name, *NAME, conversation_id)
        with self._transactions.writing() as session:
            return update_rows(session, CallBack, _open(conversation_id), name=kept) > 0

    def waits(self, conversation_id: str) -> bool:
        """Tell whether somebody is still to be called."""
        with self._transactions.reading() as session:
            found = sa.select(CallBack.id).where(*_open(conversation_id))
            return session.execute(found).first() is not None

    def waiting(self, most: int) -> list[CallBackTask]:
        """List whom nobody has called yet, who waits longest first."""
        mine = _tasks().where(CallBack.done_at.is_(None)).order_by(CallBack.asked_at, CallBack.id)
        with self._transactions.reading() as session:
            rows = session.execute(mine.limit(most)).all()
        self._cases.name([row.conversation_id for row in rows if row.reference is None])
        return [self._task(row) for row in rows]

    def count(self) -> int:
        """Count whom nobody has called yet."""
        waiting = sa.select(sa.func.count()).where(CallBack.done_at.is_(None))
        with self._transactions.reading() as session:
            return int(session.execute(waiting).scalar_one())

    def of(self, conversation_id: str) -> list[CallBackTask]:
        """List the call-backs of a conversation with their notes, the latest first.

        Raises:
            Unreadable: a note is encrypted with a key that is not there.
        """
        mine = _tasks().where(CallBack.conversation_id == conversation_id)
        with self._transactions.reading() as session:
            rows = session.execute(mine.order_by(CallBack.id.desc())).all()
        return [self._task(row) for row in rows]

    def show(self, conversation_id: str, by: By) -> WhomToCall | None:
        """Give name and number of whom to call, once it is kept that somebody looks.

        None if nobody is to be called there any more, or no number is known.

        Raises:
            Unreadable, backline.privacy.Undecryptable: a key is not there.
        """
        row = CallBack
        mine = (
            sa.select(row.name, row.number, Conversation.channel, Contact.address)
            .add_columns(Call.number.label("caller"))
            .join(Conversation, Conversation.id == row.conversation_id)
            .outerjoin(Contact, Contact.conversation_id == row.conversation_id)
            .outerjoin(Call, Call.conversation_id == row.conversation_id)
            .where(*_open(conversation_id))
        )
        with self._transactions.writing() as session:
            found = session.execute(mine).first()
            if found is None:
                return None
            number = self._number(found, conversation_id)
            if number is None:
                return None
            about = self._audit.about(conversation_id)
            self._audit.add_in(session, by.look("number_shown", about))
        name = found.name and self._encryption.decrypt(found.name, *NAME, conversation_id)
        return WhomToCall(name, number)

    def finish(self, conversation_id: str, account_id: int, note: str, by: By) -> bool:
        """Keep that somebody was called, and what came of it; False if it was done before.

        Their name and number are needed no more, and are gone.
        """
        values = {
            "done_by": account_id,
            "done_at": by.at,
            "note": self._encryption.cipher.encrypt(note, *NOTE, conversation_id),
            "name": None,
            "number": None,
        }
        with self._transactions.writing() as session:
            if not update_rows(session, CallBack, _open(conversation_id), **values):
                return False
            call = [Call.conversation_id == conversation_id]
            update_rows(session, Call, call, number=None)
            about = self._audit.about(conversation_id)
            self._audit.add_in(session, by.look("call_back_done", about))
            return True

    def _number(self, found: Any, conversation_id: str) -> str | None:
        if found.number is not None:
            return self._encryption.decrypt(found.number, *NUMBER, conversation_id)
        kept = found.caller or found.address
        if kept is None:
            return None
        # Both are encrypted as the channels need it, by the same keys.
        address = str(Encryptor(self._encryption.keys()).decrypt(kept))
        return address_shown(found.channel, address)

    def _task(self, row: Any) -> CallBackTask:
        owner = str(row.conversation_id)
        note = self._encryption.decrypt(row.note, *NOTE, owner) if row.note else None
        return CallBackTask(
            int(row.id),
            owner,
            row.reference or self._cases.reference_of(owner),
            row.why,
            row.asked_at,
            bool(row.reachable),
            row.done_by,
            row.done_at,
            note,
        )


def address_shown(channel: str, address: str) -> str:
    """Write a person's address as one dials it: WhatsApp's has no plus, Twilio's a name before."""
    if channel == "telegram":
        return f"Telegram id {address} (Telegram tells no number; write to them there)"
    number = address.removeprefix("whatsapp:")
    return f"+{number}" if channel == "whatsapp" and number.isdigit() else number


def need(
    session: Session, transactions: Transactions, why: str, owner: Any, now: dt.datetime
) -> None:
    """Have somebody called whom a result did not reach, unless they are to be called already.

    Args:
        owner: selects the ids of their conversation.
    """
    told = sa.select(Conversation.id, sa.literal(why), sa.literal(now, CallBack.asked_at.type))
    added = transactions.insert(CallBack).from_select(
        ["conversation_id", "why", "asked_at"], told.where(Conversation.id.in_(owner))
    )
    session.execute(
        added.on_conflict_do_nothing(
            index_elements=[CallBack.conversation_id], index_where=CallBack.done_at.is_(None)
        )
    )


def in_danger(conversation: Any) -> Any:
    """Say, as a condition, that a conversation has a result that has to reach the person."""
    return sa.exists().where(
        Assessment.conversation_id == conversation, Assessment.urgency.in_(SOON)
    )


def _open(conversation_id: str) -> Sequence[Any]:
    return [CallBack.conversation_id == conversation_id, CallBack.done_at.is_(None)]


def _tasks() -> Any:
    row = CallBack
    known = (row.number, Contact.address, Call.number)
    return (
        sa.select(
            row.id,
            row.conversation_id,
            Conversation.reference,
            row.why,
            row.asked_at,
            sa.or_(*(number.is_not(None) for number in known)).label("reachable"),
            StaffAccount.name.label("done_by"),
            row.done_at,
            row.note,
        )
        .join(Conversation, Conversation.id == row.conversation_id)
        .outerjoin(Contact, Contact.conversation_id == row.conversation_id)
        .outerjoin(Call, Call.conversation_id == row.conversation_id)
        .outerjoin(StaffAccount, StaffAccount.id == row.done_by)
    )
