"""Whole conversations with the running server."""

from __future__ import annotations

import pytest

from tests.plain import PLAIN
from tests.talking import FIRST, Patient

PATIENTS = [
    ("my back's been sore for about a month, nothing dramatic", {}, "massage/none"),
    ("my back has been bad on and off since 2019", {}, "combined/none"),
    ("ive had this ache for 8 months, its a 5/10", {"back_signs": "nope"}, "combined/none"),
    ("back keeps cramping up, started ten days ago", {"back_signs": "5"}, "massage/none"),
    ("I wet myself this morning and my back is agony", {}, "doctor_first/emergency"),
    ("both my legs have gone numb since last night", {}, "doctor_first/emergency"),
    ("came off my motorbike on Sunday and my back is killing me", {}, "doctor_first/emergency"),
    ("crushing chest pain and an aching upper back", {}, "doctor_first/emergency"),
    ("honestly I just want to end it all, the pain never stops", {}, "doctor_first/emergency"),
    ("sore back", {"emergency_signs": "I can't pee properly"}, "doctor_first/emergency"),
    (
        "sore back",
        {"emergency_signs": "the first one", "follow_up": "yes"},
        "doctor_first/emergency",
    ),
    ("sore back", {"emergency_signs": "the first one"}, "doctor_first/urgent"),
    ("sore back", {"health_conditions": "I'm on warfarin"}, "doctor_first/soon"),
    ("sore back", {"health_conditions": "1"}, "doctor_first/urgent"),
    ("sore back", {"health_conditions": "breast cancer ten years ago"}, "doctor_first/urgent"),
    ("my foot keeps dragging and my back hurts", {}, "doctor_first/urgent"),
    ("sore back and I've lost a stone without trying", {}, "doctor_first/urgent"),
    ("my daughter is 12 and her back hurts after netball", {"age": "12"}, "doctor_first/soon"),
    ("pain shoots down my left leg into my foot", {"follow_up": "yes"}, "combined/none"),
    ("pain shoots down my left leg into my foot, 2 months", {}, "doctor_first/soon"),
    ("sore back", {"health_conditions": "epilepsy", "follow_up": "yes"}, "massage/none"),
    (
        "sore back",
        {"health_conditions": "epilepsy", "follow_up": "2 months ago"},
        "doctor_first/soon",
    ),
    (
        "sore back",
        {"pain_severity": "between 6 and 7", "follow_up": "most of the time"},
        "doctor_first/soon",
    ),
    ("sore back, 8 out of 10", {"follow_up": "no, only when I bend, usually a 4"}, "massage/none"),
    ("sore back", {"massage_response": "it made it worse"}, "doctor_first/soon"),
    ("sore back", {"back_signs": "yes, I slipped on ice"}, "doctor_first/soon"),
    ("tweaked my back lifting a washing machine yesterday", {}, "doctor_first/soon"),
    (
        "gran is 84, her back hurts since she tripped on the rug",
        {"age": "84"},
        "doctor_first/urgent",
    ),
    ("sore back", {"age": "I don't know", "pain_duration": "4 days"}, "doctor_first/soon"),
    ("no fever, no numbness, just a sore back for 2 weeks", {}, "massage/none"),
    ("my mum had cancer but my back is just stiff, 2 weeks now", {}, "massage/none"),
]


@pytest.mark.parametrize(("opening", "answers", "expected"), PATIENTS)
def test_a_patient_gets_what_the_policy_says(
    live_server: str, opening: str, answers: dict[str, str], expected: str
) -> None:
    patient = Patient(live_server)
    patient.say(opening)
    result = patient.answer_all({**PLAIN, **answers})
    assert f"{result['outcome']}/{result['urgency']}" == expected, result


@pytest.mark.parametrize(
    ("button", "known"),
    [
        ("No massage yet", {"massage_response": "none_yet"}),
        ("It relaxed me", {"massage_response": "relaxed"}),
        ("No change after 1 massage", {"massage_response": "no_change", "massage_sessions": 1}),
        ("No change after 2 or more", {"massage_response": "no_change", "massage_sessions": 2}),
        ("It hurt or made it worse", {"massage_response": "worse"}),
    ],
)
def test_a_button_tells_what_it_says_and_nothing_else(
    live_server: str, button: str, known: dict[str, object]
) -> None:
    patient = Patient(live_server)
    patient.say("sore back for 3 weeks, 5 out of 10")
    facts = patient.answer_all({**PLAIN, "massage_response": button})["facts"]
    assert {name: facts[name] for name in known} == known
    assert facts["pain_severity"] == 5


