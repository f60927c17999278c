"""What was said in a conversation, as Rasa's record of it holds it, decrypted for the desk."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from backline.store.events import EVENTS, SAID, has_events
from backline.store.field_encryption import FieldEncryption
from backline.store.reencryption import EVENT_DATA
from backline.store.transactions import Transactions

REPLIED = "bot"
"""The `type_name` of what the bot said."""


@dataclass(frozen=True)
class Utterance:
    """One message of a conversation.

    Attributes:
        by_person: the person said it; else the bot did.
        found: what was understood in it, as `Finding.to_json` gives it, without the words.
    """

    by_person: bool
    text: str
    at: dt.datetime
    found: tuple[Mapping[str, Any], ...] = ()


class Talks:
    """Reads conversations. Methods block, and raise `StoreUnavailable`, as the store's."""

    def __init__(self, transactions: Transactions, field_encryption: FieldEncryption) -> None:
        self._transactions = transactions
        self._encryption = field_encryption

    def latest(self, conversation_id: str, most: int) -> list[Utterance]:
        """List the last messages of a conversation that have words, in their order.

        Of who said no to storing there are none.

        Raises:
            Unreadable: one is encrypted with a key that is not there.
        """
        events = EVENTS.c
        newest = (
            sa.select(events.data)
            .where(events.sender_id == conversation_id, events.type_name.in_((SAID, REPLIED)))
            .order_by(events.id.desc())
            .limit(most)
        )
        with self._transactions.long_read() as session:
            kept = session.execute(newest).scalars().all() if has_events(session) else []
        read = [self._encryption.decrypt(data, *EVENT_DATA, conversation_id) for data in kept]
        said = (_utterance(json.loads(data)) for data in reversed(read))
        return [one for one in said if one is not None]

    def last_said(self, conversation_ids: Sequence[str]) -> dict[str, dt.datetime]:
        """Tell when the person of each conversation wrote last, where anything is kept of it."""
        events = EVENTS.c
        last = (
            sa.select(events.sender_id, sa.func.max(events.timestamp))
            .where(events.sender_id.in_(conversation_ids), events.type_name == SAID)
            .group_by(events.sender_id)
        )
        with self._transactions.long_read() as session:
            found = session.execute(last).all() if has_events(session) else []
        return {id_: _moment(seconds) for id_, seconds in found if seconds is not None}


def _utterance(data: Mapping[str, Any]) -> Utterance | None:
    text = data.get("text")
    if not text:
        return None
    found = (data.get("parse_data") or {}).get("entities") or []
    return Utterance(
        data.get("event") == SAID, str(text), _moment(data.get("timestamp") or 0), tuple(found)
    )


def _moment(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.timezone.utc)
