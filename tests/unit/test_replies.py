"""What a reply is made of, and that it goes out byte for byte as docs/http.md has it."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from backline.replies import (
    DangerWarning,
    Deleted,
    EmergencyStanding,
    Option,
    Question,
    Reply,
    Text,
    TriageResult,
    Unavailable,
    deleted_marker,
    no_longer_marker,
    parse,
    part_of,
    questions_in,
    result_marker,
    standing_marker,
    unavailable,
    unavailable_marker,
    warning_marker,
    with_controls,
    with_progress,
)

PROJECT = Path(__file__).resolve().parents[2]
DOMAIN: dict[str, Any] = yaml.safe_load((PROJECT / "domain.yml").read_text(encoding="utf-8"))
CHECKLIST = {
    "type": "question",
    "slot": "emergency_signs",
    "input": {
        "kind": "multi_choice",
        "options": [
            {"value": "numb", "title": "Numb"},
            {"value": "none", "title": "None of these"},
        ],
    },
}


def documented_markers() -> list[dict[str, Any]]:
    """Every marker that docs/http.md shows whole."""
    text = (PROJECT / "docs" / "http.md").read_text(encoding="utf-8")
    shown = re.findall(r"```json\n(\{\"custom\": .*?)\n```", text, re.DOTALL)
    return [json.loads(one)["custom"] for one in shown]


def said(text: str, marker: dict[str, Any]) -> Reply:
    """A response as Rasa sends it: the text, then its marker."""
    return parse([{"recipient_id": "ada", "text": text}, {"recipient_id": "ada", "custom": marker}])


# ---- The contract -------------------------------------------------------------------------------

MESSAGES = st.lists(
    st.fixed_dictionaries(
        {"recipient_id": st.just("ada")},
        optional={
            "text": st.text(max_size=20),
            "buttons": st.just([{"title": "Yes", "payload": "Yes"}]),
            "custom": st.sampled_from(documented_markers())
            | st.just({"type": "of another version"}),
        },
    )
)


@given(MESSAGES)
def test_what_rasa_said_goes_out_byte_for_byte(messages: list[dict[str, Any]]) -> None:
    before = json.dumps(messages)
    assert json.dumps(parse(messages).to_json()) == before


@pytest.mark.parametrize("marker", documented_markers(), ids=lambda marker: str(marker["type"]))
def test_every_documented_marker_has_a_type_of_its_own(marker: dict[str, Any]) -> None:
    assert not isinstance(said("words", marker).parts[0], Text)


def test_a_result_is_marked_as_documented() -> None:
    marker = next(m for m in documented_markers() if m["type"] == "triage_result")
    decided = {k: v for k, v in marker.items() if k not in ("type", "reasons", "facts")}
    made = result_marker(decided, marker["reasons"], marker["facts"])
    assert made == marker
    assert result_marker(decided, [], {}, stored=False)["stored"] is False
    assert result_marker(decided, [], {}, again=True)["again"] is True


def test_what_holds_no_facts_is_marked_as_documented() -> None:
    assert json.dumps(standing_marker("000", None)) == (
        '{"type": "emergency_standing", "holds": true, "kind": "emergency", "number": "000", '
        '"line": null}'
    )
    assert standing_marker("000", "13 11 14")["kind"] == "self_harm"
    assert no_longer_marker() == {"type": "emergency_standing", "holds": False}
    assert warning_marker() == {"type": "warning"}
    assert deleted_marker() == {"type": "deleted"}
    assert json.dumps(unavailable("ada", "Sorry.")) == (
        '{"recipient_id": "ada", "text": "Sorry.", "custom": {"type": "error", "code": '
        '"unavailable", "retry": true}}'
    )


# ---- Reading ------------------------------------------------------------------------------------


def test_a_text_and_the_marker_behind_it_are_one_part() -> None:
    reply = parse([{"text": "Thanks."}, {"text": "Numb?"}, {"custom": CHECKLIST}, {"text": "Bye."}])
    thanks, question, bye = reply.parts
    assert (thanks, bye) == (Text("Thanks."), Text("Bye."))
    assert isinstance(question, Question)
    assert question.text == "Numb?"
    assert reply.texts == ("Thanks.", "Bye.")


def test_a_message_may_hold_its_own_marker() -> None:
    reply = parse([{"text": "Wait."}, unavailable("ada", "Sorry.")])
    assert reply.parts == (Text("Wait."), Unavailable("Sorry."))
    assert reply.failed


def test_a_question_tells_its_options() -> None:
    question = said("Which?", CHECKLIST).question
    assert question is not None
    assert question.options == (Option("numb", "Numb"), Option("none", "None of these"))
    assert question.titles == ("Numb", "None of these")
    assert question.none == 1


def test_one_of_several_lists_of_a_slot_is_known_by_its_group() -> None:
    question = said("And these?", {**CHECKLIST, "group": "danger_signs"}).question
    assert question is not None
    assert question.slot == "danger_signs"


def test_the_numbers_of_a_scale_stand_for_its_options() -> None:
    scale = {"type": "question", "slot": "s", "input": {"kind": "scale", "min": 0, "max": 3}}
    question = said("How bad?", scale).question
    assert question is not None
    assert question.titles == ("0", "1", "2", "3")


@pytest.mark.parametrize(
    ("marker", "emergency"),
    [
        ({"type": "triage_result", "urgency": "emergency"}, True),
        ({"type": "triage_result", "urgency": "urgent"}, False),
        (standing_marker("000", None), True),
        (no_longer_marker(), False),
        (warning_marker(), False),
    ],
)
def test_an_emergency_is_told_by_a_result_or_while_one_holds(
    marker: dict[str, Any], emergency: bool
) -> None:
    assert said("words", marker).emergency is emergency


def test_an_emergency_of_self_harm_alone_is_a_crisis() -> None:
    marker = {"type": "triage_result", "urgency": "emergency"}
    alone = said("words", marker | {"facts": {"emergency_signs": ["self_harm"]}}).result
    both = said("words", marker | {"facts": {"emergency_signs": ["fainting", "self_harm"]}}).result
    assert alone is not None
    assert alone.crisis
    assert both is not None
    assert not both.crisis


def test_a_result_tells_whether_it_is_stored() -> None:
    kept, lost = (
        said("words", {"type": "triage_result", **more}).result for more in ({}, {"stored": False})
    )
    assert kept is not None
    assert kept.stored
    assert lost is not None
    assert not lost.stored


@pytest.mark.parametrize(
    ("marker", "part"),
    [
        (deleted_marker(), Deleted("words")),
        (warning_marker(), DangerWarning("words")),
        (no_longer_marker(), EmergencyStanding("words", holds=False)),
        (standing_marker("000", "13 11 14"), EmergencyStanding("words", holds=True, crisis=True)),
        (unavailable_marker(), Unavailable("words")),
        ({"type": "of another version"}, Text("words")),
        ("no marker at all", Text("words")),
    ],
)
def test_each_marker_is_read_as_what_it_says(marker: Any, part: object) -> None:
    assert part_of({"text": "words", "custom": marker}) == part


def test_nothing_was_said_where_there_is_no_message() -> None:
    assert not parse([])
    assert parse([]).question is None


# ---- The domain's questions ---------------------------------------------------------------------


QUESTIONS = [
    name
    for name, variants in DOMAIN["responses"].items()
    if (variants[0].get("custom") or {}).get("type") == "question"
]


def test_every_slot_that_is_asked_for_has_its_question() -> None:
    markers = [DOMAIN["responses"][name][0]["custom"] for name in QUESTIONS]
    asked = {marker.get("group", marker["slot"]) for marker in markers}
    assert asked == set(questions_in(DOMAIN["responses"]))


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_of_the_domain_can_be_shown_without_controls(name: str) -> None:
    response = copy.deepcopy(DOMAIN["responses"][name][0])
    question = part_of(response)
    assert isinstance(question, Question)
    shown = with_controls(copy.deepcopy(response))
    if question.kind == "multi_choice":
        assert shown["custom"]["prompt"] == response["text"]
        assert shown["text"].endswith(f"\n{len(question.titles)}. {question.titles[-1]}")
    elif question.options:
        assert [b["payload"] for b in shown["buttons"]] == list(question.titles)
    else:
        assert shown == response


def test_what_asks_nothing_needs_no_controls() -> None:
    assert with_controls({"text": "Hello."}) == {"text": "Hello."}


def test_the_lines_of_a_list_tell_every_code_that_they_stand_for() -> None:
    options = [
        {"value": "fever", "title": "Fever"},
        {"value": "medicines", "codes": ["blood_thinners", "steroids"], "title": "A medicine"},
        {"value": "skip", "title": "Rather not say"},
        {"value": "none", "title": "None of these"},
    ]
    asked = {"type": "question", "slot": "s", "input": {"kind": "multi_choice", "options": options}}
    shown = with_controls({"text": "Which?", "custom": asked})
    assert [(line["code"], line["title"]) for line in shown["custom"]["input"]["lines"]] == [
        ("fever", "Fever"),
        ("blood_thinners", "A medicine"),
        ("steroids", "A medicine"),
    ]
    assert "3. Rather not say\n4. None of these" in shown["text"]


def test_how_far_the_questions_are_is_told_of_the_question_that_is_asked() -> None:
    place = {"asked": "danger_signs", "step": 3, "of": 9}
    asked = {"text": "And these?", "custom": {**CHECKLIST, "group": "danger_signs"}}
    shown = with_progress(copy.deepcopy(asked), place, "(3 of about 9)")
    assert shown["text"] == "And these? (3 of about 9)"
    assert shown["custom"]["progress"] == {"step": 3, "of": 9}
    other = {"text": "Numb?", "custom": CHECKLIST}
    assert with_progress(copy.deepcopy(other), place, "(3 of about 9)") == other


def test_only_a_question_of_the_domain_is_found_by_its_slot() -> None:
    responses = {
        "utter_ask_emergency_signs": [{"text": "Numb?", "custom": CHECKLIST}],
        "utter_hello": [{"text": "Hello."}],
        "utter_ask_nothing": [{"text": "?", "custom": {"type": "warning"}}],
    }
    assert list(questions_in(responses)) == ["emergency_signs"]


def test_a_result_keeps_what_decided_it() -> None:
    marker = {"type": "triage_result", "outcome": "massage", "urgency": "none", "rules": ["M1"]}
    assert said("Go.", marker).result == TriageResult("Go.", "massage", "none", ("M1",))


def test_a_list_is_written_out_again_since_another_may_stand_above() -> None:
    asked = {
        "text": "Back to my list: any of it?",
        "custom": {
            "type": "question",
            "slot": "health_conditions",
            "input": {
                "kind": "multi_choice",
                "options": [{"value": "fever", "title": "Fever"}],
            },
        },
    }
    assert with_controls(copy.deepcopy(asked))["text"].endswith("1. Fever")


def test_of_several_questions_of_a_slot_that_with_the_most_options_stands_for_all() -> None:
    def asks(*values: str) -> list[dict[str, Any]]:
        options = [{"value": value, "title": value} for value in values]
        marker = {"type": "question", "slot": "follow_up", "input": {"kind": "yes_no"}}
        marker["input"] = {"kind": "yes_no", "options": options}
        return [{"text": "?", "custom": marker}]

    found = questions_in(
        {
            "utter_ask_a": asks("yes", "no"),
            "utter_ask_b": asks("yes", "no", "dont_know"),
            "utter_ask_c": asks("yes", "no"),
        }
    )
    assert [option.value for option in found["follow_up"].options] == ["yes", "no", "dont_know"]
