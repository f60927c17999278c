"""Read Genesys Cloud's transcripts: phrases by who is outside and who is inside."""

from __future__ import annotations

from collections.abc import Iterator

from backline.phone.review.formats.json_parts import JsonPart
from backline.phone.review.formats.turns import WrittenTurn, in_order

MS = 0.001
SINCE_1970_S = 1e8
"""What is later is the time of a clock, not of a call."""


def is_genesys(document: JsonPart) -> bool:
    """Return whether it has transcripts of phrases."""
    found = document.first("transcripts")
    return isinstance(found, list) and any(JsonPart(t).lists("phrases") for t in found)


def read_genesys(document: JsonPart) -> Iterator[WrittenTurn]:
    """Read phrases, the ones with marks where they are told, since the call began."""
    phrases = [
        phrase
        for transcript in document.parts("transcripts")
        for phrase in transcript.parts("phrases", needed=False)
    ]
    starts = [s for p in phrases if (s := p.seconds("startTimeMs", unit=MS)) is not None]
    began = document.seconds("conversationStartTime", unit=MS)
    if began is None:
        began = min(starts, default=0.0)
    yield from in_order(_turn(phrase, began) for phrase in phrases)


def _turn(phrase: JsonPart, began: float) -> WrittenTurn:
    begin = phrase.seconds("startTimeMs", "offsetMs", unit=MS)
    if begin is not None and begin > SINCE_1970_S:
        begin = max(begin - began, 0.0)
    lasts = phrase.seconds("durationMs", unit=MS)
    if lasts is None:
        lasts = JsonPart(phrase.first("duration")).seconds("milliseconds", unit=MS)
    end = begin + lasts if begin is not None and lasts is not None else None
    text = phrase.text("decoratedText", "text")
    return WrittenTurn(
        phrase.label("participantPurpose"), text, begin, end, phrase.share("confidence")
    )
