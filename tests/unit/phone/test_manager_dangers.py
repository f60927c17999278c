"""How a call must not go: a danger sign dropped, a fact that nobody told, a caller who is stuck."""

from __future__ import annotations

import re

import pytest

from backline.dialogue import Conversation
from backline.facts import EmergencySign, Facts, HealthCondition, LegSymptoms, Onset, Slot
from backline.phone.dialogue.grounding import Confidence, proposed_update
from backline.phone.dialogue.state import CallState, Prompt
from backline.phone.dialogue.wording import read_yaml
from backline.phone.events import AfterPrompt, NoMatch, NoMatchReason
from tests.unit.phone.pure_call import PureCall, manager, understood


@pytest.fixture
def call() -> PureCall:
    return PureCall()


# ---- A danger sign that waits to be confirmed is dropped by a sure no alone ----------------------


@pytest.mark.parametrize("sureness", [Confidence.NOTHING, Confidence.DOUBTFUL, Confidence.FAIR])
def test_a_no_that_is_not_sure_does_not_deny_a_danger_sign(
    call: PureCall, sureness: Confidence
) -> None:
    call.up_to(Slot.AGE).doubts("chest pain").hears("no", sureness=sureness)
    assert "I heard chest pain" in call.said
    assert "press one for yes" in call.said


def test_a_sure_no_denies_it(call: PureCall) -> None:
    call.up_to(Slot.AGE).doubts("chest pain").hears("no")
    assert "age" in call.said
    assert call.facts.emergency_signs == frozenset()


@pytest.mark.parametrize(
    "other", ["no massage yet", "no spasms", "three weeks", "I am seventy", "sorry"]
)
def test_an_answer_to_something_else_does_not_deny_it(call: PureCall, other: str) -> None:
    call.up_to(Slot.MASSAGE_RESPONSE).doubts("chest pain").hears(other)
    assert "I heard chest pain" in call.said


@pytest.mark.parametrize("then", ["numb between my legs", "maybe", "I am 40"])
def test_beside_a_shall_i_of_the_triage_it_waits_or_counts(call: PureCall, then: str) -> None:
    call.talk = CallState(slot=Slot.CHECK, kind="yes_no", prompt="Shall I?")
    call.hears("numb between my legs", sureness=Confidence.NOTHING).hears(then)
    assert "I heard numbness" in call.said or call.facts.emergency_signs


def test_another_doubtful_danger_sign_instead_of_a_yes_is_enough_to_connect(
    call: PureCall,
) -> None:
    call.up_to(Slot.MASSAGE_RESPONSE).doubts("chest pain", "numb between my legs")
    assert call.last.then is AfterPrompt.TRANSFER
    assert "hang up now and call 000" in call.said


def test_a_condition_told_after_its_checklist_is_not_dropped_by_another_answer(
    call: PureCall,
) -> None:
    call.up_to(Slot.MASSAGE_RESPONSE).doubts("I take warfarin").hears("no massage yet")
    assert "blood thinners" in call.said
    call.presses("1")
    assert HealthCondition.BLOOD_THINNERS in call.facts.health_conditions


def test_who_says_yes_to_danger_signs_and_falls_silent_is_connected(call: PureCall) -> None:
    call.up_to(Slot.EMERGENCY_SIGNS).hears("yes").is_silent(2)
    assert call.last.then is AfterPrompt.TRANSFER
    assert call.last.emergency


def test_who_says_yes_to_danger_signs_and_is_lost_in_noise_is_told_the_number(
    call: PureCall,
) -> None:
    call.up_to(Slot.EMERGENCY_SIGNS).presses("1")
    for _ in range(3):
        call.makes_noise(NoMatch(NoMatchReason.NOISE))
    assert "hang up now and call 000" in call.said


def test_who_says_yes_to_danger_signs_and_cannot_say_which_is_connected(call: PureCall) -> None:
    call.up_to(Slot.EMERGENCY_SIGNS).hears("yes", "I don't know")
    assert call.last.then is AfterPrompt.TRANSFER
    assert call.last.emergency


def test_who_says_yes_to_danger_signs_and_tells_something_else_is_asked_to_which(
    call: PureCall,
) -> None:
    call.up_to(Slot.EMERGENCY_SIGNS).hears("yes", "I am seventy")
    assert "Which of them?" in call.said
    call.is_silent(2)
    assert call.last.emergency


