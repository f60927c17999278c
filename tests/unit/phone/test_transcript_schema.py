"""What a transcription service is told of a request that cannot be read: code, status, sentence."""

from __future__ import annotations

import json
from typing import Any

import pytest

from backline.phone.gateways.transcript_schema import (
    CallEvent,
    Speaker,
    TranscriptItem,
    read_items,
)
from backline.sanitize import Refused

SAID = {"call": "1", "speaker": "caller", "text": "no"}
BAD_ID = 'The field "id" must be a text of 1 to 128 letters, digits or _ . : @ + -'
BAD_CALL = 'The field "call" must be a text of 1 to 128 letters, digits or _ . : @ + -'
BAD_CALLER = 'The field "caller" takes a phone number, such as +61400000000.'
BAD_KEYS = 'The field "keys" takes up to 32 of 0 to 9, * and #.'
BAD_CONFIDENCE = 'The field "confidence" takes a number: between 0 and 1.'
BAD_BEGIN = 'The field "begin" takes a number: seconds since the call began.'
BAD_END = 'The field "end" takes a number: seconds since the call began.'
BAD_ANSWERS = 'The field "answers" takes the "number" of a turn.'
NOT_A_LIST = 'The field "alternatives" takes a list of texts.'
NO_TEXTS = 'Each of "alternatives" is a text, or an object with a "text".'
ONE_OF_BOTH = 'A turn has either "text" or "keys", and an event has "event".'
KNOWN = (
    "alternatives, answers, begin, call, caller, confidence, end, event, final, id, keys, "
    "speaker, text"
)


def refusal(body: bytes) -> tuple[str, int, str]:
    with pytest.raises(Refused) as refused:
        read_items(body)
    return refused.value.code, refused.value.status, str(refused.value)


def refused(data: Any) -> tuple[str, int, str]:
    return refusal(json.dumps(data).encode())


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_json(body: bytes) -> None:
    sentence = (
        'The body must be JSON, for example {"call": "1", "speaker": "caller", "text": "no"}.'
    )
    assert refusal(body) == ("bad_json", 400, sentence)


def test_an_empty_array() -> None:
    assert refused([]) == ("bad_json", 400, "The array is empty.")


def test_an_array_that_is_too_long() -> None:
    sentence = "At most 100 turns may come in one request."
    assert refused([SAID] * 101) == ("too_many", 413, sentence)


@pytest.mark.parametrize("data", [None, 1, "no", True])
def test_what_is_no_object(data: Any) -> None:
    assert refused(data) == ("bad_json", 400, "A turn or an event is a JSON object.")


