"""The result: decided, stored, and only then told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import call_back
from actions.acknowledge import said_back
from actions.dependencies import open_store, settings
from actions.markers import marker_of
from actions.recommendation import recommend
from actions.tracker_view import (
    agreed_before,
    conversation_of,
    fingerprint,
    getting_worse,
    keeps_nothing,
    model_of,
)
from actions.trouble import apologise
from actions.whereabouts import number_to_call
from actions.wording import Wording, violence_told
from backline.dialogue import Conversation, Hold
from backline.facts import EMERGENCY_LISTS, EmergencySign, HealthCondition, Urgency
from backline.observability import metrics
from backline.policy import Recommendation
from backline.replies import standing_marker
from backline.responses import OWN_RESULTS, result_response
from backline.store import (
    AssessmentRecord,
    LesserAfterEmergency,
    StoreUnavailable,
)

logger = logging.getLogger(__name__)

_OWN_LINES: frozenset[EmergencySign | HealthCondition] = frozenset(
    {EmergencySign.SELF_HARM, EmergencySign.OVERDOSE, HealthCondition.VIOLENCE}
)
"""What has a result, and a number to call, of its own."""
_BESIDE_NONE: Mapping[EmergencySign | HealthCondition, str] = {
    EmergencySign.SELF_HARM: "utter_result_thoughts"
}
"""Results that have its line already, beside the one of its name."""


class ActionTriageResult(Action):
    """Gives the result. An emergency is told even when it cannot be stored.

    A turn whose result is not stored is not stored either (`BacklineTrackerStore.save`): it is
    taken again as a whole.
    """

    def name(self) -> str:
        return "action_triage_result"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        conversation = conversation_of(tracker)
        if conversation.declined:
            dispatcher.utter_message(response="utter_declined")
            return [SlotSet("next_step", "rest")]
        recommendation = recommend(conversation.facts)
        wording = Wording(domain, conversation.person, tracker.get_latest_input_channel())
        emergency = recommendation.urgency is Urgency.EMERGENCY
        stored = True
        try:
            # Whoever declined gets the emergency all the same, but nothing of it is kept.
            if not keeps_nothing(tracker):
                reasons = wording.reasons(recommendation)
                with metrics.STORE.time():
                    await asyncio.to_thread(_store, tracker, conversation, recommendation, reasons)
        except StoreUnavailable:
            logger.error("The store does not answer; the assessment was not saved.")
            if not emergency:
                apologise(dispatcher)
                return []
            stored = False
        except LesserAfterEmergency as refusal:
            logger.error("A result was not told: %s", refusal)
            return _emergency_stands(dispatcher, tracker)
        dispatcher.utter_message(
            response=_response(conversation, recommendation),
            reasons="; ".join(wording.deciding_reasons(recommendation)),
            plan=wording.plan(recommendation, settings().clinic.therapies),
            understood=wording.say("utter_understood", told=said_back(wording, conversation)),
            safety_net=wording.say("utter_safety_net"),
            lines=wording.lines(conversation.facts.age),
            json_message=marker_of(conversation, recommendation, wording, stored=stored),
        )
        beside = _said_beside(conversation, recommendation)
        if (worse := getting_worse(tracker)) is not None and not emergency:
            beside = [worse, *beside]
        for response in beside:
            dispatcher.utter_message(response=response)
        return [
            *(await _call_back(dispatcher, tracker, recommendation)),
            SlotSet("last_result", fingerprint(recommendation.to_json())),
            SlotSet("standing", recommendation.urgency.value),
            SlotSet("emergency_hold", Hold.TOLD.value if emergency else _hold_of(conversation)),
            SlotSet("next_step", "rest"),
        ]


async def _call_back(
    dispatcher: CollectingDispatcher, tracker: Tracker, recommendation: Recommendation
) -> list[EventType]:
    """Arrange one that is asked for beside an emergency; offer one where safety stayed open."""
    if recommendation.urgency is Urgency.EMERGENCY:
        return await call_back.arrange(dispatcher, tracker, danger=True) or []
    open_ = EMERGENCY_LISTS & conversation_of(tracker).facts.given_up
    return await call_back.offer(dispatcher, tracker) if open_ else []


def _hold_of(conversation: Conversation) -> str | None:
    return conversation.hold.value if conversation.hold else None


def _response(conversation: Conversation, recommendation: Recommendation) -> str:
    rule, signs = recommendation.rule, conversation.facts.emergency_signs
    if EmergencySign.SELF_HARM in signs and signs <= _OWN_LINES and rule.id not in OWN_RESULTS:
        return "utter_result_self_harm"
    if signs == {EmergencySign.OVERDOSE}:
        return "utter_result_overdose"
    return result_response(rule.id, rule.outcome.value, rule.urgency.value)


def _said_beside(conversation: Conversation, recommendation: Recommendation) -> list[str]:
    """Words for what has a line of its own, where the result is about something else."""
    facts = conversation.facts
    given = _response(conversation, recommendation)
    told = sorted(_OWN_LINES & (facts.emergency_signs | facts.health_conditions))
    return [
        violence_told(facts.age) if code is HealthCondition.VIOLENCE else f"utter_{code.value}_told"
        for code in told
        if given not in (f"utter_result_{code.value}", _BESIDE_NONE.get(code))
    ]


def _store(
    tracker: Tracker,
    conversation: Conversation,
    recommendation: Recommendation,
    reasons: list[str],
) -> None:
    record = AssessmentRecord(
        facts=conversation.facts.to_json(),
        outcome=recommendation.outcome.value,
        urgency=recommendation.urgency.value,
        rules=recommendation.rule_ids,
        reasons=reasons,
        plan=recommendation.plan,
        policy_version=recommendation.policy_version,
        model_version=model_of(tracker),
        patient=conversation.patient,
        emergency_ended=_hold_of(conversation) if conversation.hold is not Hold.TOLD else None,
    )
    channel = tracker.get_latest_input_channel() or "unknown"
    agreed_to = recommendation.policy_version if agreed_before(tracker) else None
    open_store().record_assessment(tracker.sender_id, channel, record, agreed_to=agreed_to)


def _emergency_stands(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
    """The store knows of an emergency that has not ended, which the conversation lost."""
    dispatcher.utter_message(
        response="utter_emergency_first",
        json_message=standing_marker(number_to_call(tracker), None),
    )
    return [
        SlotSet("standing", Urgency.EMERGENCY.value),
        SlotSet("emergency_hold", Hold.TOLD.value),
        SlotSet("next_step", "rest"),
    ]
