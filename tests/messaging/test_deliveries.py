"""Deliveries that are repeated, late, forged or too many; services that refuse; crashes."""

from __future__ import annotations

import itertools
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import requests
from aiohttp import web

from backline.channels.messaging.messages import Incoming, Kind
from tests.conftest import Server, start_server
from tests.messaging import telegram, twilio, whatsapp
from tests.messaging.conftest import CHANNELS, Services
from tests.messaging.person import Person, slot_of
from tests.messaging.telegram import TelegramPerson
from tests.messaging.twilio import TwilioPerson
from tests.messaging.whatsapp import WhatsAppPerson
from tests.plain import PLAIN
from tests.watching import Metrics

SILENCE_S = 0.6
"""As long as a reply would take, and some more."""
AT_ONCE_S = 8.0
"""Seconds that a service waits for an answer in any case."""


def nothing_comes(person: Person, update: Any) -> requests.Response:
    """Deliver something that is not to be answered."""
    before = len(person.screen)
    answer = person.deliver(update)
    time.sleep(SILENCE_S)
    person.wait_for(person.is_at_rest, "an end of the replies")
    assert len(person.screen) == before, [shown.text for shown in person.screen[before:]]
    return answer


# ---- Repeated, late and out of order ------------------------------------------------------------


def test_a_repeated_delivery_is_heard_once(person: Person) -> None:
    person.say("sore back")
    yes = person.write("yes")
    person.do(yes)
    assert person.asked == "emergency_signs"
    none = person.write("none of these")
    person.do(none)
    assert person.asked == "pain_duration"
    assert nothing_comes(person, none).status_code == 200
    assert nothing_comes(person, yes).status_code == 200
    assert person.asked == "pain_duration"


def test_a_message_written_before_a_question_was_shown_does_not_answer_it(
    services: Services, person: Person
) -> None:
    person.say("sore back, 3 weeks, 4 out of 10, no injury")
    person.say("yes")
    assert person.asked == "emergency_signs"
    first, second = person.write("none"), person.write("none")
    before = len(person.screen)
    with services.slow(person):
        person.deliver(first)
        person.deliver(second)
    person.read(before)
    assert person.asked == "health_conditions"
    person.say("none")
    assert person.asked != "health_conditions"


def test_of_an_out_of_order_pair_the_late_one_answers_what_was_asked_before(
    telegram_person: TelegramPerson,
) -> None:
    person = telegram_person
    person.say("sore back, 3 weeks, 4 out of 10, no injury")
    person.say("yes")
    early, late = person.write("hm let me see"), person.write("none of these")
    person.do(late)
    assert person.asked == "health_conditions"
    person.do({**early, "message": {**early["message"], "text": "none"}})
    assert person.asked == "health_conditions"
    assert person.say("on warfarin")


def test_a_late_message_with_a_danger_sign_is_heard_all_the_same(
    telegram_person: TelegramPerson,
) -> None:
    person = telegram_person
    person.say("sore back")
    early, late = person.write("and my legs are both numb"), person.write("yes")
    person.do(late)
    person.do(early)
    assert person.outcome == "doctor_first/emergency"


def test_several_messages_in_one_call_are_heard_in_their_order(
    whatsapp_person: WhatsAppPerson,
) -> None:
    person = whatsapp_person
    person.say("sore back")
    first, second = person.write("yes"), person.write("for 3 weeks now")
    changes = [entry["changes"][0] for entry in (*first["entry"], *second["entry"])]
    first["entry"][0]["changes"] = changes
    person.do(first)
    assert person.asked == "emergency_signs"
    person.say("none of these")
    assert person.asked == "pain_severity"


def test_a_thousand_things_told_in_one_call_are_taken_at_once(
    services: Services, whatsapp_person: WhatsAppPerson
) -> None:
    message = whatsapp_person.write("sore back")["entry"][0]["changes"][0]["value"]["messages"][0]
    statuses = [{"id": f"wamid.many{n}", "status": "sent"} for n in range(1000)]
    began = time.monotonic()
    whatsapp_person.do(services.whatsapp.notification([message] * 1000, statuses))
    assert whatsapp_person.asked == "consent"
    assert time.monotonic() - began < AT_ONCE_S


