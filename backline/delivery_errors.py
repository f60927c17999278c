"""Why a message did not get through, and whether to try again."""

from __future__ import annotations

WINDOW_HOURS = {"whatsapp": 24, "twilio": 24}
"""How long after somebody's message a service lets one write to them; other services for ever."""


class Undelivered(Exception):
    """A message was not taken by the service.

    Attributes:
        code: the service's code or the kind of failure, without personal data.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Later(Undelivered):
    """It may be taken later.

    Attributes:
        after: how many seconds the service asks for, if it does.
        refused: whether the service said that it did not take it; without an answer it may have.
    """

    def __init__(self, code: str, after: float | None = None, *, refused: bool = True) -> None:
        super().__init__(code)
        self.after = after
        self.refused = refused


class WindowClosed(Undelivered):
    """The service takes it only after the person has written again."""


class OptedOut(Undelivered):
    """The person has told the service that they want no messages."""