# ---- A no that may be none ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        "no. yes.",
        "no i have a funny feeling in my chest",
        "actually no",
    ],
)
def test_a_no_that_may_say_more_is_read_back(call: PureCall, words: str) -> None:
    call.up_to(Slot.EMERGENCY_SIGNS).hears(words)
    assert call.talk.at == 0
    assert "So you have none of these" in call.said


def test_a_no_after_a_yes_to_the_same_group_is_read_back(call: PureCall) -> None:
    call.up_to(Slot.EMERGENCY_SIGNS).hears("yes", "no")
    assert "So you have none of these" in call.said


@pytest.mark.parametrize(
    "words", ["a bit", "I do", "yes I have", "sometimes", "all of them", "yeah no that's wrong"]
)
def test_none_of_these_is_confirmed_by_a_plain_yes_alone(call: PureCall, words: str) -> None:
    call.up_to(Slot.EMERGENCY_SIGNS).hears("no", sureness=Confidence.FAIR).hears(words)
    assert call.talk.at == 0
    assert call.told[-1].text != "None of these"


@pytest.mark.parametrize(
    "words",
    [
        "no my chest feels funny",
        "no i have a funny feeling in my chest and I'm seventy",
        "no I do",
        "no I have",
        "no, no chest pain",
        "no, I don't have chest pain",
    ],
)
def test_a_no_with_anything_beside_it_does_not_answer_the_group(call: PureCall, words: str) -> None:
    call.up_to(Slot.EMERGENCY_SIGNS).hears(words)
    assert call.talk.at == 0


@pytest.mark.parametrize(
    "words",
    [
        *("no", "nope", "none", "none of these", "no, none of those", "No. Not at all."),
        *("no, I don't have any of these", "no I haven't", "no thank you", "none of them, no"),
    ],
)
def test_a_sure_and_plain_no_answers_the_group(call: PureCall, words: str) -> None:
    call.up_to(Slot.EMERGENCY_SIGNS).hears(words)
    assert call.talk.at == 1


@pytest.mark.parametrize("names", [("denials",), ("denials", "beside_facts")])
def test_no_phrase_of_a_denial_is_made_of_others(names: tuple[str, ...]) -> None:
    # Else a long answer could be taken apart in countless ways.
    words = read_yaml("talk.yml")["words"]
    phrases = {phrase for name in names for phrase in words[name]}
    for phrase in phrases:
        others = "|".join(map(re.escape, phrases - {phrase}))
        assert re.fullmatch(f"(?:{others})(?: (?:{others}))*", phrase) is None, phrase


def test_two_answers_that_are_only_fairly_sure_make_no_pain_mild(call: PureCall) -> None:
    call.up_to(Slot.PAIN_SEVERITY).hears("five", "yes", sureness=Confidence.FAIR)
    assert call.facts.pain_severity is None
    assert "Please press one for yes, or two for no." in call.said


def test_a_severe_pain_that_waits_to_be_confirmed_is_dropped_by_a_sure_no_alone(
    call: PureCall,
) -> None:
    call.up_to(Slot.PAIN_SEVERITY).hears("nine", "no", sureness=Confidence.FAIR)
    assert "a pain of 9 out of ten" in call.said
    call.hears("no")
    assert call.facts.pain_severity is None
    assert "a pain of 9 out of ten" not in call.said


def test_two_answers_that_are_only_fairly_sure_deny_no_danger_sign(call: PureCall) -> None:
    call.up_to(Slot.EMERGENCY_SIGNS).hears("no", sureness=Confidence.FAIR)
    call.hears("yes", sureness=Confidence.FAIR)
    assert call.talk.at == 0
    assert "Please press one for yes, or two for no." in call.said
    call.presses("1")
    assert call.talk.at == 1


def test_that_no_place_is_swollen_is_read_back_when_it_is_not_sure(call: PureCall) -> None:
    call.up_to(Slot.MASSAGE_RESPONSE).hears("it is swollen")
    call.hears("no swelling", sureness=Confidence.FAIR)
    assert call.facts.inflammation is True


def test_that_a_doctor_examined_the_leg_is_read_back_when_it_is_not_sure(call: PureCall) -> None:
    call.up_to(Slot.MASSAGE_RESPONSE).hears("my left leg hurts")
    call.hears("yes but the doctor has examined my leg", sureness=Confidence.FAIR)
    assert call.facts.leg_examined is None
    assert "a doctor has examined your leg" in call.said


