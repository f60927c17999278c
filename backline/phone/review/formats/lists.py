"""Read turns as JSON in the ways in which most write them: a list of objects, also Twilio's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import median

from backline.phone.review.formats.json_parts import JsonPart
from backline.phone.review.formats.turns import WrittenTurn
from backline.phone.review.formats.words import Word, joined

LISTS = (
    "turns",
    "utterances",
    "segments",
    "sentences",
    "transcript",
    "transcripts",
    "results",
    "messages",
    "conversation",
    "entries",
    "items",
    "words",
)
SPEAKERS = (
    "speaker",
    "speaker_label",
    "speakerLabel",
    "speaker_name",
    "speakerName",
    "speaker_id",
    "speakerId",
    "Speaker",
    "role",
    "participant",
    "participantId",
    "ParticipantRole",
)
SIDES = ("media_channel", "channel", "Channel")
NAMES = ("channel_label", "track", "Track", "name", "from_name")
TEXTS = ("text", "transcript", "content", "Content", "message", "words_text", "Text")
BEGINS = ("begin", "start", "start_time", "startTime", "offset", "from", "Start")
ENDS = ("end", "end_time", "endTime", "to", "End")
FINAL = ("final", "is_final", "isFinal")
SURE = ("confidence", "Confidence", "score")
SLOWEST_WORD_S = 20.0
"""Nobody takes so long for a word, so that greater times are milliseconds."""


def is_list(document: JsonPart) -> bool:
    """Return whether it is a list, or has one under a usual name."""
    return isinstance(document.data, list) or any(map(document.lists, LISTS))


def read_list(document: JsonPart) -> Iterator[WrittenTurn]:
    """Read turns, or else words; what may still change, and events, are none.

    Raises:
        TranscriptError: something in the list is neither.
    """
    if isinstance(document.data, list):
        parts = document.items()
    else:
        parts = document.parts(next(name for name in LISTS if document.lists(name)))
    final = [p for p in parts if p.first("event") is None and p.first(*FINAL) is not False]
    if final and all(p.has("word") for p in final):
        words = (_turn(p, ("word", "punctuated_word")) for p in final)
        yield from joined(Word(w.speaker, w.text, w.begin, w.end, w.confidence) for w in words)
        return
    yield from _in_seconds([_turn(part, TEXTS) for part in final])


def _turn(part: JsonPart, texts: Sequence[str]) -> WrittenTurn:
    begin, end = part.seconds(*BEGINS), part.seconds(*ENDS)
    if begin is None:
        begin, end = (part.seconds(n, unit=0.001) for n in ("BeginOffsetMillis", "EndOffsetMillis"))
    return WrittenTurn(_label(part), part.text(*texts), begin, end, part.share(*SURE))


def _label(part: JsonPart) -> str | None:
    speaker = part.first(*SPEAKERS)
    if isinstance(speaker, dict):
        return JsonPart(speaker).label("name", "role", "label", "id")
    side = part.label(*SIDES)
    return part.label(*SPEAKERS) or (f"channel {side}" if side else part.label(*NAMES))


def _in_seconds(turns: list[WrittenTurn]) -> list[WrittenTurn]:
    paces = [
        (turn.end - turn.begin) / max(len(turn.text.split()), 1)
        for turn in turns
        if turn.begin is not None and turn.end is not None
    ]
    if not paces or median(paces) < SLOWEST_WORD_S:
        return turns
    return [replace(t, begin=_thousandth(t.begin), end=_thousandth(t.end)) for t in turns]


def _thousandth(time: float | None) -> float | None:
    return None if time is None else time / 1000
