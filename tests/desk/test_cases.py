"""The list of people: what stands where, who has whom in hand, what goes with a person."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import threading
import time
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
import sqlalchemy as sa

from backline.desk.clinical import duration, known_of, missing_of, plan_of
from backline.desk.files import HTMX, STATIC
from backline.desk.settings import DeskSettings
from backline.desk.words import load_words
from backline.environment import SettingsError
from backline.facts import Facts
from backline.settings import load_settings
from backline.store import By, Case, Filters, Store, StoreUnavailable, create_store
from backline.store.cases import ALARM, CLOSED, OPEN
from backline.store.consents import forgetting
from tests.desk.browser import Browser, add_member
from tests.desk.people import EMERGENCY, NOW, SPASM, URGENT, VIOLENCE, add_person, assessment

BY = By("Robin (account-1)", "test", NOW)
ALL = Filters()
WORDS = load_words(load_settings({}))


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    made = create_store(database_url)
    made.upgrade()
    yield made
    made.close()


def listed(store: Store, filters: Filters = ALL) -> list[Case]:
    return store.cases.page(1, filters, 0, 50)


def order(store: Store, filters: Filters = ALL) -> list[str]:
    return [case.conversation_id for case in listed(store, filters)]


def case_of(store: Store, conversation: str) -> Case:
    return next(case for case in listed(store) if case.conversation_id == conversation)


def test_who_is_in_danger_comes_first_the_longest_waiting_on_top(store: Store) -> None:
    for name, facts in (
        ("massage", SPASM),
        ("violence", VIOLENCE),
        ("urgent", URGENT),
        ("emergency", EMERGENCY),
        ("later urgent", URGENT),
        ("nothing yet", None),
    ):
        add_person(store, name, facts)
    assert order(store) == [
        "violence",
        "emergency",
        "later urgent",
        "urgent",
        "nothing yet",
        "massage",
    ]
    assert store.cases.count_alarms() == 2


def test_of_several_patients_the_most_urgent_counts(store: Store) -> None:
    add_person(store, "family", EMERGENCY)
    store.record_assessment("family", "rest", assessment(SPASM, patient=2))
    assert [(c.urgency, c.outcome) for c in listed(store)] == [("emergency", "doctor_first")]


def test_of_one_patient_the_latest_counts(store: Store) -> None:
    add_person(store, "ada", EMERGENCY)
    store.record_assessment("ada", "rest", assessment(SPASM, emergency_ended="mistake"))
    assert [c.urgency for c in listed(store)] == ["none"]
    assert len(store.cases.assessments("ada")) == 2


def alarms_of(store: Store) -> list[str]:
    """Who stands on top; the red line counts as many."""
    found = [case.conversation_id for case in listed(store) if case.place == ALARM]
    assert store.cases.count_alarms() == len(found)
    return found


def close_all(store: Store, conversation: str) -> None:
    """Somebody takes a person and closes what they see of them."""
    robin, case = add_member(store), case_of(store, conversation)
    assert store.cases.take(case, robin.id, BY)
    assert store.cases.close(conversation, case.latest_assessment or 0, robin.id, "done", BY)


@pytest.mark.parametrize("alarm", [VIOLENCE, EMERGENCY])
def test_an_alarm_stays_whatever_another_patient_is_told(
    store: Store, alarm: dict[str, object]
) -> None:
    add_person(store, "family", alarm)
    store.record_assessment("family", "rest", assessment(URGENT, patient=2))
    assert alarms_of(store) == ["family"]
    close_all(store, "family")
    assert alarms_of(store) == []


@pytest.mark.parametrize("alarm", [VIOLENCE, EMERGENCY])
def test_an_alarm_stays_whatever_the_same_patient_is_told_later(
    store: Store, alarm: dict[str, object]
) -> None:
    add_person(store, "ada", alarm)
    store.record_assessment("ada", "rest", assessment(SPASM, emergency_ended="mistake"))
    assert alarms_of(store) == ["ada"]
    close_all(store, "ada")
    assert alarms_of(store) == []


def test_what_was_closed_is_no_alarm_again_when_something_milder_follows(store: Store) -> None:
    add_person(store, "ada", EMERGENCY)
    close_all(store, "ada")
    store.record_assessment("ada", "rest", assessment(SPASM, emergency_ended="seen"))
    assert alarms_of(store) == []
    assert [case.place for case in listed(store)] == [OPEN]


def test_who_waits_longest_is_on_top_also_by_an_earlier_result(store: Store) -> None:
    add_person(store, "first", EMERGENCY)
    add_person(store, "second", EMERGENCY)
    store.record_assessment("first", "rest", assessment({**EMERGENCY, "age": 49}))
    assert alarms_of(store) == ["first", "second"]


@pytest.mark.parametrize(("alarm", "told"), [(VIOLENCE, "Violence"), (EMERGENCY, "Earlier emerg")])
def test_the_list_says_why_somebody_is_on_top(
    store: Store, alarm: dict[str, object], told: str
) -> None:
    add_person(store, "ada", alarm)
    store.record_assessment("ada", "rest", assessment(SPASM, emergency_ended="seen"))
    assert f'<span class="level level-emergency">{told}' in Browser.signed_in(store).get("/desk")


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (Filters(urgencies=["urgent"]), ["urgent"]),
        (Filters(outcomes=["massage"]), ["massage"]),
        (Filters(channels=["telegram", "rest"]), ["urgent"]),
        (Filters(urgencies=["urgent"], outcomes=["massage"]), []),
    ],
)
def test_filters_choose(store: Store, filters: Filters, found: list[str]) -> None:
    add_person(store, "urgent", URGENT, channel="telegram")
    add_person(store, "massage", SPASM, channel="socketio")
    assert order(store, filters) == found


def test_a_list_has_pages(store: Store) -> None:
    for number in range(5):
        add_person(store, f"p{number}", SPASM)
    parts = [store.cases.page(1, ALL, skip, 2) for skip in (0, 2, 4)]
    assert [len(part) for part in parts] == [2, 2, 1]
    assert {case.conversation_id for part in parts for case in part} == {
        f"p{number}" for number in range(5)
    }


def test_a_reference_tells_nothing_of_the_conversation_and_stays(store: Store) -> None:
    add_person(store, "ada", SPASM)
    reference = case_of(store, "ada").reference
    assert len(reference) == 10
    assert reference not in store.audit.about("ada").upper()
    found = store.cases.find(reference, 1)
    assert found is not None
    assert found.conversation_id == "ada"
    assert store.cases.find("AAAAAAAAAA", 1) is None


def test_of_two_who_take_somebody_one_does(store: Store) -> None:
    add_person(store, "ada", EMERGENCY)
    robin, sam = add_member(store), add_member(store)
    case = case_of(store, "ada")
    assert store.cases.take(case, robin.id, BY)
    assert not store.cases.take(case, sam.id, BY)
    assert [h.taken_by for h in store.cases.handlings("ada")] == [robin.name]


def test_nobody_takes_what_a_colleague_has_closed(store: Store) -> None:
    add_person(store, "ada", EMERGENCY)
    seen = case_of(store, "ada")
    close_all(store, "ada")
    assert not store.cases.take(seen, add_member(store).id, BY)
    assert alarms_of(store) == []
    assert [case.place for case in listed(store)] == [CLOSED]
    assert len(store.cases.handlings("ada")) == 1


def test_who_takes_while_a_colleague_closes_finds_it_closed(store: Store) -> None:
    add_person(store, "ada", EMERGENCY)
    robin, sam, seen = add_member(store), add_member(store), case_of(store, "ada")
    store.cases.take(seen, robin.id, BY)
    latest, add_in = seen.latest_assessment or 0, store.audit.add_in
    closing, taken = threading.Event(), []

    def keep_slowly(*given: Any) -> None:
        add_in(*given)
        if not closing.is_set():
            closing.set()
            time.sleep(0.5)

    def take() -> None:
        closing.wait(5)
        taken.append(store.cases.take(seen, sam.id, BY))

    other = threading.Thread(target=take)
    other.start()
    with mock.patch.object(store.audit, "add_in", keep_slowly):
        assert store.cases.close("ada", latest, robin.id, "done", BY)
        other.join(10)
    assert taken == [False]


def test_what_came_after_it_was_closed_can_be_taken(store: Store) -> None:
    add_person(store, "ada", EMERGENCY)
    close_all(store, "ada")
    store.record_assessment("ada", "rest", assessment({**EMERGENCY, "age": 49}))
    assert store.cases.take(case_of(store, "ada"), add_member(store).id, BY)


def test_a_closed_person_goes_down_and_a_new_result_brings_them_up(store: Store) -> None:
    add_person(store, "ada", EMERGENCY)
    add_person(store, "bob", SPASM)
    robin, case = add_member(store), case_of(store, "ada")
    assert not store.cases.close("ada", case.latest_assessment or 0, robin.id, "done", BY)
    store.cases.take(case, robin.id, BY)
    assert store.cases.close("ada", case.latest_assessment or 0, robin.id, "done", BY)
    assert order(store) == ["bob", "ada"]
    assert store.cases.count_alarms() == 0
    store.record_assessment("ada", "rest", assessment({**EMERGENCY, "age": 49}))
    assert order(store) == ["ada", "bob"]


def test_what_came_while_a_note_was_written_stays_open(store: Store) -> None:
    add_person(store, "ada", EMERGENCY)
    robin, case = add_member(store), case_of(store, "ada")
    store.cases.take(case, robin.id, BY)
    store.record_assessment("ada", "rest", assessment({**EMERGENCY, "age": 49}))
    assert store.cases.close("ada", case.latest_assessment or 0, robin.id, "done", BY)
    assert store.cases.count_alarms() == 1


def test_nobody_closes_by_the_result_of_somebody_else(store: Store) -> None:
    add_person(store, "ada", EMERGENCY)
    add_person(store, "bob", EMERGENCY)
    robin = add_member(store)
    store.cases.take(case_of(store, "ada"), robin.id, BY)
    theirs = case_of(store, "bob").latest_assessment or 0
    assert not store.cases.close("ada", theirs, robin.id, "done", BY)


def handled(store: Store, conversation: str, facts: dict[str, object]) -> None:
    """Somebody who was opened, taken and closed with a note."""
    add_person(store, conversation, facts)
    robin, case = add_member(store), case_of(store, conversation)
    store.cases.mark_read(conversation, robin.id, BY)
    store.cases.take(case, robin.id, BY)
    store.cases.close(conversation, case.latest_assessment or 0, robin.id, "gave her a ring", BY)


def raw(store: Store, table: str) -> str:
    with store._engine.connect() as connection:
        return str(
            connection.execute(sa.select(sa.table(table, sa.column("*", is_literal=True)))).all()
        )


def test_a_note_is_encrypted(store: Store) -> None:
    handled(store, "ada", EMERGENCY)
    assert "gave her a ring" not in raw(store, "handlings")
    assert [h.note for h in store.cases.handlings("ada")] == ["gave her a ring"]


def test_erasing_takes_all_that_the_desk_has_of_a_person(store: Store) -> None:
    handled(store, "ada", EMERGENCY)
    assert store.erase("ada")
    assert (raw(store, "handlings"), raw(store, "read_marks")) == ("[]", "[]")
    assert listed(store) == []


def test_purging_takes_it_too(store: Store) -> None:
    handled(store, "ada", EMERGENCY)
    assert store.purge(dt.timedelta(days=1), dt.datetime.now(dt.timezone.utc) + dt.timedelta(2))
    assert (raw(store, "handlings"), raw(store, "read_marks")) == ("[]", "[]")


def test_a_later_no_to_storing_takes_notes_away(store: Store) -> None:
    handled(store, "ada", EMERGENCY)
    with store._engine.begin() as connection:
        for statement in forgetting():
            connection.execute(sa.text(statement), {"sender_id": "ada"})
    assert raw(store, "handlings") == "[]"
    assert store.cases.handlings("ada") == []


def test_nothing_is_shown_where_the_look_cannot_be_kept(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_person(store, "ada", EMERGENCY, words=("my secret",))
    browser = Browser.signed_in(store)
    browser.get("/desk")

    def away(*_: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(store.audit, "add_in", away)
    page = browser.get(f"/desk/person/{store.cases.reference_of('ada')}", status=503)
    assert "my secret" not in page
    assert "cannot be reached just now" in page


def test_who_opened_somebody_sees_no_mark_until_they_write_again(store: Store) -> None:
    add_person(store, "ada", URGENT)
    browser = Browser.signed_in(store)
    assert '<span class="mark">New</span>' in browser.get("/desk")
    browser.person(store, "ada")
    assert '<span class="mark">New</span>' not in browser.get("/desk")
    store.record_assessment("ada", "rest", assessment({**URGENT, "age": 50}))
    assert '<span class="mark">New</span>' in browser.get("/desk")


# ---- What is known, in words --------------------------------------------------------------------


def test_positives_and_negatives_have_the_words_of_the_lists() -> None:
    facts = {
        "emergency_signs": ["chest_pain"],
        "ticked": ["chest_pain"],
        "details": {"chest_pain": {"onset": "older"}},
        "pain_duration": 90,
        "pain_severity": 4,
    }
    known = known_of(facts, WORDS)
    assert known.positives == [
        "Chest pain or tightness, or trouble breathing (ticked in the list; older)"
    ]
    assert "Passing out or collapsing" in known.negatives
    assert ("For how long", "3 months") in known.figures
    assert ("Usual strength in the last week", "4 of 10") in known.figures


def test_what_could_still_change_the_result_is_told_as_missing() -> None:
    missing = {one.question: one for one in missing_of(Facts(), WORDS)}
    assert missing["Signs of nerves in trouble"].deciding
    assert not missing["Where it hurts"].deciding


def test_facts_of_another_version_are_shown_as_they_stand() -> None:
    assert known_of({"shoe_size": 43}, WORDS).figures == [("shoe_size", "43")]


@pytest.mark.parametrize(
    ("facts", "plan"),
    [
        (SPASM, "4 massages over 6 weeks"),
        (URGENT, "massage waits: until a doctor has examined them"),
        (EMERGENCY, ""),
    ],
)
def test_a_plan_is_told_in_a_line(store: Store, facts: dict[str, object], plan: str) -> None:
    add_person(store, "ada", facts)
    assert plan_of(store.cases.assessments("ada")[0], WORDS) == plan


@pytest.mark.parametrize(
    ("days", "told"), [(0.5, "less than a day"), (1, "1 day"), (14, "2 weeks"), (800, "2 years")]
)
def test_a_time_is_told_in_its_longest_unit(days: float, told: str) -> None:
    assert duration(days) == told


# ---- Settings and files -------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["desk.example", "http://desk.example", "https://desk.example/x"])
def test_an_address_that_would_not_be_safe_is_refused_by_name(url: str) -> None:
    with pytest.raises(SettingsError, match="BACKLINE_DESK_URL"):
        DeskSettings.read({"BACKLINE_DESK_URL": url})


def test_htmx_is_the_file_that_its_authors_publish() -> None:
    body = (STATIC / "htmx.min.js").read_bytes()
    assert base64.b64encode(hashlib.sha384(body).digest()).decode() == HTMX.removeprefix("sha384-")
