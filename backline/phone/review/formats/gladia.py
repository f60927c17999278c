"""Read Gladia's transcripts, of its second and its first interface."""

from __future__ import annotations

from collections.abc import Iterator

from backline.phone.review.formats.json_parts import JsonPart, labels_of
from backline.phone.review.formats.turns import WrittenTurn


def is_gladia(document: JsonPart) -> bool:
    """Return whether it has a transcription with utterances, or a prediction."""
    return JsonPart(document.first("transcription")).lists("utterances") or (
        document.lists("prediction")
    )


def read_gladia(document: JsonPart) -> Iterator[WrittenTurn]:
    """Read utterances; the first interface tells times in seconds under names of its own."""
    old = document.lists("prediction")
    parts = (
        document.parts("prediction") if old else document.part("transcription").parts("utterances")
    )
    for part, label in zip(parts, labels_of(parts, ["speaker"]), strict=True):
        begin, end = part.seconds("start", "time_begin"), part.seconds("end", "time_end")
        text = part.text("text", "transcription")
        yield WrittenTurn(label, text, begin, end, part.share("confidence"))
