"""Events and readings as Rasa gives them, without times, random ids and names of code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DROPPED = frozenset(
    {
        *("timestamp", "message_id", "model_id", "assistant_id"),
        # A policy is known by its class, and how sure it is follows from the action.
        *("policy", "confidence", "action_text", "hide_rule_turn"),
    }
)


def of(tracker: Any) -> list[dict[str, Any]]:
    """The events of a tracker, the oldest first; none without a tracker."""
    return [] if tracker is None else [_event(event.as_dict()) for event in tracker.events]


def understood(parsed: Mapping[str, Any]) -> dict[str, Any]:
    """Intent, confidence and entities of what was read in a text."""
    intent = parsed.get("intent") or {}
    return {
        "intent": intent.get("name"),
        "confidence": float(intent.get("confidence") or 0.0),
        "entities": [_without(entity, {"extractor"}) for entity in parsed.get("entities") or []],
    }


def _event(event: Mapping[str, Any]) -> dict[str, Any]:
    kept = _without(event, DROPPED)
    if "parse_data" in kept:
        kept["parse_data"] = understood(kept["parse_data"])
    if "metadata" in kept:
        kept["metadata"] = _without(kept["metadata"] or {}, DROPPED)
    return kept


def _without(data: Mapping[str, Any], names: frozenset[str] | set[str]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in names}
