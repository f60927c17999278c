"""Twilio's webhooks on a server of their own, in the test's own event loop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
import pytest
from sanic import Sanic
from sanic.touchup import TouchUp

from backline.channels.credentials import TwilioAccount
from backline.phone.credentials import PhoneSecrets
from backline.phone.speech import Turn
from backline.phone.twilio_voice import voice_blueprint
from backline.settings import PhoneSettings, load_settings
from tests.conftest import free_port
from tests.phone.scripted import ScriptedLine
from tests.phone.twilio_voice import ACCOUNT, AUTH_TOKEN, PUBLIC_URL, TwilioVoice

CLINIC_PHONE = "+61255500100"
PATIENCE_S = 0.2


@dataclass
class Webhooks:
    """A running server with nothing but the webhooks, on a line that follows a script."""

    url: str
    line: ScriptedLine
    twilio: TwilioVoice


_touch_up = TouchUp.run
_touched_up: list[Sanic] = []


def _touch_up_once(app: Sanic) -> None:
    """Sanic rewrites its own methods at start, to be faster; that works once a process."""
    if not _touched_up:
        _touch_up(app)
        _touched_up.append(app)


Opened = Callable[..., Awaitable[Webhooks]]


@pytest.fixture
def several_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets several servers start one after the other in this process."""
    monkeypatch.setattr("sanic.app.TouchUp.run", _touch_up_once)


@pytest.fixture
async def open_line(several_servers: None) -> AsyncIterator[Opened]:
    """Opens the webhooks for a script: `await open_line([turn(1, "Hello")], transfer_to=None)`."""
    servers: list[Any] = []
    http = aiohttp.ClientSession()

    async def open_(turns: Iterable[Turn], **phone: Any) -> Webhooks:
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
