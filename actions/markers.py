"""A result as channels read it (docs/http.md)."""

from __future__ import annotations

from typing import Any

from actions.wording import Wording
from backline.dialogue import Conversation
from backline.policy import Recommendation
from backline.replies import result_marker


def marker_of(
    conversation: Conversation,
    recommendation: Recommendation,
    wording: Wording,
    *,
    stored: bool = True,
    again: bool = False,
) -> dict[str, Any]:
    """Tell channels the result, and what it rests on."""
    return result_marker(
        recommendation.to_json(),
        wording.reasons(recommendation),
        conversation.facts.to_json(),
        stored=stored,
        again=again,
    )
