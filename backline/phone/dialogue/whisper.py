"""Word what the clinic hears before a caller is connected: who calls, why, what is known. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backline.dialogue import Conversation
from backline.facts import EmergencySign
from backline.phone.dialogue.state import CallState
from backline.phone.dialogue.wording import read_yaml
from backline.responses import fill

TROUBLE = "trouble"
REFERENCE_CHARACTERS = 4
"""So many tell calls of a day apart; all of them take too long to hear."""
MOST_SIGNS = 2


def whisper(
    state: CallState | None,
    conversation: Conversation,
    result: Mapping[str, Any] | None,
    reference: str | None,
) -> str:
    """Tell in ten seconds what a person at the clinic needs to know of a caller.

    Args:
        state: where the call stands; None if that is not known.
        result: the latest result, as it is stored.
        reference: what staff call the conversation by.
    """
    words = read_yaml("talk.yml")["whisper"]
    why = state.handed if state is not None else ""
    parts = [words["begins"], words["why"].get(why or TROUBLE, words["why"][TROUBLE])]
    if conversation.consent is True:
        parts += _known(words, conversation, result)
    if reference:
        spelt = " ".join(reference[:REFERENCE_CHARACTERS])
        parts.append(fill(words["reference"], {"reference": spelt}))
    return " ".join(parts)


def _known(
    words: Mapping[str, Any], conversation: Conversation, result: Mapping[str, Any] | None
) -> list[str]:
    """Tell who it is about, the signs and the result; without a result, how bad it is."""
    facts, parts = conversation.facts, []
    if conversation.person is not None:
        parts.append(words["who"]["for_another"])
    elif facts.age is not None:
        parts.append(fill(words["who"]["aged"], {"age": facts.age}))
    signs = [s.value.replace("_", " ") for s in EmergencySign if s in facts.emergency_signs]
    if signs:
        parts.append(fill(words["known"]["signs"], {"signs": ", ".join(signs[:MOST_SIGNS])}))
    if result is not None:
        named = result["outcome"] if result["urgency"] == "none" else result["urgency"]
        return [*parts, *([words["result"][named]] if named in words["result"] else [])]
    if facts.pain_severity is not None and not signs:
        parts.append(fill(words["known"]["pain"], {"severity": facts.pain_severity}))
    if facts.pain_duration is not None and not signs:
        parts.append(fill(words["known"]["duration"], {"days": f"{facts.pain_duration:.0f}"}))
    return parts
