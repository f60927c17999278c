"""Rasa's response templates, filled with the clinic's settings."""

from __future__ import annotations

from typing import Any

from rasa.core.nlg import TemplatedNaturalLanguageGenerator

from backline.replies import with_controls
from backline.responses import clinic_words, fill
from backline.settings import load_settings


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


def _replaced(value: Any, words: dict[str, str]) -> Any:
    """A text given to a response may itself hold names of clinic settings."""
    return fill(value, words) if isinstance(value, str) else value
