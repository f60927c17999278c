"""What is said in a conversation, by the person, the bot and staff, in one order."""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from backline.contact_details import hide_numbers
from backline.desk.visits import Visit, fingerprint
from backline.store import Author, Case, Takeover, TakeoverMessage, Utterance

MOST_SAID = 400
"""Messages that are shown of a conversation, with the bot and with staff; the last ones."""
STATES = {
    "waiting": "on its way",
    "held": "waits until they write again",
    "failed": "could not be delivered",
}
"""What is told of a message that is not sent yet, by where it is."""
_Said = TypeVar("_Said", Utterance, TakeoverMessage)


@dataclass(frozen=True)
class TalkLine:
    """One message as staff see it.

    Attributes:
        who: who said it.
        state: what keeps it from being sent, if anything does.
        understood: what was understood in it, and by which words.
    """

    who: str
    by_person: bool
    text: str
    at: dt.datetime
    by_staff: bool = False
    state: str = ""
    understood: Sequence[dict[str, Any]] = ()


def shows_words(case: Case, takeover: Takeover | None, said: Sequence[TakeoverMessage]) -> bool:
    """Tell whether staff may read what somebody said.

    That is after a yes to storing; before they were asked, where an emergency was told, or they
    asked for staff, who they are told will see it.
    """
    if case.agreed is None:
        return case.latest_assessment is not None or takeover is not None or bool(said)
    return case.agreed


def lines_of(said: Iterable[Utterance], with_staff: Iterable[TakeoverMessage]) -> list[TalkLine]:
    """Put both into one order. Clocks of servers differ, so each keeps its own order."""
    bots = ((one.at, _line_of_bot(one)) for one in said)
    return [line for _, line in heapq.merge(bots, _in_time(with_staff), key=lambda one: one[0])]


def talk_of(visit: Visit, case: Case) -> dict[str, Any]:
    """Give what the part of a person's page shows in which people talk."""
    store = visit.desk.store
    takeover = store.takeovers.of(case.conversation_id)
    with_staff = store.takeovers.messages(case.conversation_id, MOST_SAID)
    readable = shows_words(case, takeover, with_staff)
    said = store.talks.latest(case.conversation_id, MOST_SAID) if readable else []
    country = visit.desk.settings.clinic.country
    mine = takeover is not None and takeover.taken_by == visit.member.id
    # A number that is written to staff is for who has the conversation, whose look is kept.
    lines = lines_of(
        [_without_numbers(one, country) for one in said],
        [
            one if mine or one.author is Author.STAFF else _without_numbers(one, country)
            for one in (with_staff if readable else [])
        ],
    )
    return {
        "lines": lines,
        "shows_words": readable,
        "takeover": takeover,
        "mine": mine,
        "version": fingerprint(repr((lines, takeover))),
    }


def _without_numbers(one: _Said, country: str) -> _Said:
    """Hide a number to call, which is shown where a look at it is kept, and not here."""
    return replace(one, text=hide_numbers(one.text, country))


def _in_time(said: Iterable[TakeoverMessage]) -> Iterator[tuple[dt.datetime, TalkLine]]:
    latest: dt.datetime | None = None
    for one in said:
        latest = one.at if latest is None else max(latest, one.at)
        yield latest, _line_of_staff(one)


def _line_of_bot(one: Utterance) -> TalkLine:
    who = "They" if one.by_person else "Backline"
    understood = [_understood(found, one.text) for found in one.found]
    return TalkLine(who, one.by_person, one.text, one.at, understood=understood)


def _line_of_staff(one: TakeoverMessage) -> TalkLine:
    who = {Author.PERSON: "They", Author.BOT: "Backline", Author.STAFF: one.account or ""}
    return TalkLine(
        who[one.author],
        one.author is Author.PERSON,
        one.text,
        one.at,
        by_staff=one.author is Author.STAFF,
        state=STATES.get(one.state or "", ""),
    )


def _understood(found: Any, text: str) -> dict[str, Any]:
    start, end = int(found.get("start") or 0), int(found.get("end") or 0)
    value = found.get("value")
    return {
        "kind": str(found.get("entity", "")).replace("_", " "),
        "value": ""
        if isinstance(value, (dict, list)) or value is None
        else str(value).replace("_", " "),
        "words": text[start:end],
        "holds": found.get("status", "present") in ("present", "uncertain"),
        "status": str(found.get("status", "present")).replace("_", " "),
    }
