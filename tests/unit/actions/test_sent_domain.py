"""Rasa sends the domain only to actions that are marked for it: who reads it has to be."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.conftest import PROJECT

SAID: dict[str, Any] = {}
for entry in yaml.safe_load((PROJECT / "domain.yml").read_text("utf-8"))["actions"]:
    SAID.update(entry if isinstance(entry, dict) else {entry: {}})


def actions_that_read_the_domain() -> Iterator[str]:
    for file in sorted((PROJECT / "actions").glob("*.py")):
        for node in ast.parse(file.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and (name := name_of(node)) and reads_domain(node):
                yield name


def name_of(action: ast.ClassDef) -> str | None:
    """What its method `name` returns."""
    for method in action.body:
        if isinstance(method, ast.FunctionDef) and method.name == "name":
            (returned,) = (n for n in ast.walk(method) if isinstance(n, ast.Return))
            return str(ast.literal_eval(returned.value)) if returned.value else None
    # The one of rasa-sdk that fills slots has its name there.
    is_sdks = any("ValidationAction" in ast.unparse(base) for base in action.bases)
    return "action_validate_slot_mappings" if is_sdks else None


def reads_domain(action: ast.ClassDef) -> bool:
    return any(
        isinstance(node, ast.Name) and node.id == "domain" and isinstance(node.ctx, ast.Load)
        for node in ast.walk(action)
    )


READING = list(actions_that_read_the_domain())


def test_some_actions_read_it() -> None:
    assert {"action_confirm", "action_validate_slot_mappings"} <= set(READING)


@pytest.mark.parametrize("action", READING)
def test_an_action_that_reads_the_domain_is_sent_it(action: str) -> None:
    assert SAID[action].get("send_domain") is True
