"""Answers to the consent question: kept when they are given, and what a no takes away.

The statements are plain SQL of both databases, so that a turn and its answer can be stored in one
round trip to PostgreSQL.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from backline.store.tables import UtcTime

ALWAYS = "1 = 1"
"""A condition that holds."""
_SEE = """
    INSERT INTO conversations (id, channel, created_at, last_seen_at)
    SELECT :sender_id, :channel, :now, :now WHERE {condition}
    ON CONFLICT (id) DO UPDATE SET last_seen_at = excluded.last_seen_at
"""
_KEEP = """
    INSERT INTO consents (conversation_id, given, text_version, channel, at)
    SELECT :sender_id, :given, :text_version, :channel, :now
    WHERE {condition} AND NOT EXISTS (
        SELECT 1 FROM consents AS latest
        WHERE latest.id = (SELECT max(id) FROM consents WHERE conversation_id = :sender_id)
        AND latest.given = :given AND {same_text}
    )
"""
_SAME_TEXT = "latest.text_version = :text_version"
_FORGET = (
    "DELETE FROM assessments WHERE conversation_id = :sender_id AND {condition}",
    "DELETE FROM hearings WHERE conversation_id = :sender_id AND {condition}",
    "DELETE FROM suspicions WHERE conversation_id = :sender_id AND {condition}",
    "DELETE FROM takeover_messages WHERE conversation_id = :sender_id AND {condition}",
    "DELETE FROM unanswered_questions WHERE conversation_id = :sender_id AND {condition}",
    "UPDATE outgoing_messages SET chosen = NULL WHERE conversation_id = :sender_id AND {condition}",
)
"""What was told goes with a no: results, what was heard on the phone, words kept for the clinic's
review or written to its staff, and lines that were ticked.

Rasa's record of the messages is the tracker store's to clear.
"""


@dataclass(frozen=True)
class ConsentAnswer:
    """A yes or a no to storing.

    Attributes:
        text_version: of the policy and of the wording that was answered.
        at: with a time zone.
    """

    given: bool
    channel: str
    text_version: str
    at: dt.datetime

    def parameters(self, conversation_id: str) -> dict[str, Any]:
        """Give the parameters of the statements of `keeping`."""
        return {
            "sender_id": conversation_id,
            "given": self.given,
            "channel": self.channel[:32],
            "text_version": self.text_version[:32],
            "now": self.at,
        }


def keeping(condition: str = ALWAYS, *, whatever_text: bool = False) -> list[str]:
    """Make statements that keep an answer, once as long as it stays the same.

    Args:
        condition: SQL that must hold for anything to be kept.
        whatever_text: an answer of the same kind to another wording is the same, too.
    """
    same_text = ALWAYS if whatever_text else _SAME_TEXT
    return [s.format(condition=condition, same_text=same_text) for s in (_SEE, _KEEP)]


def forgetting(condition: str = ALWAYS) -> list[str]:
    """Make statements that take away what was told in a conversation, but not that it was."""
    return [s.format(condition=condition) for s in _FORGET]


@lru_cache(maxsize=32)
def prepared(*statements: str) -> Any:
    """Prepare statements for one execution, with the types of what they name.

    Several are for PostgreSQL alone.
    """
    text = sa.text(";".join(statements))
    named = {"now": UtcTime, "given": sa.Boolean}
    return text.bindparams(
        *(sa.bindparam(name, type_=kind) for name, kind in named.items() if f":{name}" in text.text)
    )
