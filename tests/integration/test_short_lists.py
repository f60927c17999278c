"""Lists of a few lines, one after the other, and lines that stand for several things."""

from __future__ import annotations

import pytest

from backline.facts import EMERGENCY_LISTS, EmergencySign
from backline.policy.checklists import LISTS
from tests.plain import PLAIN
from tests.talking import Patient

MOST_ASKED = 9
SIGNS = frozenset(sign.value for sign in EmergencySign)
DANGERS = [
    (asked.value, number, line)
    for asked, lines in LISTS.items()
    for number, line in enumerate(lines, start=1)
    if asked in EMERGENCY_LISTS and line in SIGNS
]


@pytest.fixture
def patient(live_server: str) -> Patient:
    """Somebody who has told that their back is sore, and nothing else."""
    someone = Patient(live_server)
    someone.say("sore back")
    return someone


def test_who_tells_nothing_gets_at_most_nine_questions(patient: Patient) -> None:
    assert patient.answer_all(PLAIN)["outcome"] == "massage"
    assert len([asked for asked in patient.questions if asked != "consent"]) <= MOST_ASKED


@pytest.mark.parametrize(("asked", "number", "sign"), DANGERS)
def test_a_danger_is_told_by_its_number_in_the_list_that_has_it(
    patient: Patient, asked: str, number: int, sign: str
) -> None:
    patient.answer_until(asked)
    patient.say(str(number))
    result = patient.answer_all({"follow_up": "yes"})
    assert result["urgency"] == "emergency"
    assert result["facts"]["emergency_signs"] == [sign]


@pytest.mark.parametrize(
    ("asked", "number", "code"),
    [
        ("emergency_signs", "12", "self_harm"),
        ("emergency_signs", "7", "chest_pain"),
        ("health_conditions", "16", "blood_thinners"),
    ],
)
def test_a_number_of_the_old_whole_list_is_the_line_that_it_was(
    patient: Patient, asked: str, number: str, code: str
) -> None:
    patient.answer_until(asked)
    patient.say(number)
    facts = patient.answer_all({**PLAIN, "follow_up": "yes"})["facts"]
    assert [*facts.get("emergency_signs", []), *facts.get("health_conditions", [])] == [code]


@pytest.mark.parametrize(
    ("asked", "number", "then"),
    [("emergency_signs", "13", "danger_signs"), ("health_conditions", "28", "back_signs")],
)
def test_the_last_number_of_the_old_whole_list_says_none(
    patient: Patient, asked: str, number: str, then: str
) -> None:
    patient.answer_until(asked)
    patient.say(number)
    assert patient.asked == then
    assert patient.answer_all(PLAIN)["outcome"] == "massage"


@pytest.mark.parametrize("asked", ["danger_signs", "safety", "back_signs"])
def test_a_number_of_no_line_is_asked_again_in_a_list_that_never_was_longer(
    patient: Patient, asked: str
) -> None:
    patient.answer_until(asked)
    patient.say("12")
    assert patient.asked == asked
    assert patient.result is None


# ---- Whether somebody is safe -------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["Rather not say", "3", "I'd rather not say", "skip"])
def test_whether_somebody_is_safe_they_need_not_say(patient: Patient, answer: str) -> None:
    patient.answer_until("safety")
    patient.say(answer)
    assert patient.asked == "pain_duration"
    assert patient.answer_all(PLAIN)["outcome"] == "massage"


def test_who_ticks_that_they_are_hurt_gets_the_line_to_call(patient: Patient) -> None:
    patient.answer_until("safety")
    patient.say("Being hurt by somebody, or afraid at home")
    assert patient.answer_all(PLAIN)["rules"][0] == "U0b"
    assert "1800 737 732" in patient.heard


# ---- A line that stands for several things ------------------------------------------------------


def test_what_a_line_stands_for_is_asked_and_own_words_settle_it(patient: Patient) -> None:
    patient.answer_until("health_conditions")
    patient.say("4")
    assert patient.asked == "medicines"
    patient.say("warfarin")
    assert patient.asked == "back_signs"
    result = patient.answer_all(PLAIN)
    assert result["facts"]["health_conditions"] == ["blood_thinners"]
    assert result["outcome"] == "doctor_first"


def test_who_names_it_at_once_is_not_asked_which_it_is(patient: Patient) -> None:
    result = patient.answer_all({**PLAIN, "health_conditions": "I take warfarin"})
    assert result["facts"]["health_conditions"] == ["blood_thinners"]
    assert "medicines" not in patient.questions


def test_a_line_of_a_line_is_asked_about_in_turn(patient: Patient) -> None:
    patient.answer_until("health_conditions")
    patient.say("Pregnancy, an operation, or any other illness or new symptom")
    assert patient.asked == "other_illness"
    patient.say("5")
    assert patient.asked == "lasting"
    patient.say("1")
    assert patient.answer_all(PLAIN)["facts"]["health_conditions"] == ["pregnancy"]


def test_who_has_none_of_what_a_line_stands_for_needs_no_doctor(patient: Patient) -> None:
    patient.answer_until("back_signs")
    patient.say("2")
    assert patient.asked == "one_leg"
    assert patient.answer_all(PLAIN)["outcome"] == "massage"


@pytest.mark.parametrize(("line", "asked"), [("4", "medicines"), ("5", "other_illness")])
def test_what_nobody_can_tell_apart_leads_to_a_doctor(
    patient: Patient, line: str, asked: str
) -> None:
    patient.answer_until("health_conditions")
    patient.say(line)
    for _ in range(2):
        assert patient.asked == asked
        patient.say("I don't know")
    assert patient.answer_all(PLAIN)["outcome"] == "doctor_first"


# ---- Back, and which of them --------------------------------------------------------------------


def test_going_back_over_a_list_forgets_what_was_ticked_in_it(patient: Patient) -> None:
    patient.answer_until("back_signs")
    patient.talk("5", "go back")
    assert patient.asked == "back_signs"
    assert patient.answer_all(PLAIN)["facts"]["muscle_spasm"] is False


def test_going_back_passes_each_list_by_itself(patient: Patient) -> None:
    patient.answer_until("pain_duration")
    for asked in ("safety", "danger_signs", "emergency_signs"):
        patient.say("go back")
        assert patient.asked == asked


def test_going_back_twice_from_what_a_line_stands_for_forgets_the_line(patient: Patient) -> None:
    patient.answer_until("health_conditions")
    patient.talk("4", "1")
    for asked in ("medicines", "health_conditions"):
        patient.say("go back")
        assert patient.asked == asked
    assert patient.answer_all(PLAIN)["facts"]["health_conditions"] == []


@pytest.mark.parametrize(
    "asked",
    ["emergency_signs", "danger_signs", "safety", "health_conditions", "back_signs", "medicines"],
)
def test_a_list_that_is_answered_with_yes_is_asked_which_of_them(
    patient: Patient, asked: str
) -> None:
    patient.answer_until(asked, {**PLAIN, "health_conditions": "4"})
    patient.say("yes")
    assert patient.asked == asked
    assert "Which of them?" in patient.heard
    assert patient.result is None
