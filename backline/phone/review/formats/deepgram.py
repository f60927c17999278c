"""Read Deepgram's transcripts: utterances, or else the words of each channel."""

from __future__ import annotations

from collections.abc import Iterator

from backline.phone.review.formats.json_parts import JsonPart, labels_of
from backline.phone.review.formats.turns import WrittenTurn
from backline.phone.review.formats.words import Word, joined, merged


def is_deepgram(document: JsonPart) -> bool:
    """Return whether it has results with utterances or channels."""
    results = JsonPart(document.first("results"))
    return results.lists("utterances") or results.lists("channels")


def read_deepgram(document: JsonPart) -> Iterator[WrittenTurn]:
    """Read utterances where there are some, else words."""
    results = document.part("results")
    if results.lists("utterances"):
        parts = results.parts("utterances")
        for part, label in zip(parts, labels_of(parts, ["speaker"]), strict=True):
            begin, end = part.seconds("start"), part.seconds("end")
            yield WrittenTurn(label, part.text("transcript"), begin, end, part.share("confidence"))
        return
    channels = results.parts("channels")
    sides = []
    for number, channel in enumerate(channels):
        side = f"channel {number}" if len(channels) > 1 else None
        sides.append([_word(w, side) for w in channel.best("alternatives").parts("words")])
    yield from joined(merged(sides))


def _word(word: JsonPart, side: str | None) -> Word:
    return Word(
        side or word.label("speaker"),
        word.text("punctuated_word", "word"),
        word.seconds("start"),
        word.seconds("end"),
        word.share("confidence"),
    )
