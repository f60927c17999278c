"""Recognise speech in separate processes: a crash or a hang there ends no call and no server."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import struct
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from backline.failures import Told
from backline.phone.events import NoMatch, NoMatchReason, Transcript
from backline.settings import SettingsError

logger = logging.getLogger(__name__)

LIMIT_S = 8.0
"""Seconds after which nobody waits for an answer any more, the time in the queue included."""
START_S = 60.0
WAITING_EACH = 4
"""How many utterances may wait for each process; one more would be told too late."""
RESTART_S = 1.0
"""Seconds before a process that ended is started again, so that a broken model is no busy loop."""

_LENGTH = struct.Struct("!I")
MAX_MESSAGE = 8 * 1024 * 1024


class Recogniser(Protocol):
    """Turns speech into words. Never raises."""

    async def transcribe(self, audio: bytes) -> Transcript | NoMatch:
        """Transcribe mu-law audio (8 kHz) of up to 30 seconds."""


class RecogniserError(Told):
    """Recognition cannot be started; the text says why."""


def command(model: Path, threads: int) -> list[str]:
    """Return the command that starts a recogniser process with the model in this folder."""
    return [sys.executable, "-m", "backline.phone.audio.asr_worker", str(model), str(threads)]


class WorkerRecogniser:
    """A few processes, each hearing one utterance at a time; what does not fit waits a little."""

    def __init__(self, start: Sequence[str], workers: int, limit_s: float = LIMIT_S) -> None:
        """
        Args:
            start: the command of a process; `command` gives it.
            workers: how many of them.
            limit_s: seconds after which an answer is too late.
        """
        self._limit_s = limit_s
        self._command = list(start)
        self._size = workers
        self._free: asyncio.Queue[_Worker] = asyncio.Queue()
        self._workers: set[_Worker] = set()
        self._waiting = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    async def start(self) -> None:
        """Start the processes and wait until each has loaded its model.

        Raises:
            RecogniserError: one does not start.
        """
        try:
            for worker in await asyncio.gather(*(self._begin() for _ in range(self._size))):
                self._free.put_nowait(worker)
        except RecogniserError:
            await self.close()
            raise

    async def close(self) -> None:
        """End the processes."""
        self._closed = True
        for task in self._tasks:
            task.cancel()
        for worker in list(self._workers):
            await worker.end()
        self._workers.clear()

    async def transcribe(self, audio: bytes) -> Transcript | NoMatch:
        """Transcribe as `Recogniser` does, and replace slow and failed processes by new ones."""
        if self._waiting >= self._size * WAITING_EACH:
            return NoMatch(NoMatchReason.SLOW)
        self._waiting += 1
        worker = None
        begun = asyncio.get_running_loop().time()
        try:
            worker = await asyncio.wait_for(self._free.get(), self._limit_s)
            left = begun + self._limit_s - asyncio.get_running_loop().time()
            heard = _understood(await asyncio.wait_for(worker.ask(audio), max(left, 0.01)))
        except asyncio.TimeoutError:
            if worker is not None:
                self._replace(worker, "too slow")
            return NoMatch(NoMatchReason.SLOW)
        except (OSError, EOFError, ValueError, KeyError):
            if worker is not None:
                self._replace(worker, "ended")
            return NoMatch(NoMatchReason.FAILED)
        except asyncio.CancelledError:
            # The answer of a process that nobody waits for would be taken for the next one's.
            if worker is not None:
                self._replace(worker, "given up")
            raise
        finally:
            self._waiting -= 1
        self._free.put_nowait(worker)
        return heard

    async def _begin(self) -> _Worker:
        worker = await _Worker.begin(self._command)
        self._workers.add(worker)
        return worker

    def _replace(self, worker: _Worker, reason: str) -> None:
        if reason != "given up":
            logger.warning("A process for speech recognition was %s; starting another.", reason)
        if not self._closed:
            task = asyncio.get_running_loop().create_task(self._start_anew(worker))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _start_anew(self, ended: _Worker) -> None:
        await ended.end()
        self._workers.discard(ended)
        while True:
            try:
                self._free.put_nowait(await self._begin())
                return
            except RecogniserError as error:
                logger.error("%s", error)
                await asyncio.sleep(RESTART_S)


class _Worker:
    """One process, and the pipes to it."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @classmethod
    async def begin(cls, start: Sequence[str]) -> _Worker:
        try:
            process = await asyncio.create_subprocess_exec(
                *start, stdin=PIPE, stdout=PIPE, stderr=DEVNULL
            )
        except OSError as error:
            raise RecogniserError(
                f"Speech recognition does not start ({error.strerror})."
            ) from None
        worker = cls(process)
        try:
            ready = await asyncio.wait_for(worker._read(), START_S)
        except (OSError, EOFError, ValueError, asyncio.TimeoutError):
            await worker.end()
            raise RecogniserError(
                "Speech recognition does not start: its process ended or did not load the model."
            ) from None
        if "error" in ready:
            await worker.end()
            raise RecogniserError(str(ready["error"]))
        return worker

    async def ask(self, audio: bytes) -> dict[str, Any]:
        stream = self._process.stdin
        assert stream is not None  # noqa: S101 - a pipe was asked for
        stream.write(_LENGTH.pack(len(audio)) + audio)
        await stream.drain()
        return await self._read()

    async def _read(self) -> dict[str, Any]:
        stream = self._process.stdout
        assert stream is not None  # noqa: S101 - a pipe was asked for
        try:
            (length,) = _LENGTH.unpack(await stream.readexactly(_LENGTH.size))
            if length > MAX_MESSAGE:
                raise ValueError("too long")
            answer = json.loads(await stream.readexactly(length))
        except asyncio.IncompleteReadError:
            raise EOFError from None
        if not isinstance(answer, dict):
            raise ValueError("no object")
        return answer

    async def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._process.wait(), 5)


def packed(message: dict[str, Any]) -> bytes:
    """Pack a message to or from a process: its length, then JSON."""
    data = json.dumps(message).encode()
    return _LENGTH.pack(len(data)) + data


def workers_and_threads(cores: int | None = None) -> tuple[int, int]:
    """Choose how many processes, with how many threads each, suit this machine.

    Two at least, so that one that hangs does not hold up every call.
    """
    cores = cores or os.cpu_count() or 1
    workers = max(2, cores // 2)
    return workers, max(1, cores // workers)


def check_model(model: Path) -> None:
    """Check that recognition can be started.

    Raises:
        SettingsError: the packages or the model are missing; the text says what to do.
    """
    from importlib.util import find_spec

    if find_spec("faster_whisper") is None:
        raise SettingsError(
            "BACKLINE_SPEECH_MODEL is set, but the packages for speech are not installed; "
            "`make setup-speech` installs them"
        )
    missing = [name for name in ("config.json", "model.bin") if not (model / name).is_file()]
    if missing:
        raise SettingsError(
            f"BACKLINE_SPEECH_MODEL: {model} has no {' and no '.join(missing)}; it takes "
            "the folder of a Whisper model in CTranslate2's form; `backline phone fetch-model` "
            "makes one"
        )


def _understood(answer: dict[str, Any]) -> Transcript | NoMatch:
    text = str(answer.get("text") or "")
    if not text:
        return NoMatch(NoMatchReason.FAILED if answer.get("failed") else NoMatchReason.NOISE)
    return Transcript(
        text=text,
        confidence=float(answer["confidence"]),
        alternatives=tuple(str(other) for other in answer.get("alternatives", ())),
    )
