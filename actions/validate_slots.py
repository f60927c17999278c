"""After every message: what was understood becomes facts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import ValidationAction

from actions import call_back
from actions.acknowledge import acknowledge
from actions.recommendation import look_whether_signed, recommend
from actions.review import goes_unanswered, keep_question, keep_suspicions
from actions.tracker_view import (
    DIGRESSIONS,
    FORM,
    answers_earlier,
    asks_about_consent,
    comes_back,
    conversation_of,
    findings_in,
    fingerprint,
    heard_already,
    intent_of,
    slot_events,
    text_of,
    wish_confirmed,
    with_sign_words,
    with_ticks,
)
from actions.whereabouts import note_whereabouts, say_numbers
from actions.wording import violence_denied, violence_told
from actions.written import say_written
from backline.dialogue import (
    Confirming,
    Conversation,
    Hold,
    NextStep,
    Said,
    Understanding,
    anything_known,
    come_back,
    stand,
    update,
)
from backline.dialogue.standing import ANOTHER_PERSON
from backline.dialogue.suspicions import Suspicion, SuspicionAnswer
from backline.facts import Urgency
from backline.nlu.components.emergency_talk import (
    affirms_plainly,
    denies_plainly,
    is_about,
    is_unlimited,
    says_mainly,
    says_plainly,
    topic_of,
)
from backline.nlu.components.replies import says_no
from backline.nlu.intents import ANSWERED_BY, CORRECTION, FALLBACK, asks
from backline.policy import urgency_so_far
from backline.policy.conditions import VIOLENCE

WITHOUT_ANSWER = frozenset({CORRECTION, FALLBACK, *ANSWERED_BY.values()})
"""Intents whose rules answer no question."""


class ValidateSlots(ValidationAction):
    """Runs in Rasa's slot extraction, so before any rule, form or story is consulted.

    Its name, `action_validate_slot_mappings`, is that of the base class.
    """

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Give what was extracted.

        `update` has judged each answer with all facts in view. A second pass that validates slot
        by slot, as in the base class, would set again those of a message that a form begins with.
        """
        return await self.get_extraction_events(dispatcher, tracker, domain)

    async def get_extraction_events(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Set all slots that the message changes, and `next_step`; none if it was heard before."""
        if heard_already(tracker):
            return []
        await look_whether_signed()
        before, last_result = conversation_of(tracker), tracker.get_slot("last_result")
        known = anything_known(before, last_result)
        if known and comes_back(tracker):
            before = come_back(before)
        said = _said(tracker, before, known=known)
        standing = stand(before, said, known=known)
        if standing is not None:
            again = [SlotSet("last_result", None)] if standing.again else []
            told = with_sign_words(tracker, before, standing.conversation)
            return [
                *slot_events(tracker, told),
                *again,
                SlotSet("emergency_topic", standing.topic),
                SlotSet("next_step", standing.step.value),
                *_doctor_first(tracker, told),
                *note_whereabouts(dispatcher, tracker),
            ]
        called = await self._called_back(dispatcher, tracker, said)
        heard = _heard(tracker, domain, replace(before, confirming=None), called is not None)
        conversation = with_sign_words(tracker, before, heard)
        if called is None or conversation.facts != before.facts:
            self._say_first(dispatcher, tracker, domain, before, conversation)
        await keep_suspicions(tracker, before, conversation)
        if goes_unanswered(tracker) and not conversation.emergency:
            await keep_question(tracker, after_result=last_result is not None)
        step = _next_step(conversation, last_result)
        if called is not None and not conversation.emergency:
            step = NextStep.CALL_BACK
        elif last_result is not None and _only_asks(tracker, before, conversation):
            step = NextStep.REST
        return [
            *slot_events(tracker, conversation),
            SlotSet("next_step", step.value),
            *(called or []),
            *_doctor_first(tracker, conversation),
            *note_whereabouts(dispatcher, tracker),
        ]

    @staticmethod
    async def _called_back(
        dispatcher: CollectingDispatcher, tracker: Tracker, said: Said
    ) -> list[EventType] | None:
        """Arrange a call-back that the message asks for; in danger the call to make comes first."""
        return None if said.tells_sign else await call_back.arrange(dispatcher, tracker)

    @staticmethod
    def _say_first(
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],
        before: Conversation,
        after: Conversation,
    ) -> None:
        """Say what comes before any further question."""
        new = after.facts.health_conditions - before.facts.health_conditions
        if new >= VIOLENCE:
            # A result that comes now has these words itself, and nothing is said back beside them.
            if not after.decided:
                dispatcher.utter_message(response=violence_told(after.facts.age))
            return
        if before.suspicion is not None and _denies_harm(before.suspicion, after):
            # Whoever hurts them may read along, or be excused: the number is given all the same.
            dispatcher.utter_message(response=violence_denied(after.facts.age))
        if not after.emergency:
            # The call to an emergency names the right number itself.
            say_numbers(dispatcher, tracker, domain)
        acknowledge(dispatcher, tracker, domain, before, after)
        if intent_of(tracker) in WITHOUT_ANSWER and not after.emergency:
            # What is asked beside a correction, or a "yes or no", has no rule that would answer it.
            say_written(dispatcher, tracker, domain, after)


def _denies_harm(asked: Suspicion, after: Conversation) -> bool:
    """Tell whether somebody who was asked says that nobody hurts them."""
    return asked.code in VIOLENCE and any(
        s.same_words(asked) and s.answer is SuspicionAnswer.NO for s in after.suspicions
    )


def _doctor_first(tracker: Tracker, conversation: Conversation) -> list[EventType]:
    """Note how urgently a doctor comes first: by what is known so far, or by the result given.

    A result's counts until another one takes its place, also while what it rests on is asked again.
    """
    so_far, given = urgency_so_far(conversation.facts), tracker.get_slot("standing")
    if so_far is Urgency.EMERGENCY and conversation.hold is Hold.SEEN:
        # A doctor looks at them already; a massage waits until that is done.
        so_far = Urgency.SOON
    urgencies = [so_far or Urgency.NONE, Urgency(given or Urgency.NONE)]
    doctor = max(urgencies, key=lambda urgency: urgency.rank)
    value = None if doctor is Urgency.NONE else doctor.value
    return [] if tracker.get_slot("doctor_first") == value else [SlotSet("doctor_first", value)]


def _only_asks(tracker: Tracker, before: Conversation, after: Conversation) -> bool:
    """Tell whether somebody who has a result and is asked nothing tells nothing new."""
    asked = (tracker.active_loop or {}).get("name") == FORM
    elsewhere = intent_of(tracker) in DIGRESSIONS - {"greet"}
    new = after.facts != before.facts or after.suspicion is not None
    return elsewhere and not asked and not new


def _said(tracker: Tracker, before: Conversation, *, known: bool) -> Said:
    # What is said beside an emergency is read only while one stands, or its signs are asked back.
    asked_back = before.hold is Hold.TOLD or before.confirming is Confirming.MISTAKE
    text = text_of(tracker) if asked_back else ""
    return Said(
        intent=intent_of(tracker),
        findings=findings_in(tracker),
        topic=topic_of(text),
        another=known and is_about(text_of(tracker), ANOTHER_PERSON),
        denies=denies_plainly(text),
        affirms=affirms_plainly(text),
        unlimited=bool(text) and is_unlimited(text),
        in_turn=answers_earlier(tracker) is None,
        confirmed=wish_confirmed(tracker),
    )


def _heard(
    tracker: Tracker, domain: dict[str, Any], before: Conversation, called_back: bool
) -> Conversation:
    intent, findings = intent_of(tracker), with_ticks(tracker, domain, findings_in(tracker))
    if called_back:
        findings = call_back.beside_details(tracker, findings)
    earlier = answers_earlier(tracker)
    if earlier is not None:
        return update(before, Understanding(findings, earlier=earlier))
    # A question is no failed answer, whatever it is taken for.
    aside = intent in DIGRESSIONS or asks(text_of(tracker)) or asks_about_consent(tracker)
    # Nothing is answered before the question whether it is an emergency.
    aside = (aside and not before.may_be_emergency) or called_back
    corrects = intent == "correct_answer"
    text = text_of(tracker)
    return update(
        before,
        Understanding(
            findings,
            corrects=corrects,
            digresses=aside,
            says_no=says_no(text),
            plainly=says_plainly(text),
            mainly=says_mainly(text),
        ),
    )


def _next_step(conversation: Conversation, last_result: str | None) -> NextStep:
    if conversation.declined:
        return NextStep.REST
    if not conversation.decided:
        return NextStep.TRIAGE
    new = fingerprint(recommend(conversation.facts).to_json()) != last_result
    return NextStep.TRIAGE if new else NextStep.REST
