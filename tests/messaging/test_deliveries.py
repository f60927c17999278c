"""Deliveries that are repeated, late, forged or too many, and services that refuse ours."""

from __future__ import annotations

import sqlite3
import time
from typing import Any

import pytest
import requests
from aiohttp import web

from tests.conftest import Server
from tests.messaging import telegram, twilio, whatsapp
from tests.messaging.conftest import Services
from tests.messaging.outbox import stored
from tests.messaging.person import (
    Person,
    lines_in,
    lists,
    nothing_comes,
    slot_of,
    slots_of,
    texts,
)
from tests.messaging.telegram import TelegramPerson
from tests.messaging.twilio import TwilioPerson
from tests.messaging.whatsapp import WhatsAppPerson
from tests.plain import PLAIN
from tests.talking import FIRST
from tests.watching import Metrics

AT_ONCE_S = 8.0
"""Seconds that a service waits for an answer in any case."""


# ---- Repeated, late and out of order ------------------------------------------------------------


def test_a_repeated_delivery_is_heard_once(person: Person) -> None:
    person.say("sore back")
    yes = person.write("yes")
    person.do(yes)
    assert person.asked == FIRST
    person.answer_until("emergency_signs")
    none = person.write("none of these")
    person.do(none)
    assert person.asked == "danger_signs"
    assert nothing_comes(person, none).status_code == 200
    assert nothing_comes(person, yes).status_code == 200
    assert person.asked == "danger_signs"


def test_a_message_written_before_a_question_was_shown_does_not_answer_it(
    services: Services, person: Person
) -> None:
    person.say("sore back")
    person.answer_until("emergency_signs")
    first, second = person.write("none"), person.write("none")
    before = len(person.screen)
    with services.slow(person):
        person.deliver(first)
        person.deliver(second)
    person.read(before)
    assert person.asked == "danger_signs"
    person.say("none")
    assert person.asked != "danger_signs"


def test_of_an_out_of_order_pair_the_late_one_answers_what_was_asked_before(
    telegram_person: TelegramPerson,
) -> None:
    person = telegram_person
    person.say("sore back")
    person.answer_until("emergency_signs")
    early, late = person.write("hm let me see"), person.write("none of these")
    person.do(late)
    assert person.asked == "danger_signs"
    person.do({**early, "message": {**early["message"], "text": "none"}})
    assert person.asked == "danger_signs"
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
    assert person.asked == FIRST
    untold = {slot: text for slot, text in PLAIN.items() if slot != "pain_duration"}
    person.answer_until("pain_severity", untold)


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


def test_a_service_that_counts_anew_is_understood_again(
    telegram_person: TelegramPerson,
) -> None:
    person = telegram_person
    person.say("sore back")
    for number in (5, 6):
        person.do({**person.write("yes"), "update_id": number})
    assert person.asked == FIRST


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
    assert person.asked == FIRST


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
    assert slot_of(person.screen[before].text) == FIRST
    assert len(person.screen) > before + 1


def test_a_result_that_could_not_be_stored_comes_once_it_can_be(
    services: Services, telegram_person: TelegramPerson, messaging_server: Server
) -> None:
    person = telegram_person
    person.say("sore back")
    person.answer_until("massage_response")
    path = messaging_server.database_url.removeprefix("sqlite:///")
    mine = services.privacy.pseudonymizer.conversation_of("telegram", person.address)
    database = sqlite3.connect(path, isolation_level=None, timeout=9)
    database.execute(
        "CREATE TRIGGER refusing BEFORE INSERT ON assessments BEGIN SELECT RAISE(ABORT, ''); END"
    )
    tried = "SELECT max(attempts) FROM received_messages WHERE conversation_id = ?"
    try:
        person.deliver(person.write(PLAIN["massage_response"]))
        person.wait_for(lambda: database.execute(tried, (mine,)).fetchone()[0])
    finally:
        database.execute("DROP TRIGGER refusing")
        database.close()
    person.wait_for(lambda: person.outcome == "massage/none", "the result")


def next_list_is_lost(services: Services, person: TelegramPerson) -> None:
    """Answer the first list while nothing can be delivered."""
    person.say("sore back")
    person.answer_until("emergency_signs")
    services.telegram.blocked.add(person.address)
    nothing_comes(person, person.write("none"))
    services.telegram.blocked.discard(person.address)


def test_a_question_that_was_not_delivered_is_not_answered(
    services: Services, telegram_person: TelegramPerson
) -> None:
    person = telegram_person
    next_list_is_lost(services, person)
    person.say("no")
    assert "danger_signs" in slots_of(person.screen[-1].text)


def test_a_list_that_was_not_delivered_is_not_said_to_stand_above(
    services: Services, telegram_person: TelegramPerson
) -> None:
    # Another list does, and its numbers would be taken for lines of this one.
    person = telegram_person
    next_list_is_lost(services, person)
    person.say("no")
    assert lines_in(person.screen[-1].text) == list(lists()["danger_signs"])


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
