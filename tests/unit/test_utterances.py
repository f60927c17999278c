"""Every response of `domain.yml` is said by somebody, and everything said is there.

`rasa data validate` looks for responses in stories and rules alone, where few of them are: most are
said by actions.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import yaml

from tests.conftest import PROJECT

DOMAIN = yaml.safe_load((PROJECT / "domain.yml").read_text(encoding="utf-8"))
RESPONSES = DOMAIN["responses"]
TOPICS = yaml.safe_load(
    (PROJECT / "data" / "lexicon" / "emergency_talk.yml").read_text(encoding="utf-8")
)["topics"]
NAME = re.compile(r"\butter_\w*[^\W_]\b")
KEYS_OF_EVENTS = {"utter_action"}
"""Rasa's own, which begin like a response."""
WORDS = "|".join(
    [
        *(
            intent if isinstance(intent, str) else next(iter(intent))
            for intent in DOMAIN["intents"]
        ),
        *(topic["topic"] for topic in TOPICS),
        *("emergency", "crisis"),
        # Topics that no words tell: they follow from what stands (backline/dialogue/standing.py).
        *("again", "have_it", "older"),
    ]
)
"""What names are made of that have no word of their own, such as `f"utter_{intent}"`."""


def said_by_rules() -> set[str]:
    folders = (PROJECT / "data" / "rules", PROJECT / "data" / "stories")
    files = [file for folder in folders for file in folder.glob("*.yml")]
    return {name for file in files for name in NAME.findall(file.read_text(encoding="utf-8"))}


def patterns_of(tree: ast.AST) -> Iterator[str]:
    """What the names in the code match: whole ones, and those put together such as
    `f"utter_reason_{code}"`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [
                re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"\w+"
                for part in node.values
            ]
            if parts[0].startswith("utter_"):
                named = any(part.strip("_") not in ("utter", r"\w+", "") for part in parts)
                yield "".join(part if named or part != r"\w+" else f"(?:{WORDS})" for part in parts)
        elif isinstance(node, ast.Constant) and NAME.fullmatch(str(node.value)):
            yield str(node.value)


def said_by_code() -> set[str]:
    return {
        pattern
        for package in ("actions", "backline")
        for file in (PROJECT / package).rglob("*.py")
        for pattern in patterns_of(ast.parse(file.read_text(encoding="utf-8")))
    }


def test_every_response_is_said() -> None:
    said = re.compile("|".join(said_by_code() | said_by_rules()))
    assert {name for name in RESPONSES if not said.fullmatch(name)} == set()


def test_everything_that_is_said_by_its_name_is_there() -> None:
    names = {name for name in said_by_code() | said_by_rules() if NAME.fullmatch(name)}
    assert names - RESPONSES.keys() - KEYS_OF_EVENTS == set()
