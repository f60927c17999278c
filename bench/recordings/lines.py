"""Recordings as files: one JSON object a line, the lines sorted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

SUFFIX = ".jsonl"
DIGITS = 6
"""Decimal places that are kept of a number."""


def line_of(record: Mapping[str, Any]) -> str:
    """A record as one line, the same for the same data; numbers to 6 decimal places."""
    return json.dumps(_rounded(record), sort_keys=True, ensure_ascii=False)


def write(folder: Path, name: str, records: Iterable[Mapping[str, Any]]) -> int:
    """Write a recording into a folder and return how many lines it has."""
    lines = sorted(line_of(record) for record in records)
    (folder / f"{name}{SUFFIX}").write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return len(lines)


def _rounded(data: Any) -> Any:
    if isinstance(data, float):
        return round(data, DIGITS)
    if isinstance(data, Mapping):
        return {str(key): _rounded(value) for key, value in data.items()}
    if isinstance(data, (set, frozenset)):
        return sorted((_rounded(value) for value in data), key=str)
    if isinstance(data, (list, tuple)):
        return [_rounded(value) for value in data]
    return data
