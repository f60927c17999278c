"""What may be stored of a turn: nothing where its result is not, and no words after a no.

Until the question whether to store is answered, a conversation is kept as it is: it could not go
on otherwise. With a no its words go, those from before the no too. From then on it is kept that a
message came, under which id, and where the dialogue stands. After a yes everything is kept again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from rasa.shared.core.constants import (
    ACTION_LISTEN_NAME,
    ACTION_SESSION_START_NAME,
)
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from backline.clock import utcnow
from backline.observability.instrumentation import FORM, slot_before
from backline.policy import POLICY_VERSION
from backline.replies import Question, TriageResult, Unavailable, part_of
from backline.store.consents import ConsentAnswer

CONSENT = "consent"
ANSWERED = "answered"
QUESTION = f"utter_ask_{CONSENT}"
KEPT_SLOTS = (
    CONSENT,
    "requested_slot",
    "next_step",
    "reworded",
    "shown",
    "emergency_hold",
    "confirming",
    "call_back",
)
"""Where the dialogue stands, without what anybody told, kept after a no too. That somebody was told
to call an ambulance is kept, so that the next reply does not forget it; not for which sign."""
KEPT_ACTIONS = (ACTION_SESSION_START_NAME, ACTION_LISTEN_NAME, FORM)
VERSION_CHARACTERS = 12


def is_unsaved(event: Event) -> bool:
    """Whether a message tells that something of its turn could not be stored."""
    told = part_of(event.data) if isinstance(event, BotUttered) else None
    return isinstance(told, Unavailable) or (isinstance(told, TriageResult) and not told.stored)


def said_no(events: Iterable[Event]) -> bool:
    """Whether the latest message of these is one that was kept without its words."""
    said = [event for event in events if isinstance(event, UserUttered)]
    return bool(said) and said[-1].text is None


def answer_in(tracker: DialogueStateTracker, count: int, domain: Domain) -> ConsentAnswer | None:
    """The answer to the consent question that a turn gave, if it gave one.

    Args:
        count: how many of the tracker's events came before the turn.
        domain: with the wording of the question.
    """
    given = tracker.get_slot(CONSENT)
    if given is None or given == slot_before(tracker, count, CONSENT):
        return None
    return ConsentAnswer(
        bool(given),
        tracker.get_latest_input_channel() or "unknown",
        f"{POLICY_VERSION}/{_version_of(domain.responses.get(QUESTION))}",
        utcnow(),
    )


def keeps_no_words(tracker: DialogueStateTracker, count: int) -> bool:
    """Whether the person does not want what they tell to be stored, as of a turn's end.

    Args:
        count: how many of the tracker's events came before the turn.
    """
    consent = tracker.get_slot(CONSENT)
    return consent is False or (consent is None and said_no(islice(tracker.events, count)))


def without_words(events: Sequence[Event]) -> list[Event]:
    """What is kept of events after a no: that messages came, and where the dialogue stands.

    The ids of messages are kept, so that each is heard once.
    """
    return [kept for event in events if (kept := _without_words(event)) is not None]


def _without_words(event: Event) -> Event | None:
    if isinstance(event, UserUttered):
        return UserUttered(
            timestamp=event.timestamp,
            input_channel=event.input_channel,
            message_id=event.message_id,
        )
    if isinstance(event, BotUttered):
        asked = part_of(event.data)
        return event if isinstance(asked, Question) and asked.slot == CONSENT else None
    if isinstance(event, SlotSet):
        return _slot_without_words(event)
    if isinstance(event, ActionExecuted):
        return event if event.action_name in KEPT_ACTIONS else None
    return event if isinstance(event, (ActiveLoop, SessionStarted)) else None


def _slot_without_words(event: SlotSet) -> SlotSet | None:
    if event.key == ANSWERED and CONSENT in (event.value or []):
        # So that the no can be edited into a yes.
        return SlotSet(ANSWERED, [CONSENT], timestamp=event.timestamp)
    return event if event.key in KEPT_SLOTS else None


def _version_of(response: Any) -> str:
    """Names a wording by what it says."""
    said = json.dumps(response, sort_keys=True, default=str)
    return hashlib.sha256(said.encode()).hexdigest()[:VERSION_CHARACTERS]
