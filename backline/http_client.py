"""Calls of other people's HTTP APIs."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp

from backline.delivery_errors import Later

TIMEOUT_S = 10
LARGEST_ANSWER = 1024 * 1024


@dataclass(frozen=True)
class HttpReply:
    """What an API answered.

    Attributes:
        data: the JSON object in it, {} without one.
        at: when, by the service's own clock, if it tells.
    """

    status: int
    data: dict[str, Any]
    at: dt.datetime | None


async def call(http: aiohttp.ClientSession, method: str, url: str, **arguments: Any) -> HttpReply:
    """Call an API.

    Raises:
        Later: no answer came.
    """
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    try:
        async with http.request(method, url, timeout=timeout, **arguments) as answer:
            body = await _read(answer)
            status, date = answer.status, answer.headers.get("date", "")
    except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
        # The error's text holds the address called, and with it a token.
        raise Later(type(error).__name__, refused=False) from None
    try:
        data = json.loads(body)
    except ValueError:
        data = {}
    return HttpReply(status, data if isinstance(data, dict) else {}, _moment(date))


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    body = b""
    async for portion in answer.content.iter_any():
        body += portion
        if len(body) > LARGEST_ANSWER:
            # Nobody waits for the rest, and it is no JSON then.
            return b""
    return body


def _moment(date: str) -> dt.datetime | None:
    try:
        return parsedate_to_datetime(date).astimezone(dt.timezone.utc)
    except (TypeError, ValueError):
        return None
