"""Whole triages through each messaging channel."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from tests.integration.test_conversations import PATIENTS
from tests.messaging.person import PATIENCE_S, Person
from tests.messaging.telegram import TelegramPerson
from tests.messaging.twilio import TwilioPerson
from tests.messaging.whatsapp import WhatsAppPerson
from tests.plain import PLAIN
from tests.talking import FIRST, MOST_QUESTIONS

PRESSED = {
    "consent": "Yes, go on",
    "emergency_signs": "None of these",
    "danger_signs": "None of these",
    "safety": "None of these",
    "pain_duration": "Less than 6 weeks",
    "health_conditions": "None of these",
    "back_signs": "None of these",
    "massage_response": "No massage yet",
}
"""What is pressed, or answered by its number, question by question; the others are written."""


def test_a_triage_in_words_ends_in_its_result(person: Person) -> None:
    person.say("my back's been sore for three weeks, about a 4")
    assert person.answer_all(PLAIN) == "massage/none"


def test_a_triage_by_buttons_and_numbers_ends_in_its_result(person: Person) -> None:
    person.say("sore back")
    for _ in range(MOST_QUESTIONS):
        asked = person.asked
        if asked is None:
            break
        if asked == "pain_duration" and isinstance(person, TwilioPerson):
            person.say("less than 6 weeks")
        elif asked in PRESSED:
            person.press(PRESSED[asked])
        else:
            person.say({"pain_severity": "4", "age": "45"}[asked])
    assert person.outcome == "massage/none"


def test_the_patients_of_the_rest_channel_get_the_same_outcomes(
    someone: Callable[[], Person],
) -> None:
    def play(patient: tuple[str, dict[str, str], str]) -> tuple[str, str]:
        opening, answers, _ = patient
        person = someone()
        person.say(opening)
        return opening, person.answer_all({**PLAIN, **answers})

    with ThreadPoolExecutor(len(PATIENTS)) as together:
        outcomes = dict(together.map(play, PATIENTS))
    assert outcomes == {opening: outcome for opening, _, outcome in PATIENTS}


def test_an_emergency_is_told_first_and_in_one_short_message(person: Person) -> None:
    person.say("sore back")
    heard = person.say("I wet myself this morning and my legs are numb")
    assert heard[0].text.strip("*").startswith("This needs emergency care now. Call 000")
    assert len(heard[0].text) < 200
    assert "Why:" in heard[1].text
    assert person.outcome == "doctor_first/emergency"


def test_a_checklist_is_ticked_in_place_on_telegram(telegram_person: TelegramPerson) -> None:
    person = telegram_person
    person.say("sore back")
    person.answer_until("health_conditions")
    for line in ("4", "5", "4"):
        person.deliver(person.press_update(line))
    person.wait_for(lambda: {"4", "✅ 5"} <= set(dict(person.screen[-1].controls)))
    person.press("Done")
    for part, line in (("other_illness", "5"), ("lasting", "1")):
        assert person.asked == part
        person.tick(line)
        person.press("Done")
    assert person.answer_all(PLAIN) == "doctor_first/soon"
    assert "you are pregnant" in person.screen[-1].text


def test_two_lines_of_a_numbered_checklist_are_picked_at_once(
    twilio_person: TwilioPerson,
) -> None:
    person = twilio_person
    person.say("sore back")
    person.say("1")
    person.answer_until("health_conditions")
    person.say("4")
    assert person.asked == "medicines"
    person.say("1 and 2")
    assert person.answer_all(PLAIN) == "doctor_first/soon"
    said = person.screen[-1].text
    assert "you take blood thinners" in said
    assert "you take steroids" in said


def test_two_numbers_of_the_list_before_an_update_are_its_lines(
    twilio_person: TwilioPerson,
) -> None:
    person = twilio_person
    person.say("sore back")
    person.answer_until("health_conditions")
    person.say("16 and 17")
    assert person.answer_all(PLAIN) == "doctor_first/soon"
    said = person.screen[-1].text
    assert "you take blood thinners" in said
    assert "you are pregnant" in said


def test_whatsapp_shows_buttons_a_list_and_numbers(whatsapp_person: WhatsAppPerson) -> None:
    person = whatsapp_person
    person.say("sore back")
    assert [title for title, _ in person.screen[-1].controls] == ["1. Yes, go on", "2. No, thanks"]
    person.press("Yes, go on")
    person.answer_until("emergency_signs")
    assert "Answer with the numbers" in person.screen[-1].text
    person.answer_until("pain_duration")
    assert [t for t, _ in person.screen[-1].controls] == [
        "Less than 6 weeks",
        "6 to 12 weeks",
        "Over 3 months",
    ]
    person.press("Less than 6 weeks")
    person.answer_until("massage_response")
    shown = person.screen[-1]
    assert len(shown.controls) == 5
    assert "5. It hurt or made it worse" in shown.text
    person.press("5. It hurt or made it…")
    person.answer_all(PLAIN)
    assert person.outcome == "doctor_first/soon"


def test_a_number_is_an_option_only_where_options_are_numbered(
    whatsapp_person: WhatsAppPerson,
) -> None:
    person = whatsapp_person
    person.say("sore back")
    person.say("1")
    assert person.asked == FIRST
    person.answer_until("pain_duration")
    person.say("2")
    assert person.asked == "pain_duration"
    person.say("2 weeks")
    assert person.asked == "pain_severity"


def test_a_voice_note_gets_a_clear_reply_and_the_triage_goes_on(person: Person) -> None:
    person.say("sore back")
    heard = person.do(person.media())
    assert "I can only read text" in heard[0].text
    assert "02 5550 0100" in heard[0].text
    person.say("yes")
    assert person.asked == FIRST


def test_the_words_under_a_picture_are_read(person: Person) -> None:
    heard = person.do(person.media("both my legs went numb last night"))
    assert person.outcome == "doctor_first/emergency"
    assert "emergency care" in heard[0].text


def test_a_forwarded_message_is_not_taken_for_ones_own(person: Person) -> None:
    heard = person.do(person.forwarded("both my legs are numb"))
    assert "forwarded" in heard[0].text
    assert person.outcome is None


def test_help_tells_what_it_is_and_how_to_reach_a_person(person: Person) -> None:
    heard = person.say("HELP")
    assert "automated assistant" in heard[0].text
    assert "000" in heard[0].text


def test_a_rude_message_is_answered_kindly_and_the_question_repeated(person: Person) -> None:
    person.say("sore back")
    person.say("yes")
    heard = person.say("you are a useless piece of junk")
    assert "sorry" in heard[0].text
    assert person.asked == FIRST


def test_another_language_is_answered_in_it_and_in_english(person: Person) -> None:
    person.say("ظهري يؤلمني منذ شهر")
    told = told_until(person, "Shall we go on?")
    assert "أفهم اللغة الإنجليزية فقط. إذا كانت هذه حالة طارئة، اتصل فورًا بالرقم 000." in told
    assert "I understand English only" in told


def test_a_danger_in_another_language_is_told_in_it_first_and_as_the_emergency(
    person: Person,
) -> None:
    person.say("我两腿发麻,尿不出来")
    told = told_until(person, "This needs emergency care now.")
    assert told.startswith("这可能是紧急情况。请立即拨打 000。")


def told_until(person: Person, words: str) -> str:
    """All that somebody was sent, once these words are in it."""
    limit = time.monotonic() + PATIENCE_S
    told = ""
    while words not in told:
        assert time.monotonic() < limit, told
        told = "\n".join(shown.text for shown in person.screen)
        time.sleep(0.05)
    return told
