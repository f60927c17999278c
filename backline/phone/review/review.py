"""Review a finished call with a receptionist: what came to be known of the patient. Pure.

The receptionist's questions give the caller's answers their meaning, and their words are never the
patient's facts. What is not clear counts only where it tells of a danger.
"""

from __future__ import annotations

from collections.abc import Iterable

from backline.phone.review.conclusion import conclude
from backline.phone.review.listener import Listener
from backline.phone.review.questions import Read
from backline.phone.review.record import DENIED, Review, ReviewEvidence, SpokenLine, Unsettled
from backline.phone.text.birth_dates import Calendar

__all__ = ["DENIED", "Review", "ReviewEvidence", "SpokenLine", "Unsettled", "review"]


def review(call: Iterable[SpokenLine], read: Read, calendar: Calendar | None = None) -> Review:
    """Go through a call.

    Args:
        call: in its order.
        read: the understanding of a text.
        calendar: what birth dates are read by; without it none is.
    """
    listener = Listener(read, calendar)
    for utterance in call:
        if utterance.by_caller:
            listener.caller(utterance)
        else:
            listener.receptionist(utterance)
    return conclude(listener.established())
