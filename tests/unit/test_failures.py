"""The tree of errors that is drawn is the real one."""

from __future__ import annotations

import ast
import builtins
import re
from pathlib import Path

from backline import failures

ROOT = Path(failures.__file__).parents[1]
LINE = re.compile(r"^(?P<indent> *)[*+] (?P<name>\w+)", re.MULTILINE)


def _is_error(name: str) -> bool:
    known = getattr(builtins, name, None)
    return isinstance(known, type) and issubclass(known, Exception)


def real() -> dict[str, str | None]:
    """Each exception class of the product with the first of its bases that is one of ours."""
    bases: dict[str, list[str]] = {}
    for folder in ("backline", "actions"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef):
                    names = [base.id for base in node.bases if isinstance(base, ast.Name)]
                    bases.setdefault(node.name, []).extend(names)
    errors: set[str] = set()
    while found := {
        name
        for name, of in bases.items()
        if name not in errors and any(base in errors or _is_error(base) for base in of)
    }:
        errors |= found
    return {name: next((b for b in bases[name] if b in errors), None) for name in errors}


def drawn() -> dict[str, str | None]:
    """Each class that the docstring names, with the one above it that it stands under."""
    above: list[tuple[int, str]] = []
    tree: dict[str, str | None] = {}
    for match in LINE.finditer(failures.__doc__ or ""):
        indent = len(match["indent"])
        above = [(depth, name) for depth, name in above if depth < indent]
        tree[match["name"]] = above[-1][1] if above else None
        above.append((indent, match["name"]))
    return tree


def test_each_error_is_drawn_where_it_belongs() -> None:
    assert drawn() == real()
