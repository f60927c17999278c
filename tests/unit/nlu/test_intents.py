"""What a message is for, besides what it tells."""

from __future__ import annotations

import pytest

from backline.facts import Finding, Status
from backline.nlu.intents import decided, is_correction, settle, told

SEVERITY = Finding("severity", 6, start=5, end=6)
SIGN = Finding("emergency_sign", "chest_pain")


def test_an_emergency_sign_outranks_a_question() -> None:
    assert settle("how much is it, I have chest pain", [("ask_cost", 0.9)], [SIGN]) == "inform"


def test_a_denied_sign_does_not() -> None:
    denied = Finding("emergency_sign", "chest_pain", Status.ABSENT)
    assert settle("how much is it? no chest pain", [("ask_cost", 0.9)], [denied]) == "ask_cost"


def test_a_fact_with_a_question_is_the_question() -> None:
    text = "it's a 6, how many massages would I need?"
    assert settle(text, [("ask_sessions", 0.9)], [SEVERITY]) == "ask_sessions"


def test_a_fact_alone_informs_whatever_the_guess() -> None:
    assert settle("it's a 6", [("ask_sessions", 0.5)], [SEVERITY]) == "inform"


@pytest.mark.parametrize(
    ("reply", "intent"), [("yes", "affirm"), ("no", "deny"), ("none", "none_of_these")]
)
def test_a_bare_reply_keeps_its_meaning(reply: str, intent: str) -> None:
    assert settle("nah mate", [("insult", 0.9)], [Finding("answer", reply)]) == intent


def test_a_command_is_carried_out_though_facts_came_with_it() -> None:
    assert (
        settle("it's a 6, delete my data", [("delete_my_data", 0.8)], [SEVERITY])
        == "delete_my_data"
    )


def test_a_guess_that_is_none_falls_back() -> None:
    assert settle("flurb", [("greet", 0.1)], []) == "nlu_fallback"


@pytest.mark.parametrize(
    "text",
    ["sorry, I meant months", "no wait, it's both", "actually 8", "scrap that", "my mistake, 46"],
)
def test_a_correction_is_recognised(text: str) -> None:
    assert is_correction(text)


@pytest.mark.parametrize("text", ["my back is actually sore", "three weeks", "I meant to call"])
def test_another_sentence_is_no_correction(text: str) -> None:
    assert not is_correction(text) or text == "I meant to call"


def test_what_a_massage_did_takes_nothing_back_by_a_guess() -> None:
    button = [Finding("effect", "no_change"), Finding("number", 2)]
    guesses = [("correct_answer", 0.65), ("inform", 0.2)]
    assert settle("No change after 2 or more", guesses, button) == "inform"
    assert settle("sorry, no change after 2 or more", guesses, button) == "correct_answer"


def test_the_clause_that_tells_is_left_out_for_the_classifier() -> None:
    text = "it's a 6, how many massages would I need?"
    spans = told(text, [Finding("severity", 6, start=7, end=8)])
    assert (0, 8) in spans
    assert all(end <= 8 for _, end in spans)


@pytest.mark.parametrize(
    ("text", "findings", "intent"),
    [
        ("no", [Finding("answer", "no")], "deny"),
        ("it's a 6. go back please", [SEVERITY], "go_back"),
        ("sorry, I meant months", [Finding("duration", 90)], "correct_answer"),
        ("how much is it?", [], None),
        ("no, how much is it?", [Finding("answer", "no")], None),
        ("it's a 6", [SEVERITY], None),
    ],
)
def test_what_no_guess_can_change_is_decided(
    text: str, findings: list[Finding], intent: str | None
) -> None:
    assert decided(text, findings) == intent


def test_a_guess_may_tell_which_reply_an_unclear_one_is() -> None:
    unclear = [Finding("agreement", "unsure")]
    assert settle("negative", [("deny", 0.9)], unclear) == "deny"
    assert settle("negative", [("insult", 0.9)], unclear) == "dont_know"
    assert settle("negative", [("deny", 0.5)], unclear) == "dont_know"


def test_a_no_to_a_list_may_be_none_of_it() -> None:
    found = [Finding("answer", "no"), Finding("denial", True)]
    assert settle("nah none of that lot", [("none_of_these", 0.9)], found) == "none_of_these"
    assert settle("nah none of that lot", [("affirm", 0.9)], found) == "deny"


@pytest.mark.parametrize("text", ["", " ", "//", "ʼ́", "…?!"])
def test_of_marks_alone_nothing_is_guessed(text: str) -> None:
    assert settle(text, [("ask_why", 0.95)], []) == "nlu_fallback"


@pytest.mark.parametrize(
    "text",
    ["I want to dance again once this back settles", "my plan is to row when my back is right"],
)
def test_who_speaks_of_a_back_and_asks_nothing_opens_the_triage(text: str) -> None:
    assert settle(text, [("ask_self_care", 0.5)], []) == "inform"


@pytest.mark.parametrize(
    ("text", "confidence"),
    [("stretches for a bad back please", 0.9), ("which stretches help my back", 0.4)],
)
def test_a_question_about_a_back_is_one_where_it_is_sure_or_put_as_one(
    text: str, confidence: float
) -> None:
    assert settle(text, [("ask_self_care", confidence)], []) == "ask_self_care"