def test_a_strain_that_eases_needs_no_doctor(live_server: str) -> None:
    patient = Patient(live_server)
    patient.say("pulled my back lifting last week")
    patient.answer_until("follow_up")
    patient.say("it's easing off")
    assert patient.asked == "follow_up"
    patient.say("no bruise, nothing")
    result = patient.answer_all(PLAIN)
    assert (result["outcome"], result["notes"]) == ("massage", ["strain_getting_better"])
    assert "Start gently" in patient.heard


@pytest.fixture
def patient(live_server: str) -> Patient:
    return Patient(live_server)


def test_the_first_message_says_who_speaks_and_asks_to_go_on(patient: Patient) -> None:
    patient.say("hello")
    assert patient.asked == "consent"
    assert "not a doctor" in patient.heard
    assert "90 days" in patient.heard
    assert "000" in patient.heard


def test_facts_of_the_first_message_are_not_asked_again(patient: Patient) -> None:
    patient.say("my back hurts for 3 weeks, about a 4/10")
    patient.answer_until("health_conditions")
    assert "pain_duration" not in patient.questions
    assert "pain_severity" not in patient.questions


def test_declining_ends_politely_and_asks_nothing(patient: Patient) -> None:
    patient.talk("my back hurts", "no thanks")
    assert patient.asked is None
    assert "02 5550 0100" in patient.heard


def test_an_emergency_needs_no_consent(patient: Patient) -> None:
    patient.say("I can't feel anything when I wipe")
    assert patient.result is not None
    assert patient.result["urgency"] == "emergency"


def test_an_emergency_is_noticed_in_the_middle_of_small_talk(patient: Patient) -> None:
    patient.talk("hi", "yes", "how are you?", "lol my legs keep giving way though")
    assert patient.result is not None
    assert patient.result["urgency"] == "emergency"


def test_an_emergency_is_noticed_after_the_result(patient: Patient) -> None:
    patient.say("sore back")
    assert patient.answer_all(PLAIN)["outcome"] == "massage"
    patient.talk("thanks", "oh, and I've been passing out")
    assert patient.result is not None
    assert patient.result["urgency"] == "emergency"


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("how many massages would I need?", "4 massages"),
        ("how much does it cost?", "$95"),
        ("why do you ask that?", "because"),
        ("are you a robot?", "computer program"),
        ("what happens to my data?", "90 days"),
        ("I want to talk to a person", "02 5550 0100"),
        ("do you do acupuncture?", "acupuncture"),
        ("you are stupid", "sorry"),
        ("can you recommend a good pizza place", "back pain"),
    ],
)
def test_a_question_in_the_middle_is_answered_and_the_triage_goes_on(
    patient: Patient, question: str, words: str
) -> None:
    patient.say("sore back")
    patient.answer_until("pain_duration")
    patient.say(question)
    assert words in patient.heard
    assert patient.asked == "pain_duration"


def test_a_fact_with_a_question_is_kept_and_the_question_answered(patient: Patient) -> None:
    patient.say("sore back for 3 weeks")
    patient.answer_until("pain_severity")
    patient.say("it's a 6, how many massages would I need?")
    assert "4 massages" in patient.heard
    assert patient.asked == "health_conditions"


def test_a_correction_replaces_the_earlier_answer(patient: Patient) -> None:
    patient.say("sore back for 3 weeks, 4/10")
    patient.answer_until("health_conditions")
    patient.say("actually it's more like an 8")
    result = patient.answer_all({**PLAIN, "follow_up": "yes"})
    assert result["facts"]["pain_severity"] == 8
    assert result["outcome"] == "doctor_first"


def test_a_corrected_unit_replaces_the_earlier_one(patient: Patient) -> None:
    patient.say("sore back for 3 weeks")
    patient.answer_until("pain_severity")
    patient.say("sorry, I meant months")
    assert patient.answer_all(PLAIN)["outcome"] == "combined"


def test_a_correction_after_the_result_gives_a_new_one(patient: Patient) -> None:
    patient.say("sore back")
    assert patient.answer_all(PLAIN)["outcome"] == "massage"
    patient.say("actually the pain is more like an 8 out of 10")
    assert patient.asked == "follow_up"
    patient.say("yes")
    assert patient.result is not None
    assert patient.result["outcome"] == "doctor_first"


def test_going_back_asks_the_last_question_again(patient: Patient) -> None:
    patient.say("sore back")
    patient.answer_until("pain_severity")
    patient.say("go back")
    assert patient.asked == "pain_duration"


def test_starting_over_forgets_the_facts_but_not_the_consent(patient: Patient) -> None:
    patient.say("sore back for 3 weeks")
    patient.answer_until("pain_severity")
    patient.talk("start over", "yes")
    assert patient.asked == FIRST
    patient.answer_until("pain_duration")


