"""Conversations in which staff of the clinic answer in place of the bot.

What staff write, and what the bot says about them, is kept here, and carried to the person by the
servers that have their channel: the desk knows no channel. For each person all of it is kept in
one order, since whoever adds to it holds the conversation.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from backline.clock import utcnow
from backline.store.audit import Audit, By
from backline.store.events import mark_of
from backline.store.field_encryption import FieldEncryption
from backline.store.outbox import OutboundMessage, add_messages, cancel_waiting
from backline.store.tables import (
    Assessment,
    Contact,
    Conversation,
    Handling,
    OutgoingMessage,
    Plan,
    StaffAccount,
)
from backline.store.takeover_tables import TakeoverMessageRow, TakeoverRow
from backline.store.transactions import Transactions, update_rows

WORDS = ("takeover_messages.text",)
"""What messages are encrypted as, before the conversation they belong to."""
OPTED_OUT = "opted_out"
MOST_STANDING = 100
"""More of a list nobody reads."""


class Author(str, Enum):
    """Who says something while staff answer."""

    PERSON = "person"
    STAFF = "staff"
    BOT = "bot"


class BotHears(str, Enum):
    """What the bot still answers while staff have a conversation.

    `DANGER` is what must be heard, whoever answers. With `LISTS`, while nothing was said since the
    bot asked, a number is one of the list that is open. With `ANSWER` the bot has asked something
    about a danger, and hears what comes next.
    """

    LISTS = "lists"
    ANSWER = "answer"
    DANGER = "danger"


@dataclass(frozen=True)
class Takeover:
    """That a person asked for somebody of the clinic, or who answers them.

    Attributes:
        taken_by: the account; None while nobody has taken it.
        name: of that account.
    """

    conversation_id: str
    asked_at: dt.datetime | None
    taken_by: int | None
    name: str | None
    taken_at: dt.datetime | None


@dataclass(frozen=True)
class TakeoverMessage:
    """Something that was said while staff answered, or before they came.

    Attributes:
        account: the name of who of the staff wrote it, or had the bot say it.
        name: what the person is told of who wrote it.
        asks_again: the bot goes on after it, with the question that is open.
        state: of the message that carries it, as `tables.OutgoingMessage` has it; None where none
            does, or not yet.
    """

    id: int
    author: Author
    text: str
    at: dt.datetime
    account: str | None
    name: str | None
    asks_again: bool
    state: str | None


class Takeovers:
    """Keeps who answers, and what is said then. Methods block, and raise `StoreUnavailable`.

    What staff do is kept in the audit log in the same transaction.
    """

    def __init__(
        self, transactions: Transactions, field_encryption: FieldEncryption, audit: Audit
    ) -> None:
        self._transactions = transactions
        self._encryption = field_encryption
        self._audit = audit

    # ---- What staff do --------------------------------------------------------------------------

    def take(
        self, conversation_id: str, account_id: int, notice: str, by: By, instead_of: int | None
    ) -> bool:
        """Take a conversation over; False if somebody else was faster.

        Args:
            notice: what the bot tells the person.
            instead_of: the account that had it when it was looked at.
        """
        row = TakeoverRow
        standing = [row.conversation_id == conversation_id, row.ended_at.is_(None)]
        values = {"taken_by": account_id, "taken_at": by.at, "bot_hears": BotHears.LISTS.value}
        new = self._transactions.insert(row).values(conversation_id=conversation_id, **values)
        only = new.on_conflict_do_nothing(
            index_elements=[row.conversation_id], index_where=row.ended_at.is_(None)
        )
        with self._transactions.writing() as session:
            if not _hold(session, conversation_id):
                return False
            from_them = [*standing, row.taken_by.is_not_distinct_from(instead_of)]
            changed = update_rows(session, row, from_them, **values)
            if not changed and (instead_of is not None or not session.execute(only).rowcount):
                return False
            self._add(session, conversation_id, Author.BOT, notice, by.at, account_id=account_id)
            self._audit.add_in(session, by.look("talk_taken", self._about(conversation_id)))
            return True

    def write(
        self, conversation_id: str, account_id: int, name: str, text: str, form: str, by: By
    ) -> bool:
        """Have staff say something; False if they do not have the conversation any more.

        Args:
            name: what the person is told of who wrote it.
            form: names the form it was written in: the same words sent twice are said once.
        """
        mine = [
            TakeoverRow.conversation_id == conversation_id,
            TakeoverRow.ended_at.is_(None),
            TakeoverRow.taken_by == account_id,
        ]
        with self._transactions.writing() as session:
            _hold(session, conversation_id)
            if not update_rows(session, TakeoverRow, mine, bot_hears=BotHears.DANGER.value):
                return False
            new = self._add(
                *(session, conversation_id, Author.STAFF, text, by.at),
                account_id=account_id,
                name=name,
                # With its words: a form that a browser shows once more says something else.
                mark=mark_of(f"form {form} {text}"),
            )
            if new:
                self._audit.add_in(session, by.look("talk_written", self._about(conversation_id)))
            return True

    def hand_back(self, conversation_id: str, account_id: int, words: str, by: By) -> bool:
        """Give a conversation back to the bot; False if who does so does not have it any more.

        Args:
            words: what the bot says before it goes on.
        """
        mine = [
            TakeoverRow.conversation_id == conversation_id,
            TakeoverRow.taken_by == account_id,
        ]
        with self._transactions.writing() as session:
            _hold(session, conversation_id)
            if not _end(session, mine, by.at):
                return False
            self._add(
                *(session, conversation_id, Author.BOT, words, by.at),
                account_id=account_id,
                asks_again=True,
            )
            self._audit.add_in(session, by.look("talk_handed_back", self._about(conversation_id)))
            return True

    # ---- What the person does -------------------------------------------------------------------

    def ask(self, conversation_id: str, channel: str, now: dt.datetime) -> None:
        """Keep that a person asked for somebody of the clinic."""
        row = TakeoverRow
        asked = self._transactions.insert(row).values(
            conversation_id=conversation_id, asked_at=now, bot_hears=BotHears.LISTS.value
        )
        with self._transactions.writing() as session:
            self._transactions.touch(session, conversation_id, channel, now)
            session.execute(
                asked.on_conflict_do_nothing(
                    index_elements=[row.conversation_id], index_where=row.ended_at.is_(None)
                )
            )

    def keep(self, conversation_id: str, channel: str, text: str, message_id: str | None) -> bool:
        """Keep what a person wrote to staff, once; False if the bot answers again meanwhile."""
        row, now = TakeoverRow, utcnow()
        taken = sa.select(row.id).where(
            row.conversation_id == conversation_id,
            row.ended_at.is_(None),
            row.taken_by.is_not(None),
        )
        with self._transactions.writing() as session:
            self._transactions.touch(session, conversation_id, channel, now)
            if session.execute(taken).first() is None:
                return False
            mark = mark_of(message_id) if message_id else None
            self._add(session, conversation_id, Author.PERSON, text, now, mark=mark)
            return True

    def bot_spoke(self, conversation_id: str, *, asked: bool, emergency: bool) -> None:
        """Note that the bot answered although staff have the conversation.

        Args:
            asked: what comes next answers it.
            emergency: it told one: if staff had closed that already, it stands on top again.
        """
        hears = BotHears.ANSWER if asked else BotHears.DANGER
        standing = [TakeoverRow.conversation_id == conversation_id, TakeoverRow.ended_at.is_(None)]
        with self._transactions.writing() as session:
            _hold(session, conversation_id)
            update_rows(session, TakeoverRow, standing, bot_hears=hears.value)
            if emergency:
                _raise_again(session, conversation_id, utcnow())

    # ---- Who waits ------------------------------------------------------------------------------

    def standing(self, conversation_ids: Sequence[str] | None = None) -> list[Takeover]:
        """List who asked for staff or is answered by them, the longest asking first.

        Args:
            conversation_ids: of these alone; None for all, `MOST_STANDING` of them at most.
        """
        row = TakeoverRow
        found = (
            sa.select(
                row.conversation_id,
                row.asked_at,
                row.taken_by,
                StaffAccount.name,
                row.taken_at,
            )
            .outerjoin(StaffAccount, StaffAccount.id == row.taken_by)
            .where(row.ended_at.is_(None))
            .order_by(row.asked_at, row.id)
            .limit(MOST_STANDING)
        )
        if conversation_ids is not None:
            found = found.where(row.conversation_id.in_(conversation_ids))
        with self._transactions.reading() as session:
            return [Takeover(*r) for r in session.execute(found)]

    def of(self, conversation_id: str) -> Takeover | None:
        """Find who answers a conversation, or that its person asked for somebody."""
        return next(iter(self.standing([conversation_id])), None)

    def nobody_came(self, since: dt.datetime, words: str, now: dt.datetime) -> int:
        """Tell those who asked for staff until then, and whom nobody took over; count them."""
        row = TakeoverRow
        return self._end_all([row.taken_by.is_(None), row.asked_at <= since], words, now)

    def nobody_is_there(self, since: dt.datetime, words: str, now: dt.datetime) -> int:
        """Give back to the bot whom staff took over, and whose last words wait since then.

        Args:
            words: what the bot says before it goes on.
        """
        row, said = TakeoverRow, aliased(TakeoverMessageRow)
        later = sa.exists().where(
            said.conversation_id == TakeoverMessageRow.conversation_id,
            said.id > TakeoverMessageRow.id,
        )
        waits = sa.exists().where(
            TakeoverMessageRow.conversation_id == row.conversation_id,
            TakeoverMessageRow.author == Author.PERSON.value,
            TakeoverMessageRow.at <= since,
            ~later,
        )
        left = [row.taken_by.is_not(None), waits]
        return self._end_all(left, words, now, asks_again=True)

    def _end_all(self, which: Sequence[Any], words: str, now: dt.datetime, **values: Any) -> int:
        late = sa.select(TakeoverRow.conversation_id).where(TakeoverRow.ended_at.is_(None), *which)
        with self._transactions.reading() as session:
            ids = session.execute(late).scalars().all()
        told = 0
        for id_ in ids:
            with self._transactions.writing() as session:
                _hold(session, id_)
                # Another server may have told them, or somebody has come.
                if _end(session, [TakeoverRow.conversation_id == id_, *which], now):
                    self._add(session, id_, Author.BOT, words, now, **values)
                    told += 1
        return told

    # ---- What is said, and how it gets to the person --------------------------------------------

    def messages(self, conversation_id: str, most: int | None = None) -> list[TakeoverMessage]:
        """List what was said while staff answered.

        Args:
            most: so many of them, the latest ones; None for all.

        Raises:
            Unreadable: one is encrypted with a key that is not there.
        """
        row = TakeoverMessageRow
        latest = _messages(conversation_id).order_by(None).order_by(row.id.desc())
        return self._read(latest.limit(most))[::-1]

    def news(self, conversation_id: str, after: int) -> list[TakeoverMessage]:
        """List what the person is to see that came after a message of theirs or of ours."""
        row = TakeoverMessageRow
        theirs = _messages(conversation_id).where(row.id > after)
        return self._read(theirs.where(row.author != Author.PERSON.value))

    def latest_news(self, since: dt.datetime) -> dict[str, int]:
        """Give, of conversations in which something was said since then, the latest id."""
        row = TakeoverMessageRow
        latest = (
            sa.select(row.conversation_id, sa.func.max(row.id))
            .where(row.at >= since, row.author != Author.PERSON.value)
            .group_by(row.conversation_id)
        )
        with self._transactions.reading() as session:
            return {id_: int(last) for id_, last in session.execute(latest)}

    def to_pass_on(self, conversation_id: str) -> list[TakeoverMessage]:
        """List what is to be put into the outbox of a messaging service."""
        return self._read(_messages(conversation_id).where(*_not_passed_on()))

    def waiting_on(self, channel: str) -> list[str]:
        """List conversations of a messaging service with something to be put into its outbox."""
        row = TakeoverMessageRow
        waiting = (
            sa.select(row.conversation_id)
            .join(Conversation, Conversation.id == row.conversation_id)
            .where(Conversation.channel == channel, *_not_passed_on())
            .distinct()
        )
        with self._transactions.reading() as session:
            return list(session.execute(waiting).scalars())

    def pass_on(
        self,
        conversation_id: str,
        channel: str,
        carried: Sequence[tuple[int, Sequence[OutboundMessage]]],
    ) -> None:
        """Make messages due, each once; of who wants no more messages they are given up.

        Args:
            carried: of each message its id, and what carries it.
        """
        now = utcnow()
        row, stopped = TakeoverMessageRow, sa.select(Contact.opted_out_at)
        with self._transactions.writing() as session:
            _hold(session, conversation_id)
            for id_, outgoing in carried:
                if not update_rows(session, row, [row.id == id_, *_not_passed_on()], outgoing_id=0):
                    continue
                ids = add_messages(session, conversation_id, channel, outgoing, now)
                update_rows(session, row, [row.id == id_], outgoing_id=ids[0])
            theirs = stopped.where(Contact.conversation_id == conversation_id)
            if session.execute(theirs).scalar() is not None:
                cancel_waiting(session, conversation_id, OPTED_OUT)

    def _about(self, conversation_id: str) -> str:
        return self._audit.about(conversation_id)

    def _add(
        self,
        session: Session,
        conversation_id: str,
        author: Author,
        text: str,
        at: dt.datetime,
        *,
        mark: str | None = None,
        **values: Any,
    ) -> bool:
        insert = self._transactions.insert(TakeoverMessageRow).values(
            conversation_id=conversation_id,
            author=author.value,
            text=self._encryption.cipher.encrypt(text, *WORDS, conversation_id),
            at=at,
            mark=mark,
            **{"asks_again": False, **values},
        )
        return bool(session.execute(insert.on_conflict_do_nothing()).rowcount)

    def _read(self, statement: Any) -> list[TakeoverMessage]:
        with self._transactions.reading() as session:
            rows = session.execute(statement).all()
        return [
            TakeoverMessage(
                r.id,
                Author(r.author),
                self._encryption.decrypt(r.text, *WORDS, str(r.conversation_id)),
                r.at,
                r.account,
                r.name,
                bool(r.asks_again),
                r.state,
            )
            for r in rows
        ]


def _messages(conversation_id: str) -> Any:
    row = TakeoverMessageRow
    return (
        sa.select(
            row.id,
            row.conversation_id,
            row.author,
            row.text,
            row.at,
            StaffAccount.name.label("account"),
            row.name,
            row.asks_again,
            OutgoingMessage.state,
        )
        .outerjoin(StaffAccount, StaffAccount.id == row.account_id)
        .outerjoin(OutgoingMessage, OutgoingMessage.id == row.outgoing_id)
        .where(row.conversation_id == conversation_id)
        .order_by(row.id)
    )


def _not_passed_on() -> tuple[Any, ...]:
    row = TakeoverMessageRow
    return row.outgoing_id.is_(None), row.author != Author.PERSON.value


def _hold(session: Session, conversation_id: str) -> bool:
    """Have others wait who add to the conversation; False if it is not there any more."""
    mine = sa.select(Conversation.id).where(Conversation.id == conversation_id)
    return session.execute(mine.with_for_update(key_share=True)).first() is not None


def _end(session: Session, whose: Sequence[Any], now: dt.datetime) -> bool:
    standing = [*whose, TakeoverRow.ended_at.is_(None)]
    return bool(update_rows(session, TakeoverRow, standing, ended_at=now))


def _raise_again(session: Session, conversation_id: str, now: dt.datetime) -> None:
    """Keep the latest emergency once more if staff had closed it: it was told again."""
    row, hand = Assessment, Handling
    latest = sa.select(sa.func.max(row.id)).where(
        row.conversation_id == conversation_id, row.urgency == "emergency"
    )
    told = session.execute(latest).scalar()
    closed = sa.select(sa.func.max(hand.assessment_id)).where(
        hand.conversation_id == conversation_id, hand.closed_at.is_not(None)
    )
    if told is None or (session.execute(closed).scalar() or 0) < told:
        return
    new = _copy(session, row, told, created_at=now)
    plan = session.execute(sa.select(Plan.id).where(Plan.assessment_id == told)).scalar()
    if plan is not None:
        _copy(session, Plan, plan, assessment_id=new)


def _copy(session: Session, table: Any, id_: int, **changes: Any) -> int:
    columns = [column for column in table.__table__.c if column.name != "id"]
    kept = session.execute(sa.select(*columns).where(table.id == id_)).mappings().one()
    new = sa.insert(table.__table__).values({**kept, **changes})
    return int(session.execute(new).inserted_primary_key[0])
