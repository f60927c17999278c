"""What of a message the lexicon left unread and may be of a danger: at most one suspicion."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise, takewhile

import numpy as np

from backline.dialogue import Suspicion
from backline.dialogue.sources import is_taken_back
from backline.dialogue.suspicions import code_of
from backline.facts import SUSPICION, UNREAD, Finding, Status
from backline.nlu.clauses import clauses, sentences
from backline.nlu.components.context import Scopes, is_proxy
from backline.nlu.encoder import Encoder
from backline.nlu.intents import overlapping
from backline.nlu.language import KIND as LANGUAGE
from backline.nlu.lexicon import counted_though_past
from backline.nlu.second_reading.net import net
from backline.nlu.second_reading.scorer import ClauseScorer
from backline.nlu.tokenizer import Piece, Words, pieces_of, words_of

MOST_CLAUSES = 12
"""Of a long message the clauses are looked at whose n-grams sound most like a danger."""
MOST_TRIED = 2
"""Of the clauses that sound like a danger, so many are looked into for the words that do it."""
MOST_REMOVED = 10
"""So many words of such a clause are tried, those first whose n-grams sound most like a danger."""
SHORT, MOST_OF_SHORT, MOST_EMBEDDED = 1000, 250, 120
"""Word pieces that the encoder is shown at a time, of a message of up to 1,000 characters and of a
longer one: 60 and 30 milliseconds."""
MOST_CHARACTERS = 4000
"""So much of a message is looked at: what the channels take of one."""
MOST_WORDS = 600
"""Words of a message's clauses and sentences that are looked at."""
MOST_CAUGHT = 100
"""Words of harm that the plain net looks at, to see whose they are and whether they hold."""
LONGEST_CAUSE, SHORT_CAUSE, BESIDE = 5, 3, 4
"""Words that make a clause sound like a danger; fewer are quoted with so many beside them."""
SHARE_OF_CAUSE = 0.5
"""A word beside the one that matters most is quoted, too, if it matters this much of it."""
UNTELLING = frozenset(
    {"agreement", "consent_question", "course", "denial", LANGUAGE, UNREAD, SUSPICION}
)
"""Kinds of findings that say nothing of each of the words they stand on."""
DANGERS = frozenset({"clue", "emergency_sign", "health_condition"})
"""Kinds of findings that are dangers themselves: a clause is looked at without their words."""
SOURCE, NET_SOURCE = "second_reader", "net"


@dataclass(frozen=True)
class _Clause:
    """A clause, with what of it no finding covers.

    Attributes:
        words: stretches of the word line, without those of a danger that was found.
        unread: the places among them of those that tell something and that no finding covers.
        text: these words, as they were written.
    """

    piece: Piece
    words: tuple[tuple[int, int], ...]
    unread: tuple[int, ...]
    text: str


@dataclass(frozen=True)
class Reading:
    """A message, and what tells which of its words are left unread.

    Attributes:
        covered: whether a stretch of the text shares a character with a finding.
        explained: the same for findings that are dangers themselves, held or set aside.
        today: for the scopes.
    """

    text: str
    pieces: Sequence[Piece]
    covered: Callable[[int, int], bool]
    explained: Callable[[int, int], bool]
    today: dt.date
    proxy: bool
    _scopes: dict[str, Scopes] = field(default_factory=dict)

    def scopes(self, piece: Piece) -> Scopes:
        """Whose a stretch of a piece's word line is, and whether it holds now."""
        line = piece.words.line
        if line not in self._scopes:
            self._scopes[line] = Scopes(line, self.today, self.proxy)
        return self._scopes[line]

    def holds(self, piece: Piece, start: int, end: int, code: str) -> bool:
        """Whether what stands at a stretch of a piece's word line is the patient's, and counts.

        Args:
            code: what it may tell; what one has once had counts, where the lexicon says so of it.
        """
        history = code in counted_though_past()
        status = self.scopes(piece).status(start, end, history)
        return status in (Status.PRESENT, Status.UNCERTAIN)


def reading_of(text: str, findings: Iterable[Finding], today: dt.date) -> Reading:
    """Prepare a message, as far as it is looked at, for the second reader."""
    words = words_of(text[:MOST_CHARACTERS], {})
    findings = [f for f in findings if f.end > f.start and not is_taken_back(f)]
    telling = [f for f in findings if f.kind not in UNTELLING]
    return Reading(
        text,
        pieces_of(words),
        overlapping([(f.start, f.end) for f in telling]),
        overlapping([(f.start, f.end) for f in telling if f.kind in DANGERS]),
        today,
        is_proxy(words.line),
    )


