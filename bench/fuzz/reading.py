"""Looks for texts that take long to understand, and sends the slowest to a running server."""

from __future__ import annotations

import json
import random
import socket
import threading
import time
from dataclasses import dataclass, field

from bench.fuzz import texts
from bench.fuzz.inputs import TALK, Request
from bench.fuzz.target import Target

LENGTH = 8192
"""Twice what the channels take."""
TAKEN = 4000
"""Characters of a message that the channels take."""
MOST_CPU_S = 0.25
MOST_WAIT_S = 0.1
TRIES = 5
SLOWEST = 8
EVERY_S = 0.01


@dataclass
class Search:
    """What a search found.

    Attributes:
        tried: how many texts were understood.
        slowest: seconds of the processor and the text, the slowest first.
    """

    tried: int = 0
    slowest: list[tuple[float, str]] = field(default_factory=list)

    @property
    def wrong(self) -> str:
        """The texts that took too long; empty if there is none."""
        return "\n".join(
            f"{seconds * 1000:.0f} ms of processor time for {text[:200]!r}..."
            for seconds, text in self.slowest
            if seconds > MOST_CPU_S
        )


def search(understand: texts.Understands, count: int, seed: int) -> Search:
    """Understand each repeated token, mixtures, and changes of the slowest, so many altogether.

    Only what took long is measured again, and the least of its times counts: a busy machine makes
    a text slower, never quicker.
    """
    chance = random.Random(seed)  # noqa: S311 - the same texts for the same seed
    found = Search()

    def look(text: str) -> None:
        found.tried += 1
        took = _seconds(understand, text)
        # The slowest are measured again, so that none is there by chance.
        for _ in range(TRIES):
            if len(found.slowest) == SLOWEST and took < found.slowest[-1][0]:
                return
            took = min(took, _seconds(understand, text))
        found.slowest = sorted([*found.slowest, (took, text)], reverse=True)[:SLOWEST]

    for text in [*texts.repeats(LENGTH)][:count]:
        look(text)
    for text in texts.mixtures(LENGTH, max(0, count - found.tried) // 2, chance):
        look(text)
    while found.tried < count:
        look(texts.mutated(chance.choice(found.slowest)[1], chance))
    return found


def _seconds(understand: texts.Understands, text: str) -> float:
    begun = time.thread_time()
    understand(text)
    return time.thread_time() - begun


def longest_wait(to: Target, some: list[str]) -> float:
    """The longest that `/health/live` took, in seconds, while texts were sent one after another.

    Where it took too long, all is sent again and the shorter counts: a busy machine stands still
    now and then, a server that is held up does so each time.
    """
    waited = float("inf")
    for tried in range(TRIES):
        waited = min(waited, _waited(to, some, f"long-{tried}"))
        if waited <= MOST_WAIT_S:
            break
    return waited


def _waited(to: Target, some: list[str], sender: str) -> float:
    done = threading.Event()
    waits: list[float] = []

    def look() -> None:
        while not done.is_set():
            begun = time.monotonic()
            with socket.create_connection(to.address, timeout=10) as connection:
                connection.sendall(Request("GET", "/health/live", (), b"").wire)
                connection.recv(4096)
            waits.append(time.monotonic() - begun)
            time.sleep(EVERY_S)

    watch = threading.Thread(target=look)
    watch.start()
    try:
        for number, text in enumerate(some):
            body = {"sender": f"{sender}-{number}", "message": text[:TAKEN]}
            to.request(Request("POST", TALK, (), json.dumps(body).encode()))
    finally:
        done.set()
        watch.join()
    return max(waits)
