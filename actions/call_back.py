"""Being called back: offered to whoever wants a person, and arranged by a message with a number.

Name and number are kept by the store alone; the slot tells no more than where it stands.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from enum import Enum

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.dependencies import open_store, settings
from actions.other_language import SPOKEN
from actions.tracker_view import intent_of, text_of
from backline.clock import utcnow
from backline.contact_details import ContactDetails, read_details
from backline.facts import BARE, Finding
from backline.nlu.intents import overlapping
from backline.store import CallBacks, StoreUnavailable

logger = logging.getLogger(__name__)

SLOT = "call_back"
HANDOFF = "human_handoff"
"""The intent of who wants a person, or to be called."""
BY_NUMBER = frozenset({"whatsapp", "twilio"})
"""Channels whose address is a number that can be called."""
SHOWN_DIGITS = 3
"""So many of a number are said back."""


class CallBackState(str, Enum):
    """Where being called back stands; the values are those of the slot."""

    OFFERED = "offered"
    ARRANGED = "arranged"


def details_of(tracker: Tracker) -> ContactDetails | None:
    """Read the name and number of the latest message, where they are meant for a call-back.

    They are where it was offered, or where the message itself asks for it. Who calls is put through
    to a person instead.
    """
    if _channel(tracker) == SPOKEN:
        return None
    clinic = settings().clinic
    details = read_details(text_of(tracker), clinic.country, [clinic.phone])
    asked = tracker.get_slot(SLOT) is not None or intent_of(tracker) == HANDOFF
    return details if asked or (details.number is not None and details.wishes) else None


def beside_details(tracker: Tracker, findings: Sequence[Finding]) -> list[Finding]:
    """Leave out of what was found the digits of a number, and a yes that is to the call alone."""
    details = details_of(tracker)
    covered = overlapping(details.spans if details else ())
    return [f for f in findings if f.kind not in BARE and not covered(f.start, f.end)]


async def arrange(
    dispatcher: CollectingDispatcher, tracker: Tracker, *, danger: bool = False
) -> list[EventType] | None:
    """Arrange a call-back if the latest message gives what it takes; None if it does not.

    Args:
        danger: the call to an emergency number stands above what is said here.
    """
    details = details_of(tracker)
    if details is None:
        return None
    state = tracker.get_slot(SLOT)
    here = state is not None and intent_of(tracker) == HANDOFF and _channel(tracker) in BY_NUMBER
    if details.number is not None or (here and not details.tried):
        return await _keep(dispatcher, tracker, details, danger=danger)
    if danger:
        return None
    if details.tried and (state == CallBackState.OFFERED.value or details.wishes):
        dispatcher.utter_message(response="utter_call_back_which_number")
        return [SlotSet(SLOT, CallBackState.OFFERED.value)]
    if state == CallBackState.ARRANGED.value and details.introduces:
        return await _name(dispatcher, tracker, details)
    return None


async def offer(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
    """Offer whoever wants a person that the clinic calls them; callers press a key instead."""
    if _channel(tracker) == SPOKEN:
        return []
    if tracker.get_slot(SLOT) == CallBackState.ARRANGED.value and await _waits(tracker):
        dispatcher.utter_message(response="utter_call_back_waits")
        return []
    dispatcher.utter_message(response="utter_call_back_offer")
    return [SlotSet(SLOT, CallBackState.OFFERED.value)]


async def _keep(
    dispatcher: CollectingDispatcher, tracker: Tracker, details: ContactDetails, *, danger: bool
) -> list[EventType]:
    who, channel, now = tracker.sender_id, _channel(tracker), utcnow()
    kept = await _stored(lambda c: c.ask(who, channel, details.name, details.number, now))
    if not kept:
        dispatcher.utter_message(response="utter_call_back_trouble")
        return []
    if danger:
        dispatcher.utter_message(response="utter_call_back_arranged_danger")
    else:
        name = f", {details.name}" if details.name else ""
        if details.number is None:
            dispatcher.utter_message(response="utter_call_back_arranged_here", name=name)
        else:
            ending = details.number[-SHOWN_DIGITS:]
            dispatcher.utter_message(response="utter_call_back_arranged", name=name, ending=ending)
        if not details.name:
            dispatcher.utter_message(response="utter_call_back_ask_name")
        dispatcher.utter_message(response="utter_call_back_kept")
    return [SlotSet(SLOT, CallBackState.ARRANGED.value)]


async def _name(
    dispatcher: CollectingDispatcher, tracker: Tracker, details: ContactDetails
) -> list[EventType] | None:
    name = str(details.name)
    if not await _stored(lambda c: c.add_name(tracker.sender_id, name)):
        return None
    dispatcher.utter_message(response="utter_call_back_named", name=name)
    return []


async def _waits(tracker: Tracker) -> bool:
    return await _stored(lambda c: c.waits(tracker.sender_id))


async def _stored(work: Callable[[CallBacks], bool | None]) -> bool:
    """Have the store do something; False if it could not, or found nothing to do."""
    try:
        return await asyncio.to_thread(work, open_store().call_backs) is not False
    except StoreUnavailable:
        logger.error("The store does not answer; a call-back was not kept.")
        return False


def _channel(tracker: Tracker) -> str:
    return tracker.get_latest_input_channel() or "unknown"
