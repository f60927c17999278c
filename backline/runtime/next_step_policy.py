"""Rasa's policy for what stands before every rule, form and intent.

`action_validate_slot_mappings` runs first at every message and leaves in the slot `next_step` what
the message calls for. While an emergency stands, or a wish was asked back, that decides alone.
"""

from __future__ import annotations

from typing import Any

from rasa.core.policies.policy import Policy, PolicyPrediction, SupportedData
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.core.constants import ACTION_DEACTIVATE_LOOP_NAME, ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

from backline.dialogue import Confirming, NextStep

FORM = "triage_form"
ANSWER_EMERGENCY, CONFIRM = "action_answer_emergency", "action_confirm"
UNDO, DELETE, START_OVER = "action_undo_restart", "action_delete_data", "action_start_over"
NEXT_PATIENT = "action_next_patient"
CARRIES_OUT = {
    Confirming.DELETE.value: DELETE,
    Confirming.RESTART.value: START_OVER,
    Confirming.NEXT_PATIENT.value: NEXT_PATIENT,
}
FIRST = {
    NextStep.EMERGENCY.value: ANSWER_EMERGENCY,
    NextStep.ASK.value: CONFIRM,
    NextStep.LEAVE.value: CONFIRM,
    NextStep.UNDO.value: UNDO,
}
OWN = frozenset({ANSWER_EMERGENCY, CONFIRM, UNDO, DELETE, START_OVER, NEXT_PATIENT})
"""The actions that this policy predicts, and after which it says what comes next."""


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True
)
class NextStepPolicy(Policy):
    """Predicts with certainty where `next_step` is more than `triage` or `rest`; else nothing."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Set a priority above that of Rasa's RulePolicy, which is 6."""
        return {"priority": 7}

    @staticmethod
    def supported_data() -> SupportedData:
        """Take rules, too: nothing is learned from either."""
        return SupportedData.ML_AND_RULE_DATA

    def train(self, training_trackers: list[Any], domain: Domain, **kwargs: Any) -> Resource:
        """Learn nothing: what is predicted does not depend on data."""
        return self._resource

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """Predict the one action that is due, or nothing."""
        action = next_action(tracker)
        probabilities = self._default_predictions(domain)
        if action is None:
            return self._prediction(probabilities)
        probabilities[domain.index_for_action(action)] = 1.0
        # Else a form that is active would be asked first, as Rasa's "happy path".
        return self._prediction(probabilities, is_no_user_prediction=True)


def next_action(tracker: DialogueStateTracker) -> str | None:
    """Name the action that is due before all rules; None if the rules decide."""
    step, latest = str(tracker.get_slot("next_step")), tracker.latest_action_name
    if latest == ACTION_LISTEN_NAME:
        if step == NextStep.CARRY_OUT.value:
            return CARRIES_OUT.get(str(tracker.get_slot("confirming")))
        if step == NextStep.CALL_BACK.value:
            return _after_call_back(tracker)
        return FIRST.get(step)
    if latest == DELETE and tracker.active_loop_name is not None:
        return str(ACTION_DEACTIVATE_LOOP_NAME)
    if latest in OWN or (latest == ACTION_DEACTIVATE_LOOP_NAME and step == NextStep.REST.value):
        return _afterwards(tracker, step)
    return None


def _after_call_back(tracker: DialogueStateTracker) -> str:
    """Go on with the questions, or begin with them, unless they are done or not wanted."""
    wanted = tracker.get_slot("consent") is not False and tracker.get_slot("standing") is None
    in_form = tracker.active_loop_name is not None
    return FORM if in_form or wanted else str(ACTION_LISTEN_NAME)


def _afterwards(tracker: DialogueStateTracker, step: str) -> str:
    goes_on = step in (NextStep.TRIAGE.value, NextStep.LEAVE.value)
    in_form = tracker.active_loop_name is not None
    if step == NextStep.TRIAGE.value or (goes_on and in_form):
        return FORM
    return str(ACTION_LISTEN_NAME)
