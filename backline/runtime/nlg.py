"""Rasa's response templates, filled with the clinic's settings."""

from __future__ import annotations

from typing import Any

from rasa.core.nlg import TemplatedNaturalLanguageGenerator

from backline.countries import Whereabouts, numbers_there
from backline.persons import ThirdPerson, person_words
from backline.replies import with_controls, with_progress
from backline.responses import clinic_words, fill
from backline.settings import Clinic

WHEREABOUTS = "whereabouts"
"""The slot that holds where the person is, if that is not the clinic's country."""


class ClinicResponses(TemplatedNaturalLanguageGenerator):
    """Knows the clinic's names, the patient and where they are, and shows a question's options.

    Args:
        responses: of the domain; those of a model are set when it is loaded.
    """

    def __init__(self, clinic: Clinic, responses: dict[str, Any] | None = None) -> None:
        super().__init__(responses or {})
        self._words = clinic_words(clinic)
        self._home = clinic.country

    def _fill_response(
        self,
        response: dict[str, Any],
        filled_slots: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> dict[str, Any]:
        person = (filled_slots or {}).get("person")
        # A message of the turn in which it is told knows it before the slot does.
        told = kwargs.pop(WHEREABOUTS, (filled_slots or {}).get(WHEREABOUTS))
        where = Whereabouts.from_json(told)
        words = {
            **self._words,
            **(numbers_there(where, self._home, self._words) if where else {}),
            **person_words(ThirdPerson.from_json(person) if person else None),
        }
        nested = {k: _replaced(v, words) for k, v in kwargs.items()}
        filled = super()._fill_response(response, words, **nested)
        slots = filled_slots or {}
        again = bool(slots.get("shown")) and not slots.get("reworded")
        place = slots.get("progress")
        if place and not again and not slots.get("reworded"):
            said = fill(str(self.responses["utter_progress"][0]["text"]), place)
            filled = with_progress(filled, place, said)
        return with_controls(filled)


def _replaced(value: Any, words: dict[str, str]) -> Any:
    """A text given to a response may itself hold names of clinic settings."""
    return fill(value, words) if isinstance(value, str) else value
