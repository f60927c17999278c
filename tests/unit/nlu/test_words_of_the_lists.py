"""Who asks what a word of a list means is told it, and has said nothing of themselves by it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from backline.nlu.answer_finder import AnswerFinder
from backline.nlu.rasa_components import read_text
from backline.policy.checklists import LISTS
from backline.replies import SKIP
from backline.written_answers import FOLDER, explanations_of, written_answers
from backline.yaml_text import read_words
from tests.unit.actions.conftest import DOMAIN
from tests.unit.nlu.conftest import asked_of

LINES = {(asked.value, line) for asked, lines in LISTS.items() for line in lines if line != SKIP}
TERMS = [
    (str(item["name"]), str(term))
    for item in read_words(FOLDER / "words.yml")["answers"]
    for term in item.get("terms", ())
]
FACTS = {
    "emergency_sign",
    "health_condition",
    "injury",
    "inflammation",
    "spasm",
    "leg",
    "leg_detail",
}
ASKED = (
    "what is {}?",
    "sorry, whats {}",
    "what is meant by {}?",
    "I don't know what {} means",
    "what does {} mean? none of these",
    "none of these. what do you mean by {}?",
    "4. and what is {}",
)
SMALL = frozenset(
    {"taking", "now", "the", "when", "with", "your", "not", "for", "more", "than", "last"}
    | {"such", "all", "many", "one"}
)


def titles() -> Iterator[tuple[str, str]]:
    """Each line of each list, with its words."""
    for asked, line in sorted(LINES):
        marker: dict[str, Any] = DOMAIN["responses"][f"utter_ask_{asked}"][0]["custom"]
        options = marker["input"]["options"]
        yield line, next(o["title"] for o in options if o["value"] == line)


def held(text: str) -> list[Any]:
    """What a text tells as a fact of the patient."""
    return [(f.kind, f.value) for f in read_text(text) if f.kind in FACTS and f.holds]


@pytest.mark.parametrize(("line", "title"), list(titles()))
def test_each_line_of_each_list_has_an_explanation(line: str, title: str) -> None:
    assert explanations_of(line), f"nothing explains {title!r}"


@pytest.mark.parametrize(("line", "title"), list(titles()))
def test_each_word_of_a_line_can_be_asked_about(line: str, title: str) -> None:
    explaining = [a for a in written_answers().values() if line in a.explains]
    known = set(re.findall(r"[a-z]+", " ".join(e.lower() for a in explaining for e in a.examples)))
    words = set(re.findall(r"[a-z]{3,}", title.lower())) - SMALL
    stems = {word[:5] for word in known}
    assert {word for word in words if word[:5] not in stems} == set()


@pytest.mark.parametrize(("name", "term"), TERMS)
def test_a_word_is_explained_in_whatever_way_it_is_asked_about(
    finder: AnswerFinder, name: str, term: str
) -> None:
    asked = {asking.format(term): asked_of(finder, asking.format(term)) for asking in ASKED}
    assert {text: found for text, found in asked.items() if found != [name]} == {}


@pytest.mark.parametrize(("name", "term"), TERMS)
def test_asking_for_a_word_tells_nothing_of_oneself(name: str, term: str) -> None:
    told = {asking.format(term): held(asking.format(term)) for asking in ASKED}
    assert {text: found for text, found in told.items() if found} == {}


@pytest.mark.parametrize(
    "text",
    [
        "if the leg become weak what do I do",
        "what do I do if the foot goes numb?",
        "if the bladder gets weak, what then",
        "and if a leg starts to drag what should I do",
    ],
)
def test_what_may_come_is_not_there(text: str) -> None:
    assert held(text) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("what does it mean that my leg is weak?", "foot_drop"),
        ("what does my numb bottom mean", "saddle_numbness"),
        ("I don't know if the leg is weak because of the pain", "foot_drop"),
        ("what is wrong, I can't feel between my legs", "saddle_numbness"),
        ("my leg has become weak, what do I do", "foot_drop"),
        ("the leg becomes weak when I walk, what do I do", "foot_drop"),
        ("what is shivering? I have it, with a fever and I am confused", "sepsis"),
    ],
)
def test_what_somebody_has_is_told_by_a_question_too(text: str, code: str) -> None:
    assert code in {value for _, value in held(text)}
