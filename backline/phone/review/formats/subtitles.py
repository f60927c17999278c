"""Read subtitles with speakers: WebVTT with its voices, and SRT."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from io import StringIO
from typing import Any

import webvtt
from webvtt.errors import MalformedCaptionError, MalformedFileError

from backline.phone.review.formats.labelled_text import label_and_words, names_in
from backline.phone.review.formats.turns import ANY_CLOCK, TranscriptError, WrittenTurn, seconds_of

Line = list[tuple[str | None, str]]
"""Words of a line of a cue, each with its voice."""
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?\s+([^<>]+)>")
_TAG = re.compile(r"</?(?:v|c|i|b|u|font|ruby|rt|lang)(?:[.\s][^<>]*)?>|<\d[\d:.]*>", re.I)
_CUE = re.compile(rf"^\s*({ANY_CLOCK})\s*-->\s*({ANY_CLOCK})(.*)$")


def is_vtt(text: str) -> bool:
    """Return whether a text begins as WebVTT does."""
    return text.startswith("WEBVTT")


def is_srt(text: str) -> bool:
    """Return whether the times of a cue are among the first lines of a text."""
    return any(_CUE.match(line) for line in text[:500].splitlines()[:3])


def read_vtt(text: str) -> Iterator[WrittenTurn]:
    """Read WebVTT.

    Raises:
        TranscriptError: it is none; with the line where that is known.
    """
    return _spoken(_cues("\n".join(_lines(text, "WebVTT")), "vtt"))


def read_srt(text: str) -> Iterator[WrittenTurn]:
    """Read SRT, also without the numbers of its cues, or with short times.

    Raises:
        TranscriptError: it is none; with the line where that is known.
    """
    lines: list[str] = []
    for line in _lines(text, "SRT"):
        if "-->" in line and not (lines and lines[-1].strip().isdigit()):
            lines += ["", "1"]
        lines.append(line)
    return _spoken(_cues("\n".join(lines).lstrip(), "srt"))


def _lines(text: str, name: str) -> Iterator[str]:
    """Give the lines with all times in full, as the parsers take them."""
    for number, line in enumerate(text.splitlines(), start=1):
        cue = _CUE.match(line)
        if "-->" in line and not cue:
            raise TranscriptError(f"line {number} of it has no times of {name} around its `-->`")
        yield f"{_full(cue[1])} --> {_full(cue[2])}{cue[3]}" if cue else line


def _full(clock: str) -> str:
    seconds = seconds_of(clock) or 0.0
    minutes, rest = divmod(seconds, 60)
    return f"{int(minutes // 60):02}:{int(minutes % 60):02}:{rest:06.3f}"


def _cues(text: str, form: str) -> list[Any]:
    try:
        return list(webvtt.from_buffer(StringIO(text), format=form).captions)
    except (MalformedFileError, MalformedCaptionError, ValueError) as error:
        raise TranscriptError(f"it is not valid {form.upper()}: {error}") from None


def _spoken(cues: Sequence[Any]) -> Iterator[WrittenTurn]:
    lines = [[p for p in map(_pieces, cue.raw_text.splitlines()) if p] for cue in cues]
    above = _names_above(lines)
    names = names_in(label_and_words(words)[0] for (_, words), *_ in _all_lines(lines))
    speaker: str | None = None
    for cue, pieces in zip(cues, lines, strict=True):
        if above:
            speaker = pieces.pop(0)[0][1]
        begin, end = float(cue.start_in_seconds), float(cue.end_in_seconds)
        for voice, words in _turns(_said(pieces, names)):
            speaker = voice or speaker
            yield WrittenTurn(speaker, words, begin, end)


def _turns(pieces: Iterable[tuple[str | None, str]]) -> Iterator[tuple[str | None, str]]:
    """Join the lines of a cue that go on with what was said; a dash begins another turn."""
    turns: list[tuple[str | None, str]] = []
    for voice, words in pieces:
        if turns and voice is None and not words.startswith("-"):
            said_by, before = turns[-1]
            turns[-1] = said_by, f"{before} {words}".strip()
        else:
            turns.append((voice, words))
    return iter(turns)


def _said(lines: Sequence[Line], names: Set[str]) -> Iterator[tuple[str | None, str]]:
    """Give the words of a cue, each with its voice or the label before it."""
    first = True
    for voice, words in (piece for line in lines for piece in line):
        label, rest = label_and_words(words)
        told = voice is None and label is not None and (first or label in names)
        first = False
        yield (label, rest) if told else (voice, words)


def _pieces(line: str) -> Line:
    """Split a line of a cue by its voices, without its tags."""
    parts = _VOICE.split(line)
    voices = [(None, parts[0]), *zip(parts[1::2], parts[2::2], strict=True)]
    plain = [(v and v.strip(), " ".join(_TAG.sub("", words).split())) for v, words in voices]
    return [(voice, words) for voice, words in plain if words or voice]


def _names_above(lines: Sequence[Sequence[Line]]) -> bool:
    """Return whether each cue has its speaker in a line of its own, as Teams once wrote them."""
    if not lines or any(len(cue) < 2 for cue in lines):
        return False
    heads = [cue[0][0] for cue in lines]
    told = any(voice or label_and_words(words)[0] for (voice, words), *_ in _all_lines(lines))
    return not told and len(set(heads)) <= max(2, len(lines) // 2)


def _all_lines(cues: Sequence[Sequence[Line]]) -> Iterator[Line]:
    return (line for cue in cues for line in cue)
