"""Why a message did not get through, and whether to try again."""

from __future__ import annotations


class Undelivered(Exception):
    """A message was not taken by the service.

    Attributes:
        code: the service's code or the kind of failure, without personal data.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Later(Undelivered):
    """It may be taken later; `after` is how many seconds the service asks for, if it does."""

    def __init__(self, code: str, after: float | None = None) -> None:
        super().__init__(code)
        self.after = after


class WindowClosed(Undelivered):
    """The service takes it only after the person has written again."""


class OptedOut(Undelivered):
    """The person has told the service that they want no messages."""
