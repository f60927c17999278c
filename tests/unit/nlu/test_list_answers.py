"""A number that begins an answer to a numbered list is that line, whatever follows."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backline.dialogue import CHECKLIST_ITEMS, Conversation, Understanding, update
from backline.dialogue.questions import NUMBERED_ONCE
from backline.facts import Facts, HealthCondition, Slot
from backline.nlu import Understander
from backline.policy.checklists import codes_present
from backline.replies import SKIP

READER = Understander(lambda: dt.date(2026, 11, 29))
SIGNS, DANGERS = Slot.EMERGENCY_SIGNS, Slot.DANGER_SIGNS
ILLNESSES, BACK = Slot.HEALTH_CONDITIONS, Slot.BACK_SIGNS
FIVES = (SIGNS, DANGERS, ILLNESSES, BACK)
"""Lists of five lines. A number behind that of "none of these" is one of the whole list of before,
with 12 signs or 27 conditions, where the signs or the illnesses were asked for."""
COUNTED = ("age", "pain_duration", "pain_severity", "massage_sessions")


def answered(slot: Slot, text: str) -> Facts:
    return update(Conversation(asked=slot, consent=True), Understanding(READER.read(text))).facts


def lines(slot: Slot, facts: Facts) -> set[int]:
    """The lines that hold, counted from 1; one that the list does not have, as it was numbered."""
    held = codes_present(facts) | {line.value for line in facts.parted}
    shown, once = CHECKLIST_ITEMS[slot], NUMBERED_ONCE.get(slot, ())
    as_before = {once.index(line) + 1 for line in held.difference(shown).intersection(once)}
    return {shown.index(line) + 1 for line in held.intersection(shown)} | as_before


@pytest.mark.parametrize(
    "text",
    ["none of these, 28", "28. can we get on with it", "28 - what next?", "none of these, 6"],
)
def test_the_number_of_the_last_line_is_nobodys_age(text: str) -> None:
    facts = answered(ILLNESSES, text)
    assert facts.age is None
    assert ILLNESSES in facts.checked


def test_a_number_that_no_line_has_is_an_age_there_too() -> None:
    assert answered(ILLNESSES, "none of these, 64").age == 64


@pytest.mark.parametrize(
    "text",
    [
        "nothing there applies",
        "none of it fits",
        "nothing on that list is me",
        "none of them apply",
    ],
)
def test_that_nothing_applies_goes_for_the_whole_list(text: str) -> None:
    assert ILLNESSES in answered(ILLNESSES, text).checked


@pytest.mark.parametrize(
    "text",
    [
        "nah not reading all that",
        "lol no way I'm reading all of that",
        "no, can't be bothered to read it",
        "that's too long to read",
        "nope, didn't read it",
        "tldr",
    ],
)
@pytest.mark.parametrize("slot", FIVES)
def test_who_did_not_read_a_list_denies_nothing_in_it(slot: Slot, text: str) -> None:
    assert slot not in answered(slot, text).checked


@pytest.mark.parametrize(
    ("slot", "text", "meant"),
    [
        (SIGNS, "3, since lunchtime", {3}),
        (SIGNS, "3 since lunchtime", {3}),
        (SIGNS, "1,4", {1, 4}),
        (SIGNS, "2.5", {2, 5}),
        (SIGNS, "5, when I climb stairs", {5}),
        (SIGNS, "11, most evenings", {11}),
        (SIGNS, "12, every so often", {12}),
        (SIGNS, "8 once last night", {8}),
        (SIGNS, "1 & 4 for two days now", {1, 4}),
        (SIGNS, "1 and 2 since about Friday", {1, 2}),
        (SIGNS, "4 + 5, mostly mornings", {4, 5}),
        (SIGNS, "7 10 both on Sunday", {7, 10}),
        (SIGNS, "#7 from yesterday", {7}),
        (SIGNS, "number four and a little of three", {3, 4}),
        (SIGNS, "no 9, three weeks back", {9}),
        (SIGNS, "(5) a bit", {5}),
        (SIGNS, "just 2, three times today", {2}),
        (SIGNS, "yes 10, twice", {10}),
        (SIGNS, "option 3 for a week", {3}),
        (SIGNS, "two, I am afraid", {2}),
        (SIGNS, "the 5th one, since the weekend", {5}),
        (SIGNS, "7, 8 out of 10 tight", {7}),
        (SIGNS, "4, is that bad?", {4}),
        (SIGNS, "2, since Monday and 3 a bit", {2, 3}),
        (SIGNS, "2-5", {2, 3, 4, 5}),
        (SIGNS, "lines 3 to 5", {3, 4, 5}),
        (SIGNS, "3/7", {3, 7}),
        (SIGNS, "8?", {8}),
        (SIGNS, "2nd and 5th", {2, 5}),
        (SIGNS, "1st & 2nd", {1, 2}),
        (SIGNS, "1. no\n2. no\n3. yes", {3}),
        (DANGERS, "3, since lunchtime", {3}),
        (DANGERS, "1 & 4 for two days now", {1, 4}),
        (DANGERS, "the 2nd one, since the weekend", {2}),
        (BACK, "2 and 3, left side", {2, 3}),
        (BACK, "5, mostly mornings", {5}),
        (BACK, "1, three weeks back", {1}),
        (ILLNESSES, "4, 5mg a day", {4}),
        (ILLNESSES, "4 and 5", {4, 5}),
        (ILLNESSES, "16, apixaban", {16}),
        (ILLNESSES, "17, 31 weeks", {17}),
        (ILLNESSES, "17, 30 + 2 weeks", {17}),
        (ILLNESSES, "8, 5mg a day", {8}),
        (ILLNESSES, "2, 10 kilos", {2}),
        (ILLNESSES, "3, 14 years ago", {3}),
        (ILLNESSES, "1, 38.5 last night", {1}),
        (ILLNESSES, "18 in October", {18}),
        (ILLNESSES, "21 and 26, left side", {21, 26}),
        (ILLNESSES, "22, at 45 I slipped one", {22}),
        (ILLNESSES, "24 under control", {24}),
        (ILLNESSES, "9 says my GP", {9}),
        (ILLNESSES, "twenty, on my shoulder", {20}),
    ],
)
def test_the_number_is_the_line_and_nothing_else(slot: Slot, text: str, meant: set[int]) -> None:
    facts = answered(slot, text)
    assert meant <= lines(slot, facts)
    assert slot in facts.checked
    assert all(getattr(facts, name) is None for name in COUNTED)


@pytest.mark.parametrize(
    ("slot", "text"),
    [
        *((SIGNS, t) for t in ("13, all fine mate", "13 luckily", "13. thank you", "#13 :)")),
        *((ILLNESSES, t) for t in ("28 cheers", "28, fit as a fiddle", "number 28")),
        *((slot, t) for slot in FIVES for t in ("6", "6, all fine mate", "6. thank you", "#6 :)")),
        (Slot.SAFETY, "4, thanks"),
        (Slot.ONE_LEG, "3"),
    ],
)
def test_the_last_number_is_none_of_these(slot: Slot, text: str) -> None:
    facts = answered(slot, text)
    assert slot in facts.checked
    assert lines(slot, facts) == set()
    assert facts.age is None


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("3 weeks", "pain_duration", 21),
        ("5 yrs on and off", "pain_duration", 1825),
        ("2 to 3 weeks", "pain_duration", 21),
        ("8 out of 10", "pain_severity", 8),
        ("6/10 I would say", "pain_severity", 6),
        ("12 year old", "age", 12),
    ],
)
def test_a_number_directly_before_what_it_counts_is_no_line(
    text: str, name: str, value: int
) -> None:
    facts = answered(SIGNS, text)
    assert getattr(facts, name) == value
    assert SIGNS not in facts.checked


@pytest.mark.parametrize("text", ["1 week", "what is number 5?", "2-4 weeks", "1 no 2 no", "45"])
def test_what_is_unclear_is_asked_again(text: str) -> None:
    facts = answered(SIGNS, text)
    assert SIGNS not in facts.checked
    assert not facts.emergency_signs


@given(slot=st.sampled_from(sorted(NUMBERED_ONCE)), data=st.data())
def test_a_number_of_the_whole_list_of_before_is_that_line_still(
    slot: Slot, data: st.DataObject
) -> None:
    once = NUMBERED_ONCE[slot]
    number = data.draw(st.integers(len(CHECKLIST_ITEMS[slot]) + 2, len(once)))
    assert once[number - 1] in codes_present(answered(slot, str(number)))


@pytest.mark.parametrize(
    ("slot", "text"),
    [(DANGERS, "7"), (BACK, "12"), (Slot.SAFETY, "9"), (Slot.MEDICINES, "5"), (SIGNS, "14")],
)
def test_a_number_that_no_line_has_answers_no_list(slot: Slot, text: str) -> None:
    facts = answered(slot, text)
    assert slot not in facts.checked
    assert not codes_present(facts)


def test_a_line_that_was_known_before_is_picked_all_the_same() -> None:
    place = NUMBERED_ONCE[ILLNESSES].index("heart_or_stroke") + 1
    known = Facts(health_conditions=frozenset({HealthCondition.HEART_OR_STROKE}))
    before = Conversation(facts=known, asked=ILLNESSES, consent=True)
    after = update(before, Understanding(READER.read(str(place)))).facts
    assert ILLNESSES in after.checked


def test_behind_none_of_these_everything_counts() -> None:
    assert answered(SIGNS, "6, and it has hurt for two weeks").pain_duration == 14
    assert answered(SIGNS, "13, and it has hurt for two weeks").pain_duration == 14


def test_at_any_other_question_a_number_is_what_was_asked() -> None:
    assert answered(Slot.AGE, "17").age == 17
    assert answered(Slot.PAIN_SEVERITY, "6, tight all day").pain_severity == 6


@given(
    slot=st.sampled_from(list(CHECKLIST_ITEMS)),
    data=st.data(),
    behind=st.sampled_from(
        ["", " thanks", ", now and then", ", since May", " and that is it", "!"]
    ),
)
def test_every_line_can_be_named_by_its_number(
    slot: Slot, data: st.DataObject, behind: str
) -> None:
    line = data.draw(st.integers(1, len(CHECKLIST_ITEMS[slot])))
    facts = answered(slot, f"{line}{behind}")
    picked = CHECKLIST_ITEMS[slot][line - 1]
    assert lines(slot, facts) == ({line} if picked != SKIP else set())
    assert slot in facts.checked
    assert all(getattr(facts, name) is None for name in COUNTED)


@pytest.mark.parametrize("text", ["no. 4", "No.4", "no 4", "No. 4 since March"])
def test_no_before_a_number_is_the_sign_for_one(text: str) -> None:
    assert [f.value for f in READER.read(text) if f.kind == "pick"] == [4]


@pytest.mark.parametrize("text", ["no. 3 weeks", "no. I am 34", "no, 6 days"])
def test_a_no_before_what_is_counted_is_no_sign(text: str) -> None:
    assert [f for f in READER.read(text) if f.kind == "pick"] == []


@pytest.mark.parametrize(
    "text", ["135/85", "5/3/2021", "4-6 days", "5/10", "what does number 6 mean?", "11 st"]
)
def test_a_pressure_a_date_a_measure_or_a_question_picks_no_line(text: str) -> None:
    assert [f for f in READER.read(text) if f.kind == "pick"] == []


def test_a_number_of_two_words_is_one_line() -> None:
    assert [f.value for f in READER.read("twenty three") if f.kind == "pick"] == [23]
