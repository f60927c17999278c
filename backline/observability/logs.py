"""What is logged: a line an event, as text or JSON, and never what a person wrote or who they are.

What Backline's own modules say is logged as it is; they say nothing of a person. Of the lines of
others, such as Rasa's, which quote messages, only what their programmers wrote is let through: a
constant text without what was put into it, or else the place in the code. The same holds for
errors: of a traceback the types and the places are logged, not the texts.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import os
import re
import secrets
import sys
import threading
import uuid
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TextIO

import structlog
from pydantic import Field, validator
from structlog.contextvars import bind_contextvars, clear_contextvars, get_contextvars
from structlog.typing import EventDict

from backline.environment import Environment
from backline.failures import kinds, places

logger = logging.getLogger(__name__)

OURS = ("backline", "actions")
FORMATS = ("text", "json")
LEVELS = ("debug", "info", "warning", "error")
FIELDS = ("method", "route", "status", "duration_ms", "delivery", "attempts", "address")
"""What our own lines may tell in fields, beside the request, the channel and the conversation."""
SERVER = "sanic.error"
DEVELOPERS_HINT = "Sanic is running in PRODUCTION mode"
CONSTANT = re.compile(r"[\w.]+")
REQUEST_ID = re.compile(r"[0-9A-Za-z_-]{16,64}")
"""Long enough to be no phone number."""
SHORT_BYTES = 6


class LogSettings(Environment):
    """`format` is `text` or `json`; `level` is that of Python's logging."""

    format: str = Field(env="BACKLINE_LOG_FORMAT")
    level: int = Field(env="BACKLINE_LOG_LEVEL")

    @validator("format")
    def _known_format(cls, chosen: str) -> str:
        if chosen not in FORMATS:
            raise ValueError(f"takes {' or '.join(FORMATS)}; got {chosen!r}")
        return chosen

    @validator("level", pre=True)
    def _known_level(cls, chosen: str) -> int:
        name = chosen.lower()
        if name not in LEVELS:
            raise ValueError(f"takes {', '.join(LEVELS)}; got {name!r}")
        return int(logging.getLevelName(name.upper()))


def load_log_settings(
    environ: Mapping[str, str] | None = None, *, level: str = "info", stream: TextIO = sys.stderr
) -> LogSettings:
    """How to log, by `BACKLINE_LOG_FORMAT` and `BACKLINE_LOG_LEVEL`.

    Args:
        level: the level if none is set.
        stream: decides the format if none is set: text on a terminal, JSON elsewhere.

    Raises:
        SettingsError: with a sentence that names the variable.
    """
    by_stream = "text" if stream.isatty() else "json"
    return LogSettings.read(environ, format=by_stream, level=level)


def configure(settings: LogSettings) -> None:
    """Log to standard error from now on, in place of what was set up before."""
    colours = sys.stderr.isatty()
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if settings.format == "json"
        else structlog.dev.ConsoleRenderer(colors=colours, timestamp_key="time", sort_keys=False)
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[_line, renderer], use_get_message=False, pass_foreign_args=True
        )
    )
    # Else what breaks outside of any request, or in a line itself, is printed with its values.
    logging.raiseExceptions = False
    threading.excepthook = lambda broken: _log_broken(broken.exc_value)
    sys.unraisablehook = lambda broken: _log_broken(broken.exc_value)
    root = logging.getLogger()
    root.handlers = [handler]
    # Other libraries tell their steps to nobody; Rasa's are worth a look when something is sought.
    root.setLevel(max(settings.level, logging.WARNING))
    for name in OURS:
        logging.getLogger(name).setLevel(settings.level)
    logging.getLogger(SERVER).addFilter(_is_no_hint)
    searching = settings.level <= logging.DEBUG
    logging.getLogger("rasa").setLevel(settings.level if searching else logging.NOTSET)
    structlog.configure(
        processors=[structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(
            settings.level if searching else root.level
        ),
        cache_logger_on_first_use=True,
    )


def _is_no_hint(record: logging.LogRecord) -> bool:
    """False for the server's advice to its developers, which a terminal gets at each start."""
    return DEVELOPERS_HINT not in str(record.msg)


def _log_broken(error: BaseException | None) -> None:
    logger.error("Something broke outside of any request", exc_info=error)


# ---- What a line belongs to -------------------------------------------------------------------


def begin(request_id: str | None = None) -> str:
    """Let the lines from here on belong to a request; returns its id.

    Args:
        request_id: what a proxy calls it. An id of its own is made if there is none, or one that
            does not look like an id.
    """
    known = request_id if request_id and REQUEST_ID.fullmatch(request_id) else uuid.uuid4().hex
    clear_contextvars()
    bind_contextvars(request_id=known)
    return known


def about(channel: str, conversation: str) -> None:
    """Let the lines from here on tell the channel, and the short form of the conversation."""
    bind_contextvars(channel=channel, conversation=short_form(conversation))


def short_form(conversation: str) -> str:
    """What stands for a conversation in the log; its id is not to be had from it.

    The same in every process and after a restart where `BACKLINE_PSEUDONYM_KEY` is set.
    """
    return hashlib.blake2b(
        conversation.encode(), key=_key(), digest_size=SHORT_BYTES, person=b"log"
    ).hexdigest()


@lru_cache(maxsize=1)
def _key() -> bytes:
    given = os.environ.get("BACKLINE_PSEUDONYM_KEY", "").encode()
    return hashlib.blake2b(given).digest() if given else secrets.token_bytes(32)


# ---- A line -----------------------------------------------------------------------------------


def _line(_logger: Any, _method: str, event: EventDict) -> EventDict:
    record: logging.LogRecord = event["_record"]
    ours = record.name.split(".")[0] in OURS
    at = dt.datetime.fromtimestamp(record.created, dt.timezone.utc)
    line: EventDict = {
        "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "event": _own_text(event) if ours else _constant_text(event, record),
        **get_contextvars(),
    }
    if ours:
        line.update({name: record.__dict__[name] for name in FIELDS if name in record.__dict__})
    line.update(_failure(event.get("exc_info")))
    return line


def _own_text(event: EventDict) -> str:
    arguments = event.get("positional_args")
    return str(event["event"]) % arguments if arguments else str(event["event"])


def _constant_text(event: EventDict, record: logging.LogRecord) -> str:
    text = event["event"]
    # With arguments it is a template; without, whatever was put together.
    constant = CONSTANT.fullmatch(str(text)) if event["_from_structlog"] else None
    if constant or (event.get("positional_args") and isinstance(text, str)):
        return str(text)
    return f"{record.module}:{record.lineno}"


def _failure(info: Any) -> dict[str, Any]:
    """The types of an error and of what caused it, and where it was raised."""
    if not info:
        return {}
    error = info if isinstance(info, BaseException) else sys.exc_info()[1]
    if isinstance(info, tuple):
        error = info[1]
    if error is None:
        return {}
    return {"error": " from ".join(kinds(error)), "trace": places(error)}
