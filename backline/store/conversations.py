"""The row that all of a conversation hangs on."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from backline.store.tables import Conversation
from backline.store.transactions import Transactions


def see(
    transactions: Transactions,
    session: Session,
    conversation_id: str,
    channel: str,
    now: dt.datetime,
) -> None:
    """Note a sign of life, and hold the conversation until the transaction ends."""
    session.execute(
        transactions.insert(Conversation)
        .values(id=conversation_id, channel=channel[:32], created_at=now, last_seen_at=now)
        .on_conflict_do_update(
            index_elements=[Conversation.id], set_={Conversation.last_seen_at: now}
        )
    )
