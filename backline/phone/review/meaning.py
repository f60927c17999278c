"""What an answer of a finished call means, by what was asked. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from backline.dialogue import LEG_ITEM
from backline.dialogue.questions import spec_of
from backline.facts import Finding, Slot
from backline.phone.review.polarity import Meaning
from backline.phone.review.questions import AskedQuestion
from backline.phone.review.replies import SpokenAnswer, on_purpose

ALARMING = frozenset(
    {"emergency_sign", "health_condition", "injury", "inflammation", "leg", "leg_detail"}
)
"""Kinds of findings that only ever lead to a doctor."""
REPLIES = frozenset({"answer", "denial"})
"""Kinds of findings that mean something by what was asked alone."""
BARE = frozenset({"answer", "number", "time"})


def meaning_of(reply: SpokenAnswer, text: str, question: AskedQuestion) -> Meaning | None:
    """Read what an answer that was heard clearly says; None where it is none."""
    if not reply.answers:
        return Meaning.PERHAPS if question.items and reply.hedged else None
    if not question.items:
        reply = replace(reply, hedged=reply.hedged_at_once)
    meaning = question.polarity.meaning(reply, question.text)
    on_purpose_so = meaning is Meaning.TOLD and any(on_purpose(c, text) for c in question.items)
    return Meaning.UNSETTLED if on_purpose_so else meaning


def as_meant(
    findings: list[Finding], meaning: Meaning | None, question: AskedQuestion | None
) -> list[Finding]:
    """Put the yes or no that an answer means in the place of the one that it says."""
    if question is None or not question.known or (question.polarity.plain and meaning is None):
        return findings
    if meaning is Meaning.DENIED and question.polarity.denied_by_none:
        return findings
    kept = [f for f in findings if f.kind not in REPLIES]
    if meaning is Meaning.TOLD:
        return [*kept, Finding("answer", "yes")]
    return [*kept, Finding("answer", "no")] if meaning is Meaning.DENIED else kept


def of_the_slot(
    findings: Sequence[Finding], question: AskedQuestion | None, *, correction: bool
) -> list[Finding]:
    """Leave out the bare replies and numbers that nothing that was asked for takes."""
    slot = question.slot if question else None
    how_far = question is not None and LEG_ITEM in question.items
    if slot is Slot.LEG_SYMPTOMS and not how_far and _says(findings, "yes"):
        # "Does it go down your leg?" does not ask how far.
        return [f for f in findings if f.kind != "answer"]
    if slot in (None, Slot.PAIN_LOCATION) and not correction:
        return [f for f in findings if f.kind not in BARE]
    return list(findings)


def denies_all(findings: Sequence[Finding]) -> bool:
    """Return whether nothing holds of all that was asked at once."""
    return _says(findings, "none") or any(f.kind == "denial" for f in findings)


def alarms(finding: Finding, question: AskedQuestion | None) -> bool:
    """Return whether a finding can only lead to a doctor, so that it counts although not clear."""
    if finding.kind == "answer" and question is not None:
        dangers = question.slot is not None and spec_of(question.slot).asks_for_dangers
        return (bool(question.items) or dangers) and finding.value == "yes"
    return finding.kind in ALARMING and finding.holds


def asked_by_yes_or_no(question: AskedQuestion) -> bool:
    """Return whether the question asks for yes or no."""
    return question.slot is not None and spec_of(question.slot).yes_or_no


def why_unsettled(question: AskedQuestion) -> str:
    """Return why nothing follows from an answer to the question, as `Unsettled.why` has it."""
    if question.leading:
        return "leading"
    return "hedged" if question.polarity.plain else "polarity"


def _says(findings: Sequence[Finding], reply: str) -> bool:
    return any(f.kind == "answer" and f.value == reply for f in findings)
