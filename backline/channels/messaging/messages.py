"""What comes from a messaging service and what goes to it, the same for all of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any


class Kind(str, Enum):
    """What a person did."""

    TEXT = "text"
    EDIT = "edit"
    """Changed what they had written."""
    CHOICE = "choice"
    """Pressed a button or a row of a list."""
    START = "start"
    STOP = "stop"
    HELP = "help"
    DELETE = "delete"
    MEDIA = "media"
    """A voice note, a picture or anything else that is no text."""
    FORWARDED = "forwarded"
    ELSEWHERE = "elsewhere"
    """Written in a group or a channel."""
    TOO_FAST = "too_fast"
    """The first message above the rate that is taken."""


_TOLD_BY_A_NOTE = ("link", "answered_by_service", "silent")
"""What is stored as one `note`, since servers of the version before know no other fields."""


@dataclass(frozen=True)
class Incoming:
    """One thing a person did, as the service's webhook told it.

    Attributes:
        key: the service's id of the delivery; the same when it is delivered again.
        address: where to answer.
        message: the service's id of the message; an edit has that of the message it changes, a
            choice that of the message with the controls.
        order: the service's order of the messages of one person.
        choice: slot and place of the option, as `choices.chosen` gave it away.
        receipt: what acknowledging takes, such as Telegram's id of a callback.
        written_at: when it was written, in whole seconds since 1970 by the service's clock, if it
            tells.
        link: the name of the link that brought them, for a start.
        answered_by_service: whether the service has answered it by itself; stored for a stop or
            help alone.
        silent: for what comes too fast, whether patience was asked for already.
    """

    key: str
    address: str
    kind: Kind
    text: str = ""
    message: str = ""
    order: int | None = None
    choice: str = ""
    receipt: str = ""
    written_at: int | None = None
    link: str = ""
    answered_by_service: bool = False
    silent: bool = False

    def to_json(self) -> dict[str, Any]:
        """The message as it is stored, which servers of the version before can read, too."""
        data = {**asdict(self), "kind": self.kind.value}
        for name in _TOLD_BY_A_NOTE:
            del data[name]
        return {**data, "note": self._note()}

    def _note(self) -> str:
        if self.kind is Kind.START:
            return self.link
        if self.kind is Kind.TOO_FAST:
            return "silent" if self.silent else ""
        return self.kind.value if self.answered_by_service else ""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Incoming:
        """Read what `to_json` gave, here or in another version."""
        kind, note = Kind(data["kind"]), data.get("note", "")
        known = {name: data[name] for name in cls.__dataclass_fields__ if name in data}
        meant = {
            "link": note if kind is Kind.START else "",
            "answered_by_service": kind in (Kind.STOP, Kind.HELP) and note != "",
            "silent": kind is Kind.TOO_FAST and note != "",
        }
        return cls(**{**meant, **known, "kind": kind})


@dataclass(frozen=True)
class Report:
    """What the service tells of a message it took: `sent`, `delivered`, `read` or `failed`."""

    service_id: str
    status: str
    error: str | None = None


class Control(str, Enum):
    """How the options of a question are shown."""

    NONE = "none"
    BUTTONS = "buttons"
    LIST = "list"
    TOGGLES = "toggles"
    SCALE = "scale"


@dataclass(frozen=True)
class Outgoing:
    """One message to a person, rendered for their service.

    Attributes:
        headline: the first paragraph of `text` stands out.
        options: what is on the buttons, in order; `notes` are longer words for rows of a list.
        choices: what each of them carries, as `choices.chosen` gives it.
        opener: what is on the button that opens a list.
        slot: the question it asks; "" after a reply of the bot that asks nothing any more.
        urgent: tells an emergency: it is sent before everything that waits.
        last_word: nothing of the conversation is to stay after it.
    """

    text: str
    control: Control = Control.NONE
    options: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    opener: str = ""
    slot: str | None = None
    headline: bool = False
    urgent: bool = False
    last_word: bool = False

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "control": self.control.value}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Outgoing:
        lists = {name: tuple(data[name]) for name in ("options", "notes", "choices")}
        return cls(**{**data, **lists, "control": Control(data["control"])})


@dataclass(frozen=True)
class Taken:
    """That a service took a message.

    Attributes:
        service_id: what the service calls it, fit to be stored.
        at: when, by the service's own clock, in whole seconds; None if it does not tell.
    """

    service_id: str
    at: dt.datetime | None = None


@dataclass(frozen=True)
class WebhookContent:
    """All that one call of a webhook told, in its order."""

    messages: list[Incoming] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
