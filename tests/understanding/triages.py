"""Where a conversation ends that a message opens and plain answers finish."""

from __future__ import annotations

from dataclasses import replace

from backline.dialogue import CHECKLIST_ITEMS, Conversation, Understanding, update
from backline.dialogue.questions import spec_of
from backline.facts import Facts, Slot
from backline.nlu import Understander
from backline.policy import Recommendation, decide
from tests.plain import PLAIN_FACTS, with_the_worst


def triage_of(understander: Understander, opening: str) -> Recommendation:
    """The recommendation if every later checklist is answered "none" and the rest plainly.

    To whatever more is asked of what the message tells, the worse answer is given.
    """
    conversation = update(Conversation(), Understanding(understander.read(opening)))
    facts = conversation.facts
    while True:
        conversation = Conversation(facts=facts, consent=True)
        due = conversation.next_question()
        if due is None:
            return decide(facts)
        facts = answered_plainly(facts, due)


def answered_plainly(facts: Facts, due: Slot) -> Facts:
    """The facts once this question has its plain answer."""
    if due in CHECKLIST_ITEMS:
        return replace(facts, checked=facts.checked | {due})
    if due is Slot.FOLLOW_UP:
        return with_the_worst(facts)
    name = spec_of(due).fact
    answer = getattr(PLAIN_FACTS, name)
    assert answer is not None, f"{due.value} has no plain answer: give PLAIN_FACTS its {name}"
    return replace(facts, **{name: answer})
