"""Figures: who came, where they stopped, what they were told, how soon they were taken in hand."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from backline.desk.app import application
from backline.desk.corrections import RESULTS
from backline.desk.emergency_share import FEWEST
from backline.desk.figures import time_of, waited
from backline.desk.visits import Desk
from backline.desk.words import load_words
from backline.settings import load_settings
from backline.store import (
    By,
    CorrectionKind,
    Role,
    Store,
    SuspicionRecord,
    UnansweredQuestion,
    create_store,
)
from backline.store.events import EVENTS
from backline.store.figures import ToldOften, Wait
from backline.store.reencryption import EVENT_DATA
from backline.store.tables import Assessment
from tests.desk.browser import OWN, QUICK, Browser, add_member
from tests.desk.people import EMERGENCY, NOW, SPASM, add_person, assessment, say

EVER = dt.datetime(2020, 1, 1, tzinfo=dt.timezone.utc)
SETTINGS = load_settings({})


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    made = create_store(database_url)
    made.upgrade()
    yield made
    made.close()


def correct(store: Store, conversation: str, to: str) -> None:
    """Somebody sets another result."""
    kept = store.cases.assessments(conversation)[0]
    outcome, urgency, plan = RESULTS[to]
    values = {"outcome": outcome.value, "urgency": urgency.value, "plan": plan, "rules": []}
    record = assessment(dict(kept.facts), **values)
    by, member = By("Robin", "test", dt.datetime.now(dt.timezone.utc)), add_member(store)
    given = (record, CorrectionKind.RESULT, "seen", member.id, by)
    assert store.corrections.add(conversation, kept.id, *given)


def asks(store: Store, conversation: str, slot: str) -> None:
    """Rasa keeps which question is open."""
    say(store, conversation, "hello", NOW)
    data = {"event": "slot", "name": "requested_slot", "value": slot, "timestamp": 1}
    row = {
        "sender_id": conversation,
        "type_name": "slot",
        "action_name": "requested_slot",
        "timestamp": NOW.timestamp(),
        "data": store.field_encryption.encrypt(json.dumps(data), *EVENT_DATA, conversation),
    }
    with store._engine.begin() as connection:
        connection.execute(sa.insert(EVENTS), row)


def test_people_are_counted_by_channel(store: Store) -> None:
    for number, channel in enumerate(("socketio", "telegram", "socketio")):
        add_person(store, f"p{number}", SPASM, channel=channel)
    assert store.figures.channels(EVER) == {"socketio": 2, "telegram": 1}
    assert not store.figures.channels(dt.datetime.now(dt.timezone.utc) + dt.timedelta(days=1))


def test_results_are_counted_by_the_rule_that_decided_as_the_bot_told_them(store: Store) -> None:
    add_person(store, "ada", SPASM)
    add_person(store, "bob", {**SPASM, "age": 40})
    add_person(store, "cleo", EMERGENCY)
    correct(store, "ada", "urgent")
    assert store.figures.results(EVER) == [
        ToldOften("M1", "massage", "none", 2),
        ToldOften("E1", "doctor_first", "emergency", 1),
    ]
    assert store.figures.emergencies(EVER) == (1, 3)


def test_lines_are_counted_that_were_there(store: Store) -> None:
    add_person(store, "ada", SPASM)
    add_person(store, "bob", {**SPASM, "health_conditions": ["fever", "pregnancy"]})
    add_person(store, "cleo", {**SPASM, "health_conditions": ["fever"], "muscle_spasm": False})
    counts = store.figures.lines(EVER)
    assert counts == {"fever": 2, "pregnancy": 1, "muscle_spasm": 2}


def test_it_is_told_at_which_question_people_stopped(store: Store) -> None:
    add_person(store, "done", SPASM)
    add_person(store, "declined", None, agreed=False)
    add_person(store, "nothing yet", None)
    for person in ("ada", "bob"):
        add_person(store, person, None)
        asks(store, person, "age")
        asks(store, person, "emergency_signs")
    asks(store, "bob", "age")
    stops = store.figures.stops(EVER)
    assert stops.declined == 1
    assert stops.questions == {"emergency_signs": 1, "age": 1, "": 1}


def told_at(store: Store, at: dt.datetime) -> None:
    with store._engine.begin() as connection:
        connection.execute(sa.update(Assessment).values(created_at=at))


def take(store: Store, conversation: str, after: dt.timedelta, *, close: bool = False) -> None:
    found = store.cases.find(store.cases.reference_of(conversation), 1)
    assert found is not None
    member, by = add_member(store), By("Robin", "test", NOW + after)
    assert store.cases.take(found, member.id, by)
    if close:
        latest = found.latest_assessment or 0
        assert store.cases.close(conversation, latest, member.id, "done", by)


def listed(store: Store) -> None:
    """References are kept once somebody lists people."""
    Browser.signed_in(store).get("/desk")


def test_waiting_counts_from_the_first_result_that_nobody_has_closed(store: Store) -> None:
    add_person(store, "ada", EMERGENCY)
    told_at(store, NOW)
    listed(store)
    take(store, "ada", dt.timedelta(minutes=4), close=True)
    store.record_assessment("ada", "rest", assessment({**EMERGENCY, "age": 49}))
    with store._engine.begin() as connection:
        latest = sa.select(sa.func.max(Assessment.id)).scalar_subquery()
        later = NOW + dt.timedelta(hours=1)
        connection.execute(
            sa.update(Assessment).where(Assessment.id == latest).values(created_at=later)
        )
    take(store, "ada", dt.timedelta(hours=1, minutes=9))
    waits = sorted(store.figures.waits(EVER), key=lambda wait: wait.seconds)
    assert waits == [Wait(True, 240), Wait(True, 540)]


def test_times_are_told_at_the_median_and_for_nine_of_ten() -> None:
    waits = [Wait(True, 60.0 * minutes) for minutes in range(1, 11)]
    assert waited(waits) == (10, "6 min", "9 min")
    assert waited([]) == (0, "", "")


@pytest.mark.parametrize(
    ("seconds", "told"), [(5, "5 s"), (150, "2 min"), (7300, "2 h"), (200_000, "2 d")]
)
def test_a_time_is_told_in_its_unit(seconds: float, told: str) -> None:
    assert time_of(seconds) == told


def test_corrections_are_counted_by_their_direction(store: Store) -> None:
    for name in ("ada", "bob"):
        add_person(store, name, {**SPASM, "age": 40 + len(name)})
        correct(store, name, "urgent")
    correct(store, "bob", "massage")
    page = " ".join(Browser.signed_in(store).get("/desk/figures").split())
    assert '<th scope="row">Made higher</th><td class="number">2</td>' in page
    assert '<th scope="row">Made lower</th><td class="number">1</td>' in page


def test_the_page_has_numbers_under_names_and_nobody_in_it(store: Store) -> None:
    add_person(store, "ada", {**SPASM, "health_conditions": ["fever"]}, channel="twilio")
    add_person(store, "bob", None)
    asks(store, "bob", "age")
    page = Browser.signed_in(store, Role.AUDITOR).get("/desk/figures?days=7")
    for words in ("last 7 days", "WhatsApp", "Fever or night sweats", "Age", "A doctor first"):
        assert words in page
    assert store.cases.reference_of("ada") not in page
    assert "/desk/review" not in page


@pytest.mark.parametrize("days", ["0", "x", "-1", "99999999999999999999"])
def test_days_that_are_not_offered_are_a_month(store: Store, days: str) -> None:
    assert "last 30 days" in Browser.signed_in(store).get(f"/desk/figures?days={days}")


# ---- The alarm ----------------------------------------------------------------------------------


def desk_with(store: Store, percent: int | None) -> Desk:
    clinic = SETTINGS.clinic.copy(update={"emergency_alarm_percent": percent})
    settings = SETTINGS.copy(update={"clinic": clinic})
    return Desk(settings, OWN, store, load_words(settings), QUICK)


def several(store: Store, emergencies: int, others: int) -> None:
    for number in range(emergencies):
        add_person(store, f"e{number}", EMERGENCY)
    for number in range(others):
        add_person(store, f"o{number}", SPASM)


@pytest.mark.parametrize("path", ["/desk", "/desk/figures"])
@pytest.mark.parametrize(
    ("percent", "emergencies", "others", "alarm"),
    [
        (20, 5, FEWEST - 5, True),
        (25, 5, FEWEST - 5, False),
        (None, 5, FEWEST - 5, False),
        (20, 5, FEWEST - 6, False),
    ],
)
def test_more_emergencies_than_the_clinic_expects_are_told(
    store: Store, path: str, percent: int | None, emergencies: int, others: int, alarm: bool
) -> None:
    several(store, emergencies, others)
    desk = application(desk_with(store, percent))
    page = Browser.signed_in(store, desk=desk).get(path)
    assert ("25 % of the results of the last 7 days were emergencies; " in page) is alarm


# ---- For review ---------------------------------------------------------------------------------


def test_words_that_were_not_understood_are_shown_once_it_is_kept_who_looks(store: Store) -> None:
    suspicion = SuspicionRecord(
        "ada", "saddle_numbness", "it is <velvety> there", "<velvety>", 0.8, "", "denied", NOW
    )
    store.suspicions.add(suspicion, "rest")
    store.unanswered_questions.add(
        UnansweredQuestion("bob", "Do you sell swim caps?", True, NOW), "rest"
    )
    page = Browser.signed_in(store, Role.CLINICIAN).get("/desk/review")
    assert "&lt;velvety&gt;" in page
    assert "Do you sell swim caps?" in page
    kept = {(look.action, look.about) for look in store.audit.all()}
    assert ("suspicions_shown", store.audit.about("ada")) in kept
    assert ("questions_shown", store.audit.about("bob")) in kept


def test_a_number_among_words_to_review_is_dots(store: Store) -> None:
    question = UnansweredQuestion("bob", "Can you text 0400 123 456?", True, NOW)
    store.unanswered_questions.add(question, "rest")
    page = Browser.signed_in(store, Role.CLINICIAN).get("/desk/review")
    assert "0400 123 456" not in page
    assert "Can you text •••• ••• •••?" in page


def test_suspicions_are_counted_as_old_as_they_are(store: Store) -> None:
    suspicion = SuspicionRecord("ada", "fever", "c", "q", 0.8, "", "denied", NOW)
    store.suspicions.add(suspicion, "rest")
    assert store.figures.to_review(NOW) == (1, 0)
    assert store.figures.to_review(NOW + dt.timedelta(seconds=1)) == (0, 0)
