"""The bot's sentences by their names. The only place that fills names in braces."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from backline.persons import person_words
from backline.settings import Clinic

OWN_RESULTS = {"U0a": "utter_result_thoughts", "U0b": "utter_result_violence"}
"""Results of rules that have words of their own."""


def result_response(rule: str, outcome: str, urgency: str) -> str:
    """Name the response that tells a result: a rule's own, a doctor's by how soon, or a plan's."""
    own = OWN_RESULTS.get(rule)
    return own or f"utter_result_{outcome if urgency == 'none' else urgency}"


class Responses:
    """The responses of a domain, outside a turn of Rasa.

    Args:
        responses: as the domain has them, variants by name.
        clinic: whose names and numbers are filled in. Without one their names stay, for whoever
            fills them later.
    """

    def __init__(
        self, responses: Mapping[str, Sequence[Mapping[str, Any]]], clinic: Clinic | None = None
    ) -> None:
        self._responses = responses
        self._channel: str | None = None
        known = {**clinic_words(clinic), **person_words(None)} if clinic is not None else {}
        self._words = known

    def __contains__(self, name: str) -> bool:
        return bool(self._responses.get(name))

    def on(self, channel: str) -> Responses:
        """Give the same responses in the variants of a channel, where a sentence has one."""
        other = copy.copy(self)
        other._channel = channel
        return other

    def say(self, name: str, **values: object) -> str:
        """Fill a sentence; names for which there is no value stay.

        Raises:
            KeyError: the domain has no such response.
        """
        variants = self._responses[name]
        own = (v for v in variants if self._channel and v.get("channel") == self._channel)
        text = str(next(own, variants[0])["text"])
        return fill(text, {**self._words, **values})


def fill(text: str, values: Mapping[str, object]) -> str:
    """Put values in the place of their names in braces, one after the other.

    A value may hold the names of those that come after it.
    """
    for name, value in values.items():
        text = text.replace("{" + name + "}", str(value))
    return text


def clinic_words(clinic: Clinic) -> dict[str, str]:
    """Give the names that sentences can use, with their values from clinic.yml."""
    return {
        "clinic_name": clinic.name,
        "clinic_phone": clinic.phone,
        "clinic_address": clinic.address,
        "clinic_hours": clinic.hours,
        "booking_url": clinic.booking_url,
        "emergency_number": clinic.emergency_number,
        "health_line": clinic.health_line,
        "crisis_line": clinic.crisis_line,
        "poisons_line": clinic.poisons_line,
        "violence_line": clinic.violence_line,
        "child_line": clinic.child_line,
        "practitioners": ", ".join(clinic.practitioners),
        "prices": clinic.prices,
        "retention_days": str(clinic.retention_days),
    }