# ---- What is told in the middle of a checklist --------------------------------------------------


@pytest.mark.parametrize("words", ["sorry, make that 8", "actually it is more like an 8"])
def test_a_severity_corrected_in_the_middle_of_a_checklist_counts(
    call: PureCall, words: str
) -> None:
    call.up_to(Slot.HEALTH_CONDITIONS).hears(words)
    assert call.facts.pain_severity == 8
    assert call.talk.slot is not Slot.HEALTH_CONDITIONS or call.talk.at == 0


def test_a_corrected_condition_in_the_middle_of_a_checklist_is_taken_back(
    call: PureCall,
) -> None:
    call.up_to(Slot.PAIN_DURATION).hears("I have epilepsy").up_to(Slot.HEALTH_CONDITIONS)
    call.hears("sorry, I meant no epilepsy")
    assert HealthCondition.EPILEPSY not in call.facts.health_conditions


def test_a_bare_yes_in_a_checklist_answers_no_question_before_it(call: PureCall) -> None:
    call.up_to(Slot.EMERGENCY_SIGNS).hears("yes", "the second one")
    call.hears("no").up_to(Slot.DANGER_SIGNS)
    before = call.facts
    assert before.detail("bladder_change").onset is Onset.OLDER
    call.hears("actually yes")
    assert call.facts == before
    assert "Which of them?" in call.said


def test_a_wish_that_was_misheard_takes_nothing_back(call: PureCall) -> None:
    call.up_to(Slot.HEALTH_CONDITIONS).hears("yes", "number one")
    call.hears("start over", sureness=Confidence.FAIR).hears("no").denies_the_rest()
    assert HealthCondition.FEVER in call.facts.health_conditions


def test_a_leg_alone_does_not_settle_a_list_that_was_partly_unsure(call: PureCall) -> None:
    call.up_to(Slot.PAIN_DURATION).hears("a doctor has examined my left leg")
    call.up_to(Slot.BACK_SIGNS).hears("yes", "number two").presses("2").hears("not sure")
    assert Slot.BACK_SIGNS not in call.facts.checked
    call.hears("not sure")
    assert Slot.BACK_SIGNS in call.facts.given_up


@pytest.mark.parametrize(
    ("slot", "keys"),
    [
        (Slot.BACK_SIGNS, ("1", "2")),
        (Slot.HEALTH_CONDITIONS, ("1", "1")),
    ],
)
def test_a_line_that_may_keep_nobody_from_massage_settles_no_list_that_was_partly_unsure(
    call: PureCall, slot: Slot, keys: tuple[str, ...]
) -> None:
    call.up_to(slot).hears("not sure").presses(*keys).presses("2")
    assert slot not in call.facts.checked


def test_a_sign_that_no_line_names_is_read_back_in_words(call: PureCall) -> None:
    call.up_to(Slot.PAIN_DURATION).doubts("my legs keep giving way")
    assert "Is that right?" in call.said
    assert "leg collapse" not in call.said


@pytest.mark.parametrize("word", ["fainting", "sepsis"])
def test_a_danger_sign_that_is_named_in_one_word_is_told(call: PureCall, word: str) -> None:
    call.up_to(Slot.DANGER_SIGNS).hears(word)
    assert {sign.value for sign in call.facts.emergency_signs} == {word}


@pytest.mark.parametrize("word", ["epilepsy", "pregnancy", "osteoporosis", "steroids"])
def test_a_condition_that_is_named_in_one_word_is_told(call: PureCall, word: str) -> None:
    call.up_to(Slot.HEALTH_CONDITIONS).hears(word)
    assert {condition.value for condition in call.facts.health_conditions} == {word}


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("I fell last week", "a fall, a blow"),
        ("my left foot tingles", "pain below the knee"),
    ],
)
def test_what_was_told_of_the_back_is_not_read_out_again(
    call: PureCall, words: str, line: str
) -> None:
    call.up_to(Slot.BACK_SIGNS).hears(words)
    assert call.talk.slot is Slot.BACK_SIGNS
    assert line not in call.said


def test_a_leg_that_hurts_is_kept_whenever_it_is_told(call: PureCall) -> None:
    call.up_to(Slot.BACK_SIGNS).hears("the pain goes down my left leg").denies_the_rest()
    assert call.facts.leg_symptoms is LegSymptoms.ONE_LEG
    assert call.talk.slot is Slot.LEG_SYMPTOMS