def test_an_old_request_played_back_does_nothing(
    telegram_person: TelegramPerson, whatsapp_person: WhatsAppPerson
) -> None:
    month_ago = int(time.time()) - 30 * 24 * 3600
    update = telegram_person.write("both legs numb")
    update["message"]["date"] = month_ago
    assert nothing_comes(telegram_person, update).status_code == 200
    notification = whatsapp_person.write("both legs numb")
    message = notification["entry"][0]["changes"][0]["value"]["messages"][0]
    message["timestamp"] = str(month_ago)
    assert nothing_comes(whatsapp_person, notification).status_code == 200


# ---- Changed answers ----------------------------------------------------------------------------


def test_an_edited_answer_corrects_what_was_said(telegram_person: TelegramPerson) -> None:
    person = telegram_person
    person.say("sore back, 3 weeks, no injury")
    person.talk("yes", "none of these")
    four = person.write("4")
    person.do(four)
    assert person.asked == "health_conditions"
    person.do(person.edit(four, "8"))
    assert person.asked == "health_conditions"
    assert person.answer_all(PLAIN) == "doctor_first/soon"
    assert "your pain is severe" in person.screen[-1].text


def test_an_answer_edited_after_the_result_changes_the_result(
    telegram_person: TelegramPerson,
) -> None:
    person = telegram_person
    person.say("sore back, 3 weeks, 4 out of 10")
    person.talk("yes", "none of these")
    assert person.asked == "recent_injury"
    no = person.write("no")
    person.do(no)
    assert person.answer_all(PLAIN) == "massage/none"
    person.do(person.edit(no, "yes"))
    # Of an injury more is asked: whether it was a fall.
    assert person.asked == "follow_up"
    person.say("yes")
    assert person.outcome == "doctor_first/soon"


def test_a_second_tap_on_a_button_answers_no_other_question(
    telegram_person: TelegramPerson,
) -> None:
    person = telegram_person
    person.say("sore back with pins and needles in my left foot, 3 weeks, 4 out of 10, no injury")
    person.talk("yes", "none of these", "none of these")
    assert person.asked == "follow_up"
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
    person.say("sore back, 3 weeks, 4 out of 10, no injury")
    person.talk("yes", "none of these")
    assert person.asked == "health_conditions"
    answer = person.write("16")
    person.do(answer)
    person.do(person.edit(answer, "none of these"))
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
    shown = person.screen[-1]
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
    person.press("Yes, go on")
    person.deliver(person.press_update("7"))
    person.wait_for(lambda: "✅ 7" in dict(person.screen[-1].controls))
    person.say("no others")
    assert person.outcome == "doctor_first/emergency"


def test_an_answer_edited_into_none_is_asked_again(telegram_person: TelegramPerson) -> None:
    person = telegram_person
    person.talk("sore back", "yes")
    none = person.write("none of these")
    person.do(none)
    assert person.asked == "pain_duration"
    person.do(person.edit(none, "not sure"))
    assert person.asked == "emergency_signs"


def test_a_question_that_was_not_delivered_is_not_answered(
    services: Services, telegram_person: TelegramPerson
) -> None:
    person = telegram_person
    person.say("sore back, 3 weeks, 4 out of 10, no injury")
    services.telegram.blocked.add(person.address)
    nothing_comes(person, person.write("yes"))
    services.telegram.blocked.discard(person.address)
    person.talk("no", "yes")
    if person.asked == "consent":
        person.say("yes")
    assert person.asked == "emergency_signs"


def test_an_old_button_answers_nothing_after_starting_over(
    whatsapp_person: WhatsAppPerson,
) -> None:
    person = whatsapp_person
    person.talk("sore back, 3 weeks, 4 out of 10", "yes", "none of these")
    assert person.asked == "recent_injury"
    old = person.press_update("No")
    person.talk("start over", "yes")
    person.do(old)
    assert person.asked == "emergency_signs"
    person.talk("none of these", "3 weeks", "4")
    assert person.asked == "recent_injury"


def test_a_service_that_counts_anew_is_understood_again(
    telegram_person: TelegramPerson,
) -> None:
    person = telegram_person
    person.say("sore back")
    for number in (5, 6):
        person.do({**person.write("yes"), "update_id": number})
    assert person.asked == "emergency_signs"


# ---- Forged, malformed and too many -------------------------------------------------------------


def post(url: str, body: bytes, **headers: str) -> requests.Response:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.post(url, data=body, headers=sent, timeout=30)


