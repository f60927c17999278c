"""A question is answered by what it means."""

from __future__ import annotations

import pytest
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from backline.nlu import answer_finder
from backline.nlu.answer_finder import AnswerFinder
from backline.nlu.intents import OTHER_QUESTION, questions_of, settle
from backline.nlu.rasa_components import FINDINGS, read_text
from tests.unit.nlu.conftest import asked_of


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("could it hold on till wednesday", "can_it_wait"),
        ("what am I to say when I get to the surgery", "what_to_tell_the_doctor"),
        ("is it alright to take some ibuprofen for now?", "painkillers"),
        ("should I quit my anticoagulant before it?", "stop_a_medicine"),
        ("would ice or warmth be better", "heat_or_ice"),
        ("am I allowed to go jogging", "sport"),
        ("can I train on friday", "sport"),
        ("is it ok to go to the gym", "sport"),
        ("how soon must the doctor see her", "how_urgent"),
        ("are you open right now", "open_now"),
        ("is it fine to carry on working on a building site?", "work"),
        ("do I need an MRI scan", "scan"),
        ("are you telling me it is cancer", "is_it_cancer"),
        ("does my private health fund pay some of it?", "insurance"),
        ("who has access to my answers?", "who_reads_this"),
        ("what have you noted down so far?", "what_was_noted"),
        ("is a massage ok for the baby", "massage_in_pregnancy"),
        ("when will this finally get better?", "how_long_until_better"),
    ],
)
def test_a_question_in_other_words_finds_its_answer(
    finder: AnswerFinder, text: str, name: str
) -> None:
    assert asked_of(finder, text) == [name]


@pytest.mark.parametrize(
    "text",
    [
        "my back has hurt for three weeks",
        "I lift boxes all day at work",
        "none of these",
        "how much is a massage",
        "are you a real person?",
        "when are you open",
        "what is the capital of France?",
    ],
)
def test_what_has_another_answer_or_asks_nothing_finds_none(
    finder: AnswerFinder, text: str
) -> None:
    assert asked_of(finder, text) == []


def test_each_question_of_a_message_is_answered(finder: AnswerFinder) -> None:
    text = "Can it wait until Friday, and what do I tell the doctor? Is heat ok?"
    assert asked_of(finder, text) == ["can_it_wait", "what_to_tell_the_doctor", "heat_or_ice"]


def test_an_emergency_is_answered_by_its_call_alone(finder: AnswerFinder) -> None:
    assert asked_of(finder, "I cannot feel my legs, can I take ibuprofen?") == []


def test_without_the_encoder_nothing_is_found(
    finder: AnswerFinder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer_finder, "encoder", lambda: None)
    assert asked_of(finder, "can I take ibuprofen?") == []


def test_what_it_finds_is_what_the_message_is_for(finder: AnswerFinder) -> None:
    text = "it's a 4, can I go running?"
    (message,) = finder.process([Message({TEXT: text, FINDINGS: read_text(text)})])
    assert settle(text, [("inform", 0.9)], message.get(FINDINGS)) == OTHER_QUESTION


def test_a_sentence_is_parted_before_its_next_question() -> None:
    text = "Is it bad, and can I work? I sit a lot."
    assert [text[a:b] for a, b in questions_of(text)] == ["Is it bad", "can I work"]


def test_of_several_statements_none_is_taken_for_a_question() -> None:
    assert questions_of("It hurts. I sit a lot.") == []
