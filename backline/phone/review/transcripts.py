"""Read transcripts of finished calls as lines of a caller and a receptionist."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace

from backline.facts import Finding
from backline.phone.dialogue.wording import thresholds
from backline.phone.review.formats.registry import read_turns
from backline.phone.review.formats.turns import TranscriptError, WrittenTurn, in_order
from backline.phone.review.questions import question_in
from backline.phone.review.review import SpokenLine
from backline.phone.review.roles import CALLER, UNKNOWN, Roles, roles_of
from backline.phone.review.speakers import speaker_words

__all__ = ["TranscriptError", "WrittenTurn", "as_call", "read_call", "read_said"]

ENTRANCE = "transcript"
MOST_SAID = 1_000_000
NOBODY = "unknown"
"""The label of turns of which a file names no speaker, although it names those of others."""


def read_call(
    text: str, read: Callable[[str], list[Finding]], caller: str | None = None
) -> tuple[list[SpokenLine], Roles]:
    """Read a transcript as a call, and tell who is who in it.

    Args:
        read: the understanding of a text, to tell who asks.
        caller: the label of the caller, if it is known.

    Raises:
        TranscriptError: it is none, or who is the caller cannot be told.
    """
    return as_call(read_said(text), read, caller)


def as_call(
    said: Sequence[WrittenTurn], read: Callable[[str], list[Finding]], caller: str | None = None
) -> tuple[list[SpokenLine], Roles]:
    """Take turns as a call, and tell who is who in it; see `read_call`.

    Of what nobody knows who said it, questions are taken for the receptionist's, and of the rest
    only what tells of a danger counts.
    """
    if any(s.speaker is not None for s in said):
        said = [s if s.speaker is not None else replace(s, speaker=NOBODY) for s in said]
    roles = roles_of(said, read, caller)
    lines = []
    for turn in said:
        role = roles.role_of(turn.speaker or NOBODY)
        if role == UNKNOWN:
            asks = question_in(turn.text, read) is not None
            lines.append(replace(_utterance(turn, not asks), unclear=True))
        else:
            lines.append(_utterance(turn, role == CALLER))
    return lines, roles


def read_said(text: str) -> list[WrittenTurn]:
    """Read the turns of a transcript, in the order of their times where they have some.

    Raises:
        TranscriptError: it is none.
    """
    plain = text.lstrip("\ufeff \r\n\t")
    if not plain.strip():
        raise TranscriptError("it is empty")
    said = [replace(s, text=_plain(s.text), speaker=_label(s.speaker)) for s in read_turns(plain)]
    said = [s for s in said if s.text]
    if not said:
        raise TranscriptError("nothing is said in it, or it is in a form that is not known")
    if sum(len(s.text) for s in said) > MOST_SAID:
        raise TranscriptError("more is said in it than in any call")
    return in_order(said)


def _label(speaker: str | None) -> str | None:
    return None if speaker is None else _plain(speaker) or None


def _plain(text: str) -> str:
    """Drop what cannot be seen, and what a terminal would obey."""
    seen = "".join(c for c in text if c.isprintable() or unicodedata.category(c) != "Cf")
    return " ".join("".join(c if c.isprintable() else " " for c in seen).split())


_BRACKETS = re.compile(r"\[([^\[\]]*)\]|\(([^()]*)\)|<([^<>]*)>")


def _utterance(said: WrittenTurn, by_caller: bool) -> SpokenLine:
    limits = thresholds()[ENTRANCE]
    marks = [m[1] or m[2] or m[3] or "" for m in _BRACKETS.finditer(said.text)]
    unclear = any(speaker_words().is_unclear(mark) for mark in marks) or "--" in said.text
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