# ---- Lines told by number -----------------------------------------------------------------------


def test_a_line_can_be_told_at_once(call: PureCall) -> None:
    call.up_to(Slot.EMERGENCY_SIGNS).hears("the second one")
    assert call.facts.emergency_signs == {EmergencySign.BLADDER_CHANGE}


def test_asking_about_a_line_does_not_choose_it(call: PureCall) -> None:
    call.up_to(Slot.EMERGENCY_SIGNS).hears("yes", "what was the second one")
    assert call.facts.emergency_signs == frozenset()


@pytest.mark.parametrize("words", ["not the first", "no, number two"])
def test_a_line_told_with_a_no_is_read_back(call: PureCall, words: str) -> None:
    call.up_to(Slot.EMERGENCY_SIGNS).hears("yes", words)
    assert call.facts.emergency_signs == frozenset()
    assert "Is that right?" in call.said


def test_a_time_is_no_line(call: PureCall) -> None:
    call.up_to(Slot.EMERGENCY_SIGNS).hears("yes", "for two weeks")
    assert call.facts.emergency_signs == frozenset()


def test_a_yes_pressed_ahead_confirms_no_denial(call: PureCall) -> None:
    call.up_to(Slot.EMERGENCY_SIGNS).presses("2", "1", interrupted=True)
    assert call.talk.at == 0
    assert "So you have none of these" in call.said


def test_who_says_goodbye_at_a_danger_sign_is_told_the_number(call: PureCall) -> None:
    call.up_to(Slot.MASSAGE_RESPONSE).presses("1")
    assert call.result is not None
    call.doubts("chest pain").hears("goodbye")
    assert "hang up now and call 000" in call.said
    assert not call.last.finished


# ---- Words that come late -----------------------------------------------------------------------


def test_a_doubtful_danger_sign_that_is_delivered_twice_is_still_read_back(
    call: PureCall,
) -> None:
    call.up_to(Slot.PAIN_DURATION).doubts("chest pain")
    again = understood("chest pain", Confidence.DOUBTFUL)
    assert manager().late(call.talk, again, call.conversation) is None


def test_a_condition_told_late_is_not_lost(call: PureCall) -> None:
    call.up_to(Slot.MASSAGE_RESPONSE).hears_late("no but I take warfarin")
    assert HealthCondition.BLOOD_THINNERS in call.facts.health_conditions
    assert call.facts.massage_response is None


def test_a_condition_told_late_beside_something_else_is_not_lost(call: PureCall) -> None:
    call.up_to(Slot.PAIN_DURATION).hears_late("three weeks now, and I'm on warfarin")
    assert HealthCondition.BLOOD_THINNERS in call.facts.health_conditions
    assert call.facts.pain_duration is None


@pytest.mark.parametrize("words", ["no", "yes", "sorry, I meant yes", "three weeks", "four"])
def test_nothing_else_that_is_told_late_counts(call: PureCall, words: str) -> None:
    call.up_to(Slot.MASSAGE_RESPONSE)
    late = understood(words, Confidence.SURE)
    assert manager().late(call.talk, late, call.conversation) is None


@pytest.mark.parametrize("sureness", [Confidence.DOUBTFUL, Confidence.FAIR, Confidence.SURE])
def test_nothing_told_late_takes_the_place_of_a_danger_sign(
    call: PureCall, sureness: Confidence
) -> None:
    call.up_to(Slot.MASSAGE_RESPONSE).doubts("chest pain")
    late = understood("I take warfarin", sureness)
    assert manager().late(call.talk, late, call.conversation) is None


def test_a_second_doubtful_danger_sign_told_late_is_enough_to_connect(call: PureCall) -> None:
    call.up_to(Slot.MASSAGE_RESPONSE).doubts("chest pain")
    late = understood("numb between my legs", Confidence.DOUBTFUL)
    step = manager().late(call.talk, late, call.conversation)
    assert step is not None and isinstance(step.action, Prompt)
    assert step.action.then is AfterPrompt.TRANSFER
    assert step.action.emergency


def test_a_severe_pain_told_late_is_not_lost(call: PureCall) -> None:
    call.up_to(Slot.MASSAGE_RESPONSE).hears_late("the pain is nine out of ten now")
    assert call.facts.pain_severity == 9


