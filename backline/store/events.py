"""Rasa's table of events, as far as the store looks into it."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from sqlalchemy.orm import Session

TABLE = "events"
SAID = "user"
"""The `type_name` of what somebody said."""
MARK_CHARACTERS = 40

EVENTS = sa.table(
    TABLE,
    sa.column("id", sa.Integer),
    sa.column("sender_id", sa.String),
    sa.column("type_name", sa.String),
    sa.column("timestamp", sa.Float),
    sa.column("action_name", sa.String),
    sa.column("data", sa.Text),
)
"""`timestamp` is in seconds since 1970, `data` JSON or that encrypted. Of what somebody said,
`action_name` holds the mark of the message."""


def mark_of(message_id: str) -> str:
    """Make the mark by which a message that was heard is found again; it tells nothing of it."""
    return hashlib.sha256(message_id.encode()).hexdigest()[:MARK_CHARACTERS]


def has_events(session: Session) -> bool:
    """Tell whether Rasa keeps its events in this database, and has begun to."""
    return bool(sa.inspect(session.connection()).has_table(TABLE))
