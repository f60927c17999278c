"""Tells the clinic's desk that somebody asks for a person."""

from __future__ import annotations

import asyncio
import logging

from rasa_sdk import Tracker

from actions.dependencies import open_store, settings
from actions.other_language import SPOKEN
from actions.tracker_view import keeps_nothing
from backline.clock import utcnow
from backline.store import StoreUnavailable

logger = logging.getLogger(__name__)


async def tell_the_desk(tracker: Tracker) -> bool:
    """Keep that a person is asked for; False where staff cannot answer in this conversation.

    That is on the phone, where nobody reads the desk, and after a no to storing: staff could not
    see what it is about.
    """
    channel = tracker.get_latest_input_channel() or "unknown"
    if settings().clinic.staff is None or channel == SPOKEN or keeps_nothing(tracker):
        return False
    try:
        await asyncio.to_thread(open_store().takeovers.ask, tracker.sender_id, channel, utcnow())
    except StoreUnavailable:
        logger.error("The store does not answer; the desk was not told of a wish for a person.")
        return False
    return True
