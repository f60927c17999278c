"""What somebody is told who writes in another language than English."""

from __future__ import annotations

import pytest

from tests.talking import FIRST, Patient

SPANISH, ENGLISH = "Solo entiendo inglés.", "I understand English only"
INTRODUCTION = "automated assistant"


@pytest.fixture
def patient(live_server: str) -> Patient:
    return Patient(live_server)


def test_the_first_message_is_answered_in_its_language_before_the_introduction(
    patient: Patient,
) -> None:
    patient.say("Me duele la espalda desde hace un mes")
    assert patient.heard.startswith(SPANISH)
    assert patient.heard.index(ENGLISH) < patient.heard.index(INTRODUCTION)
    assert "000" in patient.heard
    assert "02 5550 0100" in patient.heard
    assert patient.asked == "consent"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("背疼,想约个时间", "我只懂英语。"),
        ("ظهري يؤلمني منذ شهر", "أفهم اللغة الإنجليزية فقط."),
        ("पीठ में दर्द रहता है", "मुझे केवल अंग्रेज़ी समझ आती है।"),
    ],
)
def test_other_scripts_come_unharmed(patient: Patient, text: str, told: str) -> None:
    patient.say(text)
    assert told in patient.heard
    assert ENGLISH in patient.heard


@pytest.mark.parametrize("text", ["no siento dolor ahora mismo", "нет, не сейчас", "不,谢谢"])
def test_no_refusal_is_read_out_of_it(patient: Patient, text: str) -> None:
    patient.talk("sore back", text)
    assert patient.asked == "consent"
    patient.say("yes")
    assert patient.asked == FIRST


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("age", "no tengo veinte sino cuarenta"),
        ("emergency_signs", "ninguna de esas cosas"),
        ("danger_signs", "nada de eso"),
        ("safety", "no quiero decirlo"),
        ("pain_duration", "dos semanas más o menos"),
        ("pain_severity", "un dolor de 8"),
        ("health_conditions", "no tengo ninguna enfermedad"),
        ("back_signs", "no, ninguna caída"),
        ("back_signs", "sí, muchas veces"),
        ("massage_response", "no me ayudó nada"),
    ],
)
def test_no_open_question_is_answered_or_missed_by_it(
    patient: Patient, asked: str, text: str
) -> None:
    patient.say("sore back")
    patient.answer_until(asked)
    for _ in range(2):
        patient.say(text)
        assert patient.asked == asked
        assert INTRODUCTION not in patient.heard
    patient.say("one more time please, what does that mean?")
    assert patient.asked == asked


def test_the_introduction_is_not_repeated(patient: Patient) -> None:
    patient.talk("Me duele la espalda", "no entiendo la pregunta")
    assert patient.asked == "consent"
    assert INTRODUCTION not in patient.heard


def test_from_the_third_in_a_row_on_only_the_numbers_are_told(patient: Patient) -> None:
    patient.talk("Me duele la espalda", "no entiendo la pregunta")
    for text in ("no hablo ese idioma", "quiero hablar con alguien"):
        patient.say(text)
        assert SPANISH in patient.heard
        assert ENGLISH in patient.heard
        assert patient.asked is None
    patient.say("yes")
    assert patient.asked == FIRST


def test_english_in_between_begins_the_count_anew(patient: Patient) -> None:
    patient.talk("Me duele la espalda", "no entiendo la pregunta", "sorry, what?")
    patient.say("no hablo ese idioma")
    assert patient.asked == "consent"


@pytest.mark.parametrize("asked", [None, "consent", "pain_duration"])
def test_a_danger_is_told_in_the_language_first_and_then_as_the_emergency(
    patient: Patient, asked: str | None
) -> None:
    if asked is not None:
        patient.say("sore back")
        patient.answer_until(asked)
    patient.say("no siento las piernas")
    assert patient.heard.startswith("Esto puede ser una emergencia. Llame ahora mismo al 000.")
    assert patient.result is not None
    assert patient.result["urgency"] == "emergency"
    assert "both_legs" in patient.result["facts"]["emergency_signs"]


def test_after_an_emergency_the_call_comes_first_in_the_language_too(patient: Patient) -> None:
    patient.talk("I can't pee and both my legs are numb", "no entiendo, ¿qué hago?")
    assert patient.heard.startswith("Please call 000 now.")
    assert "Esto puede ser una emergencia." in patient.heard
    patient.say("no siento las piernas")
    assert "Esto puede ser una emergencia." in patient.heard


def test_an_unknown_language_is_told_in_english(patient: Patient) -> None:
    patient.say("Jag har haft ont i ryggen i två veckor")
    assert patient.heard.startswith(ENGLISH)
    assert patient.asked == "consent"
