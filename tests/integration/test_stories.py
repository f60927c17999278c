"""The conversations of `tests/conversations`: Rasa plays them, the running bot bears them out."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from backline.policy.rules import RULES
from tests.conftest import PROJECT
from tests.talking import Patient

CONVERSATIONS = PROJECT / "tests" / "conversations"
SAID_BY_ACTIONS = re.compile(r"The utterance '(\w+)' is not used in any story or rule")
"""What Rasa warns of, for it sees what stories and rules say, and nothing of what actions say."""
FOUND_BY_THE_READER = ("The intent 'other_language' is listed in the domain file", "ask_other")
"""No example teaches that intent: the classifier knows English alone."""
WARNING = re.compile(r"rasa/shared/utils/io\.py:\d+: \w*Warning: (.*)")
WITHIN_S = 600


def stories(name: str) -> list[dict[str, Any]]:
    text = (CONVERSATIONS / name).read_text(encoding="utf-8")
    return list(yaml.safe_load(text)["stories"])


BY_RULE = {story["story"].split(":")[0]: story for story in stories("test_policy_rules.yml")}


def rasa(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of Rasa's own in the project."""
    # Warnings of what Rasa imports say nothing of this project's data.
    environment = {
        **os.environ,
        "RASA_TELEMETRY_ENABLED": "false",
        # Where Rasa runs in a test's own process it sets these for all that comes after.
        "LOG_LEVEL": "INFO",
        "LOG_LEVEL_LIBRARIES": "ERROR",
        "PYTHONWARNINGS": "ignore::DeprecationWarning,ignore::FutureWarning",
    }
    return subprocess.run(
        [sys.executable, "-m", "rasa", *arguments],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )


def test_rasa_finds_nothing_wrong_in_the_data() -> None:
    checked = rasa("data", "validate", "--fail-on-warnings")
    output = checked.stdout + checked.stderr
    assert checked.returncode == 0, output
    assert "No story structure conflicts found" in output
    warned = [w for w in WARNING.findall(output) if not SAID_BY_ACTIONS.search(w)]
    assert [w for w in warned if not any(intent in w for intent in FOUND_BY_THE_READER)] == []


def test_rasa_does_next_what_each_conversation_tells(tmp_path: Path) -> None:
    played = rasa(
        *("test", "core", "--stories", str(CONVERSATIONS), "--out", str(tmp_path)),
        *("--fail-on-prediction-errors", "--no-plot"),
    )
    assert played.returncode == 0, played.stdout + played.stderr
    report = (tmp_path / "failed_test_stories.yml").read_text(encoding="utf-8")
    assert "stories:" not in report, report


def test_each_rule_of_the_policy_has_a_conversation() -> None:
    assert list(BY_RULE) == [rule.id for rule in RULES]


@pytest.mark.parametrize("rule", BY_RULE)
def test_a_conversation_ends_with_the_result_of_its_rule(live_server: str, rule: str) -> None:
    patient = Patient(live_server)
    patient.talk(*(step["user"].strip() for step in BY_RULE[rule]["steps"] if "user" in step))
    assert patient.result is not None, patient.heard
    assert patient.result["rules"][0] == rule
