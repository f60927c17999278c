"""What Twilio and its callers get from the webhooks, whatever the talk behind them does."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from backline.phone.events import (
    AfterPrompt,
    BotTurn,
    Dtmf,
    ListenOptions,
    NoInput,
    NoMatch,
    NoMatchReason,
    Transcript,
)
from tests.phone.conftest import CLINIC_PHONE, PATIENCE_S, Opened, Webhooks
from tests.phone.scripted import turn
from tests.phone.twilio_voice import (
    ACCOUNT,
    NUMBER,
    PATH,
    PUBLIC_URL,
    TwilioCall,
    signature,
)

HELLO = turn(1, "Hello.", "Does your back hurt?")
NEXT = turn(2, "How bad is it?", listening=ListenOptions(keys=2))
BYE = turn(3, "Thank you. Goodbye.", then=AfterPrompt.HANG_UP)
TALK = [HELLO, NEXT, BYE]
EMERGENCY_WORDS = "zero zero zero"
CLINIC_WORDS = "zero two, five five five zero, zero one zero zero"


# ---- A call that goes well --------------------------------------------------------------------


async def test_a_call_is_answered_heard_and_ended(open_line: Opened) -> None:
    webhooks = await open_line(TALK)
    call = await webhooks.twilio.ring()
    assert call.said == ["Hello.", "Does your back hurt?"]
    assert await call.say("yes it does", 0.91) == "How bad is it?"
    assert await call.press("7") == "Thank you. Goodbye."
    assert call.state == "completed"
    assert webhooks.line.heard == [(1, Transcript("yes it does", 0.91)), (2, Dtmf("7"))]


async def test_the_line_knows_the_call_and_its_caller(open_line: Opened) -> None:
    webhooks = await open_line(TALK)
    call = await webhooks.twilio.ring("+61400123456")
    assert [(c.id, c.entrance, c.caller) for c in webhooks.line.calls] == [
        (call.sid, "twilio", "+61400123456")
    ]


@pytest.mark.parametrize(
    "caller", ["anonymous", "Restricted", "+266696687", "+7378742833", "sip:a@b.example", ""]
)
async def test_a_caller_who_hides_their_number_has_none(open_line: Opened, caller: str) -> None:
    webhooks = await open_line(TALK)
    await webhooks.twilio.ring(caller)
    assert webhooks.line.calls[0].caller is None


@pytest.mark.parametrize("keys", ["#", "*", "0", "9"])
async def test_every_key_arrives(open_line: Opened, keys: str) -> None:
    webhooks = await open_line(TALK)
    call = await webhooks.twilio.ring()
    await call.press(keys)
    assert webhooks.line.heard == [(1, Dtmf(keys))]


@pytest.mark.parametrize(
    ("pressed", "heard"), [("45#", "45"), ("7#", "7"), ("#", "#"), ("45", "45")]
)
async def test_the_hash_key_ends_a_longer_answer_and_alone_is_a_key(
    open_line: Opened, pressed: str, heard: str
) -> None:
    webhooks = await open_line(TALK)
    call = await webhooks.twilio.ring()
    await call.press("1")
    await call.press(pressed)
    assert webhooks.line.heard[-1] == (2, Dtmf(heard))


async def test_silence_is_heard_as_silence(open_line: Opened) -> None:
    webhooks = await open_line(TALK)
    call = await webhooks.twilio.ring()
    await call.silent()
    assert webhooks.line.heard == [(1, NoInput())]


@pytest.mark.parametrize(
    ("told", "confidence"),
    [("0.07", 0.07), ("1", 1.0), *((x, None) for x in (None, "", "0.0", "nan", "7", "-1", "high"))],
)
async def test_a_confidence_that_is_no_number_above_zero_is_not_told(
    open_line: Opened, told: str | None, confidence: float | None
) -> None:
    webhooks = await open_line(TALK)
    call = await webhooks.twilio.ring()
    await call.say("no", told)
    assert webhooks.line.heard == [(1, Transcript("no", confidence))]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("a" * 4001, NoMatchReason.TOO_LONG),
        ("\u200b\u200b", NoMatchReason.NOISE),
        ("///", NoMatchReason.NOISE),
    ],
)
async def test_what_are_no_words_to_go_by_is_unheard(
    open_line: Opened, said: str, why: NoMatchReason
) -> None:
    webhooks = await open_line(TALK)
    call = await webhooks.twilio.ring()
    await call.say(said)
    assert webhooks.line.heard == [(1, NoMatch(why))]


async def test_an_emergency_is_said_slowly_and_no_noise_cuts_it_short(open_line: Opened) -> None:
    webhooks = await open_line([turn(1, "Call triple zero now.", emergency=True), BYE])
    call = await webhooks.twilio.ring()
    assert call.slowly == ["Call triple zero now."]
    assert call.gather is not None
    assert call.gather["bargeIn"] == "false"


# ---- Handing over -----------------------------------------------------------------------------


@pytest.fixture
def to_a_person() -> list[BotTurn]:
    return [HELLO, turn(2, "I connect you.", then=AfterPrompt.TRANSFER)]


async def test_a_person_is_dialled_who_sees_the_caller(
    open_line: Opened, to_a_person: list[BotTurn]
) -> None:
    call = await (await open_line(to_a_person)).twilio.ring("+61400123456")
    assert await call.say("agent") == "I connect you."
    assert call.dialling == (CLINIC_PHONE, "+61400123456")
    assert await call.dial_ends("completed") == "Thank you for calling. Goodbye."
    assert call.state == "completed"


async def test_who_answers_at_the_clinic_hears_who_calls_before_the_caller(
    open_line: Opened, to_a_person: list[BotTurn]
) -> None:
    webhooks = await open_line(to_a_person)
    call = await webhooks.twilio.ring()
    await call.say("agent")
    await call.dial_ends("completed")
    assert call.whispered == [f"Somebody calls, {call.sid[-4:]}."]
    assert not any("Somebody calls" in said for said in call.said)


async def test_a_clinic_that_does_not_answer_is_whispered_nothing(
    open_line: Opened, to_a_person: list[BotTurn]
) -> None:
    call = await (await open_line(to_a_person)).twilio.ring()
    await call.say("agent")
    await call.dial_ends("busy")
    assert call.whispered == []


@pytest.mark.parametrize("trouble", ["slow", "broken"])
async def test_a_whisper_that_cannot_be_had_connects_all_the_same(
    open_line: Opened, to_a_person: list[BotTurn], trouble: str
) -> None:
    webhooks = await open_line(to_a_person)
    call = await webhooks.twilio.ring()
    await call.say("agent")
    if trouble == "slow":
        webhooks.line.delays = [2 * PATIENCE_S]
    else:
        webhooks.line.errors = [RuntimeError("broken")]
    assert await call.dial_ends("completed") == "Thank you for calling. Goodbye."
    assert call.whispered == []


async def test_keys_alone_are_listened_to_where_nothing_is_heard_well(open_line: Opened) -> None:
    deaf = ListenOptions(speech=False)
    webhooks = await open_line([turn(1, "Press one.", listening=deaf), BYE])
    call = await webhooks.twilio.ring()
    assert call.gather is not None
    assert call.gather["input"] == "dtmf"
    assert "speechTimeout" not in call.gather
    await call.press("1")
    assert webhooks.line.heard == [(1, Dtmf("1"))]


async def test_a_hidden_caller_is_put_through_under_our_number(
    open_line: Opened, to_a_person: list[BotTurn]
) -> None:
    call = await (await open_line(to_a_person)).twilio.ring("anonymous")
    await call.say("agent")
    assert call.dialling == (CLINIC_PHONE, NUMBER)


@pytest.mark.parametrize("outcome", ["busy", "no-answer", "failed", "canceled", "unheard-of"])
async def test_a_clinic_that_does_not_answer_is_told_with_hours_and_emergency_number(
    open_line: Opened, to_a_person: list[BotTurn], outcome: str
) -> None:
    call = await (await open_line(to_a_person)).twilio.ring()
    await call.say("agent")
    said = await call.dial_ends(outcome)
    assert "nobody at the clinic" in said
    assert "eight am to six pm" in said
    assert CLINIC_WORDS in said
    assert EMERGENCY_WORDS in said
    assert said.endswith("Goodbye.")


async def test_without_a_number_to_dial_the_clinics_is_told(
    open_line: Opened, to_a_person: list[BotTurn]
) -> None:
    call = await (await open_line(to_a_person, transfer_to=None)).twilio.ring()
    said = await call.say("agent")
    assert CLINIC_WORDS in said
    assert said.endswith("Goodbye.")
    assert call.state == "completed"


@pytest.mark.parametrize(
    "fields", [{"ForwardedFrom": CLINIC_PHONE}, {"ForwardedFrom": "0255500100"}]
)
async def test_a_call_that_the_clinics_telephone_sent_on_does_not_go_back(
    open_line: Opened, to_a_person: list[BotTurn], fields: dict[str, str]
) -> None:
    call = await (await open_line(to_a_person)).twilio.ring(**fields)
    assert CLINIC_WORDS in await call.say("agent")
    assert call.dialling is None


async def test_our_own_number_is_not_dialled(open_line: Opened, to_a_person: list[BotTurn]) -> None:
    call = await (await open_line(to_a_person, transfer_to=NUMBER)).twilio.ring()
    assert CLINIC_WORDS in await call.say("agent")
    assert call.dialling is None


# ---- Hanging up -------------------------------------------------------------------------------


async def test_hanging_up_in_the_middle_is_told_to_the_line(open_line: Opened) -> None:
    webhooks = await open_line(TALK)
    call = await webhooks.twilio.ring()
    await call.say("yes")
    await call.hang_up()
    assert [c.id for c in webhooks.line.ended] == [call.sid]


async def test_what_is_still_being_heard_is_heard_before_the_end(open_line: Opened) -> None:
    webhooks = await open_line(TALK)
    call = await webhooks.twilio.ring()
    webhooks.line.delays = [0.15]
    webhooks.line.was_asked.clear()
    speaking = asyncio.ensure_future(call.say("yes"))
    await webhooks.line.was_asked.wait()
    await webhooks.twilio.report(await ended(call))
    assert webhooks.line.heard == [(1, Transcript("yes", 0.93))]
    assert len(webhooks.line.ended) == 1
    await speaking


async def ended(call: TwilioCall) -> TwilioCall:
    return TwilioCall(call.twilio, call.sid, call.caller, call.fields, state="completed")


async def test_a_report_of_a_call_that_goes_on_ends_nothing(open_line: Opened) -> None:
    webhooks = await open_line(TALK)
    call = await webhooks.twilio.ring()
    await webhooks.twilio.report(call)
    assert webhooks.line.ended == []


# ---- Slow, repeated, broken -------------------------------------------------------------------


async def test_a_request_that_is_repeated_is_heard_once(open_line: Opened) -> None:
    webhooks = await open_line(TALK)
    call = await webhooks.twilio.ring(repeat=2)
    assert await call.say("yes", repeat=3) == "How bad is it?"
    assert webhooks.line.heard == [(1, Transcript("yes", 0.93))]


async def test_a_repetition_while_the_first_is_under_way_waits_for_it(open_line: Opened) -> None:
    webhooks = await open_line(TALK)
    call = await webhooks.twilio.ring()
    webhooks.line.delays = [0.1]
    address = f"{PUBLIC_URL}{PATH}/turn?number=1"
    told = {**call.fields_now(), "SpeechResult": "yes", "Confidence": "0.9"}
    asked = webhooks.line.asked
    both = await asyncio.gather(*(webhooks.twilio.post(address, told) for _ in range(2)))
    assert both[0] == both[1]
    assert webhooks.line.asked == asked + 1


async def test_who_waits_long_hears_that_it_takes_a_moment(open_line: Opened) -> None:
    webhooks = await open_line(TALK)
    call = await webhooks.twilio.ring()
    webhooks.line.delays = [PATIENCE_S * 1.5]
    assert await call.say("yes") == "One moment, please. How bad is it?"
    assert webhooks.line.heard == [(1, Transcript("yes", 0.93))]


async def test_a_slow_beginning_is_borne_too(open_line: Opened) -> None:
    webhooks = await open_line(TALK)
    webhooks.line.delays = [PATIENCE_S * 1.5]
    call = await webhooks.twilio.ring()
    assert call.said == ["One moment, please.", "Hello.", "Does your back hurt?"]


async def test_who_has_waited_too_often_is_handed_over(open_line: Opened) -> None:
    webhooks = await open_line(TALK)
    call = await webhooks.twilio.ring()
    webhooks.line.delays = [60.0]
    said = await call.say("yes")
    assert said.count("One moment, please.") == 3
    assert EMERGENCY_WORDS in said
    assert call.dialling == (CLINIC_PHONE, call.caller)


async def test_what_was_lost_with_another_server_is_asked_again(open_line: Opened) -> None:
    """The words went to a server that died; the redirect comes to this one without them."""
    webhooks = await open_line(TALK)
    call = await webhooks.twilio.ring()
    await webhooks.twilio.post(f"{PUBLIC_URL}{PATH}/turn?number=1&waits=1", call.fields_now())
    assert webhooks.line.heard == [(1, NoMatch(NoMatchReason.SLOW))]


async def test_a_line_that_raises_hands_over_with_the_emergency_number(open_line: Opened) -> None:
    webhooks = await open_line(TALK)
    call = await webhooks.twilio.ring()
    webhooks.line.errors = [RuntimeError("the words of a caller")]
    said = await call.say("yes")
    assert EMERGENCY_WORDS in said
    assert call.dialling == (CLINIC_PHONE, call.caller)


async def test_a_line_that_raises_at_once_hands_over_too(open_line: Opened) -> None:
    webhooks = await open_line(TALK, transfer_to=None)
    webhooks.line.errors = [RuntimeError()]
    call = await webhooks.twilio.ring()
    assert EMERGENCY_WORDS in call.last
    assert CLINIC_WORDS in call.last
    assert "connect you" not in call.last
    assert call.state == "completed"


async def test_an_end_that_cannot_be_kept_is_no_error_to_twilio(open_line: Opened) -> None:
    webhooks = await open_line(TALK)
    call = await webhooks.twilio.ring()
    webhooks.line.errors = [RuntimeError()]
    await call.hang_up()
    assert webhooks.line.ended == []


async def test_a_turn_without_an_end_of_words_is_said_in_pieces(open_line: Opened) -> None:
    webhooks = await open_line([turn(1, "back pain " * 900), BYE])
    call = await webhooks.twilio.ring()
    assert " ".join(call.said).split() == ("back pain " * 900).split()


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?number=",
        "?number=x",
        "?number=-1",
        "?number=0",
        "?number=99999999999",
        "?number=1&waits=x",
    ],
)
async def test_a_turn_that_does_not_exist_is_answered_with_words(
    open_line: Opened, query: str
) -> None:
    webhooks = await open_line(TALK)
    call = await webhooks.twilio.ring()
    answer = await webhooks.twilio.post(f"{PUBLIC_URL}{PATH}/turn{query}", call.fields_now())
    assert EMERGENCY_WORDS in answer
    assert "<Dial" in answer


@pytest.mark.parametrize("missing", ["CallSid", "From", "To", "CallStatus", "Direction"])
@pytest.mark.parametrize("path", ["", "/turn?number=1", "/status", "/dialled", "/whisper"])
async def test_a_form_that_lacks_something_is_answered(
    open_line: Opened, path: str, missing: str
) -> None:
    webhooks = await open_line(TALK)
    call = await webhooks.twilio.ring()
    fields = {name: value for name, value in call.fields_now().items() if name != missing}
    answer = await webhooks.twilio.post(f"{PUBLIC_URL}{PATH}{path}", fields)
    assert "<Response" in answer


@pytest.mark.parametrize("digits", ["A", "12w", "7" * 33, "seven"])
async def test_keys_that_no_telephone_has_are_unheard(open_line: Opened, digits: str) -> None:
    webhooks = await open_line(TALK)
    call = await webhooks.twilio.ring()
    await webhooks.twilio.post(
        f"{PUBLIC_URL}{PATH}/turn?number=1", {**call.fields_now(), "Digits": digits}
    )
    assert webhooks.line.heard == [(1, NoMatch(NoMatchReason.FAILED))]


# ---- Strangers --------------------------------------------------------------------------------


async def status_of(webhooks: Webhooks, path: str, fields: dict[str, str], signed: str) -> int:
    headers = {"X-Twilio-Signature": signed}
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{webhooks.url}{PATH}{path}", data=fields, headers=headers) as answer,
    ):
        return answer.status


@pytest.mark.parametrize("path", ["", "/turn?number=1", "/status", "/dialled", "/whisper"])
async def test_without_twilios_signature_nothing_is_heard(open_line: Opened, path: str) -> None:
    webhooks = await open_line(TALK)
    fields = {"CallSid": "CA" + "0" * 32, "AccountSid": ACCOUNT, "CallStatus": "completed"}
    asked = webhooks.line.asked
    for signed in ("", "wrong", "ö", signature(f"{PUBLIC_URL}/elsewhere", fields)):
        assert await status_of(webhooks, path, fields, signed) == 403
    right = signature(f"{PUBLIC_URL}{PATH}{path}", fields)
    assert await status_of(webhooks, path, {**fields, "Digits": "1"}, right) == 403
    assert await status_of(webhooks, path, fields, right) == 200
    assert webhooks.line.asked <= asked + 1


async def test_another_account_is_refused(open_line: Opened) -> None:
    webhooks = await open_line(TALK)
    fields = {"CallSid": "CA" + "0" * 32, "AccountSid": "AC" + "f" * 32}
    signed = signature(f"{PUBLIC_URL}{PATH}", fields)
    assert await status_of(webhooks, "", fields, signed) == 403
    assert webhooks.line.asked == 0