def test_a_forged_signature_gets_401_and_touches_nothing(
    services: Services,
    telegram_person: TelegramPerson,
    whatsapp_person: WhatsAppPerson,
    twilio_person: TwilioPerson,
    messaging_server: Server,
) -> None:
    before = stored(messaging_server)
    url, text = messaging_server.url, "both my legs are numb"
    for secret in (None, "", "wrong", "\u00e9".encode("latin-1").decode("latin-1")):
        answer = services.telegram.deliver(url, telegram_person.write(text), secret)
        assert answer.status_code == 401
    for signature in ("sha256=", "sha256=" + "0" * 64, "sha1=abc", "\u00e9"):
        answer = services.whatsapp.deliver(url, whatsapp_person.write(text), signature)
        assert answer.status_code == 401
    for signature in ("", "AAAA", "\u00e9"):
        update = twilio_person.write(text)
        answer = services.twilio.deliver(url, twilio_person.public_url, update, signature)
        assert answer.status_code == 401
    elsewhere = services.twilio.deliver(url, "https://evil.example", twilio_person.write(text))
    assert elsewhere.status_code == 401
    assert stored(messaging_server) == before


def stored(server: Server) -> list[int]:
    path = server.database_url.removeprefix("sqlite:///")
    with sqlite3.connect(path) as connection:
        return [
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
            for table in ("received_messages", "contacts", "outgoing_messages", "events")
        ]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"[" * 50_000, "application/json", 400),
        (b'{"update_id": "x"}', "application/json", 400),
        (b'{"update_id": 1, "message": 5}', "application/json", 400),
        (b'{"update_id": 1, "message": {"date": "x"}}', "application/json", 400),
        (b'{"update_id": 1, "message": {"date": 1e400}}', "application/json", 400),
        (b'{"update_id": 1}', "text/plain", 415),
        (b"x" * 1_100_000, "application/json", 413),
    ],
)
def test_what_is_no_update_is_refused(
    messaging_server: Server, body: bytes, kind: str, status: int
) -> None:
    answer = post(
        f"{messaging_server.url}/webhooks/telegram/webhook",
        body,
        Content_Type=kind,
        X_Telegram_Bot_Api_Secret_Token=telegram.SECRET,
    )
    assert answer.status_code == status
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "update",
    [
        {},
        {"my_chat_member": {"chat": {"id": 5}}},
        {"message": {"chat": {"id": 5, "type": "private"}, "message_id": 1, "date": 4e9}},
        {"poll_answer": {}},
        {"callback_query": {"id": "1", "data": "x"}},
    ],
)
def test_an_update_that_is_not_for_us_is_taken_and_ignored(
    services: Services, messaging_server: Server, update: dict[str, Any]
) -> None:
    numbered = {"update_id": next(services.telegram.update_ids), **update}
    answer = services.telegram.deliver(messaging_server.url, numbered)
    assert answer.status_code == 200


def test_one_malformed_message_does_not_take_the_others_with_it(
    whatsapp_person: WhatsAppPerson,
) -> None:
    person = whatsapp_person
    notification = person.write("both my legs are numb")
    messages = notification["entry"][0]["changes"][0]["value"]["messages"]
    messages.insert(0, {"from": "1", "id": "x", "type": "text"})
    person.do(notification)
    assert person.outcome == "doctor_first/emergency"


def test_metas_handshake_wants_the_verify_token(messaging_server: Server) -> None:
    url = f"{messaging_server.url}/webhooks/whatsapp/webhook"
    asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444"}
    good = requests.get(url, {**asked, "hub.verify_token": whatsapp.VERIFY_TOKEN}, timeout=10)
    assert (good.status_code, good.text) == (200, "1158201444")
    bad = requests.get(url, {**asked, "hub.verify_token": "guess"}, timeout=10)
    assert bad.status_code == 403
    assert requests.get(url, timeout=10).status_code == 403


def test_who_sends_far_too_much_is_told_once_and_then_met_with_silence(person: Person) -> None:
    person.say("sore back")
    for _ in range(40):
        assert person.deliver(person.write("hello")).status_code == 200
    slow_down = "more than I can read at once"
    person.wait_for(lambda: any(slow_down in shown.text for shown in person.screen))
    person.wait_for(person.is_at_rest, "an end of the replies")
    assert sum(slow_down in shown.text for shown in person.screen) == 1


def test_stop_is_obeyed_however_much_was_sent(telegram_person: TelegramPerson) -> None:
    person = telegram_person
    person.say("sore back")
    for _ in range(32):
        person.deliver(person.write("hello"))
    person.deliver(person.write("STOP"))
    person.wait_for(lambda: any("no more messages" in shown.text for shown in person.screen))


