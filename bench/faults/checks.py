"""What must hold of the stored conversations, whatever broke."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from backline.store import create_store
from backline.store.reencryption import EVENT_DATA
from bench.faults.patients import SCRIPTS, Script, Triage

USER_EVENTS = "SELECT sender_id, data FROM events WHERE type_name = 'user' ORDER BY id"
ASSESSMENTS = "SELECT conversation_id, outcome, urgency, rules, facts FROM assessments ORDER BY id"
CONSENTS = "SELECT conversation_id FROM consents"


@dataclass(frozen=True)
class Stored:
    """What the database holds, by conversation."""

    said: dict[str, list[str]]
    assessments: dict[str, list[str]]
    consents: Counter[str]


def stored(database_url: str) -> Stored:
    """Read it."""
    engine = sa.create_engine(database_url, future=True)
    said, assessments = defaultdict(list), defaultdict(list)
    field_encryption = create_store(database_url).field_encryption
    with engine.connect() as connection:
        for sender, data in connection.execute(sa.text(USER_EVENTS)):
            said[sender].append(
                json.loads(field_encryption.decrypt(data, *EVENT_DATA, sender))["text"]
            )
        for row in connection.execute(sa.text(ASSESSMENTS)):
            assessments[row.conversation_id].append(_fingerprint(row))
        consents = Counter(connection.execute(sa.text(CONSENTS)).scalars())
    engine.dispose()
    return Stored(dict(said), dict(assessments), consents)


def _fingerprint(row: Any) -> str:
    parts = [json.loads(p) if isinstance(p, str) else p for p in (row.rules, row.facts)]
    return f"{row.outcome}/{row.urgency} {json.dumps(parts, sort_keys=True)}"


Undisturbed = dict[Script, list[str]]
"""The assessments that each script leads to."""


def undisturbed(triages: Iterable[Triage], kept: Stored) -> Undisturbed:
    """What the scripts lead to when nothing breaks.

    Raises:
        ValueError: a script did not come to its end, or not always to the same one.
    """
    found: Undisturbed = {}
    for triage in triages:
        assessments = kept.assessments.get(triage.conversation, [])
        if not triage.finished or not assessments:
            raise ValueError(f"without a fault, no result: {triage.script}")
        if found.setdefault(triage.script, assessments) != assessments:
            raise ValueError(f"without a fault, two different ends: {triage.script}")
    missing = set(SCRIPTS) - set(found)
    if missing:
        raise ValueError(f"without a fault, nobody played {missing}")
    return found


def broken(triages: Iterable[Triage], kept: Stored, expected: Undisturbed) -> list[str]:
    """What does not hold, one sentence each; no words of a patient's."""
    wrong = []
    for triage in triages:
        who = f"{triage.channel}, {SCRIPTS.index(triage.script)}"
        said = kept.said.get(triage.conversation, [])
        assessments = kept.assessments.get(triage.conversation, [])
        due = expected[triage.script]
        if not triage.finished:
            wrong.append(f"{who}: no result after {len(triage.said)} messages")
            continue
        if len(said) != len(triage.said):
            wrong.append(f"{who}: {len(triage.said)} messages answered, {len(said)} stored")
        elif triage.channel != "telegram" and said != triage.said:
            wrong.append(f"{who}: what is stored is not what was said, or in another order")
        if len(assessments) != len(due):
            wrong.append(f"{who}: {len(assessments)} assessments stored instead of {len(due)}")
        elif assessments != due:
            wrong.append(f"{who}: another assessment than undisturbed")
        if triage.outcomes != [a.split(" ")[0] for a in due]:
            wrong.append(f"{who}: told {triage.outcomes}, stored {len(assessments)}")
        if kept.consents[triage.conversation] > 1:
            wrong.append(f"{who}: consent stored {kept.consents[triage.conversation]} times")
    return wrong