def is_plain(reading: Reading) -> bool:
    """Whether nothing is left beside the findings but small words and numbers."""
    return not any(True for piece in reading.pieces for _ in _unread(reading, piece))


def _unread(reading: Reading, piece: Piece) -> Iterator[tuple[int, int]]:
    """The words of a piece, as stretches of its line, that tell something and no finding covers."""
    small, words = net().small_words, piece.words
    for begin, (first, last) in zip(words.starts, words.spans, strict=True):
        end = words.line.index(" ", begin)
        word = words.line[begin:end]
        tells = word.isalpha() and len(word) > 1 and word not in small
        if tells and not reading.covered(first, last):
            yield begin, end


def nothing_to_ask(findings: Sequence[Finding]) -> bool:
    """Whether a message tells an emergency, or is in another language: then nothing is asked."""
    return any((f.kind == "emergency_sign" and f.holds) or f.kind == LANGUAGE for f in findings)


class Suspector:
    """Suspects what the lexicon may have missed.

    Args:
        scorer: as it was trained; None without one, and then the plain net is all there is.
        encoder: as `encoder.encoder` gives it.
        threshold: from this score on, 0 to 1, a clause sounds like a danger.
    """

    def __init__(
        self, scorer: ClauseScorer | None, encoder: Encoder | None, threshold: float
    ) -> None:
        self._scorer = scorer
        self._encoder = encoder
        self._threshold = threshold

    def suspect(self, text: str, findings: Sequence[Finding], today: dt.date) -> list[Finding]:
        """Give at most one finding of the kind `suspicion`, with what is known of it."""
        if nothing_to_ask(findings):
            return []
        reading = reading_of(text, findings, today)
        if is_plain(reading):
            return []
        found = self._by_clauses(reading) or _by_net(reading)
        return [found] if found else []

    def _by_clauses(self, reading: Reading) -> Finding | None:
        if self._scorer is None or self._encoder is None:
            return None
        most = MOST_OF_SHORT if len(reading.text) <= SHORT else MOST_EMBEDDED
        found = self._likeliest(list(_clauses(reading)), self._scorer, self._encoder, most)
        if not found:
            return None
        vectors = self._encoder.embed([clause.text for clause in found])
        scores = self._scorer.score([clause.text for clause in found], vectors)
        for n in np.argsort(-scores)[:MOST_TRIED]:
            if scores[n] < self._threshold:
                break
            cause = self._cause(found[n], float(scores[n]), self._scorer, self._encoder, most)
            if net().lets_pass(found[n].piece.words.line, *cause):
                continue
            phrase, code = self._scorer.nearest(vectors[_closest(found, n, cause)])
            if reading.holds(found[n].piece, *cause, code):
                return _finding(
                    reading, found[n].piece, cause, code, SOURCE, float(scores[n]), phrase
                )
        return None

    def _likeliest(
        self, found: list[_Clause], scorer: ClauseScorer, encoder: Encoder, most: int
    ) -> list[_Clause]:
        sizes = encoder.sizes([clause.text for clause in found])
        if len(found) <= MOST_CLAUSES and sum(sizes) <= most:
            return found
        votes = [scorer.by_grams(clause.text) for clause in found]
        best: list[int] = []
        left = most
        for n in sorted(range(len(found)), key=lambda n: -votes[n])[:MOST_CLAUSES]:
            left -= sizes[n]
            if best and left < 0:
                break
            best.append(n)
        return [found[n] for n in sorted(best)]

    def _cause(
        self, clause: _Clause, score: float, scorer: ClauseScorer, encoder: Encoder, most: int
    ) -> tuple[int, int]:
        """The words without which a clause sounds least like a danger, as a stretch of the line."""
        words, line = clause.words, clause.piece.words.line
        small = net().small_words
        tried = [n for n, (b, e) in enumerate(words) if line[b:e] not in small] or [0]
        without = {
            n: _written(clause.piece.words, [*words[:n], *words[n + 1 :]]) or "." for n in tried
        }
        (size,) = encoder.sizes([clause.text])
        removed = max(1, min(MOST_REMOVED, most // size))
        tried = sorted(sorted(tried, key=lambda n: scorer.by_grams(without[n]))[:removed])
        texts = [without[n] for n in tried]
        losses = score - scorer.score(texts, encoder.embed(texts))
        most = int(np.argmax(losses))
        first = last = tried[most]
        enough = SHARE_OF_CAUSE * max(float(losses[most]), 0.0)
        for n, loss in zip(tried, losses, strict=True):
            low, high = min(first, n), max(last, n)
            if loss >= enough and high - low < LONGEST_CAUSE and _stand_together(words, low, high):
                first, last = low, high
        return words[first][0], words[last][1]


def _closest(found: Sequence[_Clause], suspected: int, cause: tuple[int, int]) -> int:
    """The shortest clause or sentence around a cause: what else a sentence tells is not asked."""
    own = found[suspected].piece
    around = [
        n
        for n, clause in enumerate(found)
        if clause.piece is own
        and clause.words
        and clause.words[0][0] <= cause[0]
        and cause[1] <= clause.words[-1][1]
    ]
    return min(around, key=lambda n: len(found[n].words), default=suspected)


def _clauses(reading: Reading) -> Iterator[_Clause]:
    """The clauses and sentences in which something is unread, without what findings cover."""
    left = MOST_WORDS
    for piece in reading.pieces:
        unread = list(_unread(reading, piece))
        words = piece.words
        bounds = [(b, words.line.index(" ", b)) for b in words.starts]
        for start, end in dict.fromkeys([*clauses(words.line), *sentences(words.line)]):
            if left <= 0:
                return
            own = piece.begin <= words.span(start, end)[0] < max(piece.end, 1)
            if not own or not any(start <= begin < end for begin, _ in unread):
                continue
            kept = tuple(
                (b, e)
                for (b, e), span in zip(bounds, words.spans, strict=True)
                if start <= b < end and not reading.explained(*span)
            )
            left -= len(kept)
            yield _Clause(
                piece,
                kept,
                tuple(n for n, stretch in enumerate(kept) if stretch in set(unread)),
                _written(words, kept),
            )


def _stand_together(words: Sequence[tuple[int, int]], first: int, last: int) -> bool:
    """Whether nothing was left out between two words."""
    return all(one[1] + 1 == other[0] for one, other in pairwise(words[first : last + 1]))


def _written(words: Words, kept: Sequence[tuple[int, int]]) -> str:
    """Words of a line as they were written, those together that stood together."""
    parts: list[str] = []
    last = -1
    for start, end in kept:
        first, stop = words.span(start, end)
        # One word that is read as several stands once.
        if first >= last:
            between = words.text[last:first] if parts else ""
            parts.append(("" if parts and not between else " ") + words.text[first:stop])
            last = stop
    return "".join(parts).strip()


def _by_net(reading: Reading) -> Finding | None:
    for piece, code, start, end in islice(_caught(reading), MOST_CAUGHT):
        if reading.holds(piece, start, end, code):
            return _finding(reading, piece, (start, end), code, NET_SOURCE)
    return None


def _caught(reading: Reading) -> Iterator[tuple[Piece, str, int, int]]:
    """The words of harm that no finding covers: the code of each, and its stretch of the line."""
    for piece in reading.pieces:
        for code, start, end in net().caught(piece.words.line):
            first, last = piece.words.span(start, end)
            if piece.begin <= first < max(piece.end, 1) and not reading.covered(first, last):
                yield piece, code, start, end


def _finding(
    reading: Reading,
    piece: Piece,
    cause: tuple[int, int],
    code: str,
    source: str,
    score: float = 1.0,
    nearest: str = "",
) -> Finding:
    words, line = piece.words, piece.words.line
    first, last = words.span(*cause)
    around = next((c for c in clauses(line) if c[0] <= cause[0] and cause[1] <= c[1]), cause)
    quote = _written_at(words, _quoted(line, cause, around))
    told = Suspicion(code_of(code), quote, _written_at(words, around), round(score, 3), nearest)
    return Finding(
        SUSPICION, told.to_json(), Status.PRESENT, first, last, reading.text[first:last], source
    )


def _quoted(line: str, cause: tuple[int, int], around: tuple[int, int]) -> tuple[int, int]:
    """The stretch to quote: a few words with those beside them, so that it can be recognised."""
    if line.count(" ", *cause) + 1 >= SHORT_CAUSE:
        return cause
    # Of the same run of words: a mark ends the quotation.
    before = list(takewhile(str.isalnum, reversed(line[around[0] : cause[0]].split())))
    behind = list(takewhile(str.isalnum, line[cause[1] : around[1]].split()))
    after = min(len(behind), max(BESIDE // 2, BESIDE - len(before)))
    start = cause[0] - sum(len(word) + 1 for word in before[: BESIDE - after])
    return start, cause[1] + sum(len(word) + 1 for word in behind[:after])


def _written_at(words: Words, stretch: tuple[int, int]) -> str:
    first, last = words.span(*stretch)
    return " ".join(words.text[first:last].split())
