"""Results as text messages: kept before they are sent, sent once, and only after a yes."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
import sqlalchemy as sa
from aiohttp import web
from rasa.core.agent import Agent
from rasa.core.lock_store import InMemoryLockStore

from backline.credentials import TwilioAccount
from backline.phone import text_messages
from backline.phone.calls import CallService
from backline.phone.events import AfterPrompt, Dtmf, PhoneCall, Transcript
from backline.phone.text_messages import TextMessages
from backline.privacy import Privacy
from backline.settings import PhoneSettings, load_settings
from backline.store import Store
from backline.twilio_api import TwilioAccess
from tests.messaging.twilio import refuse
from tests.phone.caller import WORDS
from tests.phone.conftest import CALL, CLINIC_PHONE
from tests.phone.talking import THE_END, answer_until, said
from tests.phone.twilio_messages import TwilioMessages
from tests.phone.twilio_voice import ACCOUNT, AUTH_TOKEN, NUMBER, PUBLIC_URL

CALLER = "+61400000000"
LANDLINE = "+61255500123"
TEXT = "Harbour Street Back Clinic: First have a full exam by a doctor."
CONVERSATION = "phone-one"


@pytest.fixture
def twilio() -> Iterator[TwilioMessages]:
    service = TwilioMessages()
    yield service
    service.close()


@pytest.fixture
def texts(twilio: TwilioMessages, store: Store, privacy: Privacy) -> TextMessages:
    account = TwilioAccount(account_sid=ACCOUNT, auth_token=AUTH_TOKEN, api=twilio.url)
    access = TwilioAccess(account, PUBLIC_URL)
    return TextMessages(store, privacy, access, InMemoryLockStore(), NUMBER)


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture(autouse=True)
def _nothing_waits(database: str, store: Store) -> Iterator[None]:
    yield
    with sa.create_engine(database, future=True).begin() as connection:
        connection.execute(sa.text("DELETE FROM outgoing_messages"))


def outbox(database: str) -> list[tuple[str, str | None, str | None]]:
    with sa.create_engine(database, future=True).connect() as connection:
        rows = connection.execute(sa.text("SELECT state, body, error FROM outgoing_messages"))
        return [(row.state, row.body, row.error) for row in rows]


@pytest.mark.parametrize(
    ("number", "reached"),
    [(CALLER, True), (LANDLINE, False), (None, False), ("anonymous", False), ("+44123", False)],
)
def test_mobile_telephones_alone_take_messages(number: str | None, reached: bool) -> None:
    assert TextMessages.reach(number) is reached


async def test_a_message_is_sent_once_and_its_text_dropped(
    texts: TextMessages, twilio: TwilioMessages, http: aiohttp.ClientSession, database: str
) -> None:
    await texts.add(CONVERSATION, CALLER, TEXT)
    await texts.look(http)
    await texts.look(http)
    assert [shown.text for shown in twilio.phones[CALLER]] == [TEXT]
    assert [(state, body) for state, body, _ in outbox(database)] == [("sent", None)]


async def test_a_message_that_waits_holds_neither_number_nor_words_in_plain_text(
    texts: TextMessages, database: str
) -> None:
    await texts.add(CONVERSATION, CALLER, TEXT)
    ((state, body, _),) = outbox(database)
    assert state == "waiting"
    assert body is not None
    assert CALLER not in body
    assert "doctor" not in body


async def test_a_service_that_is_out_of_order_is_tried_again(
    texts: TextMessages,
    twilio: TwilioMessages,
    http: aiohttp.ClientSession,
    database: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    twilio.faults.append(lambda: web.Response(status=503))
    await texts.add(CONVERSATION, CALLER, TEXT)
    await texts.look(http)
    assert [row[0] for row in outbox(database)] == ["waiting"]
    later = text_messages.utcnow() + dt.timedelta(minutes=1)
    monkeypatch.setattr(text_messages, "utcnow", lambda: later)
    await texts.look(http)
    assert [shown.text for shown in twilio.phones[CALLER]] == [TEXT]


async def test_it_is_not_tried_again_before_its_time(
    texts: TextMessages, twilio: TwilioMessages, http: aiohttp.ClientSession
) -> None:
    twilio.faults.append(lambda: web.Response(status=503))
    await texts.add(CONVERSATION, CALLER, TEXT)
    await texts.look(http)
    await texts.look(http)
    assert len(twilio.calls) == 1


async def test_what_no_try_brought_in_hours_is_given_up(
    texts: TextMessages,
    twilio: TwilioMessages,
    http: aiohttp.ClientSession,
    database: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    twilio.faults.append(lambda: refuse(503, 20503, "Service unavailable"))
    await texts.add(CONVERSATION, CALLER, TEXT)
    later = text_messages.utcnow() + text_messages.GIVE_UP_AFTER + dt.timedelta(minutes=1)
    monkeypatch.setattr(text_messages, "utcnow", lambda: later)
    await texts.look(http)
    assert [(state, error) for state, _, error in outbox(database)] == [("failed", "20503")]


async def test_who_wants_no_messages_gets_none_and_it_is_not_tried_again(
    texts: TextMessages, twilio: TwilioMessages, http: aiohttp.ClientSession, database: str
) -> None:
    twilio.opted_out.add(CALLER)
    await texts.add(CONVERSATION, CALLER, TEXT)
    await texts.look(http)
    await texts.look(http)
    assert len(twilio.calls) == 1
    assert [(state, error) for state, _, error in outbox(database)] == [("failed", "21610")]


async def test_the_log_tells_neither_number_nor_words(
    texts: TextMessages,
    twilio: TwilioMessages,
    http: aiohttp.ClientSession,
    caplog: pytest.LogCaptureFixture,
) -> None:
    twilio.opted_out.add(CALLER)
    with caplog.at_level(logging.DEBUG, "backline"):
        await texts.add(CONVERSATION, CALLER, TEXT)
        await texts.look(http)
    assert "21610" in caplog.text
    assert CALLER not in caplog.text
    assert "doctor" not in caplog.text


# ---- On a call --------------------------------------------------------------------------------


@pytest.fixture
def texting_line(
    agent: Agent, store: Store, privacy: Privacy, texts: TextMessages
) -> Iterator[CallService]:
    phone = PhoneSettings(transfer_to=CLINIC_PHONE, text_from=NUMBER)
    clinic = load_settings().clinic.copy(update={"phone_line": phone})
    answering = CallService(agent, store, clinic, privacy, texts)
    yield answering
    store.erase(answering.conversation_of(CALL))


async def test_a_caller_who_says_yes_gets_their_result(
    texting_line: CallService,
    texts: TextMessages,
    twilio: TwilioMessages,
    http: aiohttp.ClientSession,
) -> None:
    turn = await answer_until(texting_line, THE_END, WORDS)
    assert "text message to this number" in said(turn)
    turn = await texting_line.handle(CALL, turn.number, Transcript("yes please", 0.99))
    assert said(turn).startswith("I send it now. Shall I connect you")
    await texts.look(http)
    (shown,) = twilio.phones[CALLER]
    assert shown.text.startswith("Harbour Street Back Clinic: A course of massage fits")
    assert "- chest pain or trouble breathing" in shown.text
    assert "{" not in shown.text


async def test_a_caller_who_says_no_gets_none(
    texting_line: CallService, texts: TextMessages, twilio: TwilioMessages,
    http: aiohttp.ClientSession,
) -> None:  # fmt: skip
    turn = await answer_until(texting_line, THE_END, WORDS)
    turn = await texting_line.handle(CALL, turn.number, Dtmf("2"))
    assert turn.then is AfterPrompt.LISTEN
    await texts.look(http)
    assert twilio.phones == {}


async def test_what_is_delivered_twice_sends_one_message(
    texting_line: CallService, texts: TextMessages, twilio: TwilioMessages,
    http: aiohttp.ClientSession,
) -> None:  # fmt: skip
    turn = await answer_until(texting_line, THE_END, WORDS)
    for _ in range(2):
        await texting_line.handle(CALL, turn.number, Dtmf("1"))
    await texts.look(http)
    assert len(twilio.phones[CALLER]) == 1


async def test_a_caller_from_a_landline_is_offered_none(
    texting_line: CallService, store: Store
) -> None:
    call = PhoneCall("CA7", "twilio", LANDLINE)
    turn = await answer_until(texting_line, THE_END, WORDS, call)
    assert "text message" not in said(turn)
    store.erase(texting_line.conversation_of(call))


async def test_the_clinic_hears_who_calls_and_why(texting_line: CallService) -> None:
    turn = await answer_until(texting_line, "pain_duration", WORDS)
    await texting_line.handle(CALL, turn.number, Dtmf("0"))
    heard = (await texting_line.whisper(CALL)).text
    assert heard.startswith("Back pain line. Wants a person. Caller is forty. Reference begins ")


async def test_of_an_unknown_call_the_clinic_hears_that_the_assistant_broke_off(
    texting_line: CallService,
) -> None:
    heard = (await texting_line.whisper(PhoneCall("CA8", "twilio"))).text
    assert heard == "Back pain line. Our assistant broke off."
