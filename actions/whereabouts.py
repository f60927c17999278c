"""Where somebody is who is not in the clinic's country, so that they get the numbers of theirs."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.dependencies import settings
from actions.other_language import SPOKEN
from actions.tracker_view import conversation_of, text_of
from actions.wording import Wording, listed
from backline.countries import (
    ELSEWHERE,
    Whereabouts,
    common_numbers,
    countries,
    whereabouts_in,
)
from backline.dialogue import Hold
from backline.nlu.components.emergency_talk import is_about

SLOT = "whereabouts"
NO_SUCH_NUMBER = "no_such_number"
"""The topic of who says that a number does not work, or asks which one does."""


def whereabouts_of(tracker: Tracker) -> Whereabouts | None:
    """Where the person said that they are; None for the clinic's country, or if they did not."""
    return Whereabouts.from_json(tracker.get_slot(SLOT))


def told_where(tracker: Tracker) -> Whereabouts | None:
    """Where the latest message says that they are; None if it does not.

    A caller dialled a number of the clinic's country, and a place may be misheard.
    """
    if tracker.get_latest_input_channel() == SPOKEN:
        return None
    stands = conversation_of(tracker).hold is Hold.TOLD
    return whereabouts_in(text_of(tracker), settings().clinic.country, in_emergency=stands)


def note_whereabouts(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
    """Keep where the latest message says that they are; home again is nowhere else.

    What was said already in this turn gets the numbers of there as well.
    """
    told = _news(tracker)
    if told is None:
        return []
    home = told.code == settings().clinic.country
    if home and whereabouts_of(tracker) is None:
        return []
    kept = None if home else told.to_json()
    for message in dispatcher.messages:
        message[SLOT] = kept
    return [SlotSet(SLOT, kept)]


def _news(tracker: Tracker) -> Whereabouts | None:
    """Where the latest message says that they are, if it says more than is known."""
    told, known = told_where(tracker), whereabouts_of(tracker)
    if told is None or known is None:
        return told
    return None if told == known or _says_less(told, known) else told


def asks_for_numbers(tracker: Tracker) -> bool:
    """Tell whether the latest message names a place, or says that a number is none of theirs."""
    told = told_where(tracker)
    elsewhere = told is not None and told.code != settings().clinic.country
    return elsewhere or is_about(text_of(tracker), NO_SUCH_NUMBER)


def say_numbers(dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> None:
    """Say the number for an emergency to whoever names a place, or asks about a number."""
    if not asks_for_numbers(tracker):
        return
    told = told_where(tracker)
    if told is None or told.code == ELSEWHERE:
        dispatcher.utter_message(
            response="utter_numbers_elsewhere",
            home=countries()[settings().clinic.country].name,
            numbers=numbers_elsewhere(),
        )
    elif _news(tracker) is not None or is_about(text_of(tracker), NO_SUCH_NUMBER):
        words = Wording(domain)
        dispatcher.utter_message(
            response="utter_number_there",
            there=words.say(_place(told), country=told.country.name),
            number=told.country.numbers["emergency_number"],
        )


def numbers_elsewhere() -> str:
    """Name the emergency numbers of a few countries, for whoever does not say where they are."""
    return listed(common_numbers(settings().clinic.country))


def number_to_call(tracker: Tracker) -> str:
    """The emergency number to be dialled where the person is."""
    where, clinic = whereabouts_of(tracker), settings().clinic
    return where.country.emergency if where and where.sure else str(clinic.emergency_number)


def crisis_line_to_call(tracker: Tracker) -> str:
    """The crisis line to be dialled there; where none is known, the emergency number."""
    where, clinic = whereabouts_of(tracker), settings().clinic
    if where is None or not where.sure:
        return str(clinic.crisis_line)
    return where.country.numbers.get("crisis_line", where.country.emergency)


def _place(where: Whereabouts) -> str:
    if not where.sure:
        return "utter_if_in_country"
    return "utter_in_country" if where.named else "utter_where_you_are"


def _says_less(told: Whereabouts, known: Whereabouts) -> bool:
    """Whether it is no news: "from Durban" of who is there, or "911" of who is in Canada."""
    less_sure = known.sure and not told.sure
    same_number = not told.named and told.country.emergency == known.country.emergency
    return less_sure or (same_number and known.sure) or (told.code == ELSEWHERE and known.sure)
