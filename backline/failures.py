"""What may be told of an error: its kind and its place in the code, never its text.

The text of an error may quote what a person wrote; that of `Told` is written to be read.
"""

from __future__ import annotations

import traceback

MOST_CAUSES = 10
MOST_PLACES = 10


class Told(Exception):
    """Tells, in one sentence without personal data, whoever runs Backline what to put right."""


def kinds(error: BaseException) -> list[str]:
    """Name the type of an error, then those of what caused it."""
    found: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(found) < MOST_CAUSES:
        found.append(type(cause).__name__)
        cause = cause.__cause__ or cause.__context__
    return found


def places(error: BaseException) -> list[str]:
    """Name where an error passed, as "module:line function", the innermost last."""
    return [
        f"{frame.f_globals.get('__name__', '?')}:{line} {frame.f_code.co_name}"
        for frame, line in traceback.walk_tb(error.__traceback__)
    ][-MOST_PLACES:]


def describe(error: BaseException) -> str:
    """Say in half a line what broke and where, such as "KeyError at backline.facts:12 read"."""
    passed = places(error)
    return f"{type(error).__name__} at {passed[-1]}" if passed else type(error).__name__
