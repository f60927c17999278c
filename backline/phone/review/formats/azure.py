"""Read Azure's transcripts: batch, fast, and the results of its conversation transcriber."""

from __future__ import annotations

from collections.abc import Iterator

from backline.phone.review.formats.json_parts import JsonPart, labels_of
from backline.phone.review.formats.turns import WrittenTurn

TICK = 1e-7
MS = 0.001


def is_batch(document: JsonPart) -> bool:
    """Return whether it has recognised phrases."""
    return document.lists("recognizedPhrases")


def read_batch(document: JsonPart) -> Iterator[WrittenTurn]:
    """Read the likeliest reading of each phrase."""
    phrases = [
        phrase
        for phrase in document.parts("recognizedPhrases")
        if phrase.first("recognitionStatus") in (None, "Success") and phrase.first("nBest") != []
    ]
    for phrase, label in zip(phrases, labels_of(phrases, ["speaker"]), strict=True):
        best = phrase.best("nBest")
        begin, end = _times(phrase, "offsetInTicks", "durationInTicks", TICK)
        text = best.text("display", "lexical")
        yield WrittenTurn(label, text, begin, end, best.share("confidence"))


def is_fast(document: JsonPart) -> bool:
    """Return whether it has phrases, and the phrases of each channel in one."""
    return document.lists("phrases") and document.lists("combinedPhrases")


def read_fast(document: JsonPart) -> Iterator[WrittenTurn]:
    """Read phrases in milliseconds."""
    phrases = document.parts("phrases")
    for phrase, label in zip(phrases, labels_of(phrases, ["speaker"]), strict=True):
        begin, end = _times(phrase, "offsetMilliseconds", "durationMilliseconds", MS)
        yield WrittenTurn(label, phrase.text("text"), begin, end, phrase.share("confidence"))


def is_conversation(document: JsonPart) -> bool:
    """Return whether it is a list of results, of which one tells its speaker."""
    items = document.data if isinstance(document.data, list) else [document.data]
    return any(JsonPart(i).has("RecognitionStatus") or JsonPart(i).has("SpeakerId") for i in items)


def read_conversation(document: JsonPart) -> Iterator[WrittenTurn]:
    """Read the results of the conversation transcriber, which come one after the other."""
    results = document.items() if isinstance(document.data, list) else [document]
    for result in results:
        if result.first("RecognitionStatus") not in (None, "Success"):
            continue
        begin, end = _times(result, "Offset", "Duration", TICK)
        best = result.best("NBest") if result.first("NBest") else result
        text = result.first("DisplayText", "Text") or best.text("Display", "Lexical")
        sure = best.share("Confidence")
        yield WrittenTurn(result.label("SpeakerId", "Channel"), str(text), begin, end, sure)


def _times(
    part: JsonPart, begin: str, lasts: str, unit: float
) -> tuple[float | None, float | None]:
    began, lasted = part.seconds(begin, unit=unit), part.seconds(lasts, unit=unit)
    return began, began + lasted if began is not None and lasted is not None else None
