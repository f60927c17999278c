"""Text to speech by programs: sound for telephones, and what happens when a program fails."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from backline.phone.audio import tts as module
from backline.phone.audio.tts import Espeak, Piper, VoiceError, Voices, engines_for
from backline.phone.events import Phrase
from backline.settings import SettingsError

SPEAKS = """
import sys, wave
text = sys.stdin.read()
open(sys.argv[1], "a").write(text)
with wave.open(sys.stdout.buffer, "wb") as file:
    file.setnchannels(1); file.setsampwidth(2); file.setframerate(16000)
    file.writeframes(b"\\x00\\x10\\x00\\xf0" * 8000)
"""


@dataclass
class Program:
    """A program in the place of an engine; writes the texts it got to a file."""

    code: str
    file: Path
    name: str = "program"

    def command(self, slowly: bool) -> list[str]:
        return [sys.executable, "-c", self.code, str(self.file)]


async def spoken(voices: Voices, text: str) -> list[bytes]:
    return [audio async for audio in voices.speak(Phrase(text))]


async def test_a_second_of_speech_is_eight_thousand_bytes(tmp_path: Path) -> None:
    (audio,) = await spoken(Voices([Program(SPEAKS, tmp_path / "f")]), "Hello.")
    assert len(audio) == 8000 + module.PAUSE_S * 8000


async def test_sentences_come_one_by_one(tmp_path: Path) -> None:
    assert len(await spoken(Voices([Program(SPEAKS, tmp_path / "f")]), "One. Two? Three.")) == 3


async def test_what_was_spoken_is_kept(tmp_path: Path) -> None:
    voices = Voices([Program(SPEAKS, tmp_path / "f")])
    await spoken(voices, "Hello.")
    await spoken(voices, "Hello.")
    assert (tmp_path / "f").read_text() == "Hello.\n"


async def test_no_more_is_kept_than_there_is_room_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CACHE_BYTES", 20_000)
    voices = Voices([Program(SPEAKS, tmp_path / "f")])
    for text in ("One.", "Two.", "Three.", "One."):
        await spoken(voices, text)
    assert (tmp_path / "f").read_text() == "One.\nTwo.\nThree.\nOne.\n"


@pytest.mark.parametrize(
    "code",
    [
        "raise SystemExit(1)",
        "print('no sound')",
        "import time; time.sleep(60)",
        "import sys; sys.stdin.close()",
    ],
)
async def test_a_program_that_fails_speaks_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.setattr(module, "LIMIT_S", 2.0)
    with pytest.raises(VoiceError):
        await spoken(Voices([Program(code, tmp_path / "f")]), "Hello.")


async def test_the_next_program_speaks_in_its_place(tmp_path: Path) -> None:
    broken = Program("raise SystemExit(1)", tmp_path / "f")
    assert await spoken(Voices([broken, Program(SPEAKS, tmp_path / "f")]), "Hello.")


async def test_a_missing_program_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SettingsError, match="program espeak-ng is not installed"):
        await Voices([Espeak("en-gb")]).check()


def test_piper_speaks_first_where_there_is_a_voice_for_it() -> None:
    assert engines_for("en-AU", None) == [Espeak("en-gb")]
    assert engines_for("en-US", Path("v.onnx")) == [Piper(Path("v.onnx")), Espeak("en-us")]


def test_an_emergency_is_spoken_slowly() -> None:
    assert Espeak("en-gb").command(slowly=True)[4] == "119"
    assert Piper(Path("v")).command(slowly=True)[4] == "1.3"
