"""What the bot hears whoever answers, and whatever the limits are."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from backline.facts import Finding

DELETING_INTENT = "delete_my_data"


def calls_for_the_bot(
    intent: str | None, findings: Iterable[Finding], danger_lines: Collection[Any]
) -> bool:
    """Tell whether a message has a danger sign, or asks for its writer's data to be deleted.

    Args:
        danger_lines: lines of a list that stand for danger signs, where such a list was shown.
    """
    return intent == DELETING_INTENT or any(
        (f.kind == "emergency_sign" and f.holds) or (f.kind == "pick" and f.value in danger_lines)
        for f in findings
    )
