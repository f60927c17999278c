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
from backline.phone.dialogue.grounding import Gist, Sureness
from backline.phone.dialogue.interpretation import Reaction
from backline.phone.dialogue.state import Effect, Pending
from backline.phone.events import Keys

NOTHING_TOLD = Gist({})
DANGER = Gist({"emergency_signs": ("saddle_numbness",)})
MILD = Pending(Effect("three", 0.5, "3"), "I heard 3.", ("pain_severity",))
FEVER = Pending(Effect("fever", 0.5, "fever"), "I heard fever.", ("fever",), alarming=True)
NUMB = Pending(
    Effect("numb", 0.5, "numb"), "I heard numb.", ("saddle_numbness",), alarm=True, alarming=True
)


def reaction(
    reply: str | None = None,
    volunteered: Gist = NOTHING_TOLD,
    answer: Gist = NOTHING_TOLD,
    *,
    corrects: bool = False,
    agrees: bool = True,
) -> Reaction:
    return Reaction(volunteered, answer, reply, corrects, agrees)


YES, NO = reaction("yes"), reaction("no")


@pytest.mark.parametrize(
    ("pending", "said", "confidence", "judged"),
    [
        (FEVER, YES, Sureness.FAIR, Confirmed()),
        (FEVER, NO, Sureness.SURE, Denied()),
        # What leads to a doctor is not dropped for a no that is not sure.
        (FEVER, NO, Sureness.FAIR, Unclear()),
        # What keeps somebody from a doctor counts for a sure yes alone.
        (MILD, YES, Sureness.FAIR, Unclear()),
        (MILD, YES, Sureness.SURE, Confirmed()),
        (MILD, reaction("yes", agrees=False), Sureness.SURE, Unclear()),
        (MILD, NO, Sureness.FAIR, Denied()),
        (MILD, reaction(corrects=True), Sureness.FAIR, Denied()),
        (MILD, reaction(), Sureness.SURE, Unclear()),
        (MILD, reaction(answer=Gist({"pain_severity": 8})), Sureness.FAIR, Replaced()),
        (MILD, reaction(answer=Gist({"pain_severity": 8})), Sureness.NOTHING, Unclear("noisy")),
        (FEVER, reaction(volunteered=Gist({"age": 40})), Sureness.SURE, Unrelated()),
        (NUMB, reaction(volunteered=DANGER, answer=DANGER), Sureness.DOUBTFUL, Replaced()),
    ],
)
def test_words_settle_what_waits(
    pending: Pending, said: Reaction, confidence: Sureness, judged: Judgement
) -> None:
    assert judge(pending, said, confidence, Slot.PAIN_SEVERITY) == judged


def test_a_doubtful_danger_does_not_take_the_place_of_another() -> None:
    other = Gist({"emergency_signs": ("bladder_or_bowel",)})
    said = reaction(volunteered=other, answer=other)

    assert judge(NUMB, said, Sureness.DOUBTFUL, None) == Unrelated(danger=True)
    assert judge(NUMB, said, Sureness.FAIR, None) == Replaced()


@pytest.mark.parametrize(
    ("keys", "judged"),
    [
        (Keys("1"), Confirmed()),
        (Keys("2"), Denied()),
        (Keys("7"), Unclear("wrong_key")),
        # Pressed ahead, it may be meant for another question.
        (Keys("1", interrupted=True), Unclear()),
        (Keys("2", interrupted=True), Denied()),
    ],
)
def test_keys_settle_what_waits(keys: Keys, judged: Judgement) -> None:
    assert judge_key(MILD, keys, Slot.PAIN_SEVERITY) == judged
