"""Read Speechmatics' transcripts: results of words and marks."""

from __future__ import annotations

from collections.abc import Iterator

from backline.phone.review.formats.json_parts import JsonPart
from backline.phone.review.formats.turns import WrittenTurn
from backline.phone.review.formats.words import Word, joined, merged

SAID = frozenset({"word", "entity", "punctuation"})


def is_speechmatics(document: JsonPart) -> bool:
    """Return whether it has results, each of a type."""
    results = document.first("results")
    return isinstance(results, list) and any(JsonPart(r).label("type") in SAID for r in results)


def read_speechmatics(document: JsonPart) -> Iterator[WrittenTurn]:
    """Read results by their channels, if there are several, or their speakers."""
    results = [r for r in document.parts("results") if r.label("type") in SAID]
    channels = {r.label("channel"): None for r in results}
    sides = [[_word(r, side) for r in results if r.label("channel") == side] for side in channels]
    several = len(channels) > 1
    yield from joined(merged(sides) if several else sides[0])


def _word(result: JsonPart, side: str | None) -> Word:
    best = result.best("alternatives")
    attached = result.label("attaches_to")
    mark = result.label("type") == "punctuation"
    return Word(
        side or best.label("speaker"),
        best.text("content"),
        result.seconds("start_time"),
        result.seconds("end_time"),
        None if mark else best.share("confidence"),
        joins=mark and attached in (None, "previous", "both"),
        opens=mark and attached in ("next", "both"),
    )
