"""Tests by the names that the documentation gives them: `tests/path/file.py::name`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


@cache
def names_in(file: Path) -> frozenset[str]:
    """Functions and classes of a module, and the methods of its classes as `Class::method`."""
    return frozenset(_names(ast.parse(file.read_text(encoding="utf-8")).body))


def _names(body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.ClassDef):
            yield node.name
            yield from (f"{node.name}::{name}" for name in _names(node.body))


def is_there(test: str) -> bool:
    """Whether `tests/path/file.py` is a file and, behind `::`, what is named stands in it."""
    path, _, name = test.partition("::")
    file = PROJECT / path
    if not path.startswith("tests/") or not file.is_file():
        return False
    return not name or name in names_in(file)
