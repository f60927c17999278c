"""Read AssemblyAI's transcripts, whose times are milliseconds."""

from __future__ import annotations

from collections.abc import Iterator

from backline.phone.review.formats.json_parts import JsonPart, labels_of
from backline.phone.review.formats.turns import WrittenTurn
from backline.phone.review.formats.words import Word, joined

MS = 0.001
NAMED_BY = frozenset(
    {"audio_url", "acoustic_model", "language_model", "speech_model", "speech_models", "punctuate"}
)


def is_assemblyai(document: JsonPart) -> bool:
    """Return whether it has utterances or words, beside settings that only AssemblyAI names."""
    names = set(document.data) if isinstance(document.data, dict) else set()
    return bool(names & NAMED_BY) and (document.lists("utterances") or document.lists("words"))


def read_assemblyai(document: JsonPart) -> Iterator[WrittenTurn]:
    """Read utterances where there are some, else words."""
    if not document.lists("utterances"):
        words = document.parts("words")
        labels = labels_of(words, ["speaker"])
        yield from joined(_word(w, label) for w, label in zip(words, labels, strict=True))
        return
    parts = document.parts("utterances")
    for part, label in zip(parts, labels_of(parts, ["speaker"]), strict=True):
        begin, end = part.seconds("start", unit=MS), part.seconds("end", unit=MS)
        yield WrittenTurn(label, part.text("text"), begin, end, part.share("confidence"))


def _word(word: JsonPart, label: str | None) -> Word:
    begin, end = word.seconds("start", unit=MS), word.seconds("end", unit=MS)
    return Word(label, word.text("text"), begin, end, word.share("confidence"))
