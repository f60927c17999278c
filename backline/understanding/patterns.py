"""The lexicon's pattern language, compiled to regular expressions over a line of words.

`a|b` is one of them, `a_b` two words as one, `word*` a beginning, `word?` may be missing, `<set>` a
named set, and `...` up to four more words of the same clause. See docs/understanding.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

GAP = r"(?: (?!but )[a-z0-9]+){0,4}?"
Sets = Mapping[str, Sequence[str]]


class PatternError(ValueError):
    """A pattern names a set that its file does not have."""


def compile_all(patterns: Sequence[str], sets: Sets) -> re.Pattern[str] | None:
    """One expression for all patterns of an entry; None if there is no pattern."""
    bodies = [_sequence(pattern, sets) for pattern in patterns if pattern.strip()]
    if not bodies:
        return None
    return re.compile(rf"(?<= )(?:{'|'.join(bodies)})(?= )")


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
    if word.startswith("<"):
        name = word.strip("<>")
        if name not in sets:
            raise PatternError(f"pattern uses <{name}>, which is not among the file's sets")
        return f"(?:{'|'.join(_sequence(item, sets) for item in sets[name])})"
    if word.endswith("*"):
        return re.escape(word[:-1]).replace("_", " ") + "[a-z]*"
    return re.escape(word).replace("_", " ")
