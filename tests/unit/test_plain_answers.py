"""The plain answers that tests share are complete, and lead to no doctor."""

from __future__ import annotations

import pytest

from backline.dialogue import QUESTION_ORDER
from backline.dialogue.questions import spec_of
from backline.facts import CHECKLISTS, Facts, Outcome, Slot
from backline.policy import decide
from tests.plain import PLAIN, PLAIN_FACTS
from tests.understanding import triages


def test_every_question_has_a_plain_answer_in_words() -> None:
    assert PLAIN.keys() == {slot.value for slot in (Slot.CONSENT, Slot.SUSPICION, *QUESTION_ORDER)}


@pytest.mark.parametrize("slot", QUESTION_ORDER)
def test_every_question_is_answered_by_the_plain_facts(slot: Slot) -> None:
    assert spec_of(slot).is_answered(triages.answered_plainly(Facts(), slot))


def test_who_answers_plainly_needs_no_doctor() -> None:
    facts = Facts(**{**vars(PLAIN_FACTS), "checked": CHECKLISTS})
    assert decide(facts).outcome is Outcome.MASSAGE


def test_a_question_without_a_plain_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(triages, "PLAIN_FACTS", Facts())
    with pytest.raises(AssertionError, match="muscle_spasm has no plain answer"):
        triages.answered_plainly(Facts(), Slot.MUSCLE_SPASM)
