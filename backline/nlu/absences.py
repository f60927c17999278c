"""What words that say that all is well make of the signs and conditions they are about.

"I sleep well" denies pain at night as "no pain at night" does, without a word of denial.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from backline.facts import Finding, Status

SUFFIX = ":absent"
"""Ends the source of a finding that such words made."""
_SAYS_NO = frozenset({"no", "none", "all_good"})
_DENIES = re.compile(r"\b(?:no|not|never|nothing|none|without|doesnt|dont|didnt|isnt|hasnt)\b")


def absence(status: Status, words: str) -> Status | None:
    """Give how a thing stands of which words, that stand so, say that it is not there.

    "No pain in bed" is a denial itself; "I do not sleep well" denies what would have been one.
    """
    told = (Status.PRESENT, Status.UNCERTAIN)
    denied = status is Status.ABSENT and _DENIES.search(words) is not None
    return Status.ABSENT if status in told or denied else None


def without_idle_absences(found: Sequence[Finding]) -> list[Finding]:
    """Drop such a denial where the thing is told all the same, or a "no" answers for it.

    "I sleep well but the pain wakes me at four" has pain at night; and "no, I sleep well" answers
    the list that is open, whatever it asks.
    """
    held = {(f.kind, str(f.value)) for f in found if f.holds}
    answered = any(f.kind in ("answer", "denial") and f.value in _SAYS_NO for f in found)
    return [
        f
        for f in found
        if not f.source.endswith(SUFFIX) or not (answered or (f.kind, str(f.value)) in held)
    ]
