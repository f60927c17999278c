"""A server with all messaging channels, on stand-ins of their services."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from backline.channels.sealing import Seal, new_pseudonym_key
from tests.conftest import ENCRYPTION_KEY, Server, start_server
from tests.messaging.person import Person
from tests.messaging.telegram import Telegram, TelegramPerson
from tests.messaging.twilio import Twilio, TwilioPerson
from tests.messaging.whatsapp import WhatsApp, WhatsAppPerson

PUBLIC_URL = TwilioPerson.public_url


@dataclass
class Services:
    """Stand-ins for the three services, and what a server needs to use them."""

    telegram: Telegram
    whatsapp: WhatsApp
    twilio: Twilio
    keys: dict[str, str]

    @property
    def environment(self) -> dict[str, str]:
        return {
            "BACKLINE_PUBLIC_URL": PUBLIC_URL,
            **self.keys,
            **self.telegram.environment,
            **self.whatsapp.environment,
            **self.twilio.environment,
        }

    @property
    def seal(self) -> Seal:
        """The seal that the servers use."""
        return Seal(self.keys["BACKLINE_PSEUDONYM_KEY"], [self.keys["BACKLINE_ENCRYPTION_KEYS"]])

    @staticmethod
    def delay(person: Person, seconds: float) -> None:
        """Make the service slow to take the next message."""
        person.service.delays.append(seconds)

    def someone(self, channel: str, server: str) -> Person:
        """A person nobody has met."""
        if channel == "telegram":
            return TelegramPerson(self.telegram, server)
        if channel == "whatsapp":
            return WhatsAppPerson(self.whatsapp, server)
        return TwilioPerson(self.twilio, server)


def new_services() -> Services:
    keys = {
        "BACKLINE_PSEUDONYM_KEY": new_pseudonym_key(),
        "BACKLINE_ENCRYPTION_KEYS": ENCRYPTION_KEY,
    }
    return Services(Telegram(), WhatsApp(), Twilio(), keys)


def close(services: Services) -> None:
    for service in (services.telegram, services.whatsapp, services.twilio):
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
    yield server
    assert server.stop() == 0


@pytest.fixture(params=["telegram", "whatsapp", "twilio"])
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
    return TelegramPerson(services.telegram, messaging_server.url)


@pytest.fixture
def whatsapp_person(services: Services, messaging_server: Server) -> WhatsAppPerson:
    return WhatsAppPerson(services.whatsapp, messaging_server.url)


@pytest.fixture
def twilio_person(services: Services, messaging_server: Server) -> TwilioPerson:
    return TwilioPerson(services.twilio, messaging_server.url)


@pytest.fixture
def log(messaging_server: Server) -> Callable[[], str]:
    """What the server has logged so far."""
    path: Path = messaging_server.log
    return lambda: path.read_text(errors="replace")
