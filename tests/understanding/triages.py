"""Where a conversation ends that a message opens and plain answers finish."""

from __future__ import annotations

from dataclasses import replace

from backline.dialogue import CHECKLIST_ITEMS, Conversation, Understanding, update
from backline.facts import Facts, MassageResponse, Slot
from backline.nlu import Understander
from backline.policy import Recommendation, decide

PLAIN = Facts(
    pain_duration=21,
    pain_severity=4,
    recent_injury=False,
    leg_below_knee=False,
    muscle_spasm=False,
    massage_response=MassageResponse.NONE_YET,
    massage_sessions=1,
    age=45,
)
"""What a patient answers who adds nothing: nothing that leads to a doctor."""


def triage_of(understander: Understander, opening: str) -> Recommendation:
    """The recommendation if every later checklist is answered "none" and the rest plainly."""
    conversation = update(Conversation(), Understanding(understander.read(opening)))
    facts = conversation.facts
    while True:
        conversation = Conversation(facts=facts, consent=True)
        due = conversation.next_question()
        if due is None:
            return decide(facts)
        facts = _answered_plainly(facts, due)


def _answered_plainly(facts: Facts, due: Slot) -> Facts:
    if due in CHECKLIST_ITEMS:
        return replace(facts, checked=facts.checked | {due})
    name = "leg_below_knee" if due is Slot.LEG_SYMPTOMS else due.value
    return replace(facts, **{name: getattr(PLAIN, name)})
