"""Twilio's webhooks on a server of their own, in the test's own event loop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
import pytest
from rasa.core.agent import Agent
from sanic import Sanic

from backline.credentials import TwilioAccount
from backline.phone.calls import CallService
from backline.phone.credentials import PhoneSecrets
from backline.phone.events import BotTurn, PhoneCall
from backline.phone.gateways.twilio_voice import voice_blueprint
from backline.privacy import Privacy, new_encryption_key, new_pseudonym_key
from backline.runtime.agent import load_agent
from backline.settings import PhoneSettings, load_settings
from backline.store import Store, create_store
from tests.conftest import free_port
from tests.phone.scripted import ScriptedLine
from tests.phone.twilio_voice import ACCOUNT, AUTH_TOKEN, PUBLIC_URL, TwilioVoice

CLINIC_PHONE = "+61255500100"
CALL = PhoneCall("CA1", "twilio", "+61400000000")
PATIENCE_S = 0.2


@dataclass
class Webhooks:
    """A running server with nothing but the webhooks, on a line that follows a script."""

    url: str
    line: ScriptedLine
    twilio: TwilioVoice


Opened = Callable[..., Awaitable[Webhooks]]


@pytest.fixture
async def open_line() -> AsyncIterator[Opened]:
    """Opens the webhooks for a script: `await open_line([turn(1, "Hello")], transfer_to=None)`."""
    servers: list[Any] = []
    http = aiohttp.ClientSession()

    async def open_(turns: Iterable[BotTurn], **phone: Any) -> Webhooks:
        settings = load_settings({})
        phone_line = PhoneSettings(**{"transfer_to": CLINIC_PHONE, **phone})
        clinic = settings.clinic.copy(update={"phone_line": phone_line})
        account = TwilioAccount(ACCOUNT, AUTH_TOKEN, "https://api.twilio.com")
        secrets = PhoneSecrets(None, PUBLIC_URL, account)
        line = ScriptedLine(turns)
        app = Sanic("backline_voice_test", configure_logging=False, register=False)
        app.blueprint(
            voice_blueprint(line, secrets, replace(settings, clinic=clinic), patience_s=PATIENCE_S)
        )
        port = free_port()
        server = await app.create_server("127.0.0.1", port, return_asyncio_server=True)
        await server.startup()
        servers.append(server)
        url = f"http://127.0.0.1:{port}"
        return Webhooks(url, line, TwilioVoice(http, url))

    yield open_
    await http.close()
    for server in servers:
        server.close()
        await server.wait_closed()


# ---- The line on a trained model and a real database


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('phone') / 'backline.db'}"


@pytest.fixture(scope="module")
def agent(database: str) -> Iterator[Agent]:
    patch = pytest.MonkeyPatch()
    patch.setenv("DATABASE_URL", database)
    from actions import dependencies

    dependencies.settings.cache_clear()
    dependencies.open_store.cache_clear()
    yield load_agent(load_settings())
    patch.undo()
    dependencies.settings.cache_clear()
    dependencies.open_store.cache_clear()


@pytest.fixture(scope="module")
def store(database: str) -> Store:
    opened = create_store(database)
    opened.upgrade()
    return opened


@pytest.fixture(scope="module")
def privacy() -> Privacy:
    return Privacy.by(new_pseudonym_key(), [new_encryption_key()])


@pytest.fixture
async def line(agent: Agent, store: Store, privacy: Privacy) -> AsyncIterator[CallService]:
    clinic = load_settings().clinic.copy(
        update={"phone_line": PhoneSettings(transfer_to="+61255500100")}
    )
    answering = CallService(agent, store, clinic, privacy)
    yield answering
    for call in (CALL, PhoneCall("CA2", "twilio", CALL.caller)):
        store.erase(answering.conversation_of(call))
