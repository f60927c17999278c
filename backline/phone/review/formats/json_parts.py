"""The parts of a JSON document, each of which knows where it stands, to say what is wrong there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backline.phone.review.formats.turns import (
    TranscriptError,
    number_of,
    seconds_of,
    share_of,
)


class JsonPart:
    """A part of a JSON document; what of it is missing or of another type is told by its place."""

    def __init__(self, data: Any, place: str = "") -> None:
        self.data, self.place = data, place

    def has(self, *names: str) -> bool:
        """Return whether it is an object with all of these."""
        return isinstance(self.data, dict) and all(self.data.get(n) is not None for n in names)

    def lists(self, name: str) -> bool:
        """Return whether it has a list under a name."""
        return isinstance(self.data, dict) and isinstance(self.data.get(name), list)

    def first(self, *names: str) -> Any:
        """Give the first of these that is there, None if none is."""
        if not isinstance(self.data, dict):
            return None
        return next((self.data[n] for n in names if self.data.get(n) is not None), None)

    def part(self, name: str) -> JsonPart:
        """Give a part that is an object.

        Raises:
            TranscriptError: there is none.
        """
        found = JsonPart(self.first(name), self._at(name))
        if not isinstance(found.data, dict):
            raise TranscriptError(f"{self._named} has no object {name!r}")
        return found

    def parts(self, name: str, *, needed: bool = True) -> list[JsonPart]:
        """Give the objects of a list.

        Raises:
            TranscriptError: there is no such list and it is needed, or something else is in it.
        """
        found = self.first(name)
        if found is None and not needed:
            return []
        if not isinstance(found, list):
            raise TranscriptError(f"{self._named} has no list {name!r}")
        return JsonPart(found, self._at(name)).items()

    def items(self) -> list[JsonPart]:
        """Give its own objects, where it is a list.

        Raises:
            TranscriptError: something else is in it.
        """
        found = [JsonPart(item, f"{self.place}[{i}]") for i, item in enumerate(self.data)]
        for item in found:
            if not isinstance(item.data, dict):
                raise TranscriptError(f"{item._named} has to be an object")
        return found

    def best(self, name: str) -> JsonPart:
        """Give the first of a list of readings, the likeliest.

        Raises:
            TranscriptError: there is none.
        """
        readings = self.parts(name)
        if not readings:
            raise TranscriptError(f"{self._named} has nothing in {name!r}")
        return readings[0]

    def text(self, *names: str) -> str:
        """Give the first text of these.

        Raises:
            TranscriptError: none is there.
        """
        found = self.first(*names)
        if not isinstance(found, str):
            raise TranscriptError(f"{self._named} has no text under {' or '.join(names)}")
        return found

    def label(self, *names: str) -> str | None:
        """Give a label: a text, or a number as a text; None for anything else."""
        found = self.first(*names)
        plain = isinstance(found, int | float | str) and not isinstance(found, bool)
        return (str(found).strip() or None) if plain else None

    def number(self, *names: str) -> float | None:
        """Give a finite number; None for anything else."""
        return number_of(self.first(*names))

    def seconds(self, *names: str, unit: float = 1.0) -> float | None:
        """Give a time in seconds; None for what is none.

        Args:
            unit: how many seconds one is.
        """
        return seconds_of(self.first(*names), unit)

    def share(self, *names: str) -> float | None:
        """Give how sure something is, 0 to 1; None where it is not told."""
        return share_of(self.first(*names))

    @property
    def _named(self) -> str:
        return self.place or "the document"

    def _at(self, name: str) -> str:
        # What is a key may be a word of the call; only names of the forms are shown.
        return f"{self.place}.{name}" if self.place else name


def labels_of(
    parts: Sequence[JsonPart], speakers: Sequence[str], channels: Sequence[str] = ("channel",)
) -> list[str | None]:
    """Tell who speaks in each part: its channel if there are several, else its speaker.

    With a channel for each side the speakers may be numbered anew in each.
    """
    sides = [part.label(*channels) for part in parts]
    by_side = len(set(sides) - {None}) > 1
    found = []
    for part, side in zip(parts, sides, strict=True):
        name = None if by_side else part.label(*speakers)
        found.append(name or (None if side is None else f"channel {side}"))
    return found
