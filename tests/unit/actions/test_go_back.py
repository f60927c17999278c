"""Going back asks the last answered question again."""

from __future__ import annotations

from actions.go_back import ActionGoBack
from backline.dialogue import Conversation
from backline.facts import EmergencySign, Facts, Slot
from tests.unit.actions.conftest import Talk, done_by

ANSWERED = Conversation(
    facts=Facts(pain_duration=21, pain_severity=4),
    consent=True,
    answered=(Slot.CONSENT, Slot.PAIN_DURATION, Slot.PAIN_SEVERITY),
)


def test_the_last_answer_is_taken_back(talk: Talk) -> None:
    done = done_by(ActionGoBack(), talk("go_back", **ANSWERED.to_slots()))
    assert done.conversation.facts.pain_severity is None


def test_the_answers_before_it_stay(talk: Talk) -> None:
    done = done_by(ActionGoBack(), talk("go_back", **ANSWERED.to_slots()))
    assert done.conversation.facts.pain_duration == 21


def test_it_is_said(talk: Talk) -> None:
    done = done_by(ActionGoBack(), talk("go_back", **ANSWERED.to_slots()))
    assert done.said == ["utter_went_back"]


def test_there_is_no_way_back_behind_the_consent(talk: Talk) -> None:
    agreed = Conversation(consent=True, answered=(Slot.CONSENT,))
    done = done_by(ActionGoBack(), talk("go_back", **agreed.to_slots()))
    assert done.conversation == agreed


def test_an_emergency_sign_stays_known(talk: Talk) -> None:
    told = Conversation(
        facts=Facts(
            emergency_signs=frozenset({EmergencySign.FAINTING}),
            checked=frozenset({Slot.EMERGENCY_SIGNS}),
        ),
        consent=True,
        answered=(Slot.CONSENT, Slot.EMERGENCY_SIGNS),
    )
    done = done_by(ActionGoBack(), talk("go_back", **told.to_slots()))
    assert done.conversation.facts.emergency_signs == {EmergencySign.FAINTING}
