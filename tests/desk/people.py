"""People who wrote, as the store has them after a conversation, for tests of the clinic's desk."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import sqlalchemy as sa

from backline.facts import Facts
from backline.policy import decide
from backline.store import AssessmentRecord, Store
from backline.store.events import EVENTS
from backline.store.reencryption import EVENT_DATA

NOW = dt.datetime(2026, 11, 30, 9, 0, tzinfo=dt.timezone.utc)
EMERGENCY = {"emergency_signs": ["saddle_numbness"], "age": 48, "pain_location": "lower_back"}
VIOLENCE = {"emergency_signs": [], "health_conditions": ["violence"]}
URGENT = {"emergency_signs": [], "health_conditions": ["fever"], "pain_severity": 5}
SPASM: dict[str, Any] = {
    "emergency_signs": [],
    "health_conditions": [],
    "pain_severity": 4,
    "pain_duration": 14,
    "recent_injury": False,
    "leg_symptoms": "none",
    "muscle_spasm": True,
    "massage_response": "none_yet",
    "age": 36,
}


def assessment(facts: dict[str, Any], **changes: Any) -> AssessmentRecord:
    """What the policy makes of facts, as it is stored."""
    decided = decide(Facts.from_json(facts))
    values: dict[str, Any] = {
        "facts": facts,
        "outcome": decided.outcome.value,
        "urgency": decided.urgency.value,
        "rules": decided.rule_ids,
        "reasons": [reason.code for reason in decided.reasons],
        "plan": decided.plan,
        "policy_version": decided.policy_version,
        "model_version": "test",
    }
    return AssessmentRecord(**{**values, **changes})


def add_person(
    store: Store,
    conversation: str,
    facts: dict[str, Any] | None,
    *,
    channel: str = "socketio",
    words: tuple[str, ...] = (),
    agreed: bool | None = True,
) -> None:
    """Have somebody write, agree to storing or not, and get a result if there are facts."""
    if agreed is not None:
        store.record_consent(conversation, channel, agreed, "test")
    if facts is not None:
        store.record_assessment(conversation, channel, assessment(facts))
    for place, text in enumerate(words):
        say(store, conversation, text, NOW + dt.timedelta(minutes=place))


def say(
    store: Store,
    conversation: str,
    text: str,
    at: dt.datetime,
    *,
    kind: str = "user",
    entities: tuple[dict[str, Any], ...] = (),
) -> None:
    """Put a message into Rasa's record, as its tracker store writes it."""
    data: dict[str, Any] = {"event": kind, "text": text, "timestamp": at.timestamp()}
    if kind == "user":
        data["parse_data"] = {"entities": list(entities)}
    row = {
        "sender_id": conversation,
        "type_name": kind,
        "timestamp": at.timestamp(),
        "data": store.field_encryption.encrypt(json.dumps(data), *EVENT_DATA, conversation),
    }
    with store._engine.begin() as connection:
        connection.execute(_events_table(connection))
        connection.execute(sa.insert(EVENTS), row)


def _events_table(connection: Any) -> Any:
    """Rasa makes it at its first start."""
    id_ = "SERIAL" if connection.dialect.name == "postgresql" else "INTEGER"
    return sa.text(
        f"CREATE TABLE IF NOT EXISTS events (id {id_} PRIMARY KEY, sender_id VARCHAR(255), "
        "type_name VARCHAR(255), timestamp FLOAT, intent_name VARCHAR(255), "
        "action_name VARCHAR(255), data TEXT)"
    )