def test_groups_and_channels_get_a_short_reply_and_no_triage(
    services: Services, telegram_person: TelegramPerson
) -> None:
    person = telegram_person
    chat = {"id": int(person.address), "type": "supergroup", "title": "Family"}
    update = person.update(message={**person.message(text="both legs are numb"), "chat": chat})
    heard = person.do(update)
    assert "only talk in private" in heard[0].text
    assert person.outcome is None


# ---- Services that refuse -----------------------------------------------------------------------


def bad_gateway() -> web.Response:
    return web.Response(status=502, text="<html>Bad gateway</html>")


TOO_MANY = {
    "telegram": lambda: telegram.too_many(1),
    "whatsapp": whatsapp.too_many,
    "twilio": twilio.too_many,
}


def test_after_429_the_reply_is_sent_again_once(
    services: Services, person: Person, channel: str
) -> None:
    person.service.faults.append(TOO_MANY[channel])
    began = time.monotonic()
    heard = person.say("sore back")
    if channel == "telegram":
        assert time.monotonic() - began >= 1
    assert [shown.text.partition(" that ")[0] for shown in heard][:1] == ["I am sorry"]
    assert [shown.text[:18] for shown in heard][1:] == ["I am the automated"]
    person.say("yes")
    assert person.asked == "emergency_signs"


def test_a_service_that_fails_for_a_while_gets_the_replies_in_order(
    services: Services, person: Person, channel: str
) -> None:
    person.service.faults.extend([bad_gateway] * 2)
    before = len(person.screen)
    person.deliver(person.write("sore back"))
    person.deliver(person.write("would a massage help?"))
    person.read(before)
    heard = texts(person)
    assert heard[0].startswith("I am sorry")
    assert heard[1].startswith("I am the automated assistant")
    assert "Massage by a specialist" in heard[2]


def test_what_cannot_be_delivered_is_kept_and_listed(
    services: Services, telegram_person: TelegramPerson, messaging_server: Server
) -> None:
    person = telegram_person
    person.say("sore back")
    services.telegram.blocked.add(person.address)
    nothing_comes(person, person.write("yes"))
    path = messaging_server.database_url.removeprefix("sqlite:///")
    with sqlite3.connect(path) as connection:
        kept = connection.execute(
            "SELECT count(*) FROM outgoing_messages WHERE state = 'failed' AND error = '403'"
        ).fetchone()
    assert kept[0] >= 1
    metrics = requests.get(f"{messaging_server.url}/metrics", timeout=10).text
    assert 'backline_messages_failed_total{channel="telegram",code="403"' in metrics


def test_a_report_of_failure_is_recorded(
    services: Services, whatsapp_person: WhatsAppPerson, messaging_server: Server
) -> None:
    person = whatsapp_person
    person.say("sore back")
    sent = person.screen[-1]
    for status, code in (("sent", 0), ("delivered", 0), ("failed", 131026)):
        services.whatsapp.report(messaging_server.url, sent, person.address, status, code)
    path = messaging_server.database_url.removeprefix("sqlite:///")
    with sqlite3.connect(path) as connection:
        reports = connection.execute(
            "SELECT r.status, r.error FROM delivery_reports r "
            "JOIN outgoing_messages o ON o.service_id = r.service_id WHERE r.channel = 'whatsapp'"
        ).fetchall()
    assert {("sent", None), ("delivered", None), ("failed", "131026")} <= set(reports)


@pytest.mark.parametrize("channel", ["whatsapp", "twilio"], indirect=True)
def test_outside_24_hours_nothing_is_sent_until_the_person_writes_again(
    services: Services, person: Person, channel: str, messaging_server: Server
) -> None:
    person.say("sore back")
    person.service.faults.extend([bad_gateway] * 2)
    person.deliver(person.write("yes"))
    database = sqlite3.connect(
        messaging_server.database_url.removeprefix("sqlite:///"), isolation_level=None, timeout=9
    )
    mine = services.privacy.pseudonymizer.conversation_of(channel, person.address)
    states = "SELECT state FROM outgoing_messages WHERE conversation_id = ? ORDER BY id"

    def state() -> str:
        return str(database.execute(states, (mine,)).fetchall()[-1][0])

    person.wait_for(lambda: state() == "waiting")
    database.execute(
        "UPDATE contacts SET last_message_at = '2026-01-01 00:00:00' WHERE conversation_id = ?",
        (mine,),
    )
    person.wait_for(lambda: state() == "held")
    before = len(person.screen)
    person.say("are you there?")
    database.close()
    assert slot_of(person.screen[before].text) == "emergency_signs"
    assert len(person.screen) > before + 1


