"""Each rule from its source to what the patient reads, and to the tests that hold it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from backline.policy import RULES, Rule
from backline.responses import Responses, result_response

PROJECT = Path(__file__).resolve().parents[2]
TESTS = PROJECT / "tests" / "unit" / "policy"


def trace(responses: Responses, tests: Path = TESTS) -> Iterator[str]:
    """Give the lines that tell of every rule: source, when, outcome, plan, text, tests.

    Args:
        tests: the folder of the policy's tests; a product that was installed without them has none.
    """
    naming = named_by_tests(tests)
    for rule in RULES:
        text = result_response(rule.id, rule.outcome.value, rule.urgency.value)
        yield f"{rule.id}  {rule.outcome.value} / {rule.urgency.value}"
        yield f"  from   {rule.source}"
        yield f"  when   {rule.summary}"
        yield f"  plan   {_plan(rule)}"
        yield f"  text   {text}: {' '.join(responses.say(text).split())}"
        for test in naming.get(rule.id, ["none"]):
            yield f"  test   {test}"


def _plan(rule: Rule) -> str:
    told = {name: value for name, value in rule.plan.to_json().items() if value not in (None, [])}
    return ", ".join(f"{name} {value}" for name, value in told.items() if value is not False) or "-"


def named_by_tests(folder: Path) -> dict[str, list[str]]:
    """List the tests that name a rule's id, in their own lines or in their examples."""
    found: dict[str, list[str]] = {}
    ids = {rule.id for rule in RULES}
    for file in sorted(folder.glob("test_*.py")):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                # The examples stand in the decorators, which are part of the node.
                named = {n.value for n in ast.walk(node) if isinstance(n, ast.Constant)} & ids
                for rule in named:
                    found.setdefault(str(rule), []).append(f"{file.name}::{node.name}")
    return found
