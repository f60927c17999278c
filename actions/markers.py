"""What channels read beside a text (docs/http.md)."""

from __future__ import annotations

from typing import Any

from actions.wording import Wording
from backline.dialogue import Conversation
from backline.policy import Recommendation
from backline.settings import Clinic

CRISIS, EMERGENCY = "self_harm", "emergency"


def result_marker(
    conversation: Conversation,
    recommendation: Recommendation,
    wording: Wording,
    more: dict[str, Any],
) -> dict[str, Any]:
    """Tell channels the result and what it rests on; `more` stands beside it."""
    return {
        "type": "triage_result",
        **recommendation.to_json(),
        "reasons": wording.reasons(recommendation),
        "facts": conversation.facts.to_json(),
        **more,
    }


def standing_marker(clinic: Clinic, crisis: bool) -> dict[str, Any]:
    """Tell channels that an emergency stands."""
    return {
        "type": "emergency_standing",
        "holds": True,
        "kind": CRISIS if crisis else EMERGENCY,
        "number": clinic.emergency_number,
        "line": clinic.crisis_line if crisis else None,
    }


NO_LONGER = {"type": "emergency_standing", "holds": False}
