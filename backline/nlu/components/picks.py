"""Lines of a numbered list that a reply points at.

Findings are read without the question that is open, so a number at the start of a message is
always found as a line, beside whatever else it may be; `backline.dialogue.update` takes it as one
only where a list is open. A number that is directly followed by what it counts ("2 weeks", "7 out
of 10", "30 year old") is no line; with a comma between ("17, 20 weeks") it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

from backline.facts import BEGINS_MESSAGE, Finding
from backline.nlu.clauses import sentence
from backline.nlu.components.replies import replies
from backline.nlu.intents import ASKED_LINE
from backline.nlu.quantity_words import vocabulary
from backline.nlu.tokenizer import Words
from backline.nlu.whole_clauses import PAUSE, is_whole

ASKED_LINES = "answers:asked_lines"
DENIED_LINE = 0
"""What "3. no" points at: a number that is of the list, and no line that holds."""
LONGEST_LIST = 30
"""No list of ours has more lines."""

_DIGITS = re.compile(r"[1-9]\d?")
# "1,5" is two lines; "1.5" is, too, for no list has a line between.
_JOINED = re.compile(r"([1-9]\d?)[.,]([1-9]\d?)")
_RANGE = frozenset({"to", "-", "–", "—", "/"})
_NTH = frozenset({"st", "nd", "rd", "th"})
_OUT_OF = 10
_UNITS = frozenset({"one", "two", "three", "four", "five", "six", "seven", "eight", "nine"})
_STOPS = frozenset(".,!?;:)\n")
_ASKED_BACK = re.compile(r" (?:\?|what|whats|explain|mean|means|meaning|why|how|which|who) ")
_ASKS_FOR_MEANING = re.compile(r" (?:what|whats|explain|mean|means|meaning) ")
_ONLY_NUMBERS = re.compile(r"(?<= [.;!\n]) \d\d?(?: (?:,|and|&|\+|, and) \d\d?)+(?= (?:[.!]|$)|$)")
_MEANS = re.compile(r" what (?:[^.,;!?]+ )?means? ")
_ASKED_SHORTLY = re.compile(r"^ (?:why|how|which|who) (?:\S+ )?(?:\S+ )?\? $")
_LINE_BY_LINE = re.compile(
    r" (\d{1,2})(?: [.:)=,-])* (?:(yes|yeah|yep|y)|no|nope|nah|n|none)(?= [.,;\n]| \d| $)"
)


@dataclass(frozen=True)
class _Spelling:
    """The words of `answers.yml` that stand around the numbers of lines."""

    openers: frozenset[str]
    joiners: frozenset[str]
    naming: frozenset[str]
    softly: frozenset[str]
    numbers: dict[str, int]
    counting: re.Pattern[str]

    @classmethod
    @lru_cache(maxsize=1)
    def load(cls) -> _Spelling:
        """Compile them, once."""
        known = replies()
        lists = known.lists
        return cls(
            frozenset(lists["openers"]),
            frozenset(lists["joiners"]),
            frozenset(lists["naming"]),
            frozenset(lists["softly"]),
            {word: int(number) for word, number in known.numbers.items()},
            re.compile(rf" (?:{'|'.join(lists['counting'])})(?= )"),
        )


def read_picks(words: Words) -> Iterator[Finding]:
    """Read the lines of a list that the reply points at, counted from 1; -1 is the last."""
    vocab = replies()
    answered = _LINE_BY_LINE.findall(words.line)
    if len(answered) > 1:
        for match in _LINE_BY_LINE.finditer(words.line):
            line = int(match[1]) if match[2] else DENIED_LINE
            yield _pick(words, match.span(1), line, BEGINS_MESSAGE)
        return
    leading = list(leading_lines(words))
    if leading:
        for line, start, end in leading:
            yield _pick(words, (start, end), line, BEGINS_MESSAGE)
    if _ASKED_BACK.search(words.line):
        return
    if exception := vocab.exception.search(words.line):
        yield from _excepted(words, exception.start(1))
        return
    seen = {line for line, _, _ in leading}
    later = [] if leading else list(_of_a_later_sentence(words))
    for line, start, end in later:
        yield _pick(words, (start, end), line, "answers:later")
    yield from _named(words, {*seen, *(line for line, _, _ in later)})


def _of_a_later_sentence(words: Words) -> Iterator[tuple[int, int, int]]:
    """Find several lines that are a sentence by themselves: "None of the first. 1 and 5"."""
    for match in _ONLY_NUMBERS.finditer(words.line):
        for number in _DIGITS.finditer(match[0]):
            start = match.start() + number.start()
            yield int(number[0]), start, start + len(number[0])


def _excepted(words: Words, start: int) -> Iterator[Finding]:
    """The numbers behind "all but"."""
    for match in re.finditer(r"\d{1,2}", words.line[start:]):
        place = (start + match.start(), start + match.end())
        yield _pick(words, place, int(match[0]), "answers:exception")


def _named(words: Words, seen: Set[int]) -> Iterator[Finding]:
    """Lines named anywhere in the reply, such as "the second one", beside those `seen` already."""
    vocab = replies()
    tokens = words.line[1:-1].split(" ")
    begins = words.starts[_opened(tokens, _Spelling.load())] if words.starts else 0
    for match in vocab.pick.finditer(words.line):
        number = match["number"] or match["nth"]
        value = (
            vocab.ordinals[match["word"]]
            if match["word"]
            else int(vocab.numbers.get(number, number))
        )
        if value not in seen:
            source = BEGINS_MESSAGE if match.start() <= begins else "answers:ordinal"
            yield _pick(words, match.span(), value, source)


def read_asked_line(words: Words) -> Iterator[Finding]:
    """Read which line of a list is asked about ("what is number 4?"): from 1; -1 is the last.

    It is no pick: whoever asks what a line means does not say that it holds.
    """
    vocab = replies()
    parts = [*PAUSE.split(words.line), " ".join(PAUSE.split(words.line))]
    for part in parts:
        if is_whole(vocab.asked_lines, part, vocab.around_asked_lines):
            said = part.split()
            nth = [vocab.ordinals[word] for word in said if word in vocab.ordinals]
            digits = [int(word) for word in said if word.isdigit()]
            named = [int(vocab.numbers[word]) for word in said if word in vocab.numbers]
            line = [*nth, *digits, *named][0]
            yield Finding(
                ASKED_LINE, line, end=len(words.text), text=words.text, source=ASKED_LINES
            )
            return


def asks_for_meaning(words: Words) -> bool:
    """Tell whether somebody says that they do not know what a word means."""
    return _MEANS.search(words.line) is not None


def leading_lines(words: Words) -> Iterator[tuple[int, int, int]]:
    """Find the numbers that a message begins with, each with its stretch of the word line.

    "1 and 5 since Monday" has two. Those that count something, ranges and questions for the
    meaning of a line have none.
    """
    tokens = words.line[1:-1].split(" ")
    spelling = _Spelling.load()
    if _ASKS_FOR_MEANING.search(words.line) or _ASKED_SHORTLY.search(words.line):
        return
    place, found = _sequence(words, tokens, _opened(tokens, spelling), spelling)
    if found:
        found += _later(words, tokens, place, spelling)
    for line, at in found:
        start = words.starts[at]
        yield line, start, start + len(tokens[at])


def _opened(tokens: Sequence[str], spelling: _Spelling) -> int:
    """The first token that does not only lead to a number; the "no" of "no. 5" does."""
    place = 0
    while place < len(tokens) - 1 and (
        tokens[place] in spelling.openers or _is_number_sign(tokens, place)
    ):
        place += 1
    return place


def _is_number_sign(tokens: Sequence[str], place: int) -> bool:
    following = [word for word in tokens[place + 1 : place + 3] if word != "."]
    return tokens[place] == "no" and bool(following) and following[0].isdigit()


def _sequence(
    words: Words, tokens: Sequence[str], place: int, spelling: _Spelling
) -> tuple[int, list[tuple[int, int]]]:
    """The lines from a token on, with the token where they end."""
    found: list[tuple[int, int]] = []
    while place < len(tokens):
        span = _span_at(words, tokens, place, spelling)
        lines = span or _lines_at(words, tokens, place, spelling)
        if lines is None:
            # "2 to 3 weeks", "12 + 3 weeks": the number before it counts the same.
            if found and tokens[place - 1] in _RANGE | {"+", "or"}:
                found.pop()
            break
        found += [(line, place) for line in lines]
        place += 3 if span else 2 if _has_second_word(tokens, place) else 1
        while place < len(tokens) and tokens[place] in spelling.joiners:
            place += 1
    return place, found


def _span_at(
    words: Words, tokens: Sequence[str], place: int, spelling: _Spelling
) -> list[int] | None:
    """The lines of "1-3" (three of them) and of "4/6" (two), where nothing is counted or dated."""
    first, sign, last, following = [*tokens[place : place + 4], "", "", "", ""][:4]
    if sign not in _RANGE or not (_DIGITS.fullmatch(first) and _DIGITS.fullmatch(last)):
        return None
    low, high = int(first), int(last)
    ends = not following or following in _STOPS | spelling.softly | spelling.joiners
    end = words.starts[place + 2] + len(last)
    counts = vocabulary().counted.match(words.line, end + 1) or spelling.counting.match(
        words.line, end
    )
    if not ends or counts or max(low, high) > LONGEST_LIST:
        return None
    if sign == "/":
        return None if high == _OUT_OF else [low, high]
    return list(range(low, high + 1)) if low < high else None


def _is_nth(tokens: Sequence[str], place: int) -> bool:
    """Whether a number is one of "1st and 3rd"; "11 st" is a weight, "3rd of May" a date."""
    suffix, following = [*tokens[place + 1 : place + 3], "", ""][:2]
    fits = suffix in _NTH and (suffix != "st" or tokens[place] in ("1", "21"))
    return fits and (not following or following in _STOPS | {"and", "&", "or", "also", "plus"})


def _has_second_word(tokens: Sequence[str], place: int) -> bool:
    """Whether a line's number has two tokens: "1 st", "twenty eight"."""
    following = tokens[place + 1] if place + 1 < len(tokens) else ""
    return _is_nth(tokens, place) or (tokens[place] == "twenty" and following in _UNITS)


