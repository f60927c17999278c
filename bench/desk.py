"""Measures each page of the clinic's desk with 50,000 conversations; `make bench-desk`.

usage: python -m bench.desk [--conversations N] [--postgresql URL]

The URL is that of an empty database. Exit code 1 where a page takes longer than it may.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from backline.clock import utcnow
from backline.desk.tokens import hash_of
from backline.facts import Facts
from backline.policy import decide
from backline.store import By, Filters, Role, Scope, Store, create_store
from backline.store.events import EVENTS
from backline.store.reencryption import EVENT_DATA
from backline.store.tables import Assessment, Consent, Conversation, Handling, Plan
from bench.report import measured_by
from bench.systems import PROJECT
from tests.desk.browser import Browser, add_member, desk_on
from tests.desk.people import EMERGENCY, SPASM, URGENT, add_person

REPORT = PROJECT / "docs" / "performance-desk.md"
CONVERSATIONS = 50_000
PORTION = 250
MESSAGES = 6
TIMES = 15
MOST_MS = 300.0
CHANNELS = ("socketio", "telegram", "whatsapp", "phone")
KINDS: tuple[dict[str, Any] | None, ...] = (
    *(SPASM, {**SPASM, "pain_duration": 200}, {**SPASM, "health_conditions": ["fever"]}, URGENT),
    *({**SPASM, "health_conditions": ["pregnancy"]}, {**SPASM, "age": 71}, EMERGENCY, None),
)
"""What people told, one after the other; None has no result."""
OPEN_ALARMS = 40
TOKEN = "backline_bench"  # noqa: S105 - of a database that is thrown away


def fill(store: Store, count: int, member: int) -> None:
    """Have so many people written in the last year; all but the last emergencies are closed."""
    # The table of Rasa's record is made by the first message.
    add_person(store, "first", SPASM, words=("hello",))
    with store._engine.begin() as connection:
        # As Rasa has it.
        connection.execute(sa.text("CREATE INDEX ix_events_sender_id ON events (sender_id)"))
    made = [None if kind is None else _values(kind) for kind in KINDS]
    for begin in range(0, count, PORTION):
        numbers = range(begin, min(begin + PORTION, count))
        rows = [
            _person(store, number, count, made[number % len(made)], member) for number in numbers
        ]
        with store._engine.begin() as connection:
            for table in (Conversation, Consent, Assessment, Plan, Handling):
                found = [row for person in rows for row in person.get(table, ())]
                if found:
                    connection.execute(sa.insert(table.__table__), found)
            said = [row for person in rows for row in person[EVENTS]]
            connection.execute(sa.insert(EVENTS), said)
    if not store._transactions.is_sqlite:
        with store._engine.begin() as connection:
            connection.execute(sa.text("ANALYZE"))


def _values(facts: dict[str, Any]) -> dict[str, Any]:
    decided = decide(Facts.from_json(facts))
    row = {"outcome": decided.outcome.value, "urgency": decided.urgency.value}
    row |= {"rules": decided.rule_ids, "reasons": [], "facts": facts, "patient": 1}
    return {"row": row, "plan": decided.plan.to_json()}


def _person(
    store: Store, number: int, count: int, made: dict[str, Any] | None, member: int
) -> dict[Any, list[dict[str, Any]]]:
    id_, at = secrets.token_hex(16), utcnow() - dt.timedelta(days=365 * (1 - number / count))
    owner = {"conversation_id": id_}
    text = json.dumps({"event": "user", "text": "my back hurts", "timestamp": at.timestamp()})
    data = store.field_encryption.encrypt(text, *EVENT_DATA, id_)
    event = {"sender_id": id_, "type_name": "user", "timestamp": at.timestamp(), "data": data}
    channel, reference = CHANNELS[number % 4], store.cases.reference_of(id_)
    seen = {"created_at": at, "last_seen_at": at, "channel": channel, "reference": reference}
    rows: dict[Any, list[dict[str, Any]]] = {
        Conversation: [{"id": id_, **seen}],
        Consent: [{**owner, "given": True, "text_version": "bench", "at": at}],
        EVENTS: [event] * MESSAGES,
    }
    if made is not None:
        # Ids of its own: the person before them was number 1.
        key = {"id": number + 2}
        versions = {"policy_version": "bench", "model_version": "bench", "created_at": at}
        rows[Assessment] = [{**key, **owner, **made["row"], **versions}]
        rows[Plan] = [{"assessment_id": number + 2, **made["plan"]}]
        if made["row"]["urgency"] != "emergency" or number < count - OPEN_ALARMS * len(KINDS):
            took = {"taken_by": member, "taken_at": at, "closed_by": member}
            rows[Handling] = [{**owner, "assessment_id": number + 2, **took, "closed_at": at}]
    return rows


def pages(store: Store) -> Iterator[tuple[str, str]]:
    """Name each page, with an address of it."""
    case = store.cases.page(1, Filters(), 0, 1)[0]
    person = f"/desk/person/{case.reference}"
    yield "the list", "/desk"
    yield "the list, filtered", "/desk?urgency=urgent&channel=telegram"
    yield "the list, page 50", "/desk?page=50"
    yield "its look for news", "/desk/inbox/rows"
    yield "a person", person
    yield "a summary", f"{person}/summary"
    yield "a correction", f"{person}/correct?result={case.latest_assessment}"
    yield "figures of 30 days", "/desk/figures"
    yield "figures of a year", "/desk/figures?days=365"
    yield "words for review", "/desk/review"
    yield "the policy", "/desk/policy"
    yield "export, its form", "/desk/export"
    yield "the audit log", "/desk/audit"
    yield "the read API, cases", "/desk/api/v1/cases"
    yield "the read API, assessments", "/desk/api/v1/assessments?after=30000"


def measure(store: Store) -> dict[str, float]:
    """Give the median of each page, in ms, with the whole way through the application."""
    desk = desk_on(store)
    browser = Browser.signed_in(store, Role.ADMINISTRATOR, desk)
    browser.client.headers["Authorization"] = f"Bearer {TOKEN}"
    found = {}
    for name, address in pages(store):
        taken = []
        for _ in range(TIMES + 1):
            begun = time.perf_counter()
            answer = browser.client.get(address)
            taken.append(1000 * (time.perf_counter() - begun))
            assert answer.status_code == 200, (address, answer.status_code)
        found[name] = statistics.median(taken[1:])
        print(f"{name}: {found[name]:.0f} ms", flush=True)
    return found


def run(database_url: str, count: int) -> dict[str, float]:
    """Fill an empty database and measure on it."""
    store = create_store(database_url)
    store.upgrade()
    member = add_member(store)
    now = utcnow()
    by = By("bench", "bench", now)
    ends_at = now + dt.timedelta(days=1)
    store.api_tokens.add("bench", hash_of(TOKEN), list(Scope), ends_at, by)
    begun = time.perf_counter()
    fill(store, count, member.id)
    print(f"filled in {time.perf_counter() - begun:.0f} s", flush=True)
    try:
        return measure(store)
    finally:
        store.close()


def report(by_database: dict[str, dict[str, float]], count: int) -> str:
    """Write the page."""
    names = list(next(iter(by_database.values())))
    heads = " | ".join(f"{database}, ms" for database in by_database)
    lines = [
        "# Performance of the desk",
        "",
        f"Each page of [the desk](desk.md) with {count:,} conversations of a year, {MESSAGES} "
        f"messages each: the median of {TIMES} requests",
        f"through the whole application. None may take longer than {MOST_MS:.0f} ms.",
        "",
        measured_by("make bench-desk"),
        "",
        f"| page | {heads} |",
        f"|---|{'---:|' * len(by_database)}",
    ]
    for name in names:
        lines.append(f"| {name} | {' | '.join(f'{of[name]:.0f}' for of in by_database.values())} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure on SQLite, and on PostgreSQL where one is given; write the report."""
    parser = argparse.ArgumentParser(prog="python -m bench.desk")
    parser.add_argument("--conversations", type=int, default=CONVERSATIONS)
    parser.add_argument("--postgresql", help="URL of an empty database", default=None)
    options = parser.parse_args()
    count = options.conversations
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        found["SQLite"] = run(f"sqlite:///{folder}/desk.db", count)
    if options.postgresql:
        found["PostgreSQL"] = run(options.postgresql, count)
    if count == CONVERSATIONS:
        REPORT.write_text(report(found, count), encoding="utf-8")
    slow = {(d, name) for d, of in found.items() for name, ms in of.items() if ms > MOST_MS}
    if slow:
        sys.exit(f"slower than {MOST_MS:.0f} ms: {sorted(slow)}")


if __name__ == "__main__":
    main()
