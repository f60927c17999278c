"""What is no request, byte for byte: answered by 400, logged as no error, hindering nobody."""

from __future__ import annotations

import asyncio
import json
import socket

import aiohttp
import pytest
import requests

from tests.conftest import Server

TALK = b"POST /webhooks/rest/webhook HTTP/1.1\r\nHost: x\r\n"
SOCKET = b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
MALFORMED = {
    "no request line": b"GARBAGE\r\n\r\n",
    "a path of no text": b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
    "an address that is none": b"GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n",
    "a host that is none": b"GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: [\r\n\r\n",
    "a length of letters": TALK + b"Content-Length: abc\r\n\r\n",
    "a negative length": TALK + b"Content-Length: -5\r\n\r\nhello",
    "a length with a sign": TALK + b"Content-Length: +5\r\n\r\nhello",
    "two lengths": TALK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
    "a length and chunks": TALK
    + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "an encoding that is not known": TALK + b"Transfer-Encoding: gzip\r\n\r\n",
    "chunks that are none": TALK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    "a handshake without a key": SOCKET + b"Connection: Upgrade\r\n\r\n",
}


def exchange(server: Server, sent: bytes) -> bytes:
    host, port = server.url.removeprefix("http://").split(":")
    said = b""
    with socket.create_connection((host, int(port)), timeout=15) as connection:
        connection.sendall(sent)
        while got := connection.recv(65536):
            said += got
    return said


@pytest.mark.parametrize("kind", MALFORMED)
def test_a_malformed_request_is_answered_by_400_and_the_connection_ends(
    served: Server, kind: str
) -> None:
    before = served.log.stat().st_size
    said = exchange(served, MALFORMED[kind])
    assert said.startswith(b"HTTP/1.1 400 ")
    assert said.count(b"HTTP/1.1") == 1
    assert b"That request cannot be answered." in said
    with served.log.open("rb") as log:
        log.seek(before)
        assert b'"error"' not in log.read()


def test_bytes_after_a_refused_body_are_not_taken_for_a_request(served: Server) -> None:
    hidden = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
    two_lengths = TALK + b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n" % len(hidden)
    assert exchange(served, two_lengths + hidden).count(b"HTTP/1.1") == 1


def test_a_packet_that_must_not_be_sent_is_answered_at_once(live_server: str) -> None:
    address = f"{live_server}/socket.io/?EIO=4&transport=polling"
    opened = requests.get(address, timeout=10).text
    sid = json.loads(opened[1:])["sid"]
    answer = requests.post(f"{address}&sid={sid}", data=b"40\x1e6", timeout=5)
    assert answer.status_code == 400
    again = requests.post(f"{address}&sid={sid}", data=b"40", timeout=5)
    assert again.status_code == 400


def test_who_sends_no_packet_over_a_websocket_is_disconnected(live_server: str) -> None:
    async def ends() -> bool:
        url = f"{live_server}/socket.io/?EIO=4&transport=websocket"
        async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
            await socket.send_str('451-["x"]')
            async for _ in socket:
                pass
            return socket.closed

    assert asyncio.run(asyncio.wait_for(ends(), 5))


def test_a_text_that_is_none_ends_its_websocket(served: Server) -> None:
    async def closed_with() -> int | None:
        url = f"{served.url}/socket.io/?EIO=4&transport=websocket"
        async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
            await socket._writer.send_frame(b"4\xff\xfe", aiohttp.WSMsgType.TEXT)
            async for _ in socket:
                pass
            return socket.close_code

    assert asyncio.run(asyncio.wait_for(closed_with(), 5)) == 1007


def test_chunks_that_are_none_behind_an_answer_end_the_connection_quietly(served: Server) -> None:
    before = served.log.stat().st_size
    refused = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + b"\0" * 64
    assert exchange(served, refused).startswith(b"HTTP/1.1 405 ")
    with served.log.open("rb") as log:
        log.seek(before)
        assert b'"error"' not in log.read()
