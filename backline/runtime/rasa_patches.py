"""What has to be changed inside Rasa itself, in one place.

- Rasa builds the same JSON schema and checks the schema itself on every action's reply, which is
  about 70 % of the time a form turn takes. Here the validator is built once; what an action server
  replies is validated as before, what an action of this process gives back is not.
- For each event that is read back Rasa walks through all classes of events to find its own, which
  is a tenth of a turn. Here it looks once for each type.
- Before each prediction Rasa builds the states of the whole conversation to look for a rule that
  quotes the message itself. Here it does so only if the model has such a rule; without it an
  answer to a form's question needs no states at all.
- Each of the dozen trackers that Rasa makes in a turn copies all slots, and Python's copying of an
  object is slow where the class does not say how. Here it does.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import rasa
from jsonschema import Draft202012Validator
from rasa.core.actions.action import RemoteAction
from rasa.core.policies.rule_policy import RULES, RulePolicy
from rasa.shared.core.constants import USER
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import TEXT

from backline.failures import Told
from backline.runtime.action_endpoint import OwnResult

SUPPORTED_RASA = "3.6.21"


class UnknownRasa(Told, RuntimeError):
    """This Rasa was not looked at; the text says which one was."""


def apply() -> None:
    """Adapt Rasa in this process. Calling it again changes nothing.

    Raises:
        UnknownRasa: another version is installed.
    """
    if rasa.__version__ != SUPPORTED_RASA:
        raise UnknownRasa(
            f"Backline adapts Rasa {SUPPORTED_RASA}, but {rasa.__version__} is installed; "
            "look at backline/runtime/rasa_patches.py before you change the version."
        )
    validator = Draft202012Validator(RemoteAction.action_response_format_spec())

    def validate_action_result(_self: RemoteAction, result: dict[str, Any]) -> bool:
        if not isinstance(result, OwnResult):
            validator.validate(result)
        return True

    RemoteAction._validate_action_result = validate_action_result
    RulePolicy._find_action_from_rules = _find_action_from_rules
    Slot.__copy__ = _copy_slot
    if not hasattr(Event.resolve_by_type, "cache_info"):
        Event.resolve_by_type = staticmethod(lru_cache(maxsize=None)(Event.resolve_by_type))


_find_from_states = RulePolicy._find_action_from_rules
Found = tuple[str | None, str | None, bool]


def _find_action_from_rules(
    self: RulePolicy,
    tracker: DialogueStateTracker,
    domain: Domain,
    use_text_for_last_user_input: bool,
) -> Found:
    if use_text_for_last_user_input and not _quotes_a_message(self):
        return None, None, False
    found: Found = _find_from_states(self, tracker, domain, use_text_for_last_user_input)
    return found


@lru_cache(maxsize=8)
def _quotes_a_message(policy: RulePolicy) -> bool:
    states = (state for rule in policy.lookup[RULES] for state in json.loads(rule))
    return any(TEXT in state.get(USER, {}) for state in states)


def _copy_slot(self: Slot) -> Slot:
    new: Slot = object.__new__(type(self))
    new.__dict__.update(self.__dict__)
    return new
