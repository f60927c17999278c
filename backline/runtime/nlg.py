"""Rasa's response templates, filled with the clinic's settings."""

from __future__ import annotations

from typing import Any

from rasa.core.nlg import TemplatedNaturalLanguageGenerator

from backline.replies import with_controls
from backline.settings import Clinic, load_settings


class ClinicResponses(TemplatedNaturalLanguageGenerator):
    """Knows the clinic's name and numbers, and shows a question's options to text channels.

    Set in `endpoints.yml` as `nlg: {type: backline.runtime.nlg.ClinicResponses}`.
    """

    def __init__(self, endpoint_config: Any = None, domain: Any = None) -> None:
        super().__init__(domain.responses if domain else {})
        self._words = clinic_words(load_settings().clinic)

    def _fill_response(
        self,
        response: dict[str, Any],
        filled_slots: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> dict[str, Any]:
        nested = {k: _replaced(v, self._words) for k, v in kwargs.items()}
        filled = super()._fill_response(response, {**self._words}, **nested)
        return with_controls(filled)


def clinic_words(clinic: Clinic) -> dict[str, str]:
    """The names that responses can use, with their values from clinic.yml."""
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


def _replaced(value: Any, words: dict[str, str]) -> Any:
    """A text given to a response may itself hold names of clinic settings."""
    if not isinstance(value, str):
        return value
    for name, word in words.items():
        value = value.replace("{" + name + "}", word)
    return value
