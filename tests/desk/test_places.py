"""The place of each person in the list is kept with them: always what it would be if made anew."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backline.policy.rules import ALARM_RULES
from backline.store import By, Filters, Store, create_store, schema
from backline.store.cases import ALARM, CLOSED, OPEN
from backline.store.consents import forgetting
from backline.store.corrections import CorrectionKind
from backline.store.tables import Assessment, Conversation, Handling
from tests.desk.browser import add_member
from tests.desk.people import EMERGENCY, NOW, SPASM, URGENT, VIOLENCE, add_person, assessment

BY = By("Robin (account-1)", "test", NOW)
TOLD = {"emergency": EMERGENCY, "violence": VIOLENCE, "urgent": URGENT, "massage": SPASM}
KEPT = ("place", "place_order", "urgency", "outcome", "latest_assessment", "emergency_waits")
RANKS = {"emergency": 3, "urgent": 2, "soon": 1, "none": 0}
EVENTS = st.one_of(
    st.tuples(st.sampled_from(sorted(TOLD)), st.integers(1, 2)),
    st.tuples(
        st.sampled_from(("take", "close", "correct", "again", "write", "refuse")), st.just(1)
    ),
)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    made = create_store(database_url)
    made.upgrade()
    yield made
    made.close()


def kept(store: Store, conversation: str) -> tuple[Any, ...] | None:
    mine = sa.select(*(getattr(Conversation, name) for name in KEPT))
    with store._engine.connect() as connection:
        row = connection.execute(mine.where(Conversation.id == conversation)).first()
    return None if row is None else tuple(row)


def made_anew(store: Store, conversation: str) -> tuple[Any, ...]:
    """What the place is by all that is kept of somebody, without what the database keeps of it."""
    with store._engine.connect() as connection:
        results = connection.execute(
            sa.select(Assessment.__table__)
            .where(Assessment.conversation_id == conversation)
            .order_by(Assessment.id)
        ).all()
        hands = connection.execute(
            sa.select(Handling.__table__).where(Handling.conversation_id == conversation)
        ).all()
    if not results:
        return (OPEN, 0, None, None, None, False)
    closed = max((hand.assessment_id for hand in hands if hand.closed_at is not None), default=0)
    latest = results[-1].id
    of_patients = {row.patient: row for row in results}.values()
    result = max(of_patients, key=lambda row: (RANKS[row.urgency], row.id))
    waiting = [
        row
        for row in results
        if row.id > closed and (row.urgency == "emergency" or set(row.rules) & set(ALARM_RULES))
    ]
    place, order = OPEN, -RANKS[result.urgency]
    if waiting:
        place, order = ALARM, waiting[0].id
    elif closed >= latest:
        place, order = CLOSED, 0
    emergency = any(row.urgency == "emergency" for row in waiting)
    return (place, order, result.urgency, result.outcome, latest, emergency)


def happen(store: Store, member: int, conversation: str, event: str, patient: int) -> None:
    case = store.cases.find(store.cases.reference_of(conversation), member)
    latest = case.latest_assessment if case else None
    if event in TOLD:
        ended = None if event == "emergency" else "mistake"
        told = assessment(TOLD[event], patient=patient, emergency_ended=ended)
        store.record_assessment(conversation, "rest", told)
    elif event == "write":
        store.record_consent(conversation, "rest", True, "test")
    elif event == "again":
        store.takeovers.bot_spoke(conversation, asked=False, emergency=True)
    elif event == "refuse":
        with store._engine.begin() as connection:
            for statement in forgetting():
                connection.execute(sa.text(statement), {"sender_id": conversation})
    elif case is not None and event == "take":
        store.cases.take(case, member, BY)
    elif latest is not None and event == "close":
        store.cases.close(conversation, latest, member, "done", BY)
    elif latest is not None and event == "correct":
        record = assessment(EMERGENCY)
        kind = CorrectionKind.RESULT
        store.corrections.add(conversation, latest, record, kind, "reason", member, BY)


def test_the_kept_place_is_that_of_all_that_happened(store: Store) -> None:
    member = add_member(store).id

    @settings(
        max_examples=40,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(st.lists(EVENTS, min_size=1, max_size=8))
    def holds_after(events: list[tuple[str, int]]) -> None:
        conversation = secrets.token_hex(8)
        store.record_consent(conversation, "rest", True, "test")
        store.cases.name([conversation])
        for event, patient in events:
            happen(store, member, conversation, event, patient)
            assert kept(store, conversation) == made_anew(store, conversation), event
        assert store.erase(conversation)
        assert kept(store, conversation) is None

    holds_after()


def test_the_list_has_the_order_of_the_places(store: Store) -> None:
    member = add_member(store).id
    for number, event in enumerate(("massage", "urgent", "violence", "emergency", "massage")):
        add_person(store, f"person {number}", TOLD[event])
    happen(store, member, "person 4", "take", 1)
    happen(store, member, "person 1", "again", 1)
    cases = store.cases.page(member, Filters(), 0, 9)
    assert [case.conversation_id for case in cases] == [f"person {n}" for n in (2, 3, 1, 4, 0)]


def test_what_a_server_of_an_earlier_version_adds_is_in_its_place(store: Store) -> None:
    add_person(store, "ada", SPASM)
    told = {**vars(assessment(EMERGENCY)), "conversation_id": "ada", "created_at": NOW}
    del told["plan"]
    # As it does: without a word about places.
    with store._engine.begin() as connection:
        connection.execute(sa.insert(Assessment.__table__).values(told))
    assert store.cases.count_alarms() == 1
    assert kept(store, "ada") == made_anew(store, "ada")


def test_of_results_added_at_the_same_time_none_is_missed(store: Store) -> None:
    add_person(store, "family", SPASM)
    begin = threading.Barrier(4)

    def tell(patient: int) -> None:
        told = {**vars(assessment(URGENT, patient=patient)), "created_at": NOW}
        del told["plan"]
        begin.wait(20)
        with store._transactions.writing() as session:
            mine = {**told, "conversation_id": "family"}
            session.execute(sa.insert(Assessment.__table__).values(mine))

    threads = [threading.Thread(target=tell, args=(patient,)) for patient in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert kept(store, "family") == made_anew(store, "family")


def test_the_migration_gives_everybody_who_is_there_a_place(store: Store) -> None:
    member = add_member(store).id
    for name, facts in TOLD.items():
        add_person(store, name, facts)
    add_person(store, "nothing yet", None)
    add_person(store, "closed", URGENT)
    store.cases.page(member, Filters(), 0, 9)
    happen(store, member, "closed", "take", 1)
    happen(store, member, "closed", "close", 1)
    everybody = [*TOLD, "nothing yet", "closed"]
    before = [kept(store, name) for name in everybody]
    assert [row[0] for row in before if row] == [ALARM, ALARM, OPEN, OPEN, OPEN, CLOSED]
    schema.downgrade(store._engine, "0020")
    store.upgrade()
    assert [kept(store, name) for name in everybody] == before
    assert before == [made_anew(store, name) for name in everybody]


def test_a_rule_that_becomes_an_alarm_raises_who_has_its_result(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_person(store, "urgent", URGENT)
    (rule, *_) = store.cases.assessments("urgent")[0].rules
    monkeypatch.setattr(schema, "ALARM_RULES", (*ALARM_RULES, rule))
    store.upgrade()
    assert store.cases.count_alarms() == 1
    monkeypatch.setattr(schema, "ALARM_RULES", ALARM_RULES)
    store.upgrade()
    assert store.cases.count_alarms() == 0


def test_the_list_reads_its_index_and_sorts_nothing(tmp_path: Path) -> None:
    store = create_store(f"sqlite:///{tmp_path / 'backline.db'}")
    store.upgrade()
    asked: list[tuple[str, Any]] = []

    def listen(_c: Any, _k: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    sa.event.listen(store._engine, "before_cursor_execute", listen)
    store.cases.page(1, Filters(["urgent"], (), ["telegram"]), 0, 51)
    statement, parameters = next(one for one in asked if "ORDER BY" in one[0])
    with store._engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
    store.close()
    steps = " ".join(row[-1] for row in plan)
    assert "COVERING INDEX ix_conversations_place" in steps
    assert "TEMP B-TREE" not in steps
