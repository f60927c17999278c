"""What has to be changed inside Rasa itself, in one place.

- Rasa builds the same JSON schema and checks the schema itself on every action's reply, which is
  about 70 % of the time a form turn takes. Here the validator is built once; what an action server
  replies is validated as before, what an action of this process gives back is not.
- For each event that is read back Rasa walks through all classes of events to find its own, which
  is a tenth of a turn. Here it looks once for each type.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import rasa
from jsonschema import Draft202012Validator
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.events import Event

from backline.server.actions_endpoint import OwnResult

SUPPORTED_RASA = "3.6.21"


class UnknownRasa(RuntimeError):
    """This Rasa was not looked at; the text says which one was."""


def apply() -> None:
    """Adapt Rasa in this process. Calling it again changes nothing.

    Raises:
        UnknownRasa: another version is installed.
    """
    if rasa.__version__ != SUPPORTED_RASA:
        raise UnknownRasa(
            f"Backline adapts Rasa {SUPPORTED_RASA}, but {rasa.__version__} is installed; "
            "look at backline/server/adaptations.py before you change the version."
        )
    validator = Draft202012Validator(RemoteAction.action_response_format_spec())

    def validate_action_result(_self: RemoteAction, result: dict[str, Any]) -> bool:
        if not isinstance(result, OwnResult):
            validator.validate(result)
        return True

    RemoteAction._validate_action_result = validate_action_result
    if not hasattr(Event.resolve_by_type, "cache_info"):
        Event.resolve_by_type = staticmethod(lru_cache(maxsize=None)(Event.resolve_by_type))