def test_a_result_that_could_not_be_stored_comes_once_it_can_be(
    services: Services, telegram_person: TelegramPerson, messaging_server: Server
) -> None:
    person = telegram_person
    person.say("sore back")
    while person.asked not in ("age", None):
        person.say(PLAIN[person.asked])
    path = messaging_server.database_url.removeprefix("sqlite:///")
    mine = services.privacy.pseudonymizer.conversation_of("telegram", person.address)
    database = sqlite3.connect(path, isolation_level=None, timeout=9)
    database.execute(
        "CREATE TRIGGER refusing BEFORE INSERT ON assessments BEGIN SELECT RAISE(ABORT, ''); END"
    )
    tried = "SELECT max(attempts) FROM received_messages WHERE conversation_id = ?"
    try:
        person.deliver(person.write(PLAIN["age"]))
        person.wait_for(lambda: database.execute(tried, (mine,)).fetchone()[0])
    finally:
        database.execute("DROP TRIGGER refusing")
        database.close()
    person.wait_for(lambda: person.outcome == "massage/none", "the result")


# ---- STOP ---------------------------------------------------------------------------------------


def test_stop_in_the_middle_is_obeyed_until_start(person: Person) -> None:
    person.talk("sore back", "yes")
    heard = person.say("STOP")
    assert "no more messages" in heard[0].text
    nothing_comes(person, person.write("none of these"))
    person.say("START")
    assert person.asked == "emergency_signs"
    person.say("none of these")
    assert person.asked == "pain_duration"


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


def test_a_no_that_is_edited_into_a_yes_goes_on(telegram_person: TelegramPerson) -> None:
    person = telegram_person
    person.say("sore back")
    no = person.write("no")
    person.do(no)
    assert person.asked == "consent"
    assert "I will not ask anything" in person.screen[-1].text
    person.do(person.edit(no, "yes"))
    assert person.asked == "emergency_signs"


def test_an_edit_of_what_was_written_before_a_no_answers_nothing_after_a_yes(
    telegram_person: TelegramPerson,
) -> None:
    person = telegram_person
    opening = person.write("sore back")
    person.do(opening)
    person.talk("no", "yes", "yes")
    assert person.asked == "emergency_signs"
    person.do(person.edit(opening, "none of these"))
    assert person.asked == "emergency_signs"


def test_after_a_no_no_line_that_was_ticked_is_kept(
    services: Services, telegram_person: TelegramPerson, messaging_server: Server
) -> None:
    person = telegram_person
    person.say("sore back")
    yes = person.write("yes")
    person.do(yes)
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


# ---- Processes that die -------------------------------------------------------------------------


@pytest.fixture
def mortal(services: Services, tmp_path: Path) -> Iterator[Callable[[], Server]]:
    """Starts a server on one database, again if it was killed."""
    running: list[Server] = []

    def start() -> Server:
        port = int(running[-1].url.rsplit(":", 1)[1]) if running else None
        server = start_server(
            f"sqlite:///{tmp_path / 'backline.db'}",
            tmp_path / "log",
            port=port,
            **services.environment,
        )
        running.append(server)
        services.databases[server.url] = server.database_url
        return server

    yield start
    running[-1].stop()


def kill(server: Server) -> None:
    server.process.kill()
    server.process.wait()


def texts(person: Person) -> list[str]:
    return [shown.text for shown in person.screen]


def once(said: list[str]) -> list[str]:
    """What was said, without what was said again at once."""
    return [text for text, _ in itertools.groupby(said)]


def undisturbed(services: Services, channel: str, server: Server, *said: str) -> list[str]:
    """What somebody gets who says the same while nothing breaks."""
    other = services.someone(channel, server.url)
    other.talk(*said)
    return texts(other)