@pytest.mark.parametrize(
    ("wrong", "code", "sentence"),
    [
        ({"words": "no"}, "unknown_field", f"There is no field 'words'; known are {KNOWN}."),
        (
            {"w" * 50: 1},
            "unknown_field",
            f"There is no field {'w' * 40!r}; known are {KNOWN}.",
        ),
        ({"event": "rang"}, "bad_event", 'The field "event" takes one of began, ended, silence.'),
        ({"event": []}, "bad_event", 'The field "event" takes one of began, ended, silence.'),
        ({"id": ""}, "bad_id", BAD_ID),
        ({"id": 7}, "bad_id", BAD_ID),
        ({"id": "a b"}, "bad_id", BAD_ID),
        ({"id": "a\n"}, "bad_id", BAD_ID),
        ({"id": "a" * 129}, "bad_id", BAD_ID),
        ({"call": None}, "bad_call", BAD_CALL),
        ({"call": ""}, "bad_call", BAD_CALL),
        ({"call": ["1"]}, "bad_call", BAD_CALL),
        ({"caller": "me"}, "bad_caller", BAD_CALLER),
        ({"caller": 61400000000}, "bad_caller", BAD_CALLER),
        ({"caller": "0400\n"}, "bad_caller", BAD_CALLER),
        (
            {"speaker": "patient"},
            "bad_speaker",
            'The field "speaker" takes one of caller, agent, bot.',
        ),
        ({"speaker": {}}, "bad_speaker", 'The field "speaker" takes one of caller, agent, bot.'),
        ({"text": 5}, "bad_text", 'The field "text" must be a text.'),
        ({"keys": "?"}, "bad_keys", BAD_KEYS),
        ({"keys": ""}, "bad_keys", BAD_KEYS),
        ({"keys": 1}, "bad_keys", BAD_KEYS),
        ({"keys": "1\n"}, "bad_keys", BAD_KEYS),
        ({"keys": "1" * 33}, "bad_keys", BAD_KEYS),
        ({"confidence": 1.1}, "bad_confidence", BAD_CONFIDENCE),
        ({"confidence": -0.1}, "bad_confidence", BAD_CONFIDENCE),
        ({"confidence": True}, "bad_confidence", BAD_CONFIDENCE),
        ({"confidence": "93 %"}, "bad_confidence", BAD_CONFIDENCE),
        ({"confidence": float("nan")}, "bad_confidence", BAD_CONFIDENCE),
        ({"alternatives": "no"}, "bad_alternatives", NOT_A_LIST),
        ({"alternatives": {}}, "bad_alternatives", NOT_A_LIST),
        ({"alternatives": [1]}, "bad_alternatives", NO_TEXTS),
        ({"alternatives": [{}]}, "bad_alternatives", NO_TEXTS),
        ({"alternatives": ["a"] * 9 + [None]}, "bad_alternatives", NO_TEXTS),
        ({"begin": -1}, "bad_begin", BAD_BEGIN),
        ({"begin": "0:01"}, "bad_begin", BAD_BEGIN),
        ({"begin": "-1"}, "bad_begin", BAD_BEGIN),
        ({"begin": "nan"}, "bad_begin", BAD_BEGIN),
        ({"begin": float("inf")}, "bad_begin", BAD_BEGIN),
        ({"begin": 10**400}, "bad_begin", BAD_BEGIN),
        ({"end": False}, "bad_end", BAD_END),
        ({"final": 1}, "bad_final", 'The field "final" takes true or false.'),
        ({"final": "maybe"}, "bad_final", 'The field "final" takes true or false.'),
        ({"answers": True}, "bad_answers", BAD_ANSWERS),
        ({"answers": 1.0}, "bad_answers", BAD_ANSWERS),
        ({"answers": -1}, "bad_answers", BAD_ANSWERS),
        ({"answers": 10**6 + 1}, "bad_answers", BAD_ANSWERS),
        (
            {"begin": 2, "end": 1},
            "bad_times",
            'A turn cannot end before it begins: see "begin" and "end".',
        ),
        (
            {"speaker": None},
            "no_speaker",
            'The field "speaker" must tell who speaks: caller, agent or bot.',
        ),
        ({"text": None}, "no_text", ONE_OF_BOTH),
        ({"keys": "1"}, "no_text", ONE_OF_BOTH),
        (
            {"event": "silence"},
            "no_text",
            'An event has no "text" and no "keys"; send them as a turn.',
        ),
    ],
)
def test_a_field_that_is_wrong(wrong: dict[str, Any], code: str, sentence: str) -> None:
    assert refused({**SAID, **wrong}) == (code, 400, sentence)


@pytest.mark.parametrize("name", ["text", "alternatives"])
def test_a_text_that_is_too_long(name: str) -> None:
    long: Any = "a" * 4001
    wrong = {name: long if name == "text" else [long]}
    sentence = f'The field "{name}" takes at most 4000 characters.'
    assert refused({**SAID, **wrong}) == ("too_long", 413, sentence)


def test_in_an_array_the_place_is_told() -> None:
    assert refused([SAID, {**SAID, "keys": "?"}]) == ("bad_keys", 400, f"Item 2: {BAD_KEYS}")


def test_of_several_faults_the_first_is_told() -> None:
    wrong = {"answers": -1, "keys": "?", "id": "", "call": ""}
    assert refused({**SAID, **wrong}) == ("bad_id", 400, BAD_ID)
    assert refused({**SAID, **wrong, "w": 1})[0] == "unknown_field"


def item(**told: Any) -> TranscriptItem:
    return read_items(json.dumps({**SAID, **told}).encode())[0][0]


@pytest.mark.parametrize("name", ["is_final", "isFinal", "IS_FINAL", "Final"])
def test_whether_words_are_final_is_told_by_the_name_that_services_give_it(name: str) -> None:
    assert not item(**{name: False}).final
    assert item(**{name: True}).final


@pytest.mark.parametrize("text", ["false", "False", "FALSE"])
def test_a_false_may_be_sent_as_a_text(text: str) -> None:
    assert not item(is_final=text).final


def test_numbers_may_be_sent_as_texts() -> None:
    told = item(confidence="0.93", begin="31.2", end=" 32 ", answers="5")

    assert (told.confidence, told.begin, told.end, told.answers) == (0.93, 31.2, 32.0, 5)


def test_a_speaker_an_event_and_the_names_of_fields_may_be_in_any_case() -> None:
    told = read_items(b'{"Call": "1", "Speaker": "AGENT", "TEXT": "Hello"}')[0][0]
    began = read_items(b'{"call": "1", "EVENT": "Began"}')[0][0]

    assert (told.speaker, told.text) == (Speaker.AGENT, "Hello")
    assert began.event is CallEvent.BEGAN


def test_the_same_words_are_heard_whatever_the_case() -> None:
    assert item(speaker="Caller") == item()


def test_a_field_that_is_there_twice_and_differs_is_refused() -> None:
    sentence = 'The field "final" is there twice, and differs.'
    assert refused({**SAID, "final": True, "is_final": False}) == ("bad_final", 400, sentence)
