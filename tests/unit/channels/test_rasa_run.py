"""`rasa run` makes the channels of credentials.yml before it has an agent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp
import pytest
import rasa.core.channels.channel
import yaml
from rasa.core.channels.channel import UserMessage
from rasa.shared.utils.common import class_from_module_path
from sanic import Sanic

from tests.conftest import free_port

PROJECT = Path(__file__).resolve().parents[3]


class Greeting:
    """An agent that greets by the name of its model."""

    def __init__(self, model: str) -> None:
        self.model = model

    async def handle_message(self, message: UserMessage) -> None:
        await message.output_channel.send_response(message.sender_id, {"text": self.model})


async def test_they_ask_the_agent_that_is_loaded_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sanic, "_app_registry", {})
    credentials: dict[str, Any] = yaml.safe_load((PROJECT / "credentials.yml").read_text())
    channels = [class_from_module_path(name).from_credentials({}) for name in credentials]
    app = Sanic("rasa_run_test", configure_logging=False)
    rasa.core.channels.channel.register(channels, app, route="/webhooks/")
    port = free_port()
    server = await app.create_server("127.0.0.1", port, return_asyncio_server=True)
    await server.startup()
    said = []
    async with aiohttp.ClientSession() as http:
        for model in ("first", "second"):
            app.ctx.agent = Greeting(model)
            url = f"http://127.0.0.1:{port}/webhooks/rest/webhook"
            async with http.post(url, json={"sender": "ada", "message": "hello"}) as answer:
                said += await answer.json()
    server.close()
    await server.wait_closed()
    assert [message["text"] for message in said] == ["first", "second"]