def test_who_asks_for_a_person_at_a_danger_sign_is_told_the_number_first(call: PureCall) -> None:
    call.up_to(Slot.MASSAGE_RESPONSE).doubts("chest pain").presses("0")
    assert "hang up now and call 000" in call.said
    assert call.last.then is AfterPrompt.TRANSFER


# ---- Keys ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("slot", [Slot.EMERGENCY_SIGNS, Slot.HEALTH_CONDITIONS])
def test_a_no_pressed_before_all_was_read_out_is_read_back(call: PureCall, slot: Slot) -> None:
    call.up_to(slot).presses("2", interrupted=True)
    assert call.talk.at == 0
    assert "So you have none of these" in call.said
    call.presses("1")
    assert call.talk.at == 1


@pytest.mark.parametrize("key", ["0", "1"])
def test_the_lowest_keys_on_the_scale_are_read_back(call: PureCall, key: str) -> None:
    call.up_to(Slot.PAIN_SEVERITY).presses(key)
    assert call.facts.pain_severity is None
    assert f"I heard a pain of {key} out of ten. Is that right?" in call.said
    call.presses("1")
    assert call.facts.pain_severity == int(key)


def test_one_and_zero_for_ten_never_count_as_one(call: PureCall) -> None:
    call.up_to(Slot.PAIN_SEVERITY).presses("1", "0")
    assert call.facts.pain_severity is None
    assert call.last.then is AfterPrompt.TRANSFER


def test_zero_is_a_person_where_an_age_is_asked(call: PureCall) -> None:
    call.up_to(Slot.AGE).presses("0")
    assert call.last.then is AfterPrompt.TRANSFER
    assert call.facts.age is None


@pytest.mark.parametrize("keys", ["12", "21"])
def test_two_keys_at_once_answer_no_group(call: PureCall, keys: str) -> None:
    call.up_to(Slot.EMERGENCY_SIGNS).presses(keys)
    assert call.talk.at == 0
    assert "press" in call.said.lower()


def test_keys_after_the_questions_ended_answer_none_of_them(call: PureCall) -> None:
    told = len(call.up_to(Slot.PAIN_SEVERITY).leaves_the_questions().told)
    call.presses("5")
    assert len(call.told) == told


# ---- Nobody is stuck ----------------------------------------------------------------------------


def test_keys_without_a_meaning_end_with_a_person(call: PureCall) -> None:
    call.up_to(Slot.EMERGENCY_SIGNS).presses("9", "9", "9")
    assert call.last.then is AfterPrompt.TRANSFER


def test_after_a_reading_denied_twice_by_keys_only_keys_answer(call: PureCall) -> None:
    call.up_to(Slot.PAIN_DURATION)
    for _ in range(2):
        call.doubts("three weeks").presses("2")
    assert "Please go on with the keys of your phone." in call.said
    call.doubts("three weeks")
    assert "Press one if it is less than six weeks" in call.said
    assert call.facts.pain_duration is None
    call.presses("2")
    assert call.talk.slot is Slot.PAIN_SEVERITY


def test_the_same_denial_again_and_again_is_offered_keys_and_then_a_person(
    call: PureCall,
) -> None:
    call.up_to(Slot.BACK_SIGNS).doubts("no injury", "no injury", "no injury")
    assert "press one for yes" in call.said
    call.doubts("no injury", "no injury")
    assert call.last.then is AfterPrompt.TRANSFER
    assert call.facts.recent_injury is None


def test_a_radio_ends_with_a_person(call: PureCall) -> None:
    call.up_to(Slot.LEG_SYMPTOMS).hears(*["what lovely weather"] * 4)
    assert call.last.then is AfterPrompt.TRANSFER


def test_the_last_line_of_a_group_is_asked_as_one(call: PureCall) -> None:
    call.up_to(Slot.HEALTH_CONDITIONS).hears("yes", "one and two")
    assert "And this one: cancer, now or in the past?" in call.said


def test_an_older_sign_is_an_emergency_once_it_is_told_in_words() -> None:
    ticked = frozenset({EmergencySign.SADDLE_NUMBNESS})
    facts = Facts(emergency_signs=ticked, ticked=ticked).with_detail(
        "saddle_numbness", onset=Onset.OLDER, examined=True
    )
    heard = understood("I am numb between my legs", Confidence.FAIR)
    told = proposed_update(heard, Conversation(facts, consent=True), Slot.PAIN_DURATION)
    assert told.emergency
    assert told.lost == ()
