"""Keeps for the clinic's review what was suspected, and questions that nothing answers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from rasa_sdk import Tracker

from actions.dependencies import open_store
from actions.tracker_view import findings_in, intent_of, keeps_nothing, text_of
from backline.clock import utcnow
from backline.dialogue import Conversation
from backline.nlu.intents import ASKED_ABOUT, ASKED_LINE, asks
from backline.store import StoreUnavailable, SuspicionRecord, UnansweredQuestion

logger = logging.getLogger(__name__)

NOT_UNDERSTOOD = frozenset({"out_of_scope", "nlu_fallback"})
"""Intents of messages to which nothing more can be said than that."""


async def keep_suspicions(tracker: Tracker, before: Conversation, after: Conversation) -> None:
    """Keep what was suspected and has been answered now; that it cannot be kept changes nothing."""
    answered = [s for s in after.suspicions if s.answer is not None and s not in before.suspicions]
    if not answered or keeps_nothing(tracker):
        return
    channel, now = _channel(tracker), utcnow()
    records = [
        SuspicionRecord(
            tracker.sender_id,
            s.code.value,
            s.clause,
            s.quote,
            s.score,
            s.nearest,
            s.answer.value if s.answer else "",
            now,
        )
        for s in answered
    ]

    def keep() -> None:
        for record in records:
            open_store().suspicions.add(record, channel)

    await _kept(keep, "a suspicion")


def goes_unanswered(tracker: Tracker) -> bool:
    """Tell whether the latest message asks what nothing here answers."""
    answered = any(f.kind in (ASKED_ABOUT, ASKED_LINE) for f in findings_in(tracker))
    return intent_of(tracker) in NOT_UNDERSTOOD and asks(text_of(tracker)) and not answered


async def keep_question(tracker: Tracker, *, after_result: bool) -> None:
    """Keep a question that was not answered, of somebody who agreed to storing."""
    if tracker.get_slot("consent") is not True:
        return
    asked = UnansweredQuestion(tracker.sender_id, text_of(tracker), after_result, utcnow())
    channel = _channel(tracker)
    await _kept(lambda: open_store().unanswered_questions.add(asked, channel), "a question")


def _channel(tracker: Tracker) -> str:
    return tracker.get_latest_input_channel() or "unknown"


async def _kept(keep: Callable[[], None], what: str) -> None:
    try:
        await asyncio.to_thread(keep)
    except StoreUnavailable:
        logger.error("The store does not answer; %s was not kept for review.", what)
