"""Packets of Socket.IO that are taken, and what is none."""

from __future__ import annotations

import pytest

from backline.channels.web.socketio_hardening import TextPacket


@pytest.mark.parametrize("text", ["0", "1", '2["user_uttered",{}]', '27["x"]', "35[]", '2/x,["a"]'])
def test_connections_events_and_acknowledgements_are_taken(text: str) -> None:
    assert str(TextPacket(encoded_packet=text).packet_type) == text[0]


@pytest.mark.parametrize(
    "packet",
    [
        '51-["x",{"_placeholder":true,"num":0}]',
        "5999999999-",
        "61-[]",
        "4",
        "7",
        "x",
        "2",
        "2{}",
        "2[]",
        "2[[1]]",
        "2[5]",
        "2[",
        "3",
        '3{"a":1}',
        "2" + "9" * 101 + "[]",
        b"\x00\x01",
    ],
)
def test_anything_else_is_refused(packet: str | bytes) -> None:
    with pytest.raises(ValueError):
        TextPacket(encoded_packet=packet)
