"""What is counted of a turn, and what counting costs."""

from __future__ import annotations

import asyncio
import time
import timeit
from typing import Any

import pytest
import sqlalchemy as sa
from prometheus_client import REGISTRY
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from backline.observability import instrumentation, metrics

MOST_S = 0.0002


def tracker(*events: Event) -> DialogueStateTracker:
    made = DialogueStateTracker.from_events("somebody", [])
    made.events.extend(events)
    return made


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def rise(new: list[Event], name: str, *, before: list[Event] | None = None, **labels: str) -> float:
    """By how much a turn raises a counter."""
    was = counted(name, **labels)
    instrumentation.count_turn(tracker(*(before or []), *new), new)
    return counted(name, **labels) - was


def said(intent: str) -> UserUttered:
    return UserUttered("blah", intent={"name": intent})


def test_a_message_that_is_not_understood_is_a_fallback() -> None:
    assert rise([said("nlu_fallback")], "backline_fallbacks_total", kind="nlu_fallback") == 1
    assert rise([said("inform")], "backline_fallbacks_total", kind="nlu_fallback") == 0


def test_a_turn_that_no_rule_foresees_is_a_fallback() -> None:
    new: list[Event] = [said("inform"), ActionExecuted("action_default_fallback")]
    assert rise(new, "backline_fallbacks_total", kind="action_default_fallback") == 1


def test_the_first_question_begins_a_triage() -> None:
    assert rise([ActiveLoop("triage_form")], "backline_triages_begun_total") == 1
    assert rise([ActiveLoop(None)], "backline_triages_begun_total") == 0


@pytest.mark.parametrize(("value", "answer"), [(True, "yes"), (False, "no")])
def test_a_consent_is_counted_by_its_answer(value: bool, answer: str) -> None:
    assert rise([SlotSet("consent", value)], "backline_consents_total", answer=answer) == 1


def test_a_question_asked_again_is_counted_once_for_the_turn() -> None:
    new: list[Event] = [
        SlotSet("reworded", True),
        SlotSet("requested_slot", "age"),
        SlotSet("reworded", True),
        SlotSet("requested_slot", "age"),
    ]
    assert rise(new, "backline_questions_asked_again_total", slot="age") == 1


def test_the_next_question_is_not_asked_again() -> None:
    new: list[Event] = [SlotSet("reworded", False), SlotSet("requested_slot", "age")]
    assert rise(new, "backline_questions_asked_again_total", slot="age") == 0


def test_a_question_given_up_is_counted_when_it_is_and_not_again() -> None:
    name = "backline_questions_given_up_total"
    first: list[Event] = [SlotSet("given_up", ["age"])]
    second: list[Event] = [SlotSet("given_up", ["age", "pain_severity"])]
    assert rise(first, name, slot="age") == 1
    assert rise(second, name, before=first, slot="age") == 0
    assert rise(second, name, before=first, slot="pain_severity") == 1


def test_what_the_database_refuses_is_counted_by_its_kind() -> None:
    instrumentation.count_database_errors()
    instrumentation.count_database_errors()
    before = counted("backline_database_errors_total", kind="OperationalError")
    with (
        pytest.raises(sa.exc.OperationalError),
        sa.create_engine("sqlite://").connect() as connection,
    ):
        connection.exec_driver_sql("SELECT * FROM nowhere")
    assert counted("backline_database_errors_total", kind="OperationalError") == before + 1


def test_a_connection_that_does_not_come_about_is_counted() -> None:
    instrumentation.count_database_errors()
    before = counted("backline_database_errors_total", kind="OperationalError")
    with pytest.raises(sa.exc.OperationalError):
        sa.create_engine("postgresql://nobody@127.0.0.1:1/none").connect()
    assert counted("backline_database_errors_total", kind="OperationalError") == before + 1


async def test_an_event_loop_that_is_held_up_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instrumentation, "LOOKS_APART_S", 0.01)
    name = "backline_event_loop_lag_seconds_sum"
    before = counted(name)
    watcher = asyncio.create_task(instrumentation.watch_event_loop())
    await asyncio.sleep(0)
    time.sleep(0.2)  # noqa: ASYNC251 - what must not happen
    await asyncio.sleep(0.02)
    watcher.cancel()
    assert counted(name) - before >= 0.15


def test_watching_a_turn_costs_less_than_a_fifth_of_a_millisecond() -> None:
    new: list[Event] = [said("inform"), *(SlotSet(f"slot_{n}", n) for n in range(10))]
    old: list[Event] = [SlotSet("given_up", ["age"]), *(SlotSet("x", n) for n in range(50))]
    conversation = tracker(*old, *new, SlotSet("given_up", ["age", "pain_severity"]))
    last = [*new, conversation.events[-1]]
    stages: list[Any] = [
        metrics.LOCK,
        metrics.TRACKER_READ,
        metrics.UNDERSTANDING,
        *[metrics.PREDICTION] * 4,
        *[metrics.ACTION] * 4,
        metrics.STORE,
        metrics.TRACKER_WRITE,
    ]

    def watch() -> None:
        with (
            metrics.TURN_SECONDS.labels("rest").time(),
            metrics.TURNS_UNDER_WAY.labels("rest").track_inprogress(),
        ):
            for stage in stages:
                with stage.time():
                    pass
            instrumentation.count_turn(conversation, last)
        metrics.RESULTS.labels("massage", "none", "M1").inc()
        metrics.REQUESTS.labels("/webhooks/rest/webhook", "200").inc()

    # The fastest of many: a busy machine makes the others slower, not the work larger.
    cost = min(timeit.repeat(watch, number=100, repeat=20)) / 100
    assert cost < MOST_S, f"{cost * 1000:.3f} ms"
