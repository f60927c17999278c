"""Corrections by staff: the policy decides anew, both results stay, and who, when and why."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from backline.desk.app import application
from backline.desk.corrections import RESULTS, caution
from backline.desk.fact_forms import changed_in, facts_in, form_of
from backline.desk.visits import Desk
from backline.desk.words import load_words
from backline.facts import EmergencySign, Facts, FactsError, HealthCondition, Slot
from backline.policy import RULES, UNSIGNED, Plan
from backline.settings import load_settings
from backline.store import By, CorrectionKind, KeptAssessment, Role, Store, create_store
from tests.desk.browser import OWN, QUICK, Browser, add_member
from tests.desk.people import EMERGENCY, NOW, SPASM, URGENT, add_person, assessment

SETTINGS = load_settings({})
WORDS = load_words(SETTINGS)
BY = By("Robin (account-1)", "test", NOW)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    made = create_store(database_url)
    made.upgrade()
    yield made
    made.close()


def sent(facts: Facts) -> dict[str, str]:
    """What a browser sends of a form that nobody touched."""
    form = form_of(facts, WORDS)
    fields = {field.name: field.value for field in (*form.fields, *form.details)}
    ticks = (*form.signs, *form.conditions, *form.lists)
    return {**fields, **{tick.name: "yes" for tick in ticks if tick.ticked}}


def results(store: Store, conversation: str = "ada") -> list[KeptAssessment]:
    return store.cases.assessments(conversation)


def page_of(store: Store) -> str:
    return f"/desk/person/{store.cases.reference_of('ada')}"


def correct(
    store: Store,
    browser: Browser,
    changes: dict[str, str],
    *,
    reason: str = "they meant the other knee",
    without: tuple[str, ...] = (),
    status: int = 303,
) -> str:
    """Open the form of the latest result, change something in it and send it."""
    kept = results(store)[0]
    browser.person(store, "ada")
    browser.get(f"{page_of(store)}/correct?result={kept.id}")
    form = {**sent(Facts.from_json(kept.facts)), **changes}
    filled = {name: value for name, value in form.items() if name not in without}
    address = f"{page_of(store)}/correct"
    return browser.send(address, status, result=str(kept.id), note=reason, **filled)


def set_result(
    store: Store, browser: Browser, to: str, *, reason: str = "seen here", status: int = 303
) -> str:
    kept = results(store)[0]
    browser.person(store, "ada")
    browser.get(f"{page_of(store)}/correct?result={kept.id}")
    address = f"{page_of(store)}/override"
    return browser.send(address, status, result=str(kept.id), note=reason, to=to)


# ---- The form of the facts ----------------------------------------------------------------------

KNOWN = st.fixed_dictionaries(
    {},
    optional={
        "emergency_signs": st.lists(st.sampled_from([s.value for s in EmergencySign]), max_size=3),
        "health_conditions": st.lists(
            st.sampled_from([c.value for c in HealthCondition]), max_size=4
        ),
        "age": st.integers(0, 120),
        "pain_duration": st.floats(0, 40_000),
        "pain_severity": st.integers(0, 10),
        "massage_sessions": st.integers(0, 1000),
        "recent_injury": st.booleans(),
        "vessel_risk": st.booleans(),
        "leg_symptoms": st.sampled_from(["none", "one_leg", "both_legs"]),
        "pain_location": st.sampled_from(["neck", "lower_back"]),
    },
)


@given(KNOWN)
def test_a_form_that_nobody_touched_changes_nothing(known: dict[str, Any]) -> None:
    facts = Facts.from_json(known)
    assert facts_in(sent(facts), facts) == facts


def test_details_of_what_is_there_are_shown_and_kept() -> None:
    facts = Facts.from_json({**SPASM, "health_conditions": ["night_pain"]})
    form = {**sent(facts), "detail.night_pain.course": "worse"}
    assert facts_in(form, facts).detail("night_pain").to_json() == {"course": "worse"}


def test_details_go_with_what_they_are_about() -> None:
    facts = Facts.from_json(
        {"health_conditions": ["night_pain"], "details": {"night_pain": {"course": "worse"}}}
    )
    form = {name: v for name, v in sent(facts).items() if name != "health_conditions.night_pain"}
    assert facts_in(form, facts).details == {}


def test_what_was_asked_in_vain_is_no_longer_so_once_it_is_known() -> None:
    facts = Facts.from_json({**SPASM, "age": None, "given_up": ["age"]})
    assert facts_in({**sent(facts), "fact.age": "63"}, facts).given_up == frozenset()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("fact.age", "old"),
        ("fact.age", "900"),
        ("fact.age", "1e999"),
        ("fact.age", "nan"),
        ("fact.age", "9" * 5000),
        ("fact.pain_severity", "2.5"),
        ("fact.recent_injury", "maybe"),
        ("fact.leg_symptoms", "three"),
        ("detail.night_pain.course", "sideways"),
    ],
)
def test_a_value_that_cannot_be_is_refused(field: str, value: str) -> None:
    facts = Facts.from_json({**SPASM, "health_conditions": ["night_pain"]})
    with pytest.raises(FactsError):
        facts_in({**sent(facts), field: value}, facts)


def test_every_fact_has_its_field() -> None:
    in_lists = {"emergency_signs", "health_conditions"}
    of_the_asking = {"ticked", "details", "parted", "checked", "given_up"}
    names = {field.name.removeprefix("fact.") for field in form_of(Facts(), WORDS).fields}
    assert names == {f.name for f in dataclasses.fields(Facts)} - in_lists - of_the_asking


def test_what_changed_is_told_in_words() -> None:
    before = Facts.from_json(SPASM)
    after = Facts.from_json({**SPASM, "age": 63, "health_conditions": ["fever"]})
    told = changed_in(before, after, WORDS)
    assert "Age (years): 36, now 63" in told
    assert f"{WORDS.title('fever')}: added" in told
    assert not changed_in(before, before, WORDS)


def test_a_list_that_is_taken_as_asked_in_full_is_told() -> None:
    before, slot = Facts(), Slot.HEALTH_CONDITIONS
    after = facts_in({**sent(before), f"asked.{slot.value}": "yes"}, before)
    assert after.checked == {slot}
    assert changed_in(before, after, WORDS) == ["Illnesses: asked in full"]


# ---- Deciding anew ------------------------------------------------------------------------------


def test_another_fact_makes_another_result_and_both_stay(store: Store) -> None:
    add_person(store, "ada", SPASM)
    browser = Browser.signed_in(store, Role.RECEPTIONIST)
    correct(store, browser, {"health_conditions.fever": "yes"}, reason="39 degrees at the desk")
    new, old = results(store)
    assert (old.outcome, old.urgency) == ("massage", "none")
    assert (new.outcome, new.urgency) == ("doctor_first", "urgent")
    assert new.rules[0] == assessment({**SPASM, "health_conditions": ["fever"]}).rules[0]
    kept = store.corrections.of("ada")[new.id]
    assert (kept.corrected_id, kept.made_by) == (old.id, "receptionist 1")
    assert (kept.reason, kept.kind) == ("39 degrees at the desk", CorrectionKind.FACTS)


def test_a_correction_stands_on_the_page_on_the_summary_and_in_the_log(store: Store) -> None:
    add_person(store, "ada", SPASM)
    browser = Browser.signed_in(store, Role.THERAPIST)
    correct(store, browser, {"fact.age": "63"}, reason="born <1963>")
    for path in (page_of(store), f"{page_of(store)}/summary"):
        page = browser.get(path)
        assert "born &lt;1963&gt;" in page
        assert "Age (years): 36, now 63" in page
        assert "therapist 1" in page
    about = store.audit.about("ada")
    done = [(x.who, x.about) for x in store.audit.all() if x.action == "facts_corrected"]
    assert done == [(store.staff.all()[-1].who, about)]
    assert store.audit.verify().broken is None


def test_other_facts_lead_to_no_massage_while_the_clinic_wants_the_policy_signed(
    store: Store,
) -> None:
    clinic = SETTINGS.clinic.copy(update={"massage_needs_signed_policy": True})
    settings = SETTINGS.copy(update={"clinic": clinic})
    desk = application(Desk(settings, OWN, store, WORDS, QUICK))
    add_person(store, "ada", URGENT | SPASM | {"health_conditions": ["fever"]})
    browser = Browser.signed_in(store, Role.CLINICIAN, desk)
    correct(store, browser, {}, without=("health_conditions.fever",), reason="37.0 degrees")
    new = results(store)[0]
    assert (new.outcome, new.urgency, new.rules) == ("doctor_first", "soon", ["S1", "M1"])
    assert UNSIGNED.summary in browser.get(page_of(store))


def test_a_reason_is_needed_and_what_was_entered_stays(store: Store) -> None:
    add_person(store, "ada", SPASM)
    browser = Browser.signed_in(store)
    page = correct(store, browser, {"fact.age": "63"}, reason=" ", status=422)
    assert "Please say why" in page
    assert 'name="fact.age" inputmode="decimal" maxlength="12" value="63"' in page
    assert len(results(store)) == 1


def test_what_leaves_the_policy_undecided_is_told_and_not_kept(store: Store) -> None:
    add_person(store, "ada", SPASM)
    page = correct(store, Browser.signed_in(store), {"fact.age": ""}, status=422)
    assert "it would still have to know: Age" in page
    assert len(results(store)) == 1


def test_nothing_changed_is_no_correction(store: Store) -> None:
    add_person(store, "ada", SPASM)
    assert "Nothing differs" in correct(store, Browser.signed_in(store), {}, status=422)
    assert len(results(store)) == 1


def test_nobody_corrects_what_another_has_corrected_meanwhile(store: Store) -> None:
    add_person(store, "ada", SPASM)
    browser, old = Browser.signed_in(store), results(store)[0]
    browser.person(store, "ada")
    browser.get(f"{page_of(store)}/correct?result={old.id}")
    correct(store, Browser.signed_in(store), {"fact.age": "64"})
    form = {**sent(Facts.from_json(old.facts)), "fact.age": "63"}
    address = f"{page_of(store)}/correct"
    page = browser.send(address, 409, result=str(old.id), note="my <reason>", **form)
    assert "newer result" in page
    assert "my &lt;reason&gt;" in page
    assert [r.facts["age"] for r in results(store)] == [64, 36]


def test_of_two_who_correct_at_once_one_does(store: Store) -> None:
    add_person(store, "ada", SPASM)
    robin, old, record = add_member(store), results(store)[0], assessment(URGENT)
    given = (record, CorrectionKind.RESULT, "why", robin.id, BY)
    assert store.corrections.add("ada", old.id, *given)
    assert not store.corrections.add("ada", old.id, *given)


def test_an_earlier_result_has_no_form(store: Store) -> None:
    add_person(store, "ada", SPASM)
    old = results(store)[0]
    correct(store, Browser.signed_in(store), {"fact.age": "64"})
    Browser.signed_in(store).get(f"{page_of(store)}/correct?result={old.id}", status=404)


# ---- Lower is a clinician's to decide -----------------------------------------------------------


@pytest.mark.parametrize("role", [Role.RECEPTIONIST, Role.THERAPIST, Role.ADMINISTRATOR])
def test_others_than_a_clinician_make_no_result_lower_by_either_way(
    store: Store, role: Role
) -> None:
    add_person(store, "ada", {**SPASM, "health_conditions": ["fever"]})
    browser = Browser.signed_in(store, role)
    assert "registered clinician decides" in set_result(store, browser, "massage", status=403)
    without = ("health_conditions.fever",)
    page = correct(store, browser, {}, without=without, reason="no fever", status=403)
    assert "registered clinician decides" in page
    assert "no fever" in page
    assert len(results(store)) == 1


LEG_LOOKED_AFTER = {
    **SPASM,
    "muscle_spasm": False,
    "leg_symptoms": "one_leg",
    "leg_below_knee": True,
    "leg_examined": True,
}
NO_MORE_MASSAGES = {
    **SPASM,
    "muscle_spasm": False,
    "pain_duration": 200,
    "massage_response": "no_change",
    "massage_sessions": 4,
}


@pytest.mark.parametrize(
    ("facts", "changes"),
    [
        (LEG_LOOKED_AFTER, {"fact.leg_symptoms": "none", "fact.pain_duration": "200"}),
        (NO_MORE_MASSAGES, {"fact.massage_response": "none_yet", "fact.massage_sessions": ""}),
    ],
    ids=["the clinician looks first", "no massage"],
)
def test_what_kept_hands_off_is_taken_away_by_a_clinician_alone(
    store: Store, facts: dict[str, Any], changes: dict[str, str]
) -> None:
    add_person(store, "ada", facts)
    assert results(store)[0].outcome == "combined"
    page = correct(store, Browser.signed_in(store, Role.THERAPIST), changes, status=403)
    assert "registered clinician decides" in page
    assert len(results(store)) == 1
    correct(store, Browser.signed_in(store, Role.CLINICIAN), changes)
    new, _ = results(store)
    assert (new.outcome, new.emergency_ended) == ("combined", None)


@pytest.mark.parametrize("role", [Role.RECEPTIONIST, Role.CLINICIAN])
def test_everybody_with_people_sets_a_result_higher(store: Store, role: Role) -> None:
    add_person(store, "ada", SPASM)
    set_result(store, Browser.signed_in(store, role), "emergency", reason="grey in the face")
    new, old = results(store)
    assert (new.urgency, new.rules, new.facts) == ("emergency", [], old.facts)
    assert store.cases.count_alarms() == 1


def test_a_clinician_sets_a_result_lower_with_a_reason(store: Store) -> None:
    add_person(store, "ada", EMERGENCY)
    browser = Browser.signed_in(store, Role.CLINICIAN)
    assert "Please say why" in set_result(store, browser, "soon", reason="", status=422)
    set_result(store, browser, "soon", reason="Numb since a birth in 2009, examined")
    new, _ = results(store)
    assert (new.outcome, new.urgency, new.emergency_ended) == ("doctor_first", "soon", "clinician")
    # The emergency itself stays on top until somebody closes it with a note.
    assert store.cases.count_alarms() == 1


def test_after_a_clinician_lowered_it_the_bot_may_store_a_lesser_one(store: Store) -> None:
    add_person(store, "ada", EMERGENCY)
    set_result(store, Browser.signed_in(store, Role.CLINICIAN), "soon")
    store.record_assessment("ada", "rest", assessment(SPASM))
    assert results(store)[0].outcome == "massage"


def test_every_result_of_the_policy_can_be_set_and_they_are_in_order() -> None:
    set_by_hand = [(outcome, urgency) for outcome, urgency, _ in RESULTS.values()]
    assert {(rule.outcome, rule.urgency) for rule in RULES} == set(set_by_hand)
    ranks = [caution(outcome.value, urgency.value) for outcome, urgency in set_by_hand]
    assert ranks == sorted(ranks, reverse=True)
    assert all(isinstance(plan, Plan) for _, _, plan in RESULTS.values())


def test_an_unknown_result_is_refused(store: Store) -> None:
    add_person(store, "ada", SPASM)
    assert "choose a result" in set_result(store, Browser.signed_in(store), "surgery", status=422)


# ---- What is kept of it -------------------------------------------------------------------------


def raw(store: Store) -> str:
    with store._engine.connect() as connection:
        return str(connection.execute(sa.text("SELECT * FROM corrections")).all())


def test_a_reason_is_encrypted_and_a_new_key_reaches_it(store: Store) -> None:
    add_person(store, "ada", SPASM)
    set_result(store, Browser.signed_in(store), "urgent", reason="looked unwell")
    before = raw(store)
    assert "looked unwell" not in before
    assert list(store.reencryption.portions(anew=True))
    assert store.corrections.of("ada")[results(store)[0].id].reason == "looked unwell"


@pytest.mark.parametrize("away", ["erased", "a later no"])
def test_corrections_go_with_the_person(store: Store, away: str) -> None:
    from backline.store.consents import forgetting

    add_person(store, "ada", SPASM)
    set_result(store, Browser.signed_in(store), "urgent")
    if away == "erased":
        assert store.erase("ada")
    else:
        with store._engine.begin() as connection:
            for statement in forgetting():
                connection.execute(sa.text(statement), {"sender_id": "ada"})
    assert raw(store) == "[]"


def test_a_session_that_ended_keeps_the_reason(store: Store) -> None:
    add_person(store, "ada", SPASM)
    browser, kept = Browser.signed_in(store), results(store)[0]
    browser.person(store, "ada")
    browser.get(f"{page_of(store)}/correct?result={kept.id}")
    member = store.staff.all()[-1]
    store.staff_sessions.end_all(member.id)
    address = f"{page_of(store)}/override"
    page = browser.send(address, 401, result=str(kept.id), to="urgent", note="pale and sweating")
    assert re.search(r"<textarea[^>]*readonly>pale and sweating", page)
