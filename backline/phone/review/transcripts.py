"""Read transcripts of finished calls, in the forms in which services and people write them.

Plain text with a speaker before each line, WebVTT with voices, and JSON: plain lists, Twilio's
sentences, Deepgram's and AWS Transcribe's results.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from io import StringIO
from typing import Any

import webvtt
from webvtt.errors import MalformedFileError

from backline.facts import Finding
from backline.failures import Told
from backline.nlu.lexicon import read_yaml
from backline.nlu.patterns import compile_all
from backline.nlu.tokenizer import words_of
from backline.phone.dialogue.wording import thresholds
from backline.phone.review.questions import question_in
from backline.phone.review.review import SpokenLine

REPLIES = frozenset({"agreement", "answer", "number"})
"""Kinds of findings that mean nothing without a question."""
ENTRANCE = "transcript"
MOST_CHARACTERS = 5_000_000
PAUSE_S = 1.0
"""Between the words of one speaker, after which another turn begins."""


class TranscriptError(Told, ValueError):
    """A file that is no transcript of two speakers; the sentence says what is wrong."""


@dataclass(frozen=True)
class WrittenTurn:
    """A turn as it is written.

    Attributes:
        speaker: the label that the file gives; None if it gives none.
        begin, end: seconds since the call began, if the file tells them.
        confidence: 0 to 1, if the file tells it; the mean of its words, where it tells theirs.
        least: that of its least sure word.
    """

    speaker: str | None
    text: str
    begin: float | None = None
    end: float | None = None
    confidence: float | None = None
    least: float | None = None


def read_call(
    text: str, read: Callable[[str], list[Finding]], caller: str | None = None
) -> tuple[list[SpokenLine], str]:
    """Read a transcript as a call, and return the label of its caller.

    Args:
        read: the understanding of a text, to tell who asks.
        caller: the label of the caller, if it is known.

    Raises:
        TranscriptError: it is none, or who is the caller cannot be told.
    """
    return as_call(read_said(text), read, caller)


def as_call(
    said: Sequence[WrittenTurn], read: Callable[[str], list[Finding]], caller: str | None = None
) -> tuple[list[SpokenLine], str]:
    """Take turns as a call, and return the label of its caller; see `read_call`."""
    labels = list(dict.fromkeys(s.speaker for s in said if s.speaker is not None))
    if any(s.speaker is None for s in said) or not labels:
        raise TranscriptError(
            "it does not tell who speaks; write it like `Caller: my back hurts`, one turn a line"
        )
    who = caller_of(said, labels, read, caller)
    return [_utterance(s, s.speaker == who) for s in said], who


def read_said(text: str) -> list[WrittenTurn]:
    """Read the turns of a transcript, in the order of their times where they have some.

    Raises:
        TranscriptError: it is none.
    """
    if len(text) > MOST_CHARACTERS:
        raise TranscriptError("it is longer than any call")
    plain = text.lstrip("\ufeff \r\n\t")
    if not plain:
        raise TranscriptError("it is empty")
    if plain[0] in "[{" and (data := _json(plain)) is not None:
        said = list(_from_json(data))
    elif plain.startswith("WEBVTT"):
        said = list(_from_vtt(plain))
    else:
        said = _from_text(plain)
    said = [replace(s, text=" ".join(s.text.split())) for s in said if s.text.strip()]
    if not said:
        raise TranscriptError("nothing is said in it, or it is in a form that is not known")
    if all(s.begin is not None for s in said):
        said.sort(key=lambda s: s.begin or 0.0)
    return said


# ---- Who is the caller --------------------------------------------------------------------------


def caller_of(
    said: Sequence[WrittenTurn],
    labels: Sequence[str],
    read: Callable[[str], list[Finding]],
    told: str | None = None,
) -> str:
    """Find the label of the caller: the one told, the one that says so, or the one who asks less.

    Raises:
        TranscriptError: it cannot be told.
    """
    if told is not None:
        return _label_told(told, labels)
    found = _caller_by_label(labels)
    if found is None:
        found = _caller_by_questions(said, labels, read)
    if found is None:
        raise TranscriptError(
            f"who is the caller cannot be told; there are {_listed(labels)}: name one with --caller"
        )
    return found


def _label_told(told: str, labels: Sequence[str]) -> str:
    for label in labels:
        if label.lower() == told.strip().lower():
            return label
    raise TranscriptError(f"nobody in it is called {told!r}; there are {_listed(labels)}")


def _caller_by_label(labels: Sequence[str]) -> str | None:
    """Find the one who is named a caller, or who alone is not named a receptionist."""
    words = _speakers()
    callers = [label for label in labels if words.is_caller(label)]
    others = [label for label in labels if not words.is_agent(label)]
    if len(callers) == 1:
        return callers[0]
    alone = not callers and len(others) == 1 and len(labels) > 1
    return others[0] if alone else None


def _caller_by_questions(
    said: Sequence[WrittenTurn], labels: Sequence[str], read: Callable[[str], list[Finding]]
) -> str | None:
    """Find the one of two who asks less; None where a label tells a role."""
    if len(labels) != 2 or any(_speakers().is_known(label) for label in labels):
        return None
    scores = {label: _asks(said, label, read) for label in labels}
    low, high = sorted(labels, key=lambda label: scores[label])
    return low if scores[low] < scores[high] else None


def _asks(said: Sequence[WrittenTurn], label: str, read: Callable[[str], list[Finding]]) -> float:
    """Score how much somebody asks as a receptionist does, less what they tell of a back."""
    score = 0.0
    for turn in (s for s in said if s.speaker == label):
        line = words_of(turn.text, {}).line
        if _speakers().answers.search(line):
            score += 3
        for sentence in re.split(r"(?<=[.?!])\s+", turn.text):
            question = question_in(sentence, read)
            if question is not None:
                score += 2 if question.known else 1
            elif any(f.holds and f.kind not in REPLIES for f in read(sentence)):
                score -= 1
    return score


def _listed(labels: Iterable[str]) -> str:
    return ", ".join(repr(label) for label in labels)


class _Speakers:
    """The words of `asked.yml` for who speaks, and for what was not heard."""

    def __init__(self) -> None:
        data = read_yaml("asked.yml")
        self._callers, self._agents = frozenset(data["callers"]), frozenset(data["agents"])
        self.answers = compile_all(data["answers_the_phone"], {}) or re.compile(r"(?!)")
        self._unclear = frozenset(data["unclear"])

    def is_caller(self, label: str) -> bool:
        return self._is(label, self._callers)

    def is_agent(self, label: str) -> bool:
        return self._is(label, self._agents)

    @staticmethod
    def _is(label: str, known: frozenset[str]) -> bool:
        plain = re.sub(r"[^a-z_ ]+", " ", label.lower()).strip()
        return plain in known or bool(set(plain.split()) & known)

    def is_known(self, label: str) -> bool:
        """Return whether a label tells a role."""
        return self.is_caller(label) or self.is_agent(label)

    def is_unclear(self, mark: str) -> bool:
        """Return whether a word in brackets stands for words that were not heard."""
        plain = mark.strip().lower()
        return plain in self._unclear or any(w in self._unclear for w in re.findall(r"\w+", plain))


@lru_cache(maxsize=1)
def _speakers() -> _Speakers:
    return _Speakers()


_BRACKETS = re.compile(r"\[([^\[\]]*)\]|\(([^()]*)\)|<([^<>]*)>")


def _utterance(said: WrittenTurn, by_caller: bool) -> SpokenLine:
    limits = thresholds()[ENTRANCE]
    marks = [m[1] or m[2] or m[3] or "" for m in _BRACKETS.finditer(said.text)]
    unclear = any(_speakers().is_unclear(mark) for mark in marks) or "--" in said.text
    text = " ".join(_BRACKETS.sub(_without_mark, said.text).split())
    if said.confidence is not None:
        least = said.confidence if said.least is None else said.least
        unclear = unclear or least < limits.fair
        if said.confidence < limits.floor:
            text = ""
    return SpokenLine(by_caller, text, said.begin, unclear)


def _without_mark(match: re.Match[str]) -> str:
    """Leave out sounds in brackets; other words in brackets were said."""
    inside = match[2]
    if inside is None or len(inside.split()) <= 2:
        return " "
    return f" {inside} "


# ---- Plain text ---------------------------------------------------------------------------------

_TIME = r"(?:(?:\d{1,2}:)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?)"
_LABEL = r"[^\W\d_][\w .'’/&#-]{0,39}?"
_LINE = re.compile(
    rf"^\s*(?:[\[(]?(?P<before>{_TIME})(?:\s*(?:-->|-|–)\s*{_TIME})?[\])]?\s*[-–]?\s*)?"
    rf"(?:(?P<label>{_LABEL})\s*(?:[\[(]\s*(?P<after>{_TIME})\s*[\])])?\s*:(?!\d)\s?)?"
    r"(?P<text>.*)$"
)


def _from_text(text: str) -> list[WrittenTurn]:
    rows = [m for m in (_LINE.match(line) for line in text.splitlines()) if m and m[0].strip()]
    names = _names_in(rows)
    turns: list[WrittenTurn] = []
    for row in rows:
        label = (row["label"] or "").strip()
        if label in names:
            turns.append(WrittenTurn(label, row["text"], _seconds(row["before"] or row["after"])))
            continue
        if not turns:
            raise TranscriptError(
                "its first line does not tell who speaks; write it like `Caller: my back hurts`"
            )
        words = row["text"] if not label else row[0].strip()
        turns[-1] = replace(turns[-1], text=f"{turns[-1].text} {words}")
    return turns


def _names_in(rows: Iterable[re.Match[str]]) -> set[str]:
    """Tell labels from the beginnings of lines that go on: "I said: no" names nobody."""
    labels = Counter(row["label"].strip() for row in rows if row["label"])
    few = len(labels) <= 2
    return {name for name, n in labels.items() if few or n > 1 or _speakers().is_known(name)}


def _seconds(clock: str | None) -> float | None:
    if not clock:
        return None
    total = 0.0
    for part in clock.replace(",", ".").split(":"):
        total = total * 60 + float(part)
    return total


# ---- WebVTT -------------------------------------------------------------------------------------

_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
_TAG = re.compile(r"</?(?:v|c|i|b|u|ruby|rt|lang)(?:[.\s][^>]*)?>|<\d[\d:.]*>")


def _from_vtt(text: str) -> Iterator[WrittenTurn]:
    try:
        cues = webvtt.from_buffer(StringIO(text))
    except (MalformedFileError, ValueError) as error:
        raise TranscriptError(f"it is not valid WebVTT: {error}") from None
    speaker: str | None = None
    for cue in cues.captions:
        begin, end = cue.start_in_seconds, cue.end_in_seconds
        parts = _VOICE.split(cue.raw_text)
        voices = [(None, parts[0]), *zip(parts[1::2], parts[2::2], strict=True)]
        for voice, raw in voices:
            words = " ".join(_TAG.sub("", raw).split())
            if not words:
                continue
            row = _LINE.match(words)
            if voice is None and row is not None and row["label"]:
                voice, words = row["label"].strip(), row["text"]
            speaker = voice.strip() if voice else speaker
            yield WrittenTurn(speaker, words, float(begin), float(end))


# ---- JSON ---------------------------------------------------------------------------------------

_TURN_LISTS = (
    "turns",
    "utterances",
    "segments",
    "sentences",
    "transcript",
    "Transcript",
    "results",
    "audio_segments",
    "messages",
    "items",
)
_SPEAKERS = (
    "speaker",
    "speaker_label",
    "role",
    "participant",
    "ParticipantRole",
    "media_channel",
    "channel_label",
    "channel",
    "track",
    "Track",
    "name",
)
_TEXTS = ("text", "transcript", "content", "Content", "message", "words_text")
_BEGINS = ("begin", "start", "start_time", "startTime", "offset", "from")
_ENDS = ("end", "end_time", "endTime", "to")


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        if text[0] == "{":
            raise TranscriptError("it is not valid JSON") from None
        # "[00:12] Caller: ..." is plain text.
        return None


def _from_json(data: Any) -> Iterator[WrittenTurn]:
    results = data.get("results") if isinstance(data, dict) else None
    if isinstance(results, dict):
        yield from _from_results(results)
        return
    turns = data
    if isinstance(data, dict):
        turns = next((data[n] for n in _TURN_LISTS if isinstance(data.get(n), list)), None)
    if not isinstance(turns, list):
        raise TranscriptError(
            "its JSON is of no known form; a list of objects with speaker and text is one"
        )
    for turn in turns:
        if not isinstance(turn, dict):
            raise TranscriptError("each turn in its JSON has to be an object")
        if turn.get("event") is None and turn.get("final", True) is not False:
            yield _turn(turn)


def _turn(turn: Mapping[str, Any]) -> WrittenTurn:
    text = _first(turn, _TEXTS)
    if not isinstance(text, str):
        raise TranscriptError("a turn in its JSON has no text")
    begin, end = _number(_first(turn, _BEGINS)), _number(_first(turn, _ENDS))
    if begin is None and (millis := _number(turn.get("BeginOffsetMillis"))) is not None:
        begin = millis / 1000
    return WrittenTurn(_label(turn), text, begin, end, _number(turn.get("confidence")))


def _label(turn: Mapping[str, Any]) -> str | None:
    name = next((n for n in _SPEAKERS if turn.get(n) is not None), None)
    if name is None:
        return None
    value = str(turn[name]).strip()
    return f"channel {value}" if name in ("channel", "media_channel") else value


def _from_results(results: Mapping[str, Any]) -> Iterator[WrittenTurn]:
    """Read Deepgram's and AWS Transcribe's results."""
    if isinstance(results.get("utterances"), list):
        yield from map(_turn, results["utterances"])
    elif isinstance(results.get("channels"), list):
        yield from _from_deepgram(results["channels"])
    elif isinstance(results.get("audio_segments"), list):
        yield from map(_turn, results["audio_segments"])
    elif isinstance(results.get("items"), list):
        yield from _together(_aws_words(results))
    else:
        raise TranscriptError("its JSON has results of no known form")


def _from_deepgram(channels: Sequence[Any]) -> Iterator[WrittenTurn]:
    words = []
    try:
        for number, channel in enumerate(channels):
            for word in channel["alternatives"][0]["words"]:
                label = f"channel {number}" if len(channels) > 1 else _label(word)
                text = str(word.get("punctuated_word") or word["word"])
                begin, end = _number(word.get("start")), _number(word.get("end"))
                words.append(WrittenTurn(label, text, begin, end, _number(word.get("confidence"))))
    except (KeyError, IndexError, TypeError, AttributeError):
        raise TranscriptError("its JSON has channels without words") from None
    yield from _together(sorted(words, key=lambda w: w.begin or 0.0))


def _aws_words(results: Mapping[str, Any]) -> Iterator[WrittenTurn]:
    try:
        segments = results.get("speaker_labels", {}).get("segments", [])
        labels = {
            item["start_time"]: item["speaker_label"]
            for segment in segments
            for item in segment["items"]
        }
        last: str | None = None
        for item in results["items"]:
            best = item["alternatives"][0]
            start = item.get("start_time")
            last = _label(item) or labels.get(start) or last
            sure = _number(best.get("confidence")) if item.get("type") != "punctuation" else None
            yield WrittenTurn(
                last, str(best["content"]), _number(start), _number(item.get("end_time")), sure
            )
    except (KeyError, IndexError, TypeError, AttributeError):
        raise TranscriptError("its JSON has items of no known form") from None


def _together(words: Iterable[WrittenTurn]) -> Iterator[WrittenTurn]:
    """Join words into turns: those of one speaker without a pause between."""
    turn: list[WrittenTurn] = []
    for word in words:
        if turn and not _is_mark(word) and _begins_a_turn(turn[-1], word):
            yield _as_turn(turn)
            turn = []
        turn.append(word)
    if turn:
        yield _as_turn(turn)


def _is_mark(word: WrittenTurn) -> bool:
    return word.begin is None and not word.text[:1].isalnum()


def _begins_a_turn(last: WrittenTurn, word: WrittenTurn) -> bool:
    pause = None not in (last.end, word.begin) and (word.begin or 0) - (last.end or 0) > PAUSE_S
    return word.speaker != last.speaker or pause


def _as_turn(words: list[WrittenTurn]) -> WrittenTurn:
    text = "".join(w.text if _is_mark(w) else f" {w.text}" for w in words)
    sure = [w.confidence for w in words if w.confidence is not None]
    ends = [w.end for w in words if w.end is not None]
    return WrittenTurn(
        words[0].speaker,
        text,
        words[0].begin,
        ends[-1] if ends else None,
        sum(sure) / len(sure) if sure else None,
        min(sure, default=None),
    )


def _first(turn: Mapping[str, Any], names: Iterable[str]) -> Any:
    return next((turn[n] for n in names if turn.get(n) is not None), None)


def _number(value: Any) -> float | None:
    """Read a number, also from a text; seconds may end with an s."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        return float(str(value).rstrip("s"))
    except ValueError:
        return _seconds(value) if re.fullmatch(_TIME, str(value)) else None
