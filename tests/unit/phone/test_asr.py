"""Processes that recognise: what happens when one is slow, crashes or says nonsense."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from backline.phone.audio import asr as module
from backline.phone.audio.asr import (
    RecogniserError,
    WorkerRecogniser,
    check_model,
    command,
    workers_and_threads,
)
from backline.phone.events import NoMatch, NoMatchReason, Transcript
from backline.phone.gateways.media_stream_setup import load_stream_settings
from backline.settings import SettingsError

PROGRAM = """
import json, struct, sys, time
def tell(message):
    data = json.dumps(message).encode()
    sys.stdout.buffer.write(struct.pack("!I", len(data)) + data)
    sys.stdout.buffer.flush()
tell({"ready": True})
while header := sys.stdin.buffer.read(4):
    said = sys.stdin.buffer.read(struct.unpack("!I", header)[0]).decode()
    if said == "crash":
        sys.exit(1)
    if said == "hang":
        time.sleep(60)
    if said == "nonsense":
        sys.stdout.buffer.write(struct.pack("!I", 3) + b"???")
        sys.stdout.buffer.flush()
    elif said == "noise":
        tell({"text": ""})
    else:
        tell({"text": said, "confidence": 0.9, "alternatives": ["other"]})
"""

Started = Callable[..., Awaitable[WorkerRecogniser]]


@pytest.fixture
async def started() -> AsyncIterator[Started]:
    """Starts processes that stand in for the model: what they hear says what they do."""
    made: list[WorkerRecogniser] = []

    async def start(workers: int = 1, program: str = PROGRAM) -> WorkerRecogniser:
        recogniser = WorkerRecogniser([sys.executable, "-c", program], workers, limit_s=3)
        made.append(recogniser)
        await recogniser.start()
        return recogniser

    yield start
    for recogniser in made:
        await recogniser.close()


async def test_what_was_said_comes_back(started: Started) -> None:
    recogniser = await started()
    assert await recogniser.transcribe(b"no") == Transcript("no", 0.9, ("other",))


async def test_no_words_are_noise(started: Started) -> None:
    recogniser = await started()
    assert await recogniser.transcribe(b"noise") == NoMatch(NoMatchReason.NOISE)


@pytest.mark.parametrize(
    ("trouble", "why"),
    [
        (b"crash", NoMatchReason.FAILED),
        (b"nonsense", NoMatchReason.FAILED),
        (b"hang", NoMatchReason.SLOW),
    ],
)
async def test_a_process_in_trouble_is_replaced(
    started: Started, trouble: bytes, why: NoMatchReason
) -> None:
    recogniser = await started()
    assert await recogniser.transcribe(trouble) == NoMatch(why)
    assert await recogniser.transcribe(b"no") == Transcript("no", 0.9, ("other",))


async def test_one_that_hangs_holds_nobody_else_up(started: Started) -> None:
    recogniser = await started(2)
    hanging = asyncio.create_task(recogniser.transcribe(b"hang"))
    await asyncio.sleep(0.1)
    assert await recogniser.transcribe(b"no") == Transcript("no", 0.9, ("other",))
    assert await hanging == NoMatch(NoMatchReason.SLOW)


async def test_more_than_can_be_heard_in_time_is_not_queued(started: Started) -> None:
    recogniser = await started()
    asked = [recogniser.transcribe(b"no") for _ in range(module.WAITING_EACH + 3)]
    results = await asyncio.gather(*asked)
    assert results.count(NoMatch(NoMatchReason.SLOW)) == 3


async def test_a_process_that_does_not_start_ends_the_start(started: Started) -> None:
    with pytest.raises(RecogniserError, match="does not start"):
        await started(program="raise SystemExit")


async def test_a_broken_model_is_named(tmp_path: Path) -> None:
    recogniser = WorkerRecogniser(command(tmp_path, 1), 1)
    with pytest.raises(RecogniserError, match=f"model in {tmp_path} cannot be loaded"):
        await recogniser.start()


def test_there_are_always_two_processes() -> None:
    assert workers_and_threads(1) == (2, 1)
    assert workers_and_threads(2) == (2, 1)
    assert workers_and_threads(8) == (4, 2)


def test_a_folder_without_a_model_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"has no config\.json and no model\.bin"):
        check_model(tmp_path)


def test_without_the_packages_the_start_says_how_to_get_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(SettingsError, match="make setup-speech"):
        check_model(tmp_path)


def test_without_a_model_there_is_no_stream() -> None:
    assert load_stream_settings("t" * 32, {}) is None


def test_the_stream_needs_its_token(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="BACKLINE_PHONE_TOKEN is missing"):
        load_stream_settings(None, {"BACKLINE_SPEECH_MODEL": str(tmp_path)})


def test_a_voice_without_a_model_is_a_mistake() -> None:
    with pytest.raises(SettingsError, match="BACKLINE_PIPER_VOICE"):
        load_stream_settings("t" * 32, {"BACKLINE_PIPER_VOICE": "voice.onnx"})
