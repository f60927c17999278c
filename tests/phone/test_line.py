"""The phone line on a trained model and a real database: kept, heard once, and never silent."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from rasa.core.agent import Agent

from backline.phone.callers import calls_of
from backline.phone.calls import CallService
from backline.phone.dialogue.state import left_open
from backline.phone.events import AfterPrompt, BotTurn, Dtmf, NoInput, PhoneCall, Transcript
from backline.phone.gateways.transcript_schema import read_items
from backline.phone.gateways.transcript_webhook import TranscribedCalls
from backline.policy.checklists import LISTS
from backline.privacy import Privacy
from backline.replies import SKIP
from backline.settings import PhoneSettings, load_settings
from backline.store import Store, StoreUnavailable
from tests.phone.caller import WORDS
from tests.phone.conftest import CALL
from tests.phone.talking import THE_END, answer_until, said, state_of, talk

NOW = dt.datetime(2099, 1, 1, tzinfo=dt.timezone.utc)
HEALTHY = {
    **WORDS,
    **dict.fromkeys((slot.value for slot in LISTS), "no"),
    "pain_duration": "two weeks",
    "pain_severity": "three",
}
"""What is said to each question."""


async def up_to(line: CallService, question: str) -> BotTurn:
    """Answer what is asked up to a question."""
    return await answer_until(line, question, HEALTHY)


async def test_a_whole_call_ends_with_a_stored_assessment(line: CallService, store: Store) -> None:
    turn = await up_to(line, THE_END)
    assert "A course of massage" in said(turn)
    assessment = store.latest_assessment(line.conversation_of(CALL))
    assert assessment is not None
    assert (assessment["outcome"], assessment["facts"]["age"]) == ("massage", 40)
    await line.hang_up(CALL)
    call = store.calls.get(line.conversation_of(CALL))
    assert call is not None
    assert call.status == "finished"


async def test_what_is_said_has_no_digits_links_or_marks(line: CallService) -> None:
    turn = await line.answer(CALL)
    while (asked := state_of(line).slot) is not None:
        assert is_speech(turn), said(turn)
        turn = await line.handle(CALL, turn.number, Transcript(HEALTHY[asked.value], 0.99))
    assert is_speech(turn), said(turn)
    assert is_speech(await talk(line, "how can I book"))


def is_speech(turn: BotTurn) -> bool:
    return not set(said(turn)) & set("0123456789*#<>_") and "http" not in said(turn)


async def test_the_first_turn_is_the_same_when_asked_again(line: CallService) -> None:
    assert await line.answer(CALL) == await line.answer(CALL)


async def test_what_is_told_twice_is_heard_once(line: CallService) -> None:
    turn = await up_to(line, "pain_duration")
    first = await line.handle(CALL, turn.number, Transcript("two weeks", 0.99))
    again = await line.handle(CALL, turn.number, Transcript("two weeks", 0.99))
    assert first == again


async def test_two_deliveries_at_once_are_heard_once(line: CallService) -> None:
    turn = await up_to(line, "pain_duration")
    answers = await asyncio.gather(
        *(line.handle(CALL, turn.number, Transcript("two weeks", 0.99)) for _ in range(3))
    )
    assert len({answer.number for answer in answers}) == 1


async def test_a_danger_sign_told_late_is_heard_all_the_same(line: CallService) -> None:
    turn = await up_to(line, "pain_severity")
    late = await line.handle(CALL, turn.number - 2, Transcript("I have chest pain", 0.99))
    assert late.emergency
    assert late.say[0].slowly


async def test_a_late_no_answers_nothing(line: CallService, store: Store) -> None:
    turn = await up_to(line, "massage_response")
    late = await line.handle(CALL, turn.number - 1, Transcript("no", 0.99))
    assert late.number == turn.number
    await line.hang_up(CALL)
    call = store.calls.get(line.conversation_of(CALL))
    assert call is not None
    assert call.facts
    assert "massage_response" not in call.facts


async def test_of_a_caller_who_says_no_nothing_that_was_heard_is_kept(
    line: CallService, store: Store
) -> None:
    await talk(line, "my lower back hurts for two weeks")
    assert store.calls.hearings(line.conversation_of(CALL))
    turn = await talk(line)
    turn = await line.handle(CALL, turn.number, Transcript("no", 0.99))
    while turn.then is AfterPrompt.LISTEN:
        turn = await line.handle(CALL, turn.number, Transcript("no", 0.99))
    await line.hang_up(CALL)
    assert store.calls.hearings(line.conversation_of(CALL)) == []
    call = store.calls.get(line.conversation_of(CALL))
    assert call is not None
    assert call.facts is None


async def test_a_danger_sign_after_a_no_is_told_and_not_kept(
    line: CallService, store: Store
) -> None:
    turn = await talk(line, "no")
    assert turn.then is AfterPrompt.HANG_UP
    late = await line.handle(CALL, turn.number - 1, Transcript("I have chest pain", 0.99))
    assert late.emergency
    assert store.calls.hearings(line.conversation_of(CALL)) == []
    assert store.latest_assessment(line.conversation_of(CALL)) is None


async def test_two_hearings_that_mean_different_things_are_read_back(line: CallService) -> None:
    turn = await up_to(line, "pain_duration")
    turn = await line.handle(CALL, turn.number, Transcript("two weeks", 0.99, ("two years",)))
    assert "I heard two weeks. Is that right?" in said(turn)


async def test_a_call_that_breaks_off_is_kept_with_what_is_still_to_ask(
    line: CallService, store: Store
) -> None:
    await up_to(line, "pain_severity")
    await line.hang_up(CALL)
    found = {c.conversation_id: c for c in store.calls.unfinished(NOW)}
    call = found[line.conversation_of(CALL)]
    assert (call.status, (call.facts or {})["pain_duration"]) == ("unfinished", 14)
    assert "pain_severity" in (call.still_to_ask or [])


@pytest.mark.parametrize(
    ("answer", "confidence", "marked"),
    [("chest pain", 0.5, True), ("yes", 0.99, True), ("no", 0.99, False), ("no", 0.5, False)],
)
async def test_a_call_that_breaks_off_at_a_danger_sign_is_marked(
    line: CallService, store: Store, answer: str, confidence: float, marked: bool
) -> None:
    turn = await up_to(line, "emergency_signs")
    await line.handle(CALL, turn.number, Transcript(answer, confidence))
    await line.hang_up(CALL)
    call = store.calls.get(line.conversation_of(CALL))
    assert call is not None
    assert left_open(call.state) is marked


async def test_a_danger_sign_told_after_the_result_and_not_settled_is_marked(
    line: CallService, store: Store
) -> None:
    turn = await up_to(line, THE_END)
    await line.handle(CALL, turn.number, Transcript("I have chest pain", 0.5))
    await line.hang_up(CALL)
    found = {c.conversation_id: c for c in store.calls.unfinished(NOW)}
    assert left_open(found[line.conversation_of(CALL)].state)


async def test_callers_who_fall_silent_at_a_danger_sign_are_marked(
    line: CallService, store: Store
) -> None:
    turn = await up_to(line, "emergency_signs")
    for event in (Transcript("chest pain", 0.5), NoInput(), NoInput()):
        turn = await line.handle(CALL, turn.number, event)
    assert turn.then is AfterPrompt.TRANSFER
    await line.hang_up(CALL)
    call = store.calls.get(line.conversation_of(CALL))
    assert call is not None
    assert left_open(call.state)


async def test_without_consent_no_fact_of_a_broken_call_is_kept(
    line: CallService, store: Store
) -> None:
    await talk(line, "my back has hurt for three weeks")
    await line.hang_up(CALL)
    call = store.calls.get(line.conversation_of(CALL))
    assert call is not None
    assert call.facts is None


async def test_what_was_heard_is_kept_beside_the_facts(line: CallService, store: Store) -> None:
    turn = await up_to(line, "pain_severity")
    turn = await line.handle(CALL, turn.number, Transcript("for", 0.7))
    await line.handle(CALL, turn.number, Dtmf("1"))
    last = store.calls.hearings(line.conversation_of(CALL))[-1]
    assert (last.about, last.heard, last.confidence, last.confirmed) == (
        "pain_severity",
        "for",
        0.7,
        "keys",
    )


async def test_deleting_on_the_phone_leaves_nothing(
    line: CallService, store: Store, database: str
) -> None:
    await up_to(line, "pain_severity")
    turn = await talk(line, "delete my data", "yes")
    assert turn.then is AfterPrompt.HANG_UP
    assert store.calls.get(line.conversation_of(CALL)) is None
    engine = sa.create_engine(database, future=True)
    with engine.connect() as connection:
        for table in ("hearings", "events", "calls"):
            rows = sa.select(sa.func.count()).select_from(sa.table(table))
            assert connection.execute(rows).scalar() == 0
    over = await line.handle(CALL, turn.number, NoInput())
    assert over.then is AfterPrompt.HANG_UP


async def test_all_calls_from_a_number_are_found_by_it_as_people_write_it(
    line: CallService, store: Store, privacy: Privacy, monkeypatch: pytest.MonkeyPatch
) -> None:
    await line.answer(CALL)
    monkeypatch.setattr("backline.phone.callers.load_privacy", lambda: privacy)
    assert calls_of("0400 000 000", "AU", store) == [line.conversation_of(CALL)]
    assert calls_of("not a number", "AU", store) == []


async def test_each_call_of_a_telephone_starts_anew(line: CallService, store: Store) -> None:
    await up_to(line, "pain_severity")
    other = PhoneCall("CA2", "twilio", CALL.caller)
    turn = await line.answer(other)
    assert "May I go on?" in said(turn)
    caller = line.caller_of(CALL.caller)
    assert caller is not None
    assert len(store.calls.of_caller(caller)) == 2


async def test_a_database_that_is_away_hands_over_with_the_emergency_number(
    line: CallService, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = await up_to(line, "both_legs")

    def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(store.calls, "get", away)
    told = await line.handle(CALL, turn.number, Transcript("no", 0.99))
    assert told.then is AfterPrompt.TRANSFER
    assert "zero zero zero" in said(told)


async def test_a_database_that_is_away_keeps_no_emergency_from_being_told(
    line: CallService, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = await up_to(line, "both_legs")

    def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(store.calls, "get", away)
    told = await line.handle(CALL, turn.number, Transcript("I have chest pain", 0.99))
    assert told.emergency
    assert "Hang up and call zero zero zero" in said(told)


async def test_a_call_that_could_not_be_kept_answers_no_checklist(
    line: CallService, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = await up_to(line, "emergency_signs")

    def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("away")

    with monkeypatch.context() as broken:
        broken.setattr(store.calls, "go_on", away)
        told = await line.handle(CALL, turn.number, Transcript("no", 0.99))
    assert told.then is AfterPrompt.TRANSFER
    await line.hang_up(CALL)
    call = store.calls.get(line.conversation_of(CALL))
    assert call is not None
    assert "emergency_signs" in (call.still_to_ask or [])


async def test_a_doubtful_danger_sign_delivered_twice_is_read_back_once(line: CallService) -> None:
    turn = await up_to(line, "pain_severity")
    first = await line.handle(CALL, turn.number, Transcript("chest pain", 0.5))
    assert "I heard chest pain" in said(first)
    assert await line.handle(CALL, turn.number, Transcript("chest pain", 0.5)) == first


async def test_a_doubtful_danger_sign_told_late_is_read_back(line: CallService) -> None:
    turn = await up_to(line, "pain_severity")
    late = await line.handle(CALL, turn.number - 2, Transcript("chest pain", 0.5))
    assert "I heard chest pain" in said(late)
    assert not late.emergency


async def test_what_is_delivered_again_does_not_bring_back_a_caller_who_is_connected(
    line: CallService,
) -> None:
    turn = await up_to(line, "pain_severity")
    await line.handle(CALL, turn.number, Transcript("chest pain", 0.5))
    await line.handle(CALL, turn.number + 1, NoInput())
    connected = await line.handle(CALL, turn.number + 2, NoInput())
    assert connected.then is AfterPrompt.TRANSFER
    assert await line.handle(CALL, turn.number, Transcript("chest pain", 0.5)) == connected


async def test_lines_that_sound_alike_are_read_back(line: CallService) -> None:
    await up_to(line, "emergency_signs")
    turn = await talk(line, "yes")
    turn = await line.handle(CALL, turn.number, Transcript("two", 0.99, ("three",)))
    assert "trouble passing urine" in said(turn)
    assert "Is that right?" in said(turn)


@pytest.mark.parametrize(
    ("first", "sorry"), [("three", "sorry, make that 8"), ("three", "actually it's more like an 8")]
)
async def test_a_severity_is_corrected_while_a_checklist_is_read_out(
    line: CallService, store: Store, first: str, sorry: str
) -> None:
    await up_to(line, "pain_severity")
    await talk(line, first, "no", sorry)
    await line.hang_up(CALL)
    call = store.calls.get(line.conversation_of(CALL))
    assert call is not None
    assert (call.facts or {})["pain_severity"] == 8


async def test_without_a_number_to_connect_to_the_clinics_is_told(
    agent: Agent, store: Store, privacy: Privacy
) -> None:
    clinic = load_settings().clinic.copy(update={"phone_line": PhoneSettings()})
    line = CallService(agent, store, clinic, privacy)
    turn = await talk(line, "agent", call=PhoneCall("CA3", "twilio"))
    assert turn.then is AfterPrompt.HANG_UP
    assert "zero two, five five five zero" in said(turn)


@pytest.mark.parametrize("text", ["", " ", "//", "\x00", "🙂" * 2000, "no " * 3000, "ʼ́"])
async def test_strange_text_is_asked_again(line: CallService, text: str) -> None:
    turn = await up_to(line, "pain_duration")
    strange = await line.handle(CALL, turn.number, Transcript(text, 0.99))
    assert strange.then is AfterPrompt.LISTEN
    assert "this pain first start" in said(strange)


def test_the_groups_read_out_hold_every_line_of_their_checklists_once(agent: Agent) -> None:
    from backline.dialogue import CHECKLIST_ITEMS
    from backline.phone.dialogue.wording import groups

    for slot, items in CHECKLIST_ITEMS.items():
        read_out = [code for group in groups()[slot] for code in group]
        assert sorted(read_out) == sorted(set(items) - {SKIP})
        assert all(2 <= len(group) <= 3 for group in groups()[slot])


def test_the_phone_says_something_for_every_result_and_no_other_channel_says_it(
    agent: Agent,
) -> None:
    responses = agent.domain.responses
    results = [name for name in responses if name.startswith("utter_result_")]
    assert results
    for name in results:
        variants = len(responses[name]) // 2
        assert [v.get("channel") for v in responses[name]] == [None, "phone"] * variants


def test_settings_of_the_example_clinic_answer_no_calls() -> None:
    assert load_settings({"BACKLINE_PROJECT": str(Path.cwd())}).clinic.phone_line is None


# ---- As a transcription service tells it ------------------------------------------------------


class Service:
    """Tells the line turns as they come, by the webhook's own order.

    Attributes:
        told: the id of the last answer that it gave to a question.
    """

    def __init__(self, line: CallService) -> None:
        self.line = line
        self.calls = TranscribedCalls(line, lambda: 0.0)
        self.told = ""

    async def tell(self, *items: dict[str, object]) -> BotTurn:
        body = json.dumps([{"call": CALL.id, **item} for item in items]).encode()
        turn = (await self.calls.take(read_items(body)[0]))[CALL.id]
        assert turn is not None
        return turn

    async def says(self, text: str, **more: object) -> BotTurn:
        return await self.tell({"speaker": "caller", "text": text, "confidence": 0.99, **more})

    async def up_to(self, question: str) -> BotTurn:
        """Answer what is asked up to a question, or to the end."""
        turn = await self.tell({"event": "began"})
        while (asked := state_of(self.line).slot) is not None and asked.value != question:
            self.told = str(turn.number)
            turn = await self.says(HEALTHY[asked.value], id=self.told)
        return turn


async def test_a_call_told_by_a_transcription_service_ends_as_any_other(
    line: CallService, store: Store
) -> None:
    service = Service(line)
    turn = await service.up_to(THE_END)
    again = await service.says("no massage yet", id=service.told)
    assert "massage" in said(turn)
    assert again == turn
    assert store.latest_assessment(line.conversation_of(CALL)) is not None


async def test_an_emergency_sign_that_comes_late_is_told(line: CallService) -> None:
    service = Service(line)
    await service.up_to("pain_severity")
    told = await service.says("I can't pee since yesterday", answers=2)
    assert told.emergency


async def test_a_condition_that_comes_late_counts_and_answers_nothing(line: CallService) -> None:
    service = Service(line)
    before = await service.up_to("pain_severity")
    again = await service.says("I'm on warfarin", answers=2)
    assert again.say == before.say
    told = await service.up_to(THE_END)
    assert "full exam by a doctor, before any massage" in said(told)


async def test_a_no_that_comes_late_answers_nothing(line: CallService) -> None:
    service = Service(line)
    before = await service.up_to("massage_response")
    assert await service.says("no", answers=3) == before
    assert await service.says("two out of ten", answers=3) == before


async def test_a_severe_pain_that_comes_late_counts(line: CallService) -> None:
    service = Service(line)
    await service.up_to("health_conditions")
    await service.says("ten out of ten", answers=3)
    known = await line._conversation(line.conversation_of(CALL))
    assert known.facts.pain_severity == 10


async def test_words_before_the_greeting_agree_to_nothing(line: CallService) -> None:
    turn = await Service(line).says("yes")
    assert turn.number == 1
    assert "May I go on?" in said(turn)
