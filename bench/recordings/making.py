"""Makes the recordings, one after the other, on one running product."""

from __future__ import annotations

import base64
import itertools
import logging
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog

from bench.recordings import product
from bench.recordings.calls import over_the_phone
from bench.recordings.findings import findings
from bench.recordings.lines import write
from bench.recordings.product import Product
from bench.recordings.pure import pure_calls
from bench.recordings.written import over_messaging, over_rest
from tests.messaging.conftest import Services, close, new_services
from tests.phone.test_twilio_triages import phone_environment

MEMORY_DISK = Path("/dev/shm")  # noqa: S108 - a folder of its own is made there
PEOPLE = {"rest": 500, "telegram": 150, "whatsapp": 150, "phone": 150}
KEYS = {
    "BACKLINE_PSEUDONYM_KEY": "the same person has the same name in all recordings",
    "BACKLINE_ENCRYPTION_KEYS": base64.urlsafe_b64encode(bytes(range(32))).decode(),
    "BACKLINE_LOG_LEVEL": "error",
}
"""Of no secret: what a recording is made of is in the repository."""


def make(
    folder: Path, names: Sequence[str], people: int | None = None
) -> Iterator[tuple[str, int, float]]:
    """Make recordings; yields the name, the lines and the seconds of each when it is done.

    Args:
        people: how many people there are on each channel, if not as many as usual.
    """
    with _running() as (running, services):
        makers = _makers(running, services, {n: people or many for n, many in PEOPLE.items()})
        for name in names:
            begun = time.monotonic()
            lines = write(folder, name, makers[name]())
            yield name, lines, time.monotonic() - begun


def _makers(
    running: Product, services: Services, people: dict[str, int]
) -> dict[str, Callable[[], Iterable[dict[str, Any]]]]:
    return {
        "findings": lambda: findings(running),
        "rest": lambda: over_rest(running, people["rest"]),
        "telegram": lambda: over_messaging(running, services, "telegram", people["telegram"]),
        "whatsapp": lambda: over_messaging(running, services, "whatsapp", people["whatsapp"]),
        "phone": lambda: over_the_phone(running, people["phone"]),
        "calls": pure_calls,
    }


@contextmanager
def _running() -> Iterator[tuple[Product, Services]]:
    logging.disable(logging.WARNING)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    services = new_services()
    services.keys = {**services.keys, **KEYS}
    # The bot's messages and those of people are numbered by one service, from the beginning.
    services.telegram.message_ids = itertools.count(1)
    disk = MEMORY_DISK if MEMORY_DISK.is_dir() else None
    with tempfile.TemporaryDirectory(dir=disk) as place:
        database = f"sqlite:///{place}/backline.db"
        environment = {
            **services.environment,
            **phone_environment(Path(place)),
            **KEYS,
            "DATABASE_URL": database,
        }
        product.without_time()
        try:
            with product.running(environment) as running:
                services.databases[running.url] = database
                yield running, services
        finally:
            close(services)
