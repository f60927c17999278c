"""Takes the times and counts of Rasa's own steps, from outside."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from functools import partial, wraps
from importlib.metadata import version
from itertools import islice
from typing import Any, TypeVar

import sqlalchemy as sa
from rasa.engine.storage.storage import ModelMetadata
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from backline.facts import UNREAD
from backline.observability import metrics
from backline.policy import POLICY_VERSION

T = TypeVar("T")

FORM = "triage_form"
FALLBACK_INTENT, FALLBACK_ACTION = "nlu_fallback", "action_default_fallback"
LOOKS_APART_S = 0.5


def timed(histogram: Any) -> Callable[[Callable[..., Awaitable[T]]], Callable[..., Awaitable[T]]]:
    """Observe how long each call of a coroutine takes, failed ones included."""

    def decorate(function: Callable[..., Awaitable[T]]) -> Callable[..., Awaitable[T]]:
        @wraps(function)
        async def call(*arguments: Any, **named: Any) -> T:
            with histogram.time():
                return await function(*arguments, **named)

        return call

    return decorate


def tell_versions(model_file: str, model: ModelMetadata) -> None:
    """Tell of which version the server, its policy and its model are."""
    # Rasa notes it in UTC, without saying so.
    trained_at = model.trained_at.replace(tzinfo=dt.timezone.utc)
    metrics.MODEL_TRAINED.set(trained_at.timestamp())
    metrics.BUILD.info(
        {"version": version("backline"), "policy_version": POLICY_VERSION, "model": model_file}
    )


def count_turn(tracker: DialogueStateTracker, new: Sequence[Event]) -> None:
    """Count what a stored turn tells of the triage.

    Args:
        new: the turn's events, the last of the tracker's.
    """
    for event in new:
        _count_event(event)
    slots = {event.key: event.value for event in new if isinstance(event, SlotSet)}
    before = partial(slot_before, tracker, len(tracker.events) - len(new))
    if slots.get("consent") not in (None, before("consent")):
        metrics.CONSENTS.labels("yes" if slots["consent"] else "no").inc()
    if slots.get("reworded") and slots.get("requested_slot"):
        metrics.ASKED_AGAIN.labels(slots["requested_slot"]).inc()
    if slots.get("given_up"):
        for slot in set(slots["given_up"]) - set(before("given_up") or []):
            metrics.GIVEN_UP.labels(slot).inc()


def _count_event(event: Event) -> None:
    if isinstance(event, UserUttered):
        if event.intent_name == FALLBACK_INTENT:
            metrics.FALLBACKS.labels(FALLBACK_INTENT).inc()
        if any(entity.get("entity") == UNREAD for entity in event.entities):
            metrics.READ_IN_PART.inc()
    elif isinstance(event, ActiveLoop) and event.name == FORM:
        metrics.TRIAGES_BEGUN.inc()
    elif isinstance(event, ActionExecuted) and event.action_name == FALLBACK_ACTION:
        metrics.FALLBACKS.labels(FALLBACK_ACTION).inc()


def slot_before(tracker: DialogueStateTracker, count: int, slot: str) -> Any:
    """A slot's value after the first `count` events."""
    value = None
    for event in islice(tracker.events, count):
        if isinstance(event, SlotSet) and event.key == slot:
            value = event.value
    return value


def count_database_errors() -> None:
    """Count what goes wrong on every engine of this process. Calling it again changes nothing."""
    if not sa.event.contains(sa.engine.Engine, "handle_error", _count_error):
        sa.event.listen(sa.engine.Engine, "handle_error", _count_error)


def _count_error(context: Any) -> None:
    # Without SQLAlchemy's own there is only the driver's, as when no connection came about.
    error = context.sqlalchemy_exception or context.original_exception
    metrics.DATABASE_ERRORS.labels(type(error).__name__).inc()


async def watch_event_loop() -> None:
    """Observe for ever how late the event loop is; what blocks it keeps everybody waiting."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + LOOKS_APART_S
        await asyncio.sleep(LOOKS_APART_S)
        metrics.LOOP_LAG.observe(max(0.0, loop.time() - due))
