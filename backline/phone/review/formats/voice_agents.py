"""Read the calls of voice agents: Vapi's messages and Retell's transcript objects."""

from __future__ import annotations

from collections.abc import Iterator

from backline.phone.review.formats.json_parts import JsonPart
from backline.phone.review.formats.turns import WrittenTurn

MS = 0.001
VAPI_SPEAKS = frozenset({"user", "bot", "assistant"})


def is_vapi(document: JsonPart) -> bool:
    """Return whether it has messages that are told with their seconds or as Vapi names them."""
    found = document.first("messages")
    return isinstance(found, list) and any(
        JsonPart(m).has("role")
        and (JsonPart(m).has("secondsFromStart") or JsonPart(m).has("endTime"))
        for m in found
    )


def read_vapi(document: JsonPart) -> Iterator[WrittenTurn]:
    """Read what was said; instructions to the model and what tools did are not."""
    for message in document.parts("messages"):
        if message.label("role") not in VAPI_SPEAKS:
            continue
        begin, lasts = message.seconds("secondsFromStart"), message.seconds("duration", unit=MS)
        end = begin + lasts if begin is not None and lasts is not None else None
        yield WrittenTurn(message.label("role"), message.text("message", "content"), begin, end)


def is_retell(document: JsonPart) -> bool:
    """Return whether it has a transcript object."""
    return document.lists("transcript_object")


def read_retell(document: JsonPart) -> Iterator[WrittenTurn]:
    """Read utterances, with the times of their words."""
    for said in document.parts("transcript_object"):
        words = said.parts("words", needed=False)
        begin = words[0].seconds("start") if words else None
        end = words[-1].seconds("end") if words else None
        yield WrittenTurn(said.label("role"), said.text("content"), begin, end)
