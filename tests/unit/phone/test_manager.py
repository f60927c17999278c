"""How a call goes: what counts, what is read back, when keys and a person come."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backline.dialogue import QUESTION_ORDER
from backline.dialogue.progress import FOR_SOME
from backline.facts import EmergencySign, HealthCondition, Slot
from backline.phone.dialogue.grounding import Confidence
from backline.phone.dialogue.state import CallState
from backline.phone.events import AfterPrompt, NoMatch, NoMatchReason
from tests.unit.phone.pure_call import PureCall

WORDS = {
    Slot.CONSENT: "yes",
    Slot.AGE: "forty",
    Slot.PAIN_DURATION: "about two weeks",
    Slot.PAIN_SEVERITY: "three",
    Slot.MASSAGE_RESPONSE: "no massage yet",
}
"""What is said by somebody who says no to all other questions."""


def to_its_result(call: PureCall, say: Callable[[str], object]) -> PureCall:
    """Answer in these words whatever is asked, to the result."""
    while call.result is None:
        assert call.talk.slot is not None, "nothing is asked, and there is no result"
        say(WORDS.get(call.talk.slot, "no"))
    return call


@pytest.fixture
def call() -> PureCall:
    return PureCall()


# ---- Whole calls --------------------------------------------------------------------------------


def test_a_call_in_clear_words_comes_to_its_result(call: PureCall) -> None:
    to_its_result(call, call.hears)
    assert call.result == ("massage", "none")
    assert call.last.finished


def test_a_call_by_keys_alone_comes_to_its_result(call: PureCall) -> None:
    call.up_to(Slot.MASSAGE_RESPONSE).presses("1")
    assert call.result == ("massage", "none")


def test_a_doubtful_call_comes_to_the_same_result_once_each_answer_is_confirmed(
    call: PureCall,
) -> None:
    to_its_result(call, lambda answer: call.doubts(answer).hears("yes"))
    assert call.result == ("massage", "none")
    assert {e.confirmed for e in call.evidence} == {"read_back"}


def test_who_speaks_another_language_is_told_the_number_in_english_and_connected(
    call: PureCall,
) -> None:
    call.up_to(Slot.MASSAGE_RESPONSE).hears("no entiendo la pregunta, señorita")
    assert "I understand English only" in call.said
    assert "000" in call.said
    assert call.last.then is AfterPrompt.TRANSFER
    assert call.facts.massage_response is None


def test_a_danger_told_in_another_language_is_an_emergency_on_the_phone_too(
    call: PureCall,
) -> None:
    call.up_to(Slot.PAIN_DURATION).hears("no siento las piernas")
    assert call.result == ("doctor_first", "emergency")


# ---- What is not sure is read back --------------------------------------------------------------


def test_a_doubtful_time_counts_only_after_a_yes(call: PureCall) -> None:
    call.up_to(Slot.PAIN_DURATION).doubts("three weeks")
    assert call.facts.pain_duration is None
    assert "I heard three weeks. Is that right?" in call.said
    call.hears("yes")
    assert call.facts.pain_duration == 21


def test_a_denied_reading_changes_nothing(call: PureCall) -> None:
    call.up_to(Slot.PAIN_DURATION).doubts("three weeks").hears("no")
    assert call.facts.pain_duration is None
    assert call.talk.slot is Slot.PAIN_DURATION


def test_a_correction_of_what_was_read_back_is_taken(call: PureCall) -> None:
    call.up_to(Slot.PAIN_DURATION).doubts("three weeks").hears("no, four weeks")
    assert call.facts.pain_duration == 28


def test_what_leads_to_a_doctor_is_confirmed_if_it_is_heard_twice_the_same(call: PureCall) -> None:
    call.up_to(Slot.BACK_SIGNS).doubts("I fell last week", "I fell last week")
    assert call.facts.recent_injury is True


def test_anything_else_heard_twice_the_same_needs_a_yes(call: PureCall) -> None:
    call.up_to(Slot.PAIN_SEVERITY).doubts("five", "five")
    assert call.facts.pain_severity is None
    assert "Please press one for yes, or two for no." in call.said


def test_a_denial_in_the_same_words_confirms_nothing(call: PureCall) -> None:
    call.up_to(Slot.PAIN_DURATION).doubts("three weeks", "no three weeks")
    assert call.facts.pain_duration is None


def test_a_severity_that_is_fairly_sure_is_read_back(call: PureCall) -> None:
    call.up_to(Slot.PAIN_SEVERITY).hears("four", sureness=Confidence.FAIR)
    assert call.facts.pain_severity is None
    assert "a pain of 4 out of ten" in call.said


def test_a_no_to_danger_signs_that_is_fairly_sure_is_read_back_with_its_lines(
    call: PureCall,
) -> None:
    call.up_to(Slot.EMERGENCY_SIGNS).hears("no", sureness=Confidence.FAIR)
    assert "none of these: numbness between your legs" in call.said
    assert call.talk.at == 0
    call.hears("yes")
    assert call.talk.at == 1


def test_a_no_before_all_was_read_out_is_read_back(call: PureCall) -> None:
    call.up_to(Slot.EMERGENCY_SIGNS).hears("no", interrupted=True)
    assert "none of these" in call.said


def test_a_doubtful_yes_confirms_nothing_and_offers_keys(call: PureCall) -> None:
    call.up_to(Slot.PAIN_SEVERITY).doubts("four", "yes")
    assert call.facts.pain_severity is None
    assert "Please press one for yes, or two for no." in call.said
    call.presses("1")
    assert call.facts.pain_severity == 4


def test_an_injury_that_is_fairly_sure_counts_since_it_leads_to_a_doctor(call: PureCall) -> None:
    call.up_to(Slot.BACK_SIGNS).hears("yes I fell", sureness=Confidence.FAIR)
    assert call.facts.recent_injury is True


def test_what_was_heard_is_kept_with_how_it_came_to_count(call: PureCall) -> None:
    call.up_to(Slot.PAIN_SEVERITY).doubts("for").hears("yes")
    evidence = call.evidence[-1]
    assert (evidence.about, evidence.heard) == ("pain_severity", "for")
    assert (evidence.confidence, evidence.confirmed) == (0.5, "read_back")


# ---- Danger signs -------------------------------------------------------------------------------


@pytest.mark.parametrize("slot", [Slot.CONSENT, Slot.EMERGENCY_SIGNS, Slot.BACK_SIGNS])
def test_a_danger_sign_ends_the_questions_at_any_moment(call: PureCall, slot: Slot) -> None:
    call.up_to(slot).hears("I have chest pain")
    assert call.result == ("doctor_first", "emergency")
    assert call.last.emergency
    assert call.last.phrases[0].slowly


def test_a_line_of_danger_signs_ends_the_reading_at_once(call: PureCall) -> None:
    call.up_to(Slot.EMERGENCY_SIGNS).hears("yes", "the second one")
    assert call.facts.emergency_signs == {EmergencySign.BLADDER_CHANGE}
    # Who says yes to a line is asked whether it is new, and nothing before that.
    assert call.talk.slot is Slot.FOLLOW_UP
    call.hears("yes")
    assert call.result == ("doctor_first", "emergency")


def test_a_doubtful_danger_sign_is_read_back(call: PureCall) -> None:
    call.up_to(Slot.PAIN_DURATION).doubts("chest pain")
    assert call.result is None
    assert "chest pain, or trouble breathing" in call.said
    call.hears("yes")
    assert call.result == ("doctor_first", "emergency")


def test_even_a_sign_below_every_threshold_is_asked_about(call: PureCall) -> None:
    call.up_to(Slot.PAIN_DURATION).hears("chest pain", sureness=Confidence.NOTHING)
    assert "chest pain" in call.said


def test_who_told_of_a_danger_sign_and_falls_silent_is_told_the_number_and_connected(
    call: PureCall,
) -> None:
    call.up_to(Slot.PAIN_DURATION).doubts("chest pain").is_silent(2)
    assert call.last.then is AfterPrompt.TRANSFER
    assert call.last.emergency
    assert "hang up now and call 000" in call.said
    assert call.facts.emergency_signs == frozenset()


def test_after_an_emergency_silence_repeats_it_once_and_then_ends(call: PureCall) -> None:
    call.hears("I have chest pain").is_silent()
    assert "doctor_first" in call.said
    call.is_silent()
    assert call.last.then is AfterPrompt.HANG_UP


# ---- Checklists in groups -----------------------------------------------------------------------


def test_a_yes_to_a_group_asks_which_and_then_for_the_rest_of_it(call: PureCall) -> None:
    call.up_to(Slot.HEALTH_CONDITIONS).hears("yes")
    assert "Say or press 1 for a fever" in call.said
    call.hears("number one")
    assert "And do any of these apply to you: losing weight" in call.said


def test_both_of_two_lines_can_be_told_at_once(call: PureCall) -> None:
    call.up_to(Slot.HEALTH_CONDITIONS).hears("yes", "one and three")
    assert call.talk.chosen == ("fever", "cancer_history")


def test_a_condition_in_own_words_is_told_and_does_not_answer_the_whole_list(
    call: PureCall,
) -> None:
    call.up_to(Slot.HEALTH_CONDITIONS).hears("no but I take warfarin")
    assert HealthCondition.BLOOD_THINNERS in call.facts.health_conditions
    assert call.talk.slot is Slot.HEALTH_CONDITIONS
    assert "pregnancy, an operation" in call.said


def test_a_time_told_in_the_middle_of_a_list_is_kept_and_its_no_denies_the_group_alone(
    call: PureCall,
) -> None:
    call.up_to(Slot.EMERGENCY_SIGNS).hears("no it has been three weeks")
    assert call.facts.pain_duration == 21
    assert Slot.EMERGENCY_SIGNS not in call.facts.checked
    assert call.talk.at == 1


def test_a_list_that_was_partly_unsure_is_asked_again_and_then_leads_to_a_doctor(
    call: PureCall,
) -> None:
    call.up_to(Slot.EMERGENCY_SIGNS).hears("not sure", "no")
    assert call.talk.slot is Slot.EMERGENCY_SIGNS
    assert "numbness between your legs" in call.said
    call.hears("not sure")
    assert Slot.EMERGENCY_SIGNS in call.facts.given_up


def test_an_unsure_group_that_is_denied_at_last_answers_the_list(call: PureCall) -> None:
    call.up_to(Slot.EMERGENCY_SIGNS).hears("not sure", "no", "no")
    assert call.talk.slot is Slot.DANGER_SIGNS


def test_a_question_of_the_callers_is_answered_and_the_reading_goes_on(call: PureCall) -> None:
    call.up_to(Slot.EMERGENCY_SIGNS).hears("no", "how much does it cost")
    assert call.told[-1].aside
    assert "both legs" in call.said


def test_starting_over_reads_the_list_from_its_beginning(call: PureCall) -> None:
    call.up_to(Slot.EMERGENCY_SIGNS).hears("no", "start over", "yes")
    assert call.told[-1].confirmed
    call.up_to(Slot.EMERGENCY_SIGNS)
    assert "numbness between your legs" in call.said


# ---- Lines that stand for several things --------------------------------------------------------


def test_a_line_that_stands_for_several_things_is_told_apart_by_its_own_list(
    call: PureCall,
) -> None:
    call.up_to(Slot.HEALTH_CONDITIONS).hears("no", "yes", "number one", "no")
    assert call.talk.slot is Slot.MEDICINES
    assert call.facts.health_conditions == frozenset()
    call.hears("yes", "number two").denies_the_rest()
    assert call.facts.health_conditions == {HealthCondition.STEROIDS}


@pytest.mark.parametrize(
    ("words", "line", "told_apart"),
    [
        ("I take warfarin", "medicines", Slot.MEDICINES),
        ("I have epilepsy", "other_illness", Slot.OTHER_ILLNESS),
    ],
)
def test_an_illness_in_words_answers_the_line_that_stands_for_it(
    call: PureCall, words: str, line: str, told_apart: Slot
) -> None:
    call.up_to(Slot.HEALTH_CONDITIONS).hears("no", words)
    assert call.talk.chosen == (line,)
    assert "And this one:" in call.said
    call.presses("2")
    assert call.talk.slot not in (Slot.HEALTH_CONDITIONS, told_apart)


def test_who_cannot_tell_apart_what_a_line_stands_for_is_sent_to_a_doctor(call: PureCall) -> None:
    call.up_to(Slot.HEALTH_CONDITIONS).presses("2", "1", "1", "2").hears("not sure", "not sure")
    assert Slot.MEDICINES in call.facts.given_up
    assert call.result is not None and call.result[0] == "doctor_first"


@pytest.mark.parametrize("words", ["I'd rather not say", "rather not say", "pass"])
def test_whether_they_are_safe_nobody_has_to_say(call: PureCall, words: str) -> None:
    call.up_to(Slot.SAFETY).hears(words)
    assert call.talk.slot is Slot.PAIN_DURATION
    assert call.facts.given_up == frozenset()


# ---- Keys ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "severity"), [("2", 2), ("7", 7), ("*", 10), ("10", 10), ("9#", 9)]
)
def test_keys_on_the_scale(call: PureCall, key: str, severity: int) -> None:
    call.up_to(Slot.PAIN_SEVERITY).presses(key)
    assert call.facts.pain_severity == severity


def test_zero_is_a_person_everywhere_else(call: PureCall) -> None:
    call.up_to(Slot.EMERGENCY_SIGNS).presses("0")
    assert call.last.then is AfterPrompt.TRANSFER


def test_hash_repeats(call: PureCall) -> None:
    before = call.up_to(Slot.LEG_SYMPTOMS).said
    assert call.presses("#").said == before


def test_who_wants_to_hear_it_again_and_again_is_offered_keys_and_then_a_person(
    call: PureCall,
) -> None:
    before = call.up_to(Slot.LEG_SYMPTOMS).said
    assert call.hears("what?").said == before
    for _ in range(2):
        call.hears("pardon")
        assert "Press one for yes, two for no" in call.said
    call.hears("what?")
    assert call.last.then is AfterPrompt.TRANSFER


def test_after_an_answer_it_is_said_again_as_often_as_before(call: PureCall) -> None:
    call.up_to(Slot.EMERGENCY_SIGNS).hears("what?", "what?", "no", "what?")
    assert "Press one" not in call.said


def test_a_key_without_a_meaning_changes_nothing(call: PureCall) -> None:
    told = len(call.up_to(Slot.EMERGENCY_SIGNS).told)
    call.presses("9")
    assert len(call.told) == told
    assert "Press one for yes" in call.said


def test_an_age_has_two_keys(call: PureCall) -> None:
    assert call.up_to(Slot.AGE).presses("71#").facts.age == 71


# ---- Misses, silence, a person ------------------------------------------------------------------


def test_after_two_misses_keys_are_asked_for_and_after_four_comes_a_person(call: PureCall) -> None:
    call.up_to(Slot.LEG_SYMPTOMS).hears("the weather")
    assert "I did not catch that" in call.said
    assert "Press one" not in call.said
    call.hears("blue")
    assert "Please go on with the keys of your phone." in call.said
    assert "Press one for yes, two for no" in call.said
    call.hears("the weather")
    assert call.last.then is AfterPrompt.LISTEN
    call.hears("blue")
    assert call.last.then is AfterPrompt.TRANSFER


def test_silence_repeats_once_then_offers_keys_then_ends_with_the_hours(call: PureCall) -> None:
    call.up_to(Slot.LEG_SYMPTOMS).is_silent()
    assert "leg_symptoms" in call.said
    call.is_silent()
    assert "Press one" in call.said
    call.is_silent()
    assert call.last.then is AfterPrompt.HANG_UP
    assert "every day" in call.said


@pytest.mark.parametrize("why", list(NoMatchReason))
def test_what_is_no_words_is_asked_again(call: PureCall, why: NoMatchReason) -> None:
    before = call.up_to(Slot.PAIN_DURATION).facts
    call.makes_noise(NoMatch(why))
    assert "pain_duration" in call.said
    assert call.facts == before


@pytest.mark.parametrize("words", ["agent", "Operator.", "a person please", "representative"])
def test_who_asks_for_a_person_gets_one(call: PureCall, words: str) -> None:
    call.hears(words)
    assert call.last.then is AfterPrompt.TRANSFER


def test_goodbye_in_the_middle_ends_without_a_result(call: PureCall) -> None:
    call.up_to(Slot.PAIN_DURATION).hears("goodbye")
    assert call.last.then is AfterPrompt.HANG_UP
    assert not call.last.finished


def test_a_yes_after_the_result_connects(call: PureCall) -> None:
    to_its_result(call, call.hears)
    call.hears("yes")
    assert call.last.then is AfterPrompt.TRANSFER


# ---- What must always hold ----------------------------------------------------------------------

TEXTS = (
    *("yes", "no", "none of these", "not sure", "three weeks", "a seven", "four", "0", "ten"),
    *("no fever", "I fell last week", "I take warfarin", "the second one", "all of them", "agent"),
    *("no massage yet", "it relaxed me", "my legs went numb, both of them", "numbness down below"),
    *(
        "I am 70",
        "start over",
        "go back",
        "repeat",
        "how much does it cost",
        "um",
        "representative",
    ),
)
EVENTS = st.one_of(
    st.tuples(st.sampled_from(TEXTS), st.sampled_from(list(Confidence))),
    st.sampled_from("0123456789*#"),
    st.sampled_from([None, *NoMatchReason]),
)


NOISE = st.one_of(
    st.tuples(st.sampled_from(TEXTS), st.sampled_from([Confidence.NOTHING, Confidence.DOUBTFUL])),
    st.tuples(st.sampled_from(["what", "pardon", "repeat"]), st.sampled_from(list(Confidence))),
)


ASKED = [slot for slot in QUESTION_ORDER if slot not in FOR_SOME]


@given(NOISE, st.sampled_from([Slot.CONSENT, *ASKED, Slot.LEG_SYMPTOMS]))
def test_a_noise_that_lasts_is_not_asked_for_ever(
    noise: tuple[str, Confidence], slot: Slot
) -> None:
    """Whatever it is heard as."""
    call, (words, sureness) = PureCall().up_to(slot), noise
    for _ in range(40):
        if not call.over:
            call.hears(words, sureness=sureness)
    assert call.over


@settings(max_examples=150)
@given(st.lists(EVENTS, max_size=40))
def test_a_massage_rests_on_nothing_that_was_not_surely_heard_confirmed_or_pressed(
    events: list[object],
) -> None:
    call = PureCall()
    for event in events:
        if call.over:
            break
        facts, waiting = call.facts, call.talk.pending
        if isinstance(event, tuple):
            call.hears(event[0], sureness=event[1])
            unsure = event[1] < Confidence.FAIR
            if unsure and waiting is None:
                assert call.facts == facts, "an answer counted that was neither sure nor confirmed"
        elif isinstance(event, str):
            call.presses(event)
        elif event is None:
            call.is_silent()
        else:
            call.makes_noise(NoMatch(event))  # type: ignore[arg-type]
        assert call.last.phrases, "nothing was said"
        assert CallState.from_json(call.talk.to_json()) == call.talk
    assert {e.confirmed for e in call.evidence} <= {"sure", "read_back", "keys"}
    if call.facts.emergency_signs:
        assert call.result == ("doctor_first", "emergency")
    if (call.facts.pain_severity or 0) >= 7 and call.result is not None:
        assert call.result[0] == "doctor_first"
