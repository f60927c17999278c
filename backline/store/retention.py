"""Deleting what was kept: one conversation, or all that are too old, with Rasa's part of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from backline.store.events import EVENTS, has_events
from backline.store.tables import (
    Assessment,
    Contact,
    Conversation,
    Hearing,
    OutgoingMessage,
    ReceivedMessage,
    SuspicionRow,
    UnansweredQuestionRow,
)
from backline.store.takeover_tables import TakeoverMessageRow, TakeoverRow

UNANSWERED_KEPT = dt.timedelta(hours=24)
"""How long words are kept whose writer was asked for consent and gave no answer."""
BATCH = 500
SEARCH_MS = 60_000


def delete(session: Session, ids: Sequence[str], *, unread: bool = True) -> int:
    """Delete conversations; returns the number of rows they had, without those that cascade.

    Messages that wait to be read stay where `unread` is False.
    """
    rows = session.execute(sa.delete(Conversation).where(Conversation.id.in_(ids))).rowcount
    for table in (Contact, OutgoingMessage):
        mine = sa.delete(table).where(table.conversation_id.in_(ids))
        rows += session.execute(mine.execution_options(synchronize_session=False)).rowcount
    if unread:
        # As of a message that was heard, the key is left: it may be delivered again.
        theirs = sa.update(ReceivedMessage).where(ReceivedMessage.conversation_id.in_(ids))
        emptied = theirs.values(body=None, conversation_id=None)
        rows += session.execute(emptied.execution_options(synchronize_session=False)).rowcount
    if has_events(session):
        rows += session.execute(sa.delete(EVENTS).where(EVENTS.c.sender_id.in_(ids))).rowcount
    return int(rows)


def stale(session: Session, cut: dt.datetime, among: Sequence[str] | None = None) -> list[str]:
    """Find conversations without a sign of life since `cut`, those only Rasa knows included.

    With `among`, only these are looked at, and stay as they are until the transaction ends.
    """
    ours = sa.select(Conversation.id).where(Conversation.last_seen_at < cut)
    if among is not None:
        ours = ours.where(Conversation.id.in_(among)).with_for_update()
    writes = sa.exists().where(
        Contact.conversation_id == Conversation.id, Contact.last_message_at >= cut
    )
    ours = ours.where(~writes)
    silent = _silent_contacts(session, cut, among)
    if not has_events(session):
        return sorted({*session.execute(ours).scalars(), *silent})
    since = cut.timestamp()
    events = EVENTS.c
    lively = sa.exists().where(events.sender_id == Conversation.id, events.timestamp >= since)
    known = sa.exists().where(Conversation.id == events.sender_id)
    foreign = (
        sa.select(events.sender_id)
        .where(
            ~known,
            ~sa.exists().where(
                Contact.conversation_id == events.sender_id, Contact.last_message_at >= cut
            ),
        )
        .group_by(events.sender_id)
        .having(sa.func.max(sa.func.coalesce(events.timestamp, 0)) < since)
    )
    if among is not None:
        foreign = foreign.where(events.sender_id.in_(among))
    alive = sa.select(events.sender_id).where(
        events.sender_id.in_(silent), events.timestamp >= since
    )
    return sorted(
        {
            *session.execute(ours.where(~lively)).scalars(),
            *session.execute(foreign).scalars(),
            *(set(silent) - set(session.execute(alive).scalars())),
        }
    )


def unanswered(session: Session, cut: dt.datetime, among: Sequence[str] | None = None) -> list[str]:
    """Find conversations silent since `cut`, where consent was neither given nor refused.

    One with a result, as of an emergency, which is told and kept before consent, is none of them.
    """
    if not has_events(session):
        return []
    events = EVENTS.c
    answer = EVENTS.alias("answer")
    answered = sa.exists().where(
        answer.c.sender_id == events.sender_id,
        answer.c.type_name == "slot",
        answer.c.action_name == "consent",
    )
    assessed = sa.exists().where(Assessment.conversation_id == events.sender_id)
    found = (
        sa.select(events.sender_id)
        .where(~answered, ~assessed)
        .group_by(events.sender_id)
        .having(sa.func.max(sa.func.coalesce(events.timestamp, 0)) < cut.timestamp())
    )
    if among is not None:
        found = found.where(events.sender_id.in_(among))
    return list(session.execute(found).scalars())


def forget_words(session: Session, ids: Sequence[str]) -> None:
    """Delete what was said in conversations, and nothing else of them: who stopped has stopped."""
    session.execute(sa.delete(EVENTS).where(EVENTS.c.sender_id.in_(ids)))
    words = (Hearing, SuspicionRow, UnansweredQuestionRow, TakeoverMessageRow, TakeoverRow)
    for table in words:
        theirs = sa.delete(table).where(table.conversation_id.in_(ids))
        session.execute(theirs.execution_options(synchronize_session=False))


def _silent_contacts(session: Session, cut: dt.datetime, among: Sequence[str] | None) -> list[str]:
    """Those who wrote through a messaging service, and whose conversation is not kept elsewhere."""
    kept = sa.exists().where(Conversation.id == Contact.conversation_id)
    silent = sa.select(Contact.conversation_id).where(Contact.last_message_at < cut, ~kept)
    if among is not None:
        silent = silent.where(Contact.conversation_id.in_(among))
    return list(session.execute(silent).scalars())


def take_time(session: Session) -> None:
    """Allow this transaction a search through all events."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text(f"SET LOCAL statement_timeout = {SEARCH_MS}"))


def all_ids(session: Session) -> list[str]:
    """List the ids of all conversations that anything is kept of."""
    places: list[Any] = [
        Conversation.id,
        Contact.conversation_id,
        ReceivedMessage.conversation_id,
        OutgoingMessage.conversation_id,
    ]
    if has_events(session):
        places.append(EVENTS.c.sender_id)
    found: set[str] = set()
    for place in places:
        ids = sa.select(place).where(place.is_not(None)).distinct()
        found.update(session.execute(ids).scalars())
    return sorted(found)


def batches(ids: Sequence[Any]) -> Iterator[list[Any]]:
    """Cut into portions that fit into one statement and leave others their turn to write."""
    remaining = iter(ids)
    while portion := list(islice(remaining, BATCH)):
        yield portion