def test_not_knowing_gets_other_words_once_and_then_a_doctor(patient: Patient) -> None:
    patient.say("sore back")
    patient.answer_until("pain_severity")
    patient.say("I don't know")
    assert patient.asked == "pain_severity"
    assert "forget while you are busy" in patient.heard
    patient.say("no idea")
    assert patient.asked != "pain_severity"
    result = patient.answer_all(PLAIN)
    assert "D6" in result["rules"]


def test_questions_never_count_as_failed_answers(patient: Patient) -> None:
    patient.say("sore back")
    patient.answer_until("emergency_signs")
    for question in ("how many more of these?", "who reads this?", "is it far?", "hello?"):
        patient.say(question)
        assert patient.asked == "emergency_signs"
    patient.say("none, how many questions are there")
    assert patient.asked == "danger_signs"
    assert "9 short questions" in patient.heard


def test_yes_alone_to_a_checklist_asks_which(patient: Patient) -> None:
    patient.say("sore back")
    patient.answer_until("emergency_signs")
    patient.say("yes")
    assert patient.asked == "emergency_signs"
    assert "Which" in patient.heard


@pytest.mark.parametrize("number", ["11", "-3", "a million"])
def test_a_number_off_the_scale_is_asked_again(patient: Patient, number: str) -> None:
    patient.say("sore back for 3 weeks")
    patient.answer_until("pain_severity")
    patient.say(number)
    assert patient.asked == "pain_severity"
    assert "0 to 10" in patient.heard


@pytest.mark.parametrize("time", ["0 days", "since 2090", "next week"])
def test_an_impossible_time_is_asked_again(patient: Patient, time: str) -> None:
    patient.say("sore back")
    patient.answer_until("pain_duration")
    patient.say(time)
    assert patient.asked == "pain_duration"


@pytest.mark.parametrize("text", ["", "🙂", "...", "asdkjh qwe", "Привет", "背中が痛い"])
def test_what_cannot_be_understood_is_asked_again(patient: Patient, text: str) -> None:
    patient.say("sore back")
    patient.answer_until("pain_duration")
    patient.say(text)
    assert patient.asked == "pain_duration"


def test_deleting_my_data_forgets_the_conversation(patient: Patient) -> None:
    patient.talk("sore back for 3 weeks", "yes", "delete my data", "yes")
    assert "deleted" in patient.heard
    patient.say("hello")
    assert patient.asked == "consent"


def test_a_result_is_one_message_that_says_all_of_it(patient: Patient) -> None:
    messages = patient.say("I can't pee and my back hurts")
    texts = [m["text"] for m in messages if "text" in m]
    assert len(texts) == 1
    for part in ("Call 000", "Why:", "not a diagnosis", "02 5550 0100"):
        assert part in texts[0]


def test_who_tells_of_violence_is_answered_before_anything_is_asked(patient: Patient) -> None:
    first, *_ = patient.say("my husband shoved me into a wall and my back hurts")
    assert "not your fault" in first["text"]
    assert "1800 737 732" in first["text"]
    assert patient.asked == "consent"


def test_violence_has_a_result_of_its_own_with_a_line_to_call(patient: Patient) -> None:
    patient.say("my wife hits me, my back is sore")
    patient.answer_all(PLAIN)
    assert patient.result is not None
    assert patient.result["rules"][0] == "U0b"
    assert patient.result["urgency"] == "urgent"
    assert "1800 737 732" in patient.heard
    assert "delete this conversation" in patient.heard


def test_a_child_who_is_hurt_is_told_the_childrens_line(patient: Patient) -> None:
    patient.say("I am 13 and my dad hits me with a belt")
    patient.answer_all(PLAIN)
    assert "1800 55 1800" in patient.heard
    assert "1800 737 732" not in patient.heard


def test_an_assault_that_is_an_emergency_has_the_words_about_violence_too(
    patient: Patient,
) -> None:
    patient.say("my boyfriend hit me and I can't feel my legs")
    assert patient.result is not None
    assert patient.result["urgency"] == "emergency"
    assert patient.result["facts"]["health_conditions"] == ["violence"]
    assert "1800 737 732" in patient.heard


def test_too_much_pain_relief_is_an_emergency_with_the_poisons_line(patient: Patient) -> None:
    patient.say("I have had sixteen paracetamol today for my back")
    assert patient.result is not None
    assert patient.result["urgency"] == "emergency"
    assert "13 11 26" in patient.heard


def test_tablets_taken_to_die_get_the_crisis_line_and_the_ambulance(patient: Patient) -> None:
    patient.say("I want to die and I took 20 paracetamol")
    assert "13 11 14" in patient.heard
    assert "13 11 26" in patient.heard
    assert "call 000 now, even if you feel well" in patient.heard


def test_thoughts_of_dying_beside_another_emergency_get_the_crisis_line(patient: Patient) -> None:
    patient.say("I want to die and I can't feel my legs")
    assert "13 11 14" in patient.heard
