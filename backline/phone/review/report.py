"""Write the review of a finished call as text for the clinic's staff."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from backline.facts import CHECKLISTS, Outcome, Slot
from backline.phone.dialogue.wording import lines, read_yaml
from backline.phone.review.review import DENIED, Review, ReviewEvidence, Unsettled
from backline.phone.review.roles import SpeakerRole

WIDTH = 96


def told(review: Review, caller: str, speakers: Sequence[SpeakerRole] = ()) -> str:
    """Write the review, the result first.

    Args:
        caller: the label of the caller in the transcript.
        speakers: who speaks in it, where that is to be told.
    """
    return "\n".join(_all(review, caller, speakers)) + "\n"


def _all(review: Review, caller: str, speakers: Sequence[SpeakerRole]) -> Iterator[str]:
    yield from _result(review)
    yield ""
    if speakers:
        yield "Who speaks"
        yield from _listed(_speaker(speaker) for speaker in speakers)
        yield ""
    yield f"Established, in the words of {caller!r}"
    yield from _listed(_evidence(e) for e in review.evidence if e.value != DENIED)
    for title, items in _further(review):
        if items:
            yield ""
            yield title
            yield from _listed(items)
    yield ""
    yield "This is not a diagnosis. What a transcript does not tell was not checked."


def _further(review: Review) -> Iterator[tuple[str, list[str]]]:
    """Give the lists that are left out where they are empty, with their titles."""
    denied = (e for e in review.evidence if e.value == DENIED and not e.superseded)
    yield "Said not to be there", [_evidence(e) for e in denied]
    yield "Not settled", [_unsettled(answer) for answer in review.unsettled]
    yield from _open_lines("Asked, without an answer", review.unanswered)
    yield from _open_lines("Never asked", review.unasked)
    facts = _words()["facts"]
    yield "Not known, of what else can decide", [facts[slot.value] for slot in review.unknown]


def _open_lines(
    title: str, by_slot: Mapping[Slot, Iterable[str]]
) -> Iterator[tuple[str, list[str]]]:
    """Give the lines of each checklist that were not settled, with their titles."""
    for slot, codes in by_slot.items():
        yield f"{title}: {_words()['facts'][slot.value]}", [_line(code) for code in codes]


def _result(review: Review) -> Iterator[str]:
    words = _words()
    decided = review.recommendation
    if decided is None:
        if review.at_least is not None:
            rule = review.at_least
            outcome = words["outcomes"][rule.urgency.value]
            yield f"AT THE LEAST, by what is known: {outcome}"
            yield f"  {rule.id}: {rule.summary}"
        yield from _perhaps(review)
        yield "NO RESULT YET. Still to be asked:"
        for slot in review.owed:
            yield f"  - {words['facts'][slot.value]}{_how_many(review, slot)}"
        return
    first = decided.outcome is Outcome.DOCTOR_FIRST
    name = decided.urgency.value if first else decided.outcome.value
    yield f"RESULT: {words['outcomes'][name]}"
    for rule in (decided.rule, *decided.also):
        yield f"  {rule.id}: {rule.summary}"
    yield from _perhaps(review)


def _perhaps(review: Review) -> Iterator[str]:
    """Write what it would be if the answers that can mean both mean that something is there."""
    if review.perhaps is None:
        return
    outcome = _words()["outcomes"][review.perhaps.urgency.value]
    yield f"PERHAPS {outcome}: ask at once about what may have been told"
    yield from _listed(map(_line, review.possible))


def _speaker(speaker: SpeakerRole) -> str:
    words = _words()["speakers"]
    by = words["by"][speaker.by].format(certainty=round(speaker.certainty * 100))
    return f"{speaker.label!r}: {words['roles'][speaker.role]} ({by})"


def _how_many(review: Review, slot: Slot) -> str:
    if slot not in CHECKLISTS:
        return ""
    left = len(review.unasked.get(slot, ())) + len(review.unanswered.get(slot, ()))
    return f" ({left} of them, listed below)"


def _listed(items: Iterable[str]) -> Iterator[str]:
    any_item = False
    for item in items:
        any_item = True
        yield textwrap.fill(item, WIDTH, initial_indent="  - ", subsequent_indent="      ")
    if not any_item:
        yield "  nothing"


def _evidence(evidence: ReviewEvidence) -> str:
    name = _words()["facts"].get(evidence.about) or _line(evidence.about)
    value = _value(evidence)
    question = f", to “{evidence.asked}”" if evidence.asked else ""
    led = " (a leading question)" if evidence.leading else ""
    later = " (told otherwise later)" if evidence.superseded else ""
    return f"{name}{value}: {_at(evidence.begin)}“{evidence.words}”{question}{led}{later}"


def _value(evidence: ReviewEvidence) -> str:
    value: Any = evidence.value
    if value == DENIED or (value is True and evidence.about in lines()):
        return ""
    if isinstance(value, bool):
        return ", yes" if value else ", no"
    if isinstance(value, str):
        return f", {_words()['values'].get(value, value)}"
    if isinstance(value, (int, float)):
        return f", {value:g} {_words()['units'].get(evidence.about, '')}".rstrip()
    return f", {value}"


def _unsettled(answer: Unsettled) -> str:
    question = f", to “{answer.asked}”" if answer.asked else ""
    about = f" ({'; '.join(map(_line, answer.items))})" if answer.items else ""
    why = _words()["why"][answer.why]
    return f"{_at(answer.begin)}“{answer.words}”{question}: {why}{about}"


def _line(code: str) -> str:
    return lines().get(code) or _words()["lines"].get(code) or code.replace("_", " ")


def _at(begin: float | None) -> str:
    if begin is None:
        return ""
    minutes, seconds = divmod(int(begin), 60)
    return f"[{minutes:02}:{seconds:02}] "


@lru_cache(maxsize=1)
def _words() -> Any:
    return read_yaml("review.yml")
