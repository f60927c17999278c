"""What came of an utterance is judged once all was confirmed: a denied sign is never unheard."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backline.facts import Facts, Slot
from backline.phone.dialogue.grounding import Confidence
from backline.phone.dialogue.state import CallState
from backline.phone.events import AfterPrompt, Dtmf, Transcript
from tests.phone.evaluation import report
from tests.phone.evaluation.caller import State
from tests.phone.evaluation.judging import NOT_FINISHED, PERSON, Judge, Result, Verdict
from tests.phone.evaluation.replies import Replies
from tests.phone.evaluation.utterances import Spoken
from tests.unit.phone.simulated_call import Ears, led, truth_of

CHEST = Spoken("emergency_signs", "my chest hurts", {"emergency_signs": ["chest_pain"]})
FEVER = Spoken("health_conditions", "I have a fever", {"health_conditions": ["fever"]})
NO = Spoken("emergency_signs", "none of them", {}, "no")
YES = Spoken("emergency_signs", "yes I do", {"emergency_signs": ["saddle_numbness"]}, "yes")
EIGHT = Spoken("pain_severity", "eight out of ten", {"pain_severity": 8})
INJURY = Spoken("back_signs", "yes, I slipped", {"recent_injury": True})


def hearing(*instead: tuple[str, Confidence] | None) -> Ears:
    """Hears these at first, and then all as it is said."""
    left = list(instead)

    def hear(text: str) -> tuple[str, Confidence] | None:
        return left.pop(0) if left else (text, Confidence.SURE)

    return hear


def result(verdict: Verdict) -> dict[str, str]:
    return {name: result.value for name, result in verdict.results.items()}


def test_what_is_heard_well_is_right_by_voice() -> None:
    verdict = led(CHEST)
    assert result(verdict) == {"chest_pain": "right by voice"}
    assert (verdict.end, verdict.urgency, verdict.faults) == ("doctor_first", "emergency", [])
    assert verdict.heard == "my chest hurts"


def test_a_denied_sign_is_wrong_and_nobody_rescues_the_line() -> None:
    verdict = led(CHEST, hearing(("none of these", Confidence.SURE)))
    assert result(verdict) == {"chest_pain": "wrong"}
    assert verdict.end == "massage"
    assert verdict.faults == ["chest_pain: denied", "a caller in danger ended with massage"]


def test_a_denied_condition_is_wrong() -> None:
    verdict = led(FEVER, hearing(("no", Confidence.SURE)))
    assert result(verdict) == {"fever": "wrong"}
    assert verdict.faults == ["fever: denied"]


@pytest.mark.parametrize("code", ["blood_thinners", "pregnancy"])
def test_a_condition_is_wrong_if_the_line_that_stands_for_it_is_denied(code: str) -> None:
    said = Spoken("health_conditions", "I have that", {"health_conditions": [code]})
    verdict = led(said, hearing(("no", Confidence.SURE)))
    assert result(verdict) == {code: "wrong"}
    assert verdict.faults == [f"{code}: denied"]


@pytest.mark.parametrize("code", ["blood_thinners", "pregnancy"])
def test_a_condition_is_picked_by_keys_from_list_to_list(code: str) -> None:
    said = Spoken("health_conditions", "I have that", {"health_conditions": [code]})
    verdict = led(said, hearing(None, None))
    assert (result(verdict), verdict.faults) == ({code: "right by keys"}, [])


def test_a_denied_leg_is_wrong() -> None:
    said = Spoken("back_signs", "it tingles in my foot", {"leg_below_knee": True})
    assert result(led(said, hearing(("no", Confidence.SURE)))) == {"leg_below_knee": "wrong"}


def test_an_injury_taken_for_none_is_wrong() -> None:
    assert result(led(INJURY, hearing(("no", Confidence.SURE)))) == {"recent_injury": "wrong"}


def test_another_number_is_wrong_and_a_massage_after_it_a_fault() -> None:
    verdict = led(EIGHT, hearing(("a two", Confidence.SURE)))
    assert result(verdict) == {"pain_severity": "wrong"}
    assert "a caller in danger ended with massage" in verdict.faults


def test_what_was_misheard_and_is_put_right_when_read_back_is_right_by_voice() -> None:
    verdict = led(EIGHT, hearing(("a two", Confidence.DOUBTFUL), ("no", Confidence.SURE)))
    assert result(verdict) == {"pain_severity": "right by voice"}
    assert verdict.read_back


def test_what_is_typed_after_two_failures_is_right_by_keys() -> None:
    assert result(led(EIGHT, hearing(None, None))) == {"pain_severity": "right by keys"}


def test_what_is_confirmed_by_a_key_is_right_by_keys() -> None:
    ears = hearing(("eight out of ten", Confidence.DOUBTFUL), None, None)
    assert result(led(EIGHT, ears)) == {"pain_severity": "right by keys"}


def test_a_line_that_is_chosen_by_a_key_is_right_by_keys() -> None:
    assert result(led(YES)) == {"saddle_numbness": "right by voice"}
    ears = hearing(("yes", Confidence.SURE), None, None)
    assert result(led(YES, ears)) == {"saddle_numbness": "right by keys"}


def test_another_line_than_the_one_that_was_meant_is_wrong() -> None:
    verdict = led(YES, hearing(("yes", Confidence.SURE), ("two", Confidence.SURE)))
    assert verdict.results["bladder_change"] is Result.WRONG


def test_what_nobody_told_is_wrong() -> None:
    heard = ("three weeks and I take warfarin", Confidence.SURE)
    said = Spoken("pain_duration", "three weeks", {"pain_duration": 21})
    verdict = led(said, hearing(heard))
    assert result(verdict) == {"pain_duration": "right by voice", "blood_thinners": "wrong"}
    assert verdict.told == 1


def test_what_is_pressed_truthfully_after_it_is_not_wrong() -> None:
    said = Spoken("consent", "yes please")
    assert result(led(said)) == {"consent": "right by voice"}


def test_a_consent_that_is_taken_for_a_refusal_is_wrong() -> None:
    said = Spoken("consent", "yes please")
    assert result(led(said, hearing(("no", Confidence.SURE)))) == {"consent": "wrong"}


@pytest.mark.parametrize(
    ("heard", "expected"),
    [
        (("none of them", Confidence.SURE), "right by voice"),
        (("I don't know", Confidence.SURE), "unheard"),
        (("the second one", Confidence.SURE), "wrong"),
        (("I have chest pain", Confidence.SURE), "wrong"),
    ],
)
def test_a_no_to_a_group_is_right_only_if_the_next_group_is_asked(
    heard: tuple[str, Confidence], expected: str
) -> None:
    assert result(led(NO, hearing(heard))) == {"group": expected}


def test_a_no_that_ends_in_the_alarm_is_unheard() -> None:
    ears = hearing(("yes", Confidence.SURE), None, None, None)
    verdict = led(NO, ears)
    assert (result(verdict), verdict.end) == ({"group": "unheard"}, PERSON)


def state(**changes: object) -> State:
    talk = CallState(slot=Slot.DANGER_SIGNS, kind="multi_choice", reading=(0, 1), at=0)
    return replace(State(talk, Facts(), True, "Any of these?"), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("said", [CHEST, YES])
def test_a_sign_that_ends_in_the_alarm_is_unheard_and_no_fault(said: Spoken) -> None:
    judge = Judge(said, truth_of(said))
    alarm = state(then=AfterPrompt.TRANSFER, emergency=True)
    judge.notice(state(), Transcript("yes"), alarm)
    verdict = judge.verdict(alarm, PERSON)
    assert set(result(verdict).values()) == {"unheard"}
    assert verdict.faults == []


def test_a_checklist_that_counts_as_answered_has_denied_the_sign() -> None:
    judge = Judge(CHEST, truth_of(CHEST))
    checked = state(facts=Facts(checked=frozenset({Slot.DANGER_SIGNS})))
    judge.notice(state(), Transcript("my chess"), checked)
    assert result(judge.verdict(checked, PERSON)) == {"chest_pain": "wrong"}


def test_a_key_that_came_to_something_else_is_wrong() -> None:
    judge = Judge(EIGHT, truth_of(EIGHT))
    asked = state(talk=CallState(slot=Slot.PAIN_SEVERITY))
    judge.notice(asked, Dtmf("8"), replace(asked, facts=Facts(pain_severity=5)))
    assert judge.verdict(asked, PERSON).why == {"pain_severity": "5"}


def test_a_call_without_an_end_is_a_fault() -> None:
    verdict = Judge(EIGHT, truth_of(EIGHT)).verdict(state(), NOT_FINISHED)
    assert verdict.faults == ["the call came to no end"]


def test_who_has_a_sign_and_is_not_told_of_an_emergency_is_a_fault() -> None:
    verdict = replace(led(CHEST), urgency="soon")
    assert verdict.faults == ["a caller with a danger sign was told soon"]


def test_too_few_facts_by_voice_miss_the_goal() -> None:
    right, typed = led(EIGHT), led(EIGHT, hearing(None, None))
    assert report.missed_in_hearing([right, typed]) == []
    (missed,) = report.missed_in_hearing([right, typed, typed])
    assert missed == "of 3 facts told in clean speech only 1 came through by voice"


def test_the_page_tells_what_was_missed() -> None:
    verdict = led(CHEST, hearing(("none of these", Confidence.SURE)))
    missed = report.missed_in_hearing([verdict, *[led(EIGHT)] * 2])
    assert '- "my chest hurts" (en-us, clean): chest_pain: denied' in report.missed_list(missed)
    assert report.missed_list([]) == "Every goal was met."


def test_the_table_has_a_row_of_its_own_for_each_kind_and_condition() -> None:
    loud = replace(led(EIGHT), spoken=replace(EIGHT, loud=True))
    table = report.heard_table([led(EIGHT), loud]).splitlines()
    assert [row.split(" | ")[0] for row in table[2:]] == [
        "| fitted sentences and voices, clean",
        "| fitted sentences and voices, 15 dB of noise",
    ]


def test_calls_that_the_line_ended_are_missed() -> None:
    quick = Replies([0.5, 0.6])
    assert report.missed_in_time(quick, quick) == []
    assert len(report.missed_in_time(quick, Replies([0.5, 0.6], closed_early=1))) == 1
    assert len(report.missed_in_time(Replies([0.5, 0.6], incomplete=1), quick)) == 1
    assert len(report.missed_in_time(Replies([0.9, 1.6]), quick)) == 1
