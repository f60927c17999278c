"""What words and keys settle while an answer waits to be confirmed."""

from __future__ import annotations

import pytest

from backline.facts import Slot
from backline.phone.dialogue.confirmation import (
    Confirmed,
    Denied,
    Judgement,
    Replaced,
    Unclear,
    Unrelated,
    judge,
    judge_key,
)
from backline.phone.dialogue.grounding import Confidence, ProposedUpdate
from backline.phone.dialogue.interpretation import Reaction
from backline.phone.dialogue.state import AnswerEffect, PendingConfirmation
from backline.phone.events import Dtmf

NOTHING_TOLD = ProposedUpdate({})
DANGER = ProposedUpdate({"emergency_signs": ("saddle_numbness",)})
MILD = PendingConfirmation(AnswerEffect("three", 0.5, "3"), "I heard 3.", ("pain_severity",))
FEVER = PendingConfirmation(
    AnswerEffect("fever", 0.5, "fever"), "I heard fever.", ("fever",), alarming=True
)
NUMB = PendingConfirmation(
    AnswerEffect("numb", 0.5, "numb"),
    "I heard numb.",
    ("saddle_numbness",),
    alarm=True,
    alarming=True,
)


def reaction(
    reply: str | None = None,
    volunteered: ProposedUpdate = NOTHING_TOLD,
    answer: ProposedUpdate = NOTHING_TOLD,
    *,
    corrects: bool = False,
    agrees: bool = True,
) -> Reaction:
    return Reaction(volunteered, answer, reply, corrects, agrees)


YES, NO = reaction("yes"), reaction("no")


@pytest.mark.parametrize(
    ("pending", "said", "confidence", "judged"),
    [
        (FEVER, YES, Confidence.FAIR, Confirmed()),
        (FEVER, NO, Confidence.SURE, Denied()),
        # What leads to a doctor is not dropped for a no that is not sure.
        (FEVER, NO, Confidence.FAIR, Unclear()),
        # What keeps somebody from a doctor counts for a sure yes alone.
        (MILD, YES, Confidence.FAIR, Unclear()),
        (MILD, YES, Confidence.SURE, Confirmed()),
        (MILD, reaction("yes", agrees=False), Confidence.SURE, Unclear()),
        (MILD, NO, Confidence.FAIR, Denied()),
        (MILD, reaction(corrects=True), Confidence.FAIR, Denied()),
        (MILD, reaction(), Confidence.SURE, Unclear()),
        (MILD, reaction(answer=ProposedUpdate({"pain_severity": 8})), Confidence.FAIR, Replaced()),
        (
            MILD,
            reaction(answer=ProposedUpdate({"pain_severity": 8})),
            Confidence.NOTHING,
            Unclear("noisy"),
        ),
        (FEVER, reaction(volunteered=ProposedUpdate({"age": 40})), Confidence.SURE, Unrelated()),
        (NUMB, reaction(volunteered=DANGER, answer=DANGER), Confidence.DOUBTFUL, Replaced()),
    ],
)
def test_words_settle_what_waits(
    pending: PendingConfirmation, said: Reaction, confidence: Confidence, judged: Judgement
) -> None:
    assert judge(pending, said, confidence, Slot.PAIN_SEVERITY) == judged


def test_a_doubtful_danger_does_not_take_the_place_of_another() -> None:
    other = ProposedUpdate({"emergency_signs": ("bladder_or_bowel",)})
    said = reaction(volunteered=other, answer=other)

    assert judge(NUMB, said, Confidence.DOUBTFUL, None) == Unrelated(danger=True)
    assert judge(NUMB, said, Confidence.FAIR, None) == Replaced()


@pytest.mark.parametrize(
    ("keys", "judged"),
    [
        (Dtmf("1"), Confirmed()),
        (Dtmf("2"), Denied()),
        (Dtmf("7"), Unclear("wrong_key")),
        # Pressed ahead, it may be meant for another question.
        (Dtmf("1", interrupted=True), Unclear()),
        (Dtmf("2", interrupted=True), Denied()),
    ],
)
def test_keys_settle_what_waits(keys: Dtmf, judged: Judgement) -> None:
    assert judge_key(MILD, keys, Slot.PAIN_SEVERITY) == judged
