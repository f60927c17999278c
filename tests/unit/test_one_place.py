"""What one module knows for all others is known nowhere else."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
MARKERS = {"custom", "triage_result", "emergency_standing"}
"""Names of the parts of messages, as docs/http.md has them, that are no words of anything else."""


def modules(*but: str) -> Iterator[tuple[str, ast.Module]]:
    """The product's modules, with their paths, without those that are named."""
    for package in ("actions", "backline"):
        for file in sorted((PROJECT / package).rglob("*.py")):
            path = file.relative_to(PROJECT).as_posix()
            if path not in but:
                yield path, ast.parse(file.read_text(encoding="utf-8"))


def picks_markers_apart(tree: ast.AST) -> list[int]:
    """The lines in which a marker of a message is named."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and node.value in MARKERS
    ]


def test_only_replies_py_knows_the_markers_of_messages() -> None:
    found = {path: picks_markers_apart(tree) for path, tree in modules("backline/replies.py")}
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "code", ['m.get("custom")', 'm["custom"]', '{"type": "triage_result"}', 'x == "custom"']
)
def test_each_way_to_look_into_a_marker_is_found(code: str) -> None:
    assert picks_markers_apart(ast.parse(code)) == [1]


def test_only_earlier_py_knows_how_it_is_kept_that_a_message_answers_an_earlier_question() -> None:
    for path, tree in modules("backline/dialogue/earlier.py"):
        texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
        assert not texts & {"manner", "withdraws"}, path


def fills_braces(tree: ast.AST) -> list[int]:
    """The lines in which a name is put into braces, to be looked for in a text."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if (isinstance(node, ast.BinOp) and _text_of(node.left) == "{")
        or (
            isinstance(node, ast.JoinedStr) and [_text_of(v) for v in node.values] == ["{", "", "}"]
        )
    ]


def _text_of(node: ast.AST) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else ""


def test_only_responses_py_fills_names_in_braces() -> None:
    found = {path: fills_braces(tree) for path, tree in modules("backline/responses.py")}
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize("code", ['"{" + name + "}"', 'f"{{{name}}}"'])
def test_each_way_to_look_for_a_name_in_braces_is_found(code: str) -> None:
    assert fills_braces(ast.parse(code)) == [1]


def test_no_constructor_looks_up_the_settings() -> None:
    # Rasa calls those of this module with arguments of its own.
    for path, tree in modules("backline/runtime/rasa_run.py"):
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef) and function.name == "__init__":
                named = {n.id for n in ast.walk(function) if isinstance(n, ast.Name)}
                assert "load_settings" not in named, path
