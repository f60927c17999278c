"""What gets into a line of the log, and what does not."""

from __future__ import annotations

import gc
import io
import json
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from backline.observability import logs
from backline.settings import SettingsError

WORDS = "numb since my birthday"
Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    """Logs as JSON from debug on, and gives what was logged."""
    written = io.StringIO()
    root = logging.getLogger()
    before = root.handlers, root.level
    # Put back at the end, as the others.
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    monkeypatch.setattr(logging, "raiseExceptions", True)
    monkeypatch.setattr("sys.stderr", written)
    # What earlier tests left behind complains now, and not in the middle of this one.
    gc.collect()
    logs.configure(logs.load_log_settings({"BACKLINE_LOG_LEVEL": "debug"}, stream=written))
    structlog.contextvars.clear_contextvars()
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.handlers, root.level = before
    structlog.reset_defaults()


def test_a_line_tells_when_how_grave_who_and_what(lines: Lines) -> None:
    logging.getLogger("backline.channels.web.rest").warning("%d messages wait", 3)
    (line,) = lines()
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "warning",
        "logger": "backline.channels.web.rest",
        "event": "3 messages wait",
    }


def test_of_a_line_of_others_the_template_is_told_and_not_what_was_put_into_it(
    lines: Lines,
) -> None:
    logging.getLogger("asyncio").warning("Executing %s took long", WORDS)
    assert [line["event"] for line in lines()] == ["Executing %s took long"]


def test_of_a_text_that_others_put_together_the_place_is_told(lines: Lines) -> None:
    logging.getLogger("rasa.core.processor").warning(f"Stopped at {WORDS}")
    (line,) = lines()
    assert line["event"].startswith("test_log_lines:")


def test_of_an_event_of_rasa_its_name_is_told_and_no_field(lines: Lines) -> None:
    structlog.get_logger("rasa").debug("processor.message.parse", parse_data_text=WORDS)
    structlog.get_logger("rasa").debug(f"a sentence with {WORDS}", text=WORDS)
    first, second = lines()
    assert first["event"] == "processor.message.parse"
    assert WORDS not in json.dumps([first, second])


def test_of_an_error_the_types_and_places_are_told_and_no_text(lines: Lines) -> None:
    try:
        try:
            raise KeyError(WORDS)
        except KeyError as error:
            raise RuntimeError(WORDS) from error
    except RuntimeError:
        logging.getLogger("backline.server").exception("It broke")
        logging.getLogger("sanic.error").exception("Exception at %s", WORDS)
    for line in lines():
        assert line["error"] == "RuntimeError from KeyError"
        assert "test_of_an_error" in line["trace"][-1]
    assert WORDS not in json.dumps(lines())


def test_a_line_that_cannot_be_put_together_is_not_printed_either(
    lines: Lines, capfd: pytest.CaptureFixture[str]
) -> None:
    logging.getLogger("backline").error("%d", WORDS)
    assert lines() == []
    assert WORDS not in "".join(capfd.readouterr())


def test_what_breaks_a_thread_is_logged_without_its_text(
    lines: Lines, capfd: pytest.CaptureFixture[str]
) -> None:
    thread = threading.Thread(target=int, args=(WORDS,))
    thread.start()
    thread.join()
    (line,) = lines()
    assert line["error"] == "ValueError"
    assert WORDS not in json.dumps(line) + "".join(capfd.readouterr())


def test_fields_that_nobody_named_are_left_out(lines: Lines) -> None:
    logging.getLogger("backline").info("request", extra={"status": 200, "text": WORDS})
    (line,) = lines()
    assert line["status"] == 200
    assert "text" not in line


def test_lines_belong_to_their_request_and_name_no_conversation_whole(lines: Lines) -> None:
    known = logs.begin("0af7651916cd43dd8448eb211c80319c")
    logs.about("rest", "a-conversation-that-is-a-secret")
    logging.getLogger("backline").info("request")
    (line,) = lines()
    assert line["request_id"] == known == "0af7651916cd43dd8448eb211c80319c"
    assert line["channel"] == "rest"
    assert line["conversation"] == logs.short_form("a-conversation-that-is-a-secret")
    assert len(line["conversation"]) == 12


@pytest.mark.parametrize("given", [None, "", "0412777333", "Ada Lovelace 1815-12-10", "x" * 65])
def test_what_is_no_request_id_is_replaced_by_one(given: str | None) -> None:
    made = logs.begin(given)
    assert made != given
    assert logs.REQUEST_ID.fullmatch(made)


def test_outside_a_terminal_it_is_json_and_from_info_on() -> None:
    settings = logs.load_log_settings({}, stream=io.StringIO())
    assert settings == logs.LogSettings(format="json", level="info")


@pytest.mark.parametrize(
    ("variable", "value"), [("BACKLINE_LOG_FORMAT", "xml"), ("BACKLINE_LOG_LEVEL", "loud")]
)
def test_a_wrong_setting_is_named(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{variable} takes .*{value}"):
        logs.load_log_settings({variable: value})


def test_the_servers_hint_for_developers_is_no_line(lines: Lines) -> None:
    server = logging.getLogger("sanic.error")
    server.warning("\x1b[33mSanic is running in PRODUCTION mode. Consider using '--debug'.\x1b[0m")
    assert lines() == []
    server.warning("Something else")
    assert len(lines()) == 1