def test_a_reply_under_way_when_its_server_is_killed_comes_twice_and_nothing_is_lost(
    services: Services, mortal: Callable[[], Server]
) -> None:
    """The service took it, and the server died before it could know."""
    server = mortal()
    people = {channel: services.someone(channel, server.url) for channel in CHANNELS}
    expected = {c: undisturbed(services, c, server, "sore back", "yes") for c in CHANNELS}
    answers = {}
    for channel, person in people.items():
        person.say("sore back")
        before = len(person.screen)
        person.service.unanswered.add(person.address)
        answers[channel] = person.write("yes")
        person.deliver(answers[channel])
        person.wait_for(lambda: len(person.screen) > before, "the reply")  # noqa: B023
    kill(server)
    mortal()
    for channel, person in people.items():
        person.wait_for(person.is_at_rest, "the rest of the reply")
        assert once(texts(person)) == expected[channel]
        assert len(person.screen) == len(expected[channel]) + 1
        # What they say then is heard once, and what was heard before is not heard again.
        person.say("none of these")
        assert person.asked == "pain_duration"
        nothing_comes(person, answers[channel])
        assert person.answer_all(PLAIN) == "massage/none"


def test_whenever_a_server_is_killed_each_message_is_heard_and_answered_in_order(
    services: Services, mortal: Callable[[], Server]
) -> None:
    """It may have heard nothing of it, all, or a part, and have sent the reply or not."""
    said = ("sore back", "yes", "none of these")
    server = mortal()
    people = {channel: services.someone(channel, server.url) for channel in CHANNELS}
    expected = {c: undisturbed(services, c, server, *said) for c in CHANNELS}
    for person in people.values():
        person.talk(*said[:-1])
    answers = {channel: person.write(said[-1]) for channel, person in people.items()}
    for channel, person in people.items():
        assert person.deliver(answers[channel]).status_code == 200
    kill(server)
    mortal()
    for channel, person in people.items():
        person.wait_for(person.is_at_rest, "the rest of the reply")
        assert once(texts(person)) == expected[channel]
        assert len(person.screen) - len(expected[channel]) in (0, 1)
        # The service did not see the 200 of a server that died, and delivers again.
        nothing_comes(person, answers[channel])
        assert person.answer_all(PLAIN) == "massage/none"


def test_a_message_that_was_heard_when_its_server_was_killed_is_not_heard_again(
    services: Services, mortal: Callable[[], Server]
) -> None:
    server = mortal()
    person = cast(TelegramPerson, services.someone("telegram", server.url))
    person.say("sore back")
    yes = person.write("yes")
    person.do(yes)
    kill(server)
    undo_hearing(services, server, person, yes)
    told_before = len(person.screen)
    mortal()
    person.read(told_before)
    assert person.screen[-1].text == person.screen[told_before - 1].text
    assert slot_of(person.screen[-1].text) == "emergency_signs"
    assert person.answer_all(PLAIN) == "massage/none"


def undo_hearing(
    services: Services, server: Server, person: TelegramPerson, update: dict[str, Any]
) -> None:
    """Make it as if the server had died after Rasa's turn and before that was noted."""
    privacy = services.privacy
    number, message = update["update_id"], update["message"]["message_id"]
    key = f"update:{number}:{update['message']['date']}"
    incoming = Incoming(f"update:{number}", person.address, Kind.TEXT, "yes", str(message), number)
    conversation = privacy.pseudonymizer.conversation_of("telegram", person.address)
    with sqlite3.connect(server.database_url.removeprefix("sqlite:///")) as connection:
        undone = connection.execute(
            "UPDATE received_messages SET body = ?, conversation_id = ? WHERE key = ?",
            (
                privacy.encryptor.encrypt(incoming.to_json()),
                conversation,
                privacy.pseudonymizer.digest("telegram", key),
            ),
        )
        assert undone.rowcount == 1
        connection.execute(
            "DELETE FROM outgoing_messages WHERE id = "
            "(SELECT max(id) FROM outgoing_messages WHERE conversation_id = ?)",
            (conversation,),
        )


# ---- What operators are told --------------------------------------------------------------------


def undelivered(server: Server, state: str) -> float:
    return Metrics(server.url).get(
        "backline_emergency_messages_undelivered", channel="telegram", state=state
    )


def test_an_emergency_message_that_did_not_arrive_is_told_to_operators(
    services: Services, telegram_person: TelegramPerson, messaging_server: Server
) -> None:
    person = telegram_person
    person.say("sore back")
    before = undelivered(messaging_server, "failed")
    services.telegram.blocked.add(person.address)
    nothing_comes(person, person.write("both my legs are numb"))
    person.wait_for(lambda: undelivered(messaging_server, "failed") > before)
