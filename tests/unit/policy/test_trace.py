"""`backline policy --trace`: from a rule's source to its words for patients and its tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from backline.cli.main import app
from backline.cli.policy_trace import TESTS, named_by_tests, trace
from backline.policy import RULES
from backline.responses import Responses
from backline.yaml_text import read_words
from tests.conftest import PROJECT

RESPONSES = Responses(read_words(PROJECT / "domain.yml")["responses"])
LINES = list(trace(RESPONSES))


def test_every_rule_is_named_by_a_test() -> None:
    assert set(named_by_tests(TESTS)) == {rule.id for rule in RULES}


def test_every_rule_has_its_source_and_its_words() -> None:
    for part in ("from", "when", "plan", "text"):
        assert sum(line.startswith(f"  {part} ") for line in LINES) == len(RULES)


@pytest.mark.parametrize(
    ("rule", "words"),
    [("U0b", "utter_result_violence"), ("D1", "utter_result_soon"), ("M1", "utter_result_massage")],
)
def test_a_rule_leads_to_the_words_of_its_result(rule: str, words: str) -> None:
    begin = next(n for n, line in enumerate(LINES) if line.startswith(f"{rule} "))
    text = next(line for line in LINES[begin:] if line.startswith("  text"))
    assert f" {words}: " in text


def test_without_the_tests_the_rest_is_told(tmp_path: Path) -> None:
    lines = list(trace(RESPONSES, tmp_path))
    assert sum(line == "  test   none" for line in lines) == len(RULES)


def test_the_command_prints_it() -> None:
    done = CliRunner().invoke(app, ["policy", "--trace"])
    assert done.exit_code == 0, done.output
    assert "article, precaution 3" in done.output
    assert "test_rules.py::" in done.output
