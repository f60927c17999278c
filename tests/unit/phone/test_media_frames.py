"""Frames of Media Streams: what is read, what is refused, and in which order sound is heard."""

from __future__ import annotations

import base64
import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backline.phone.audio import media_frames
from backline.phone.audio.media_frames import (
    FrameError,
    Key,
    KeyFilter,
    Mark,
    Media,
    Sequence,
    Start,
    Stop,
    read,
)

FORMAT = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}


def start(**changes: Any) -> str:
    part = {"streamSid": "MZ1", "callSid": "CA1", "customParameters": {}, "mediaFormat": FORMAT}
    return json.dumps({"event": "start", "streamSid": "MZ1", "start": {**part, **changes}})


def sound(payload: Any, **more: Any) -> str:
    return json.dumps({"event": "media", "media": {"payload": payload, **more}})


def piece(number: int) -> Media:
    return Media(bytes([number]) * 2, number)


def test_a_stream_begins_with_its_call_and_what_it_hands_on() -> None:
    assert read(start(customParameters={"token": "t"})) == Start("MZ1", "CA1", {"token": "t"})


def test_sound_is_read_with_its_place() -> None:
    payload = base64.b64encode(b"abc").decode()
    assert read(sound(payload, track="inbound", chunk="7")) == Media(b"abc", 7)


def test_keys_marks_and_the_end_are_read() -> None:
    assert read('{"event":"dtmf","sequenceNumber":"5","dtmf":{"digit":"#"}}') == Key("#", 5)
    assert read('{"event":"mark","mark":{"name":"3"}}') == Mark("3")
    assert read('{"event":"stop"}') == Stop()


@pytest.mark.parametrize("event", ["connected", "something_new"])
def test_what_tells_nothing_is_passed_over(event: str) -> None:
    assert read(json.dumps({"event": event})) is None


def test_what_is_played_to_the_caller_is_not_heard() -> None:
    assert read(sound("AAAA", track="outbound")) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"encoding": "audio/l16"},
        {"sampleRate": 16000},
        {"sampleRate": "16000"},
        {"channels": 2},
        {"sampleRate": None},
    ],
)
def test_another_kind_of_sound_is_told_by_its_name(changes: dict[str, Any]) -> None:
    begun = read(start(mediaFormat={**FORMAT, **changes}))
    assert isinstance(begun, Start) and begun.wrong_format is not None
    assert "must be audio/x-mulaw at 8000 Hz" in begun.wrong_format


def test_a_stream_that_does_not_say_what_it_carries_has_no_format_that_is_understood() -> None:
    begun = read(start(mediaFormat=None))
    assert isinstance(begun, Start) and begun.wrong_format is not None


@pytest.mark.parametrize(
    "message",
    [
        "",
        "nonsense",
        "[]",
        "{}",
        '{"event":7}',
        "[" * 5000,
        '{"event":"media"}',
        sound(None),
        sound("not base64!"),
        sound(base64.b64encode(bytes(media_frames.MAX_PAYLOAD + 1)).decode()),
        sound("A" * media_frames.MAX_FRAME),
        '{"event":"dtmf","dtmf":{"digit":"12"}}',
        '{"event":"dtmf","dtmf":{"digit":"x"}}',
        '{"event":"mark","mark":{}}',
        start(callSid=""),
        start(callSid="C" * 300),
        b"\xff\xfe",
    ],
)
def test_garbage_is_no_frame(message: str | bytes) -> None:
    with pytest.raises(FrameError):
        read(message)


@given(st.text() | st.binary())
def test_nothing_else_ever_comes_of_a_message(message: str | bytes) -> None:
    with contextlib.suppress(FrameError):
        read(message)


def test_what_is_sent_is_as_twilio_takes_it() -> None:
    assert json.loads(media_frames.media("MZ1", b"abc")) == {
        "event": "media",
        "streamSid": "MZ1",
        "media": {"payload": "YWJj"},
    }
    assert json.loads(media_frames.mark("MZ1", "4")) == {
        "event": "mark",
        "streamSid": "MZ1",
        "mark": {"name": "4"},
    }
    assert json.loads(media_frames.clear("MZ1")) == {"event": "clear", "streamSid": "MZ1"}


@given(st.permutations(range(1, media_frames.OUT_OF_ORDER + 1)))
def test_pieces_are_heard_in_their_order(numbers: list[int]) -> None:
    sequence = Sequence()
    heard = b"".join(sequence.add(piece(number)) for number in numbers)
    assert heard == b"".join(piece(n).audio for n in range(1, media_frames.OUT_OF_ORDER + 1))


def test_a_piece_that_comes_twice_is_heard_once() -> None:
    sequence = Sequence()
    assert sequence.add(piece(1)) + sequence.add(piece(1)) + sequence.add(piece(2)) == b"\1\1\2\2"
    assert sequence.dropped == 1


def test_a_piece_that_never_comes_is_heard_as_silence() -> None:
    sequence = Sequence()
    numbers = [1, *range(3, media_frames.OUT_OF_ORDER + 4)]
    heard = b"".join(sequence.add(piece(number)) for number in numbers)
    assert heard[:6] == b"\1\1" + media_frames.QUIET * 2 + b"\3\3"
    assert sequence.missing == 1


def test_a_leap_is_not_filled_with_hours_of_silence() -> None:
    sequence = Sequence()
    sequence.add(Media(bytes(160), 1))
    heard = b"".join(sequence.add(Media(bytes(160), 10**9 + n)) for n in range(12))
    assert len(heard) <= media_frames.MAX_GAP_S * media_frames.SAMPLE_RATE + 12 * 160


def test_pieces_without_a_number_are_heard_as_they_come() -> None:
    sequence = Sequence()
    assert sequence.add(Media(b"b", None)) + sequence.add(Media(b"a", None)) == b"ba"


def test_a_stream_may_be_joined_in_its_middle() -> None:
    sequence = Sequence()
    assert sequence.add(piece(100)) + sequence.add(piece(101)) == b"dd" + b"ee"


def test_a_key_that_is_told_twice_was_pressed_once() -> None:
    keys = KeyFilter()
    assert [keys.is_new(Key("1", n)) for n in (4, 4, 5)] == [True, False, True]
    assert all(keys.is_new(Key("1", None)) for _ in range(2))
