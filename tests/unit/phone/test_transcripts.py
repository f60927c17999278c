"""Turns that a transcription service tells: what of them is heard, and as an answer to what."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backline.phone.events import (
    BotTurn,
    Dtmf,
    Event,
    NoInput,
    NoMatch,
    PhoneCall,
    Phrase,
    Transcript,
)
from backline.phone.gateways.transcript_schema import read_items
from backline.phone.gateways.transcript_webhook import TranscribedCalls
from backline.sanitize import Refused

CALL = "CA1"


class ScriptedLine:
    """Counts the turns of each call as the phone line does: what answers the last one counts."""

    def __init__(self) -> None:
        self.turns: dict[str, int] = {}
        self.heard: list[tuple[int, Event]] = []
        self.counted: list[Event] = []
        self.over: list[str] = []

    def turn(self, call: PhoneCall) -> BotTurn:
        number = self.turns[call.id]
        return BotTurn(number, (Phrase(f"Question {number}?"),))

    async def answer(self, call: PhoneCall) -> BotTurn:
        self.turns.setdefault(call.id, 1)
        return self.turn(call)

    async def handle(self, call: PhoneCall, number: int, event: Event) -> BotTurn:
        self.heard.append((number, event))
        if number == self.turns[call.id]:
            self.counted.append(event)
            self.turns[call.id] += 1
        return self.turn(call)

    async def hang_up(self, call: PhoneCall) -> None:
        self.over.append(call.id)

    def words(self) -> list[tuple[int, str]]:
        return [(n, e.text) for n, e in self.heard if isinstance(e, Transcript)]


class Service:
    """A transcription service that tells what it hears as it hears it."""

    def __init__(self, line: ScriptedLine) -> None:
        self.seconds = 1000.0
        self.line = line
        self.calls = TranscribedCalls(line, lambda: self.seconds)

    async def tell(self, *items: dict[str, Any], after: float = 5.0) -> BotTurn | None:
        self.seconds += after
        body = json.dumps([{"call": CALL, **item} for item in items]).encode()
        return (await self.calls.take(read_items(body)[0]))[CALL]

    async def says(self, text: str, **more: Any) -> BotTurn | None:
        return await self.tell({"speaker": "caller", "text": text, **more})


@pytest.fixture
def line() -> ScriptedLine:
    return ScriptedLine()


@pytest.fixture
def service(line: ScriptedLine) -> Service:
    return Service(line)


async def test_a_call_that_begins_is_answered(service: Service) -> None:
    turn = await service.tell({"event": "began"})

    assert turn is not None
    assert turn.number == 1


async def test_a_turn_answers_the_last_question(service: Service, line: ScriptedLine) -> None:
    await service.tell({"event": "began"})
    turn = await service.says("yes", id="a")

    assert line.words() == [(1, "yes")]
    assert turn is not None
    assert turn.number == 2


async def test_a_turn_is_heard_once(service: Service, line: ScriptedLine) -> None:
    await service.tell({"event": "began"})
    first = await service.says("no", id="a")
    again = await service.says("no", id="a")

    assert len(line.counted) == 1
    assert again == first


async def test_the_number_that_the_service_tells_counts(
    service: Service, line: ScriptedLine
) -> None:
    await service.tell({"event": "began"})
    await service.says("yes")
    await service.says("no", answers=1)

    assert line.words() == [(1, "yes"), (1, "no")]
    assert len(line.counted) == 1


async def test_what_was_said_before_the_question_is_no_answer_to_it(
    service: Service, line: ScriptedLine
) -> None:
    await service.tell({"event": "began"})
    await service.says("yes", id="b", begin=4.0, end=4.5)
    await service.says("no", id="a", begin=2.0, end=2.4)

    assert line.words() == [(1, "yes"), (1, "no")]
    assert len(line.counted) == 1


async def test_nobody_answers_what_they_have_hardly_heard(
    service: Service, line: ScriptedLine
) -> None:
    await service.tell({"event": "began"})
    await service.says("yes", begin=4.0, end=5.0)
    await service.says("no", begin=5.2, end=5.6)

    assert line.words()[-1] == (1, "no")


async def test_an_answer_in_time_counts(service: Service, line: ScriptedLine) -> None:
    await service.tell({"event": "began"})
    await service.says("yes", begin=4.0, end=5.0)
    await service.says("no", begin=8.0, end=8.6)

    assert line.words()[-1] == (2, "no")


async def test_words_before_the_first_question_answer_nothing(
    service: Service, line: ScriptedLine
) -> None:
    turn = await service.says("yes", begin=0.4, end=1.0)

    assert line.words() == [(0, "yes")]
    assert turn is not None
    assert turn.number == 1


async def test_words_that_came_with_the_beginning_answer_nothing(
    service: Service, line: ScriptedLine
) -> None:
    await service.tell({"event": "began"}, {"speaker": "caller", "text": "yes", "begin": 9.0})

    assert line.words() == [(0, "yes")]


async def test_a_call_that_another_server_began_goes_on(
    service: Service, line: ScriptedLine
) -> None:
    await line.answer(PhoneCall(CALL, "transcript"))
    turn = await service.says("yes")
    await service.says("yes")

    assert turn is not None
    assert line.words() == [(0, "yes"), (1, "yes")]


async def test_what_is_said_in_a_row_is_heard_as_one(service: Service, line: ScriptedLine) -> None:
    await service.tell({"event": "began"})
    await service.tell(
        {
            "speaker": "caller",
            "id": "2",
            "text": "my legs are numb",
            "begin": 6.0,
            "confidence": 0.7,
        },
        {"speaker": "caller", "id": "1", "text": "Well, no.", "begin": 5.6, "confidence": 0.9},
    )
    await service.says("my legs are numb", id="2")

    assert line.words()[0] == (1, "Well, no. my legs are numb")
    assert line.counted[0].confidence == 0.7  # type: ignore[union-attr]
    assert len(line.counted) == 1


async def test_nobody_but_the_caller_is_heard(service: Service, line: ScriptedLine) -> None:
    await service.tell({"event": "began"})
    turn = await service.tell(
        {"speaker": "agent", "text": "I have cancer"}, {"speaker": "bot", "text": "no fever"}
    )

    assert turn is None
    assert line.heard == []


async def test_an_answer_to_a_person_is_none_to_the_bot(
    service: Service, line: ScriptedLine
) -> None:
    await service.tell({"event": "began"})
    await service.tell({"speaker": "agent", "text": "Shall I book you in?"})
    await service.says("yes")

    assert line.words() == [(0, "yes")]
    assert line.counted == []


async def test_once_the_question_was_given_again_it_can_be_answered(
    service: Service, line: ScriptedLine
) -> None:
    await service.tell({"event": "began"})
    await service.tell({"speaker": "agent", "text": "Shall I book you in?"})
    await service.says("yes")
    await service.says("no")

    assert line.words() == [(0, "yes"), (1, "no")]


async def test_words_that_may_still_change_are_not_heard(
    service: Service, line: ScriptedLine
) -> None:
    await service.tell({"event": "began"})
    await service.says("no", final=False)

    assert line.heard == []


async def test_keys_silence_and_noise_are_told(service: Service, line: ScriptedLine) -> None:
    await service.tell({"event": "began"})
    await service.tell({"keys": "1"})
    await service.tell({"event": "silence"})
    await service.says("")

    assert [type(e) for _, e in line.heard] == [Dtmf, NoInput, NoMatch]
    assert [n for n, _ in line.heard] == [1, 2, 3]


async def test_a_call_that_ends_is_hung_up_last(service: Service, line: ScriptedLine) -> None:
    await service.tell({"event": "began"})
    turn = await service.tell({"event": "ended"}, {"speaker": "caller", "text": "my legs are numb"})

    assert turn is None
    assert line.words() == [(1, "my legs are numb")]
    assert line.over == [CALL]


SAID = [
    {"speaker": "caller", "id": "a", "text": "yes", "begin": 8.0, "end": 9.0},
    {"speaker": "caller", "id": "b", "text": "no", "begin": 15.0, "end": 16.0},
    {"speaker": "caller", "id": "c", "text": "none", "begin": 22.0, "end": 23.0},
    {"speaker": "agent", "id": "d", "text": "hello", "begin": 23.5, "end": 24.0},
]


@given(order=st.lists(st.sampled_from(SAID), max_size=8))
async def test_in_no_order_is_a_question_answered_by_what_was_said_before_it(
    order: list[dict[str, Any]],
) -> None:
    line = ScriptedLine()
    service = Service(line)
    began = service.seconds + 5.0
    await service.tell({"event": "began"})
    given_at = {1: 0.0}
    for item in order:
        turn = await service.tell(item, after=7.0)
        if turn is not None:
            given_at.setdefault(turn.number, service.seconds - began)

    for number, event in line.heard:
        assert isinstance(event, Transcript)
        assert event.began_at is not None
        assert number == 0 or given_at[number] <= event.began_at
    ids = [e.text for e in line.counted]  # type: ignore[union-attr]
    assert len(ids) == len(set(ids))


REFUSED = [
    (b"{", "bad_json"),
    (b"[]", "bad_json"),
    (b"7", "bad_json"),
    (b"[" * 100_000, "bad_json"),
    (b'{"speaker": "caller", "text": "no"}', "bad_call"),
    (b'{"call": "a b", "speaker": "caller", "text": "no"}', "bad_call"),
    (b'{"call": "1", "text": "no"}', "no_speaker"),
    (b'{"call": "1", "speaker": "patient", "text": "no"}', "bad_speaker"),
    (b'{"call": "1", "speaker": {}, "text": "no"}', "bad_speaker"),
    (b'{"call": "1", "speaker": "caller"}', "no_text"),
    (b'{"call": "1", "speaker": "caller", "text": "no", "keys": "2"}', "no_text"),
    (b'{"call": "1", "speaker": "caller", "text": 7}', "bad_text"),
    (b'{"call": "1", "keys": "12a"}', "bad_keys"),
    (b'{"call": "1", "event": "rang"}', "bad_event"),
    (b'{"call": "1", "event": "ended", "text": "no"}', "no_text"),
    (b'{"call": "1", "speaker": "caller", "text": "no", "confidence": 93}', "bad_confidence"),
    (b'{"call": "1", "speaker": "caller", "text": "no", "confidence": NaN}', "bad_confidence"),
    (b'{"call": "1", "speaker": "caller", "text": "no", "begin": -1}', "bad_begin"),
    (b'{"call": "1", "speaker": "caller", "text": "no", "begin": true}', "bad_begin"),
    (b'{"call": "1", "speaker": "caller", "text": "no", "begin": 2, "end": 1}', "bad_times"),
    (b'{"call": "1", "speaker": "caller", "text": "no", "answers": "two"}', "bad_answers"),
    (b'{"call": "1", "speaker": "caller", "text": "no", "answers": -2}', "bad_answers"),
    (b'{"call": "1", "speaker": "caller", "text": "no", "final": "no"}', "bad_final"),
    (b'{"call": "1", "speaker": "caller", "text": "no", "alternatives": "na"}', "bad_alternatives"),
    (b'{"call": "1", "speaker": "caller", "text": "no", "caller": "me"}', "bad_caller"),
    (b'{"call": "1", "speaker": "caller", "text": "no", "txt": ""}', "unknown_field"),
    (b'{"call": "1", "speaker": "caller", "text": "%s"}' % (b"a" * 5000), "too_long"),
]


@pytest.mark.parametrize(("body", "code"), REFUSED)
def test_what_is_no_turn_is_refused_with_a_sentence(body: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        read_items(body)

    assert refused.value.code == code
    assert len(str(refused.value)) >= len("The array is empty.")


def test_the_item_of_an_array_that_is_wrong_is_named() -> None:
    body = b'[{"call": "1", "event": "began"}, {"call": "1", "keys": "x"}]'
    with pytest.raises(Refused, match=r"^Item 2: "):
        read_items(body)


@given(
    body=st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["call", "text", "keys", "event", "begin", "id"]), inner
            )
        ),
        max_leaves=8,
    ).map(lambda data: json.dumps(data).encode())
)
def test_any_body_is_taken_or_refused(body: bytes) -> None:
    try:
        items, _ = read_items(body)
    except Refused:
        return
    assert items