def _lines_at(
    words: Words, tokens: Sequence[str], place: int, spelling: _Spelling
) -> list[int] | None:
    """The lines that one token stands for; None for a token that stands for none."""
    token = tokens[place]
    joined = _JOINED.fullmatch(token)
    if joined:
        lines = [int(joined[1]), int(joined[2])]
    elif _DIGITS.fullmatch(token):
        lines = [int(token)]
    elif tokens[place] == "twenty" and _has_second_word(tokens, place):
        lines = [20 + spelling.numbers[tokens[place + 1]]]
        if [*tokens[place + 2 :], "."][0] not in _STOPS:
            return None
    elif token in spelling.numbers and _is_named(tokens, place, spelling):
        lines = [spelling.numbers[token]]
    else:
        return None
    end = words.starts[place] + len(token)
    counted = vocabulary().counted.match(words.line, end + 1)
    counts = (counted or spelling.counting.match(words.line, end)) and not _is_nth(tokens, place)
    following = tokens[place + 1 : place + 3]
    in_range = len(following) > 1 and following[0] in _RANGE and following[1][:1].isdigit()
    return None if counts or in_range or max(lines) > LONGEST_LIST else lines


def _is_named(tokens: Sequence[str], place: int, spelling: _Spelling) -> bool:
    """A number in words is a line only by itself: "one leg" and "two weeks" are none."""
    if place and tokens[place - 1] in spelling.naming:
        return True
    following = [*tokens[place + 1 :], "."][:3]
    if following[0] in _STOPS:
        # "Three, four weeks" is a time.
        return len(following) < 2 or following[1] not in spelling.numbers
    joined = following[0] in spelling.joiners and len(following) > 1
    return joined and (following[1] in spelling.numbers or following[1].isdigit())


def _later(
    words: Words, tokens: Sequence[str], place: int, spelling: _Spelling
) -> list[tuple[int, int]]:
    """Lines that are added behind words: "1, since yesterday, and 5 a bit"."""
    found = []
    for at in range(max(place, 1), len(tokens)):
        if tokens[at - 1] not in ("and", "&", "also", "plus", "\n") or not tokens[at].isdigit():
            continue
        following = tokens[at + 1] if at + 1 < len(tokens) else "."
        lines = _lines_at(words, tokens, at, spelling)
        if lines and (following in _STOPS or following in spelling.softly):
            found += [(line, at) for line in lines]
    return found


def _pick(words: Words, place: tuple[int, int], line: int, source: str) -> Finding:
    first, last = words.span(*place)
    if source == BEGINS_MESSAGE:
        _, last = words.span(place[0], sentence(words.line, *place)[1])
    return Finding("pick", line, start=first, end=last, text=words.text[first:last], source=source)
