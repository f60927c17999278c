"""Whole calls between a caller and a receptionist, in all the forms that can be read."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from backline.cli.main import app
from backline.dialogue import LEG_ITEM
from backline.dialogue.questions import CONDITION_ITEMS, SIGN_ITEMS
from backline.facts import PARTED
from backline.nlu import Understander
from backline.phone.review.review import DENIED, Review, review
from backline.phone.review.transcripts import read_call
from backline.policy.checklists import CODES

FOLDER = Path(__file__).parent / "calls"
EXPECTED: dict[str, dict[str, Any]] = yaml.safe_load((FOLDER / "expected.yml").read_text("utf-8"))
READ = Understander(lambda: dt.date(2026, 11, 27)).read
BESIDE = ("emergency_signs", "health_conditions", "checked")
LINES = frozenset({*SIGN_ITEMS, *CONDITION_ITEMS})
"""What receptionists ask for, line by line."""


def came_to(name: str) -> Review:
    call, _ = read_call((FOLDER / name).read_text("utf-8"), READ)
    return review(call, READ)


def test_every_call_of_the_folder_is_expected() -> None:
    assert {p.name for p in FOLDER.iterdir()} - {"expected.yml"} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_nothing_is_established_but_what_was_said(name: str) -> None:
    facts = came_to(name).facts.to_json()
    beside = set(EXPECTED[name].get("also", ())) | set(BESIDE)

    known = {key: value for key, value in facts.items() if key not in beside}
    assert known == EXPECTED[name].get("facts", {})
    assert set(facts.get("emergency_signs", ())) == set(EXPECTED[name].get("signs", ()))
    assert set(facts.get("health_conditions", ())) == set(EXPECTED[name].get("conditions", ()))


@pytest.mark.parametrize("name", EXPECTED)
def test_nothing_is_denied_but_what_was_denied(name: str) -> None:
    evidence = came_to(name).evidence
    denied = {e.about for e in evidence if e.value == DENIED and not e.superseded}
    expected = EXPECTED[name].get("denied", [])
    if expected == "all":
        expected = LINES - {LEG_ITEM}

    assert denied == set(expected)


@pytest.mark.parametrize("name", EXPECTED)
def test_the_policy_decides_only_what_can_be_decided(name: str) -> None:
    found = came_to(name)

    rule = found.recommendation.rule.id if found.recommendation else None
    assert rule == EXPECTED[name].get("rule")
    assert bool(found.owed) == (rule is None)
    if rule is None:
        at_least = found.at_least.id if found.at_least else None
        assert at_least == EXPECTED[name].get("at_least")


@pytest.mark.parametrize("name", EXPECTED)
def test_what_is_not_settled_is_told(name: str) -> None:
    assert [u.why for u in came_to(name).unsettled] == EXPECTED[name].get("unsettled", [])


@pytest.mark.parametrize("name", EXPECTED)
def test_each_line_that_nobody_asked_about_is_named(name: str) -> None:
    found = came_to(name)
    settled = {e.about for e in found.evidence}
    for slot in CODES.keys() - PARTED:
        missing = set(found.unasked[slot]) | set(found.unanswered[slot])
        assert missing == (CODES[slot] & LINES) - settled


def run(*arguments: str, text: str | None = None) -> Any:
    return CliRunner().invoke(app, ["phone", "transcript", *arguments], input=text)


def test_the_command_says_the_result_first() -> None:
    result = run(str(FOLDER / "emergency.txt"))

    assert result.exit_code == 0
    assert result.stdout.startswith("RESULT: EMERGENCY CARE NOW\n")
    assert "numbness between your legs or around your bottom: [00:05]" in result.stdout


def test_the_command_names_what_was_never_asked() -> None:
    result = run(str(FOLDER / "parent.txt"))

    assert "AT THE LEAST, by what is known: a doctor today" in result.stdout
    assert "  - thoughts of ending your life" in result.stdout


def test_programs_get_json() -> None:
    found = json.loads(run(str(FOLDER / "list.json"), "--json").stdout)

    assert found["outcome"] is None
    assert found["caller"] == "customer"
    assert "emergency_signs" in found["still_to_ask"]
    assert found["facts"]["checked"] == []


def test_a_call_can_come_from_standard_input() -> None:
    result = run("-", text="Agent: Any fever?\nCaller: Yes.\n")

    assert "a fever or night sweats: “Yes.”, to “Any fever?”" in result.stdout


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "it is empty"),
        ("my back hurts", "does not tell who speaks"),
        ("{", "not valid JSON"),
        ('{"a": 1}', "no known form"),
        ('[{"speaker": "caller"}]', "no text"),
        ("[7]", "has to be an object"),
        ("WEBVTT\n\n00:00 broken", "nothing is said in it"),
        ("Ann: hello\nBen: hello\n", "who is the caller cannot be told"),
        ('{"results": {"channels": [{}]}}', "channels without words"),
        ('{"results": {"items": [{}]}}', "items of no known form"),
    ],
)
def test_what_is_no_transcript_is_told_in_a_sentence(text: str, sentence: str) -> None:
    result = run("-", text=text)

    assert result.exit_code == 1
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr


def test_the_caller_can_be_named() -> None:
    result = run("-", "--caller", "ben", text="Ann: hello\nBen: my legs gave way\n")

    assert "EMERGENCY" in result.stdout


SINCE_MONDAY = "Agent: How can I help?\nCaller: My back has hurt since Monday.\n"


@pytest.mark.parametrize(("day", "duration"), [("2026-03-04", 2), ("2026-03-06", 4)])
def test_times_are_read_from_the_day_of_the_call(day: str, duration: int) -> None:
    found = json.loads(run("-", "--date", day, "--json", text=SINCE_MONDAY).stdout)

    assert (found["date"], found["facts"]["pain_duration"]) == (day, duration)


def test_a_call_of_tomorrow_is_refused() -> None:
    result = run("-", "--date", "2999-01-01", text=SINCE_MONDAY)

    assert result.exit_code == 1
    assert "--date is the day of the call, and 2999-01-01 is yet to come" in result.stderr


GUESSED = "Ann: Do you have a fever?\nBen: No. My lower back hurts.\n"


def test_who_was_taken_for_the_caller_is_told_with_how_sure_that_is() -> None:
    told = " ".join(run("-", text=GUESSED).stdout.split())

    assert re.search(r"'Ben': the caller \(\d\d % sure, guessed from what is said; --caller", told)
    assert "'Ann': the receptionist" in told


def test_programs_get_who_speaks() -> None:
    speakers = json.loads(run("-", "--json", text=GUESSED).stdout)["speakers"]

    assert [(s["label"], s["role"], s["by"]) for s in speakers] == [
        ("Ann", "receptionist", "words"),
        ("Ben", "caller", "words"),
    ]
    assert all(0.7 <= s["certainty"] < 1 for s in speakers)


@pytest.mark.parametrize(
    "data", [b"\xff\xfea", b"\x00\x01\x02" * 1000, bytes(range(256)), b"RIFF\x80"]
)
def test_a_file_that_is_no_text_is_told(data: bytes) -> None:
    result = CliRunner().invoke(app, ["phone", "transcript", "-"], input=data)

    assert result.exit_code == 1
    assert result.stderr.startswith("backline: standard input is no t")


def test_text_in_utf_16_is_read() -> None:
    data = GUESSED.encode("utf-16")

    assert CliRunner().invoke(app, ["phone", "transcript", "-"], input=data).exit_code == 0


def test_a_file_that_is_not_there_is_told() -> None:
    assert "cannot be read" in run("nowhere.txt").stderr
