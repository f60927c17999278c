"""A server with all messaging channels, on stand-ins of their services."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest

from backline.privacy import Privacy, new_pseudonym_key
from tests.conftest import ENCRYPTION_KEY, Server, start_server
from tests.messaging.outbox import is_at_rest
from tests.messaging.person import Person
from tests.messaging.stand_in import StandIn
from tests.messaging.telegram import Telegram, TelegramPerson
from tests.messaging.twilio import Twilio, TwilioPerson
from tests.messaging.whatsapp import WhatsApp, WhatsAppPerson

PUBLIC_URL = TwilioPerson.public_url

CHANNELS: dict[str, tuple[type[Any], Callable[[Any, str], Person]]] = {
    "telegram": (Telegram, TelegramPerson),
    "whatsapp": (WhatsApp, WhatsAppPerson),
    "twilio": (Twilio, TwilioPerson),
}
"""Of each channel the stand-in of its service, and who uses it. All that is tested of every channel
is tested of what stands here."""


@dataclass
class Services:
    """Stand-ins for the services, and what a server needs to use them."""

    keys: dict[str, str]
    databases: dict[str, str] = field(default_factory=dict)
    """Of the servers, by their addresses, where they are known."""
    stand_ins: dict[str, StandIn] = field(
        default_factory=lambda: {channel: made() for channel, (made, _) in CHANNELS.items()}
    )

    @property
    def telegram(self) -> Telegram:
        return cast(Telegram, self.stand_ins["telegram"])

    @property
    def whatsapp(self) -> WhatsApp:
        return cast(WhatsApp, self.stand_ins["whatsapp"])

    @property
    def twilio(self) -> Twilio:
        return cast(Twilio, self.stand_ins["twilio"])

    @property
    def environment(self) -> dict[str, str]:
        environment = {"BACKLINE_PUBLIC_URL": PUBLIC_URL, **self.keys}
        for service in self.stand_ins.values():
            environment |= service.environment
        return environment

    @property
    def privacy(self) -> Privacy:
        """The privacy that the servers use."""
        return Privacy.by(
            self.keys["BACKLINE_PSEUDONYM_KEY"], [self.keys["BACKLINE_ENCRYPTION_KEYS"]]
        )

    @staticmethod
    @contextmanager
    def slow(person: Person) -> Iterator[None]:
        """Keep the service from taking the next message until the end of the block."""
        gate = threading.Event()
        person.service.gates.append(gate)
        try:
            yield
        finally:
            gate.set()

    def someone(self, channel: str, server: str) -> Person:
        """A person nobody has met."""
        _, new = CHANNELS[channel]
        person = new(self.stand_ins[channel], server)
        if server in self.databases:
            conversation = self.privacy.pseudonymizer.conversation_of(channel, person.address)
            person.is_at_rest = partial(is_at_rest, self.databases[server], conversation)
        return person


def new_services() -> Services:
    keys = {
        "BACKLINE_PSEUDONYM_KEY": new_pseudonym_key(),
        "BACKLINE_ENCRYPTION_KEYS": ENCRYPTION_KEY,
    }
    return Services(keys)


def close(services: Services) -> None:
    for service in services.stand_ins.values():
        service.close()


@pytest.fixture(scope="session")
def services() -> Iterator[Services]:
    made = new_services()
    yield made
    close(made)


@pytest.fixture(scope="session")
def messaging_server(
    services: Services, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """One server for all tests that do it no harm; stopping it must be clean."""
    folder = tmp_path_factory.mktemp("messaging")
    server = start_server(
        f"sqlite:///{folder / 'backline.db'}",
        folder / "log",
        BACKLINE_LOG_LEVEL="info",
        **services.environment,
    )
    services.databases[server.url] = server.database_url
    yield server
    assert server.stop() == 0


@pytest.fixture(params=CHANNELS)
def channel(request: pytest.FixtureRequest) -> str:
    """Each channel in turn."""
    return str(request.param)


@pytest.fixture
def someone(services: Services, messaging_server: Server, channel: str) -> Callable[[], Person]:
    """Makes people who use this channel."""
    return lambda: services.someone(channel, messaging_server.url)


@pytest.fixture
def person(someone: Callable[[], Person]) -> Person:
    return someone()


@pytest.fixture
def telegram_person(services: Services, messaging_server: Server) -> TelegramPerson:
    return cast(TelegramPerson, services.someone("telegram", messaging_server.url))


@pytest.fixture
def whatsapp_person(services: Services, messaging_server: Server) -> WhatsAppPerson:
    return cast(WhatsAppPerson, services.someone("whatsapp", messaging_server.url))


@pytest.fixture
def twilio_person(services: Services, messaging_server: Server) -> TwilioPerson:
    return cast(TwilioPerson, services.someone("twilio", messaging_server.url))


@pytest.fixture
def log(messaging_server: Server) -> Callable[[], str]:
    """What the server has logged so far."""
    path: Path = messaging_server.log
    return lambda: path.read_text(errors="replace")
