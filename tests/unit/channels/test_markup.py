"""What people or staff write is no markup of a messaging service."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from backline.channels.messaging.messages import Outgoing
from backline.channels.messaging.providers.telegram import TelegramService
from backline.credentials import Telegram


def test_telegram_is_sent_text_and_no_markup_of_anybodys(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[dict[str, Any]] = []

    async def call(_self: object, _http: object, _method: str, body: dict[str, Any]) -> Any:
        sent.append(body)
        return {"message_id": 1, "date": 0}

    monkeypatch.setattr(TelegramService, "_call", call)
    service = TelegramService(Telegram.construct(), "https://chat.clinic.example")
    said = Outgoing('<a href="x">The clinic</a> & <b>you</b>', headline=True)
    asyncio.run(service.send(None, "1", said))  # type: ignore[arg-type]
    (body,) = sent
    shown = body["text"].removeprefix("<b>").removesuffix("</b>")
    assert shown == '&lt;a href="x"&gt;The clinic&lt;/a&gt; &amp; &lt;b&gt;you&lt;/b&gt;'
