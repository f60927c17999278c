"""A message as plain words, with the way back to where each stands in the text."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_WORD = re.compile(r"\d+(?:[.,]\d+)?|[^\W\d_]+(?:['’`´][^\W\d_]+)*|[.!?;:,/()\-–—%\n+]|\S")

LONGEST_WORD = 64
"""What a word has behind so many characters is not read."""
PIECE_WORDS = 240
"""More than most messages have."""
SHARED_WORDS_BEFORE, SHARED_WORDS_AFTER = 16, 24
"""Where no sentence ends: more words than any cue reaches over, and than any pattern has."""
_SENTENCE_ENDS = frozenset(".!;\n")


@dataclass(frozen=True)
class Words:
    """The message as lower-case words without apostrophes, each between single spaces.

    Attributes:
        text: the message as it was written.
        line: the words, for patterns to search.
        starts: where in `line` each word begins.
        spans: where in `text` each word stands.
    """

    text: str
    line: str
    starts: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Give the character offsets in `text` of a stretch of `line`."""
        if not self.starts:
            return 0, 0
        first = max(bisect_right(self.starts, start) - 1, 0)
        last = max(bisect_right(self.starts, max(end - 1, start)) - 1, 0)
        return self.spans[first][0], self.spans[last][1]


# Letters of other scripts that look like Latin ones, small and capital.
_LOOK_ALIKES = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u051b\u051d"
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0423\u0406\u0405\u0408"
    "\u03b1\u03bf\u03bd\u03c1\u03b9\u03ba\u03c5\u03c4\u0391\u0392\u0395\u0396\u0397\u0399\u039a"
    "\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7",
    "aeopcyxijsdqwABEKMHOPCTXYISJaovpikutABEZHIKMNOPTYX",
)
_LATIN = re.compile(r"[A-Za-z]")
_APOSTROPHES = str.maketrans("", "", "'’`´")


def words_of(text: str, correct: Mapping[str, str]) -> Words:
    """Split a message; `correct` maps a word to the one that is read in its place."""
    parts: list[str] = []
    spans: list[tuple[int, int]] = []
    for match in _WORD.finditer(text):
        if match[0] == "\n":
            # A line ends what was said in it, as a full stop does.
            parts.append(".")
            spans.append(match.span())
            continue
        word = match[0][:LONGEST_WORD]
        if not word.isascii():
            word = unicodedata.normalize("NFKC", word)
            if _LATIN.search(word):
                # A word of both is Latin in disguise; one of another script alone is its own.
                word = word.translate(_LOOK_ALIKES)
        word = word.lower().translate(_APOSTROPHES)[:LONGEST_WORD]
        for piece in _parted(correct.get(word, word)).split():
            parts.append(piece)
            spans.append(match.span())
    joined = [
        # "rear-ended" is two words; the hyphen of "6-8 weeks" stays.
        0 < i < len(parts) - 1
        and part in "-–"
        and parts[i - 1].isalpha()
        and parts[i + 1].isalpha()
        for i, part in enumerate(parts)
    ]
    kept = [i for i, hyphen in enumerate(joined) if not hyphen]
    return _words(text, [parts[i] for i in kept], [spans[i] for i in kept])


# "Thirtyfive days".
_JOINED_NUMBER = re.compile(
    r"(twenty|thirty|fou?rty|fifty|sixty|seventy|eighty|ninety)(one|two|three|four|five|six|seven|eight|nine)"
)


def _parted(word: str) -> str:
    """Part a number that is written in one word."""
    joined = _JOINED_NUMBER.fullmatch(word)
    return " ".join(joined.groups()) if joined else word


def plain_words(text: str) -> Words:
    """Find the English words and digits of a message as they are written."""
    found = list(re.finditer(r"[A-Za-z0-9]+", text))
    parts = [match[0].lower()[:LONGEST_WORD] for match in found]
    return _words(text, parts, [match.span() for match in found])


def _words(text: str, parts: Sequence[str], spans: Sequence[tuple[int, int]]) -> Words:
    starts = []
    place = 1
    for part in parts:
        starts.append(place)
        place += len(part) + 1
    return Words(text, f" {' '.join(parts)} ", tuple(starts), tuple(spans))


@dataclass(frozen=True)
class Piece:
    """A stretch of a message that is read at a time.

    Attributes:
        words: its words, some of a neighbour's among them where no sentence ends between the two.
        begin, end: the part of the message, as character offsets, whose findings are its own.
    """

    words: Words
    begin: int
    end: int


def pieces_of(words: Words) -> list[Piece]:
    """Cut a message into stretches of a bounded length; a long one takes no longer a word.

    It is cut where a sentence ends, if one does; a message of ordinary length is one piece.
    """
    parts = words.line.split()
    pieces: list[Piece] = []
    first = begin = 0
    while len(parts) - first > PIECE_WORDS:
        cut = _sentence_end(parts, first)
        owned = cut or first + PIECE_WORDS - SHARED_WORDS_AFTER
        stop = cut or first + PIECE_WORDS
        end = words.spans[owned][0]
        cut_out = _words(words.text, parts[first:stop], words.spans[first:stop])
        pieces.append(Piece(cut_out, begin, end))
        first, begin = cut or owned - SHARED_WORDS_BEFORE, end
    rest = _words(words.text, parts[first:], words.spans[first:]) if first else words
    return [*pieces, Piece(rest, begin, len(words.text))]


def _sentence_end(parts: Sequence[str], first: int) -> int:
    """Behind the last end of a sentence in the second half of the next piece; 0 without one."""
    # A question mark is left with the answer behind it.
    for i in range(first + PIECE_WORDS - 1, first + PIECE_WORDS // 2, -1):
        if parts[i] in _SENTENCE_ENDS and len(parts) - i > PIECE_WORDS // 4:
            return i + 1
    return 0
