"""Which lines of two recordings differ, and where in them."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.recordings.lines import SUFFIX

SHOWN = 20
PARTS = 6
"""So many differing parts of one line are shown."""
LONGEST = 160
"""Characters of a value that is shown."""
KEYS = ("person", "text", "call")
"""What tells the lines of a recording apart, whatever else changed in them."""
MISSING = object()


@dataclass(frozen=True)
class Difference:
    """A record that one folder has otherwise than the other, or alone.

    Attributes:
        name: of the recording.
        before, after: the lines; None where there is none.
    """

    name: str
    before: str | None
    after: str | None

    def shown(self) -> str:
        """The difference for people: the record, and its parts that changed."""
        if self.before is None or self.after is None:
            sign, line = ("+", self.after) if self.before is None else ("-", self.before)
            return f"{self.name}: {sign} {_short(line)}"
        before, after = json.loads(self.before), json.loads(self.after)
        parts = _parts("", before, after)
        told = [f"{self.name}: {_short(_key(self.before))}"]
        for path, old, new in parts[:PARTS]:
            told.append(f"  {path}")
            told += [
                f"    {sign} {_value(v)}"
                for sign, v in (("-", old), ("+", new))
                if v is not MISSING
            ]
        if len(parts) > PARTS:
            told.append(f"  ... and {len(parts) - PARTS} more")
        return "\n".join(told)


def compare(before: Path, after: Path) -> list[Difference]:
    """What differs between the recordings of two folders, in the order of their names.

    Raises:
        FileNotFoundError: a folder holds no recording.
    """
    names: set[str] = set()
    for folder in (before, after):
        found = {path.stem for path in folder.glob(f"*{SUFFIX}")}
        if not found:
            raise FileNotFoundError(f"{folder} holds no recording")
        names |= found
    return [d for name in sorted(names) for d in _in_one(name, before, after)]


def _in_one(name: str, before: Path, after: Path) -> list[Difference]:
    old, new = _lines(before / f"{name}{SUFFIX}"), _lines(after / f"{name}{SUFFIX}")
    gone, come = _by_key(old - new), _by_key(new - old)
    found = []
    for key in sorted(gone.keys() | come.keys()):
        ours, theirs = gone.get(key, []), come.get(key, [])
        for place in range(max(len(ours), len(theirs))):
            one = ours[place] if place < len(ours) else None
            other = theirs[place] if place < len(theirs) else None
            found.append(Difference(name, one, other))
    return found


def _lines(path: Path) -> Counter[str]:
    # Not splitlines: what people write may hold other separators than the end of a line.
    text = path.read_text("utf-8") if path.is_file() else ""
    return Counter(line for line in text.split("\n") if line)


def _by_key(lines: Counter[str]) -> dict[str, list[str]]:
    by_key: dict[str, list[str]] = {}
    for line in sorted(lines.elements()):
        by_key.setdefault(_key(line), []).append(line)
    return by_key


def _key(line: str) -> str:
    record = json.loads(line)
    named = [f"{key} {record[key]}" for key in KEYS if key in record]
    return named[0] if named else line


def _parts(path: str, old: Any, new: Any) -> list[tuple[str, Any, Any]]:
    if old == new and type(old) is type(new):
        return []
    if isinstance(old, dict) and isinstance(new, dict):
        keys = sorted(old.keys() | new.keys())
        places = [(key, old.get(key, MISSING), new.get(key, MISSING)) for key in keys]
    elif isinstance(old, list) and isinstance(new, list):
        places = [
            (
                str(place),
                old[place] if place < len(old) else MISSING,
                new[place] if place < len(new) else MISSING,
            )
            for place in range(max(len(old), len(new)))
        ]
    else:
        return [(path or "all of it", old, new)]
    return [part for key, one, two in places for part in _parts(f"{path}/{key}", one, two)]


def _value(value: Any) -> str:
    return _short(json.dumps(value, ensure_ascii=False, sort_keys=True))


def _short(text: str | None) -> str:
    text = text or ""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
