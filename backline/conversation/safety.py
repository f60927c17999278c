"""What is heard whatever the limits are, and whoever wants no more messages."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from rasa.core.agent import Agent

from backline.dialogue.must_be_heard import calls_for_the_bot
from backline.facts import Finding


async def must_be_heard(agent: Agent, text: str, danger_lines: Collection[Any]) -> bool:
    """Tell whether a text has a danger sign, or asks for its writer's data to be deleted.

    Args:
        text: cleaned.
        danger_lines: lines of a list that stand for danger signs, where such a list was shown.
    """
    parsed = await agent.parse_message(text)
    findings = (Finding.from_json({**e, "kind": e["entity"]}) for e in parsed.get("entities", []))
    return calls_for_the_bot(parsed["intent"]["name"], findings, danger_lines)
