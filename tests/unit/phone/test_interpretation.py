"""What an utterance means, by where the call stands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backline.dialogue import Conversation
from backline.facts import Slot
from backline.phone.dialogue.grounding import Confidence
from backline.phone.dialogue.interpretation import (
    Answered,
    Chatter,
    DangerTold,
    DeclineOffer,
    DeniedAll,
    DontKnow,
    Goodbye,
    Interpreter,
    Meaning,
    Noise,
    NotUnderstood,
    OwnQuestion,
    Picked,
    Reaction,
    RequestRepeat,
    Volunteered,
    Wish,
    YesToGroup,
)
from backline.phone.dialogue.state import AnswerEffect, CallState, PendingConfirmation
from backline.phone.dialogue.wording import PhoneWording
from tests.unit.phone.pure_call import CLINIC, understood

RATING = CallState(slot=Slot.PAIN_SEVERITY, kind="scale", prompt="How bad is it?")
GROUP = CallState(slot=Slot.HEALTH_CONDITIONS, kind="multi_choice", prompt="Any?", reading=(0, 1))
CLOSING = CallState(closing=True, prompt="The result.")


def meant(
    text: str, state: CallState, sureness: Confidence = Confidence.SURE, interrupted: bool = False
) -> Meaning:
    said = understood(text, sureness, state.slot, interrupted)
    return Interpreter(PhoneWording(CLINIC)).interpret(state, said, Conversation())


@pytest.mark.parametrize(
    ("text", "state", "kind"),
    [
        ("what?", RATING, RequestRepeat),
        ("goodbye", RATING, Goodbye),
        ("seven", RATING, Answered),
        ("I don't know", RATING, DontKnow),
        ("start over", RATING, Wish),
        ("what lovely weather", RATING, Chatter),
        ("how much does it cost", RATING, OwnQuestion),
        ("yes", GROUP, YesToGroup),
        ("the second one", GROUP, Picked),
        ("I don't know", GROUP, DontKnow),
        ("my pain is seven out of ten", GROUP, Volunteered),
        ("no thanks", CLOSING, DeclineOffer),
        ("numb between my legs", RATING, DangerTold),
        ("numb between my legs", CLOSING, DangerTold),
    ],
)
def test_words_mean_one_thing_where_the_call_stands(
    text: str, state: CallState, kind: type[Meaning]
) -> None:
    assert isinstance(meant(text, state), kind)


def test_a_plain_no_denies_a_group_plainly() -> None:
    assert meant("no", GROUP) == DeniedAll(plainly=True)


@pytest.mark.parametrize("state", [replace(GROUP, choosing=True), GROUP])
def test_a_no_before_all_was_said_denies_nothing_plainly(state: CallState) -> None:
    assert meant("no", state, interrupted=True) == DeniedAll(plainly=False)


def test_what_is_hardly_heard_is_noise() -> None:
    assert meant("seven", RATING, Confidence.NOTHING) == Noise()


def test_a_danger_sign_is_never_noise() -> None:
    assert isinstance(meant("numb between my legs", RATING, Confidence.NOTHING), DangerTold)


def test_doubtful_words_ask_for_nothing() -> None:
    assert meant("start over", RATING, Confidence.DOUBTFUL) == NotUnderstood()


def test_while_something_waits_to_be_confirmed_words_react_to_it() -> None:
    state = replace(
        RATING,
        pending=PendingConfirmation(AnswerEffect("five", 0.5, "5"), "I heard 5. Is that right?"),
    )

    reaction = meant("no, eight", state)

    assert isinstance(reaction, Reaction)
    assert reaction.answer.gained == {"pain_severity": 8}
    assert not reaction.agrees
