"""What stands before all rules is predicted with certainty, and nothing else is."""

from __future__ import annotations

import pytest
from rasa.shared.core.events import ActionExecuted, ActiveLoop, SlotSet, UserUttered
from rasa.shared.core.slots import AnySlot
from rasa.shared.core.trackers import DialogueStateTracker

from backline.runtime.next_step_policy import next_action


def tracker(
    step: str | None, *actions: str, confirming: str | None = None, in_form: bool = False
) -> DialogueStateTracker:
    slots = [AnySlot(name, mappings=[]) for name in ("next_step", "confirming")]
    made = DialogueStateTracker("someone", slots)
    if in_form:
        made.update(ActiveLoop("triage_form"))
    made.update(ActionExecuted("action_listen"))
    made.update(UserUttered("x"))
    made.update(SlotSet("next_step", step))
    made.update(SlotSet("confirming", confirming))
    for action in actions:
        made.update(ActionExecuted(action))
    return made


@pytest.mark.parametrize("in_form", [False, True])
@pytest.mark.parametrize(
    ("step", "action"),
    [
        ("emergency", "action_answer_emergency"),
        ("ask", "action_confirm"),
        ("leave", "action_confirm"),
        ("undo", "action_undo_restart"),
    ],
)
def test_it_is_predicted_in_a_form_and_outside(step: str, action: str, in_form: bool) -> None:
    assert next_action(tracker(step, in_form=in_form)) == action


@pytest.mark.parametrize("step", ["triage", "rest", None])
def test_ordinary_messages_are_left_to_the_rules(step: str | None) -> None:
    assert next_action(tracker(step)) is None


@pytest.mark.parametrize(
    ("wish", "action"),
    [
        ("delete", "action_delete_data"),
        ("restart", "action_start_over"),
        ("next_patient", "action_next_patient"),
    ],
)
def test_a_confirmed_wish_is_carried_out(wish: str, action: str) -> None:
    assert next_action(tracker("carry_out", confirming=wish)) == action


def test_after_an_answer_the_person_has_the_word() -> None:
    assert next_action(tracker("emergency", "action_answer_emergency")) == "action_listen"
    assert next_action(tracker("ask", "action_confirm", in_form=True)) == "action_listen"


def test_a_form_that_was_open_asks_again_after_a_wish_was_taken_back() -> None:
    assert next_action(tracker("leave", "action_confirm", in_form=True)) == "triage_form"
    assert next_action(tracker("leave", "action_confirm")) == "action_listen"


@pytest.mark.parametrize(
    "action", ["action_start_over", "action_undo_restart", "action_answer_emergency"]
)
def test_where_the_triage_goes_on_its_form_is_next(action: str) -> None:
    assert next_action(tracker("triage", action)) == "triage_form"


def test_after_deleting_no_question_is_open() -> None:
    assert next_action(tracker("rest", "action_delete_data", in_form=True)) == (
        "action_deactivate_loop"
    )
    ended = tracker("rest", "action_delete_data", "action_deactivate_loop")
    assert next_action(ended) == "action_listen"
