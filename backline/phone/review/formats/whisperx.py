"""Read whisperX's transcripts: segments of words, each with its speaker."""

from __future__ import annotations

from collections.abc import Iterator

from backline.phone.review.formats.json_parts import JsonPart
from backline.phone.review.formats.turns import WrittenTurn
from backline.phone.review.formats.words import Word, joined


def is_whisperx(document: JsonPart) -> bool:
    """Return whether it has words with their speakers, in segments or alone."""
    if _tells_speakers(document.first("word_segments")):
        return True
    segments = document.first("segments")
    return isinstance(segments, list) and any(
        _tells_speakers(JsonPart(segment).first("words")) for segment in segments
    )


def _tells_speakers(words: object) -> bool:
    return isinstance(words, list) and any(JsonPart(word).has("word", "speaker") for word in words)


def read_whisperx(document: JsonPart) -> Iterator[WrittenTurn]:
    """Read words; one that could not be aligned has its segment's speaker."""
    if not document.lists("segments"):
        yield from joined(_word(w, None) for w in document.parts("word_segments"))
        return
    yield from joined(_words(document))


def _words(document: JsonPart) -> Iterator[Word]:
    for segment in document.parts("segments"):
        label = segment.label("speaker")
        words = segment.parts("words", needed=False)
        if not words:
            begin, end = segment.seconds("start"), segment.seconds("end")
            yield Word(label, segment.text("text"), begin, end)
        yield from (_word(word, label) for word in words)


def _word(word: JsonPart, label: str | None) -> Word:
    begin, end = word.seconds("start"), word.seconds("end")
    label = word.label("speaker") or label
    return Word(label, word.text("word", "text"), begin, end, word.share("score", "probability"))
