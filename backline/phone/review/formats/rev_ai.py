"""Read Rev.ai's transcripts: monologues of elements."""

from __future__ import annotations

from collections.abc import Iterator

from backline.phone.review.formats.json_parts import JsonPart
from backline.phone.review.formats.turns import WrittenTurn
from backline.phone.review.formats.words import Word, is_mark, joined


def is_rev_ai(document: JsonPart) -> bool:
    """Return whether it has monologues."""
    return document.lists("monologues")


def read_rev_ai(document: JsonPart) -> Iterator[WrittenTurn]:
    """Read words and marks; spaces are elements of their own, and a mark without one joins."""
    yield from joined(
        word for monologue in document.parts("monologues") for word in _words(monologue)
    )


def _words(monologue: JsonPart) -> Iterator[Word]:
    label = monologue.label("speaker")
    apart = spaced = True
    for element in monologue.parts("elements"):
        text = element.text("value")
        if not text.strip():
            apart = spaced = True
            continue
        mark = element.label("type") == "punct"
        begin, end = element.seconds("ts"), element.seconds("end_ts")
        joins = not apart or (mark and (is_mark(text) or not spaced))
        yield Word(label, text, begin, end, element.share("confidence"), joins=joins)
        # Two words are apart in any case.
        spaced = text.endswith(" ")
        apart = spaced or not mark
