"""A call that is short: a story that is asked for, two questions in one, keys after two misses."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from backline.facts import Slot
from backline.phone.dialogue.grounding import Confidence
from backline.phone.dialogue.prompts import KEYS_AFTER_IN_ALL
from backline.phone.events import AfterPrompt, NoMatch, NoMatchReason
from tests.unit.phone.pure_call import KEYS, PureCall

STORY = "yes, I am 67, I lifted a box two weeks ago, it is about a four out of ten, no massage yet"
PLAIN = {
    Slot.CONSENT: "yes",
    Slot.AGE: "forty",
    Slot.PAIN_DURATION: "three weeks, and four out of ten",
    Slot.MASSAGE_RESPONSE: "no massage yet",
}
MOST_TURNS = 25
BABBLE = (
    "the what was it", "and then he", "no", "what", "two", "I think so", "yes", "you know",
    "so I told her", "thank you", "what lovely weather", "three weeks", "and the other one",
)  # fmt: skip


@pytest.fixture
def call() -> PureCall:
    return PureCall()


def length(call: PureCall, answer: Callable[[PureCall], object]) -> int:
    """How often the line speaks until the result, a person or the end."""
    for turn in range(1, 80):
        if call.over or call.talk.closing:
            return turn
        answer(call)
    raise AssertionError("the call does not end")


def plainly(call: PureCall) -> None:
    call.hears(PLAIN.get(call.talk.slot, "no") if call.talk.slot else "yes")


def by_keys(call: PureCall) -> None:
    pending = call.talk.pending is not None or call.talk.choosing
    call.presses("1" if pending or call.talk.slot is None else KEYS.get(call.talk.slot, "2"))


def test_a_plain_caller_hears_no_more_than_fourteen_turns(call: PureCall) -> None:
    assert length(call, plainly) <= 14
    assert call.result == ("massage", "none")


def test_who_tells_the_story_at_once_hears_no_more_than_eleven(call: PureCall) -> None:
    call.hears(STORY)
    assert length(call, plainly) + 1 <= 12
    assert call.facts.age == 67


def test_what_the_story_told_is_not_asked_again(call: PureCall) -> None:
    call.hears(STORY)
    asked = []
    while not call.talk.closing:
        asked.append(call.talk.slot)
        plainly(call)
    told = {Slot.AGE, Slot.PAIN_DURATION, Slot.PAIN_SEVERITY, Slot.MASSAGE_RESPONSE}
    assert told.isdisjoint(asked)


def test_who_only_agrees_is_asked_what_happened_beside_the_age(call: PureCall) -> None:
    call.hears("yes")
    assert call.said == "Tell me in your own words what happened. How old are you?"


def test_a_story_that_tells_nothing_asked_for_is_no_miss(call: PureCall) -> None:
    call.hears("yes", "well it is a long story you see")
    assert call.said == "Thank you. What about age?"
    assert call.talk.misses == 0


def test_a_story_without_the_age_is_kept_and_the_age_asked(call: PureCall) -> None:
    call.hears("yes", "my lower back hurts for three weeks")
    assert call.talk.slot is Slot.AGE
    assert call.facts.pain_duration == 21


def test_a_story_that_was_not_heard_well_is_read_back(call: PureCall) -> None:
    call.hears("yes").doubts("I am seventy two and it hurts for three weeks")
    assert "Is that right?" in call.said
    assert call.facts.age is None
    call.hears("yes")
    assert (call.facts.age, call.facts.pain_duration) == (72, 21)


def test_a_danger_in_the_story_is_an_emergency(call: PureCall) -> None:
    call.hears("yes, my back hurts and I have been numb between my legs since this morning")
    assert call.result == ("doctor_first", "emergency")


def test_a_danger_in_a_story_that_was_not_heard_well_is_asked_about(call: PureCall) -> None:
    call.hears("yes").doubts("my back hurts and I am numb between my legs")
    assert "numbness between your legs" in call.said
    assert call.talk.alarm


def test_how_long_and_how_bad_are_asked_at_once(call: PureCall) -> None:
    call.up_to(Slot.PAIN_DURATION)
    assert "How long ago" in call.said
    assert "how bad" in call.said
    call.hears("three weeks, and four out of ten")
    assert (call.facts.pain_duration, call.facts.pain_severity) == (21, 4)


@pytest.mark.parametrize(
    ("told", "asked"),
    [("three weeks", Slot.PAIN_SEVERITY), ("four out of ten", Slot.PAIN_DURATION)],
)
def test_of_two_questions_the_one_that_was_not_answered_is_asked_alone(
    call: PureCall, told: str, asked: Slot
) -> None:
    call.up_to(Slot.PAIN_DURATION).hears(told)
    assert call.talk.slot is asked
    assert call.said == f"What about {asked.value}?"


def test_a_bare_number_to_both_is_no_severity(call: PureCall) -> None:
    call.up_to(Slot.PAIN_DURATION).hears("four")
    assert call.facts.pain_severity is None
    assert call.facts.pain_duration is None


# ---- Keys, where words are not heard ---------------------------------------------------------


def test_after_two_misses_every_question_tells_its_keys(call: PureCall) -> None:
    call.hears("yes", "forty").doubts("hmm", "well")
    assert "Please go on with the keys of your phone." in call.said
    call.presses("2")
    assert "Press one for yes, two for no" in call.said
    assert "Please go on with the keys" not in call.said


def test_misses_at_several_questions_bring_the_keys_too(call: PureCall) -> None:
    call.hears("yes", "forty")
    for _ in range(KEYS_AFTER_IN_ALL - 1):
        call.doubts("hmm")
        assert not call.talk.by_keys
        call.presses("2")
    call.doubts("hmm")
    assert call.talk.by_keys


def test_who_talks_on_is_not_listened_to_any_more(call: PureCall) -> None:
    call.hears("yes", "forty").doubts("hmm", "well")
    assert call.last.listening is not None
    assert call.last.listening.speech
    call.doubts("hmm")
    assert call.last.listening is not None
    assert not call.last.listening.speech


def test_a_danger_that_is_told_beside_keys_is_asked_about(call: PureCall) -> None:
    call.hears("yes", "forty").doubts("hmm", "well", "I have chest pain")
    assert "I heard chest pain" in call.said
    assert "Press one" in call.said or "press one" in call.said


def test_a_medicine_that_is_told_beside_keys_is_asked_about(call: PureCall) -> None:
    call.hears("yes", "forty").doubts("hmm", "well", "I take warfarin")
    assert "Is that right?" in call.said
    call.presses("1")
    assert call.facts.health_conditions


def test_who_is_never_heard_surely_comes_to_a_result_by_keys(call: PureCall) -> None:
    def answer(call: PureCall) -> None:
        by_keys(call) if call.talk.by_keys else call.doubts(
            PLAIN.get(call.talk.slot, "no") if call.talk.slot else "yes"
        )

    assert length(call, answer) <= 20
    assert call.result == ("massage", "none")


@pytest.mark.parametrize("seed", range(40))
def test_babble_never_takes_more_than_25_turns(call: PureCall, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a test of chance
    levels = [Confidence.NOTHING, Confidence.DOUBTFUL, Confidence.FAIR, Confidence.SURE]

    def answer(call: PureCall) -> None:
        if call.last.listening is not None and not call.last.listening.speech:
            call.is_silent()
        elif chance.random() < 0.2:
            call.makes_noise(NoMatch(NoMatchReason.NOISE))
        else:
            call.hears(chance.choice(BABBLE), sureness=chance.choice(levels))

    assert length(call, answer) <= MOST_TURNS


def test_noise_alone_ends_with_a_person(call: PureCall) -> None:
    turns = length(call, lambda call: call.makes_noise(NoMatch(NoMatchReason.NOISE)))
    assert turns <= 5
    assert call.last.then is AfterPrompt.TRANSFER


# ---- What is offered after the result --------------------------------------------------------


@pytest.fixture
def told() -> PureCall:
    """A call that came to its result, from a telephone that takes text messages."""
    call = PureCall(textable=True)
    length(call, plainly)
    return call


def test_the_result_is_offered_as_a_text_message(told: PureCall) -> None:
    assert "Would you like this as a text message" in told.said


def test_a_sure_yes_sends_it_and_the_clinic_is_offered(told: PureCall) -> None:
    told.hears("yes please")
    assert told.talk.texts == 1
    assert told.said.startswith("I send it now. Shall I connect you with the clinic")
    assert told.evidence[-1].about == "text_message"


def test_a_key_sends_it(told: PureCall) -> None:
    told.presses("1")
    assert told.talk.texts == 1


def test_a_yes_that_was_not_heard_surely_sends_nothing(told: PureCall) -> None:
    told.hears("yes", sureness=Confidence.FAIR)
    assert told.talk.texts == 0
    assert "press one or two" in told.said


def test_after_a_no_nothing_is_sent_and_the_clinic_is_offered(told: PureCall) -> None:
    told.hears("no")
    assert told.talk.texts == 0
    assert told.said.startswith("Shall I connect you with the clinic")


def test_a_yes_to_the_clinic_connects(told: PureCall) -> None:
    told.presses("2", "1")
    assert told.last.then is AfterPrompt.TRANSFER
    assert told.talk.handed == "offered"


def test_a_no_to_the_clinic_says_goodbye(told: PureCall) -> None:
    told.presses("2", "2")
    assert told.last.then is AfterPrompt.HANG_UP


def test_the_result_is_heard_again_by_hash(told: PureCall) -> None:
    told.presses("#")
    assert "The result: massage." in told.said


def test_silence_repeats_the_offer_alone(told: PureCall) -> None:
    told.is_silent()
    assert "The result" not in told.said


def test_where_no_message_can_be_sent_the_clinic_is_offered_at_once(call: PureCall) -> None:
    length(call, plainly)
    assert "text message" not in call.said
    assert "Shall I connect you with the clinic" in call.said


def test_no_emergency_is_offered_as_a_text_message() -> None:
    call = PureCall(textable=True).hears("yes", "I have chest pain and cannot breathe")
    assert "text message" not in call.said
