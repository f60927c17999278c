"""How somebody feels about what they tell, by `feelings.yml`."""

from __future__ import annotations

from backline.nlu import topics

FILE = "feelings.yml"


def feeling_in(text: str) -> str | None:
    """Name the feeling that a message tells, the weightiest of several; None where it tells none."""
    return next(topics.topics_in(text, FILE), None)
