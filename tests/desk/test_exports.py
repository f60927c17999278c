"""Taking out assessments: tables that no spreadsheet runs, FHIR that validates, dates of review."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from fhir.resources.R4B.bundle import Bundle
from icalendar import Calendar
from typer.testing import CliRunner

from backline.cli.main import app
from backline.desk.corrections import RESULTS
from backline.desk.exports import Export, ExportKind, begin_export, begin_of_day
from backline.desk.words import load_words
from backline.settings import load_settings
from backline.store import By, CorrectionKind, Role, Store, StoreUnavailable, create_store, exports
from tests.desk.browser import Browser, add_member
from tests.desk.people import EMERGENCY, NOW, SPASM, URGENT, add_person, assessment

CLINIC = load_settings({}).clinic
WORDS = load_words(load_settings({}))
BY = By("Robin (account-1)", "test", NOW)
CHRONIC = {**SPASM, "pain_duration": 200, "massage_sessions": 0}


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    made = create_store(database_url)
    made.upgrade()
    yield made
    made.close()


def taken_out(store: Store, kind: ExportKind, since: dt.datetime | None = None) -> bytes:
    return b"".join(begin_export(store, CLINIC, WORDS, Export(kind, since, BY)))


def table(store: Store, since: dt.datetime | None = None) -> list[dict[str, str]]:
    text = taken_out(store, ExportKind.CSV, since).decode()
    return list(csv.DictReader(io.StringIO(text)))


def bundle(store: Store) -> dict[str, Any]:
    text = taken_out(store, ExportKind.FHIR)
    # The library's own check of the whole.
    Bundle.parse_raw(text)
    read: dict[str, Any] = json.loads(text)
    return read


def calendar(store: Store) -> Any:
    return Calendar.from_ical(taken_out(store, ExportKind.ICAL))


def set_by_hand(store: Store, to: str) -> None:
    """A clinician sets another result for ada."""
    kept = store.cases.assessments("ada")[0]
    outcome, urgency, plan = RESULTS[to]
    values = {"outcome": outcome.value, "urgency": urgency.value, "plan": plan, "rules": []}
    record = assessment(dict(kept.facts), **values)
    member = add_member(store)
    kind = CorrectionKind.RESULT
    assert store.corrections.add("ada", kept.id, record, kind, "seen", member.id, BY)


# ---- The table ----------------------------------------------------------------------------------


def test_a_line_of_the_table_has_facts_result_and_plan(store: Store) -> None:
    add_person(store, "ada", SPASM, channel="telegram")
    (line,) = table(store)
    assert line["reference"] == store.cases.reference_of("ada")
    assert (line["channel"], line["outcome"], line["rules"]) == ("telegram", "massage", "M1")
    assert (line["age"], line["muscle_spasm"], line["recent_injury"]) == ("36", "yes", "no")
    assert (line["plan_massage_sessions"], line["plan_review_after_weeks"]) == ("4", "6")


def test_what_staff_changed_is_marked(store: Store) -> None:
    add_person(store, "ada", SPASM)
    set_by_hand(store, "urgent")
    assert [(line["urgency"], line["corrected"]) for line in table(store)] == [
        ("none", ""),
        ("urgent", "result"),
    ]


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "＝", "＠", "\t", "\r", "\n"])
def test_no_cell_is_a_formula(store: Store, begin: str) -> None:
    add_person(store, "ada", None)
    harmful = f'{begin}HYPERLINK("http://evil.example","x")'
    store.record_assessment("ada", "rest", assessment(SPASM, model_version=harmful))
    (line,) = table(store)
    assert line["model_version"] == f"'{harmful}"


def test_only_what_came_since_a_day_is_taken_out(store: Store) -> None:
    add_person(store, "ada", SPASM)
    today = dt.datetime.now(CLINIC.zone).date()
    assert len(table(store, begin_of_day(today, CLINIC))) == 1
    assert table(store, begin_of_day(today + dt.timedelta(days=1), CLINIC)) == []


def test_all_is_given_portion_by_portion_and_each_once(store: Store) -> None:
    for number in range(7):
        add_person(store, f"p{number}", SPASM)
    with mock.patch.object(exports, "PORTION", 3):
        references = [line["reference"] for line in table(store)]
    assert len(references) == len(set(references)) == 7


# ---- FHIR ---------------------------------------------------------------------------------------


def resources(store: Store, kind: str) -> list[dict[str, Any]]:
    found = [entry["resource"] for entry in bundle(store)["entry"]]
    return [one for one in found if one["resourceType"] == kind]


def references_in(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for name, value in node.items():
            if name == "reference" and isinstance(value, str):
                yield value
            else:
                yield from references_in(value)
    elif isinstance(node, list):
        for one in node:
            yield from references_in(one)


def codings_in(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if "coding" in node:
            yield from node["coding"]
        if "valueCoding" in node:
            yield node["valueCoding"]
        for value in node.values():
            yield from codings_in(value)
    elif isinstance(node, list):
        for one in node:
            yield from codings_in(one)


@pytest.fixture
def several(store: Store) -> Store:
    add_person(store, "ada", SPASM)
    add_person(store, "bob", URGENT, channel="whatsapp")
    add_person(store, "cleo", EMERGENCY, channel="phone")
    add_person(store, "dan", CHRONIC)
    night = {"health_conditions": ["night_pain"], "details": {"night_pain": {"course": "worse"}}}
    add_person(store, "eve", {**SPASM, **night, "age": 58, "pain_duration": 3.5})
    store.record_assessment("eve", "rest", assessment(SPASM, patient=2))
    set_by_hand(store, "soon")
    return store


def test_a_bundle_has_each_kind_and_every_reference_leads_to_one_of_its_entries(
    several: Store,
) -> None:
    whole = bundle(several)
    urls = [entry["fullUrl"] for entry in whole["entry"]]
    assert len(urls) == len(set(urls))
    assert set(references_in(whole)) <= set(urls)
    kinds = [entry["resource"]["resourceType"] for entry in whole["entry"]]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "Patient": 6,
        "QuestionnaireResponse": 7,
        "RiskAssessment": 7,
        "CarePlan": 7,
        "Communication": 6,
    }


ALLOWED = {
    "QuestionnaireResponse": {"status": {"completed"}},
    "RiskAssessment": {"status": {"final", "corrected"}},
    "CarePlan": {"status": {"active"}, "intent": {"proposal"}},
    "Communication": {"status": {"completed"}},
    "Patient": {},
}
"""Codes of the value sets that FHIR R4 requires, as far as they are used."""


def test_codes_are_bound(several: Store) -> None:
    for entry in bundle(several)["entry"]:
        resource = entry["resource"]
        for name, codes in ALLOWED[resource["resourceType"]].items():
            assert resource[name] in codes
        for activity in resource.get("activity", ()):
            assert activity["detail"]["status"] == "not-started"
            assert activity["detail"]["kind"] == "ServiceRequest"
        for coding in codings_in(resource):
            assert coding["code"]
            assert coding["system"].startswith(("urn:backline:", "http://terminology.hl7.org/"))


def test_answers_have_what_is_there_and_what_was_denied(several: Store) -> None:
    eve = several.cases.reference_of("eve")
    answers = next(r for r in resources(several, "QuestionnaireResponse") if eve in r["id"])
    by_link = {item["linkId"]: item["answer"][0] for item in answers["item"]}
    assert by_link["age"] == {"valueInteger": 58}
    assert by_link["pain_duration"]["valueQuantity"]["value"] == 3.5
    assert by_link["leg_symptoms"]["valueCoding"]["code"] == "none"
    assert by_link["fever"] == {"valueBoolean": False}
    (detail,) = by_link["night_pain"]["item"]
    assert (detail["linkId"], detail["answer"][0]["valueCoding"]["code"]) == (
        "night_pain.course",
        "worse",
    )


def test_a_result_has_outcome_urgency_rules_and_what_it_rests_on(several: Store) -> None:
    bob = several.cases.reference_of("bob")
    risk = next(r for r in resources(several, "RiskAssessment") if bob in r["id"])
    (prediction,) = risk["prediction"]
    assert prediction["outcome"]["coding"][0]["code"] == "doctor_first"
    assert prediction["qualitativeRisk"]["coding"][0]["code"] == "urgent"
    assert risk["method"]["coding"][0]["code"] == several.cases.assessments("bob")[0].policy_version
    assert risk["note"][0]["text"].startswith("Rule U")


def test_what_staff_set_is_marked_and_nobody_was_told_it(several: Store) -> None:
    ada = several.cases.reference_of("ada")
    risks = [r for r in resources(several, "RiskAssessment") if ada in r["id"]]
    assert [risk["status"] for risk in risks] == ["final", "corrected"]
    assert len([c for c in resources(several, "Communication") if ada in c["id"]]) == 1


def test_a_plan_ends_with_its_weeks(several: Store) -> None:
    dan = several.cases.reference_of("dan")
    plan = next(r for r in resources(several, "CarePlan") if dan in r["id"])
    first, last = (dt.date.fromisoformat(plan["period"][part]) for part in ("start", "end"))
    assert (last - first).days in (41, 42, 43)
    titles = [activity["detail"]["code"]["coding"][0]["code"] for activity in plan["activity"]]
    assert titles[0] == "massage"
    assert "acupuncture" in titles


def test_a_bundle_of_nobody_is_valid(store: Store) -> None:
    assert "entry" not in bundle(store)


# ---- Dates of review ----------------------------------------------------------------------------


def test_a_course_is_reviewed_after_its_second_massage_and_at_the_latest_after_six_weeks(
    store: Store,
) -> None:
    add_person(store, "ada", SPASM)
    events = calendar(store).walk("VEVENT")
    told = store.cases.assessments("ada")[0].created_at.astimezone(CLINIC.zone).date()
    days = [(event["dtstart"].dt - told).days for event in events]
    assert days == [14, 42]
    assert (
        str(events[0]["summary"]) == f"Review of {store.cases.reference_of('ada')} after massage 2"
    )
    assert len({str(event["uid"]) for event in events}) == 2


def test_who_is_sent_to_a_doctor_by_now_has_no_review(store: Store) -> None:
    add_person(store, "ada", SPASM)
    store.record_assessment("ada", "rest", assessment(URGENT))
    assert calendar(store).walk("VEVENT") == []


# ---- Who takes it out ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [one.value for one in ExportKind])
def test_at_the_desk_it_comes_as_a_file_and_stands_in_the_log(store: Store, kind: str) -> None:
    add_person(store, "ada", SPASM)
    browser = Browser.signed_in(store, Role.CLINICIAN)
    browser.get("/desk/export")
    answer = browser.ask("POST", "/desk/export", kind=kind, since="")
    assert answer.status_code == 200
    assert store.cases.reference_of("ada") in answer.text
    assert answer.headers["content-disposition"].startswith('attachment; filename="backline-')
    assert answer.headers["cache-control"] == "no-store"
    look = store.audit.all()[0]
    assert (look.action, look.why) == (f"{kind}_exported", "desk /desk/export")


@pytest.mark.parametrize("filled", [{"kind": "xml"}, {"kind": "csv", "since": "31/12"}, {}])
def test_what_is_not_known_is_asked_again(store: Store, filled: dict[str, str]) -> None:
    browser = Browser.signed_in(store)
    browser.get("/desk/export")
    assert 'role="alert"' in browser.send("/desk/export", 422, **filled)


def test_nothing_is_taken_out_where_it_cannot_be_kept_who_did(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_person(store, "ada", SPASM)
    browser = Browser.signed_in(store)
    browser.get("/desk/export")

    def away(*_: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(store.audit, "add", away)
    assert store.cases.reference_of("ada") not in browser.send("/desk/export", 503, kind="csv")


def run(database_url: str, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Any:
    monkeypatch.setenv("DATABASE_URL", database_url)
    return CliRunner().invoke(app, ["export", *arguments])


def test_the_command_writes_a_file_for_its_owner_alone(
    store: Store, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    add_person(store, "ada", SPASM)
    file = tmp_path / "out.csv"
    given = ("csv", "--output", str(file), "--by", "Robin Lee")
    done = run(database_url, monkeypatch, *given)
    assert done.exit_code == 0, done.output
    assert store.cases.reference_of("ada") in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    look = store.audit.all()[0]
    assert (look.action, look.why) == ("csv_exported", "backline export csv")
    assert look.who.startswith("Robin Lee (as ")
    again = run(database_url, monkeypatch, *given)
    assert again.exit_code == 1
    assert "out.csv" in again.output


def test_the_command_writes_to_standard_output(
    store: Store, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_person(store, "ada", SPASM)
    done = run(database_url, monkeypatch, "fhir")
    Bundle.parse_raw(done.stdout)


def test_a_day_that_is_none_is_told(
    store: Store, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run(database_url, monkeypatch, "csv", "--since", "yesterday")
    assert (done.exit_code, "--since takes a day" in done.output) == (1, True)


def test_half_a_file_is_not_left(
    store: Store, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def breaks(*_: object) -> Iterator[bytes]:
        yield b"half"
        raise StoreUnavailable("away")

    monkeypatch.setattr("backline.cli.export.begin_export", breaks)
    done = run(database_url, monkeypatch, "csv", "--output", str(tmp_path / "out.csv"))
    assert done.exit_code == 1
    assert list(tmp_path.glob("out.csv")) == []
