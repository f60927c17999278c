"""The lexicon's pattern language, compiled to regular expressions over a line of words.

`a|b` is one of them, `a_b` two words as one, `word*` a beginning, `word(s)` either number, `word?`
may be missing, `38-41` a number between, `<set>` a named set, `...` up to five more words of the
same clause, and `a ~ b` both in either order with such a gap between. See docs/understanding.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

GAP = r"(?: (?!but )[a-z0-9]+){0,5}?"
Sets = Mapping[str, Sequence[str]]


class PatternError(ValueError):
    """A pattern names a set that its file does not have."""


def compile_all(patterns: Sequence[str], sets: Sets) -> re.Pattern[str] | None:
    """One expression for all patterns of an entry; None if there is no pattern."""
    bodies = [_pattern(pattern, sets) for pattern in patterns if pattern.strip()]
    if not bodies:
        return None
    return re.compile(rf"(?<= )(?:{'|'.join(bodies)})(?= )")


def beginnings(patterns: Sequence[str], sets: Sets) -> frozenset[str]:
    """Find how whatever these patterns match can begin, by `beginnings_of` a line.

    Where a line has none of them, none of the patterns need be searched for.
    """
    return frozenset(
        start
        for pattern in patterns
        for side in pattern.split(" ~ ")
        for start in _beginnings(side, sets)
    )


def beginnings_of(words: Sequence[str]) -> frozenset[str]:
    """Give the first letter, and the first two with what follows, of each word of a line."""
    return frozenset(word[0] for word in words) | {f"{word} "[:2] for word in words}


def _beginnings(sequence: str, sets: Sets) -> Iterator[str]:
    for part in sequence.split():
        if part == "...":
            continue
        for word in part.rstrip("?").split("|"):
            yield from _beginnings_of_word(word, sets)
        if not part.endswith("?"):
            return


def _beginnings_of_word(word: str, sets: Sets) -> Iterator[str]:
    between = re.fullmatch(r"(\d+)-(\d+)", word)
    if between:
        yield from (str(n)[0] for n in range(int(between[1]), int(between[2]) + 1))
    elif word.startswith("<"):
        for item in sets[word.strip("<>")]:
            yield from _beginnings(item, sets)
    else:
        stem = re.sub(r"\*$|\(s\)$", "", word).partition("_")[0]
        # A stem of one letter goes on in any way; a word of one letter ends there.
        yield stem if len(stem) == 1 and stem != word else f"{stem} "[:2]


def _pattern(pattern: str, sets: Sets) -> str:
    one, near, other = pattern.partition(" ~ ")
    if not near:
        return _sequence(pattern, sets)
    return f"{_sequence(f'{one} ... {other}', sets)}|{_sequence(f'{other} ... {one}', sets)}"


def _sequence(pattern: str, sets: Sets) -> str:
    out = ""
    gap = False
    for part in pattern.split():
        if part == "...":
            gap = True
            continue
        optional = part.endswith("?")
        body = f"(?:{'|'.join(_word(word, sets) for word in part.rstrip('?').split('|'))})"
        if not out:
            out = f"(?:{body} )?" if optional else body
            if optional:
                out += "(?<= )"
        else:
            joint = GAP if gap else ""
            space = "" if out.endswith("(?<= )") else " "
            out += f"(?:{joint} {body})?" if optional else f"{joint}{space}{body}"
        gap = False
    return out


def _word(word: str, sets: Sets) -> str:
    between = re.fullmatch(r"(\d+)-(\d+)", word)
    if between:
        numbers = range(int(between[1]), int(between[2]) + 1)
        return rf"(?:{'|'.join(map(str, numbers))})(?:[.,]\d+)?"
    if word.startswith("<"):
        name = word.strip("<>")
        if name not in sets:
            raise PatternError(f"pattern uses <{name}>, which is not among the file's sets")
        return f"(?:{'|'.join(_sequence(item, sets) for item in sets[name])})"
    if word.endswith("*"):
        return re.escape(word[:-1]).replace("_", " ") + "[a-z]*"
    if word.endswith("(s)"):
        return re.escape(word[:-3]).replace("_", " ") + "s?"
    return re.escape(word).replace("_", " ")
