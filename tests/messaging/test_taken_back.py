"""What people take back: an answer, by an edit or a button, all messages, and all that is kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from tests.conftest import Server
from tests.messaging.conftest import Services
from tests.messaging.outbox import stored
from tests.messaging.person import Person, nothing_comes
from tests.messaging.telegram import TelegramPerson
from tests.messaging.whatsapp import WhatsAppPerson
from tests.plain import PLAIN
from tests.talking import FIRST

# ---- Changed answers ----------------------------------------------------------------------------


def test_an_edited_answer_corrects_what_was_said(telegram_person: TelegramPerson) -> None:
    person = telegram_person
    person.say("sore back, 3 weeks, no injury")
    person.answer_until("pain_severity")
    four = person.write("4")
    person.do(four)
    assert person.asked == "health_conditions"
    person.do(person.edit(four, "8"))
    assert person.asked == "follow_up"
    assert person.answer_all({**PLAIN, "follow_up": "yes"}) == "doctor_first/soon"
    assert "your pain is severe" in person.screen[-1].text


def test_an_answer_edited_after_the_result_changes_the_result(
    telegram_person: TelegramPerson,
) -> None:
    person = telegram_person
    person.say("sore back")
    person.answer_until("back_signs")
    none = person.write("none of these")
    person.do(none)
    assert person.answer_all(PLAIN) == "massage/none"
    person.do(person.edit(none, "1"))
    # Of an injury more is asked: whether it was a fall.
    assert person.asked == "follow_up"
    person.say("yes")
    assert person.outcome == "doctor_first/soon"


def test_a_second_tap_on_a_button_answers_no_other_question(
    telegram_person: TelegramPerson,
) -> None:
    person = telegram_person
    person.say("sore back with pins and needles in my left foot, 3 weeks, 4 out of 10, no injury")
    person.answer_until("follow_up")
    once, twice = person.press_update("No"), person.press_update("No")
    person.do(once)
    asked = person.screen[-1].text
    assert "getting worse" in asked
    person.do(twice)
    # It was no answer to what is asked now, which is still to be answered.
    assert person.screen[-1].text == asked
    person.say("yes")
    assert person.outcome == "doctor_first/soon"


def test_a_line_taken_back_by_an_edit_no_longer_counts(telegram_person: TelegramPerson) -> None:
    person = telegram_person
    person.say("sore back")
    person.answer_until("health_conditions")
    answer = person.write("3")
    person.do(answer)
    person.do(person.edit(answer, "none of these"))
    assert person.answer_all(PLAIN) == "massage/none"


def test_of_a_line_that_is_taken_back_no_part_is_asked(telegram_person: TelegramPerson) -> None:
    person = telegram_person
    person.say("sore back")
    person.answer_until("health_conditions")
    answer = person.write("4")
    person.do(answer)
    assert person.asked == "medicines"
    person.do(person.edit(answer, "none of these"))
    assert person.asked == "back_signs"
    assert person.answer_all(PLAIN) == "massage/none"


def test_controls_are_taken_away_once_used(
    services: Services, telegram_person: TelegramPerson
) -> None:
    person = telegram_person
    person.say("sore back")
    asked = person.screen[-1]
    update = person.press_update("Yes, go on")
    person.do(update)
    person.wait_for(lambda: not asked.controls)
    query = update["callback_query"]["id"]
    person.wait_for(lambda: services.telegram.callbacks[query])
    person.answer_until("emergency_signs")
    shown = person.screen[-1]
    assert shown.controls
    person.say("none of these")
    person.wait_for(lambda: not shown.controls)


def test_a_forged_choice_is_no_answer(whatsapp_person: WhatsAppPerson) -> None:
    person = whatsapp_person
    person.say("sore back")
    reply = {"id": "/restart", "title": "1. Yes, go on"}
    content = {"type": "button_reply", "button_reply": reply}
    person.do(person.service.notification([person.message("interactive", content)]))
    assert person.asked == "consent"


def test_what_is_ticked_counts_without_done(telegram_person: TelegramPerson) -> None:
    person = telegram_person
    person.say("sore back")
    person.answer_until("danger_signs")
    person.tick("2")
    person.say("no others")
    assert person.outcome == "doctor_first/emergency"


def test_an_answer_edited_into_none_is_asked_again(telegram_person: TelegramPerson) -> None:
    person = telegram_person
    person.say("sore back")
    person.answer_until("emergency_signs")
    none = person.write("none of these")
    person.do(none)
    assert person.asked == "danger_signs"
    person.do(person.edit(none, "not sure"))
    assert person.asked == "emergency_signs"


def test_an_old_button_answers_nothing_after_starting_over(
    whatsapp_person: WhatsAppPerson,
) -> None:
    person = whatsapp_person
    with_a_leg = {**PLAIN, "back_signs": "pins and needles in my left foot"}
    person.say("sore back")
    person.answer_until("follow_up", with_a_leg)
    old = person.press_update("No")
    person.talk("start over", "yes")
    person.do(old)
    assert person.asked == FIRST
    person.answer_until("follow_up", with_a_leg)


def test_a_no_that_is_edited_into_a_yes_goes_on(telegram_person: TelegramPerson) -> None:
    person = telegram_person
    person.say("sore back")
    no = person.write("no")
    person.do(no)
    assert person.asked == "consent"
    assert "I will not ask anything" in person.screen[-1].text
    person.do(person.edit(no, "yes"))
    assert person.asked == FIRST


def test_an_edit_of_what_was_written_before_a_no_answers_nothing_after_a_yes(
    telegram_person: TelegramPerson,
) -> None:
    person = telegram_person
    opening = person.write("sore back")
    person.do(opening)
    person.talk("no", "yes", "yes")
    assert person.asked == FIRST
    person.answer_until("emergency_signs")
    person.do(person.edit(opening, "none of these"))
    assert person.asked == "emergency_signs"


def test_after_a_no_no_line_that_was_ticked_is_kept(
    services: Services, telegram_person: TelegramPerson, messaging_server: Server
) -> None:
    person = telegram_person
    person.say("sore back")
    yes = person.write("yes")
    person.do(yes)
    person.answer_until("emergency_signs")
    person.deliver(person.press_update("3"))
    path = messaging_server.database_url.removeprefix("sqlite:///")
    mine = services.privacy.pseudonymizer.conversation_of("telegram", person.address)
    ticked = (
        "SELECT count(*) FROM outgoing_messages WHERE conversation_id = ?"
        " AND chosen IS NOT NULL AND chosen != 'null'"
    )

    def count() -> int:
        with sqlite3.connect(path) as connection:
            return int(connection.execute(ticked, (mine,)).fetchone()[0])

    person.wait_for(lambda: count() == 1, "the tick")
    person.do(person.edit(yes, "no"))
    assert count() == 0


# ---- STOP ---------------------------------------------------------------------------------------


def test_stop_in_the_middle_is_obeyed_until_start(person: Person) -> None:
    person.say("sore back")
    person.answer_until("emergency_signs")
    heard = person.say("STOP")
    assert "no more messages" in heard[0].text
    nothing_comes(person, person.write("none of these"))
    person.say("START")
    assert person.asked == "emergency_signs"
    person.say("none of these")
    assert person.asked == "danger_signs"


def test_an_emergency_is_answered_after_stop_all_the_same(person: Person) -> None:
    person.say("sore back")
    person.say("stop")
    heard = person.say("now I have lost control of my bladder")
    assert heard[0].text.strip("*").startswith("This needs emergency care now")


def test_deleting_and_help_are_heard_after_stop(person: Person) -> None:
    person.talk("sore back", "STOP")
    assert "automated assistant" in person.say("help")[0].text
    assert "deleted" in person.say("delete my data")[0].text


def test_telegrams_commands(telegram_person: TelegramPerson) -> None:
    person = telegram_person
    assert "Shall we go on?" in person.say("/start poster-1")[-1].text
    assert "automated assistant" in person.say("/help")[-1].text
    person.say("/stop")
    nothing_comes(person, person.write("sore back"))
    assert person.say("/start")
    person.say("/delete")
    assert "deleted" in person.say("yes")[-1].text


def test_a_slash_that_is_no_command_hides_nothing(telegram_person: TelegramPerson) -> None:
    telegram_person.say("/both my legs are numb")
    assert telegram_person.outcome == "doctor_first/emergency"


# ---- What is kept -------------------------------------------------------------------------------


def test_neither_database_nor_log_tells_who_wrote_or_what(
    person: Person, messaging_server: Server, log: Callable[[], str]
) -> None:
    secret_words = "purple rhinoceros back ache"
    person.say(secret_words)
    number = person.address.removeprefix("whatsapp:+")
    folder = Path(messaging_server.database_url.removeprefix("sqlite:///")).parent
    database = b"".join(path.read_bytes() for path in folder.glob("backline.db*"))
    assert number.encode() not in database
    assert number not in log()
    assert secret_words not in log()
    assert "AAEexample" not in log()


def test_deleting_leaves_nothing_of_a_person(person: Person, messaging_server: Server) -> None:
    before = stored(messaging_server)[1:]
    person.talk("sore back", "yes")
    person.say("delete my data")
    assert "deleted this conversation" in person.say("yes")[0].text
    person.wait_for(lambda: stored(messaging_server)[1:] == before, "the end of the deletion")
    person.say("sore back")
    assert person.asked == "consent"
