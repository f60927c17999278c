"""What a receptionist's sentence asks about."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import yaml

from backline.dialogue import CHECKLIST_ITEMS, QUESTION_ORDER
from backline.facts import PARTED, HealthCondition, Slot
from backline.nlu import Understander
from backline.phone.dialogue.wording import groups
from backline.phone.review.questions import (
    ITEMS,
    AskedQuestion,
    OpenQuestions,
    asked_after,
    question_in,
)
from backline.policy.checklists import BACK_FACTS, LISTS, stands_for
from backline.replies import NO_LINES, SKIP

READ = Understander(lambda: dt.date(2026, 11, 27)).read
DOMAIN = yaml.safe_load((Path(__file__).parents[3] / "domain.yml").read_text("utf-8"))


ASKED = yaml.safe_load(
    (Path(__file__).parents[3] / "data" / "lexicon" / "asked.yml").read_text("utf-8")
)


def test_every_question_is_known_by_the_words_of_who_asks_it() -> None:
    # What more is asked has other words for each thing that was told.
    plain = set(QUESTION_ORDER) - {*CHECKLIST_ITEMS, Slot.FOLLOW_UP}
    questions = {slot.value for slot in plain}
    assert questions <= ASKED["slots"].keys()


def test_whoever_has_words_has_a_place_in_the_order() -> None:
    assert sorted(ASKED["order"]) == sorted(ASKED["slots"])


def asks(sentence: str) -> AskedQuestion:
    question = question_in(sentence, READ)
    assert question is not None
    return question


@pytest.mark.parametrize(
    ("sentence", "slot"),
    [
        ("How long has this been going on?", Slot.PAIN_DURATION),
        ("So when did it start", Slot.PAIN_DURATION),
        ("And how bad is it, zero to ten?", Slot.PAIN_SEVERITY),
        ("on a scale of one to ten", Slot.PAIN_SEVERITY),
        ("Did anything happen to bring it on?", Slot.RECENT_INJURY),
        ("Have you had a fall?", Slot.RECENT_INJURY),
        ("Does it go below the knee?", Slot.LEG_SYMPTOMS),
        ("Any pins and needles?", Slot.LEG_SYMPTOMS),
        ("Do the muscles go into spasm?", Slot.MUSCLE_SPASM),
        ("Have you had a massage for this?", Slot.MASSAGE_RESPONSE),
        ("How many massages have you had?", Slot.MASSAGE_SESSIONS),
        ("How old are you?", Slot.AGE),
        ("Where does it hurt?", Slot.PAIN_LOCATION),
    ],
)
def test_a_question_for_a_fact_is_known(sentence: str, slot: Slot) -> None:
    assert asks(sentence).slot is slot


@pytest.mark.parametrize(
    ("sentence", "items"),
    [
        ("Any fever?", {"fever"}),
        (
            "Have you had any fever, weight loss or cancer?",
            {"fever", "weight_loss", "cancer_history"},
        ),
        ("Any problems with your bladder or bowels?", {"bladder_change", "bowel_change"}),
        ("Are you on blood thinners", {"blood_thinners"}),
        ("Any thoughts of harming yourself?", {"self_harm"}),
        ("Any other health problems I should know about?", {"other_symptom"}),
        ("Any blood in your urine?", {"bleeding"}),
        ("Have you been in a car accident?", {"serious_accident"}),
        ("Do you have legs that give way, or cannot walk?", {"leg_collapse"}),
    ],
)
def test_a_question_for_single_lines_asks_for_no_others(sentence: str, items: set[str]) -> None:
    question = asks(sentence)

    assert question.items == items
    assert question.slot is None


TITLES = {
    option["value"]: option["title"]
    for asked in LISTS
    for option in DOMAIN["responses"][f"utter_ask_{asked.value}"][0]["custom"]["input"]["options"]
    if option["value"] not in NO_LINES
}
ALSO = {"both_legs": {"leg_collapse"}, "urine_or_belly": {"bladder_change", "bowel_change"}}
"""What the words of a line ask for beside what it stands for."""
NOT_REVIEWED = {HealthCondition.VIOLENCE.value}
"""What receptionists need not ask for: it is told, or it is not."""


def whole(title: str) -> AskedQuestion:
    return asks(f"Do you have {title[0].lower()}{title[1:]}?")


@pytest.mark.parametrize("code", sorted(TITLES.keys() & ITEMS))
def test_a_line_of_the_checklists_asks_for_itself(code: str) -> None:
    assert whole(TITLES[code]).items == {code, *ALSO.get(code, ())}


@pytest.mark.parametrize("line", sorted(slot.value for slot in PARTED))
def test_a_line_that_stands_for_several_things_asks_for_some_of_them(line: str) -> None:
    question = whole(TITLES[line])

    assert question.items & stands_for(line)
    assert question.items <= stands_for(line) | ALSO.get(line, set())


@pytest.mark.parametrize("fact", BACK_FACTS)
def test_a_line_that_is_a_fact_asks_for_that(fact: str) -> None:
    assert whole(TITLES[fact]).slot is Slot(fact)


@pytest.mark.parametrize("group", [g for rows in groups().values() for g in rows])
def test_a_group_as_it_is_read_out_asks_for_its_lines(group: dict[str, str]) -> None:
    question = asks(f"Do you have any of these: {'; '.join(group.values())}?")

    known = {line: stands_for(line) | ALSO.get(line, set()) for line in group}
    assert question.items <= frozenset().union(*known.values())
    assert question.items >= group.keys() & ITEMS
    assert all(question.items & known[line] for line in group if line in PARTED)
    assert question.slot is None or question.slot.value in group


def test_all_lines_can_be_asked_for() -> None:
    lines = {line for asked in LISTS.values() for line in asked}
    assert TITLES.keys() == lines - {SKIP}
    assert lines - {SKIP} - NOT_REVIEWED <= ITEMS | {*BACK_FACTS, *PARTED}


@pytest.mark.parametrize(
    "sentence",
    ["If you get a fever, call us.", "Okay, so no fever.", "I see.", "My sister had cancer.", ""],
)
def test_what_is_only_said_asks_nothing(sentence: str) -> None:
    assert question_in(sentence, READ) is None


@pytest.mark.parametrize("sentence", ["Is your address still Main Street?", "Can I take your name"])
def test_what_is_not_known_asks_for_nothing_that_is(sentence: str) -> None:
    assert not asks(sentence).known


@pytest.mark.parametrize(
    "sentence",
    ["no fever, right?", "You don't have a fever, do you?", "No fever?", "And no fever, yeah?"],
)
def test_a_question_that_expects_a_no_is_a_leading_one(sentence: str) -> None:
    assert asks(sentence).leading


@pytest.mark.parametrize(
    "sentence",
    [
        "Do you have pain at night that does not ease when you lie still?",
        "Any fever?",
        "Can you not walk?",
    ],
)
def test_a_question_with_a_not_in_it_leads_nobody(sentence: str) -> None:
    assert not asks(sentence).leading


def after(*said: str, answered: bool = False) -> OpenQuestions:
    asked = OpenQuestions()
    for text in said:
        asked = asked_after(asked, text, READ, answered=answered)
    return asked


def test_a_bare_answer_answers_the_last_question() -> None:
    asked = after("Any fever? And how bad is it?")

    assert asked.last is not None
    assert asked.last.slot is Slot.PAIN_SEVERITY
    assert asked.items == {"fever"}


def test_who_only_listens_leaves_the_question_open() -> None:
    assert after("Any fever?", "Okay, take your time.").items == {"fever"}


def test_whatever_else_is_said_closes_it() -> None:
    assert after("Any fever?", "the other line is ringing hang on").last is None
