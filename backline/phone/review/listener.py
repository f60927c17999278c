"""Listen to a finished call: what an utterance tells, and which question it answers. Pure."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import fields, replace
from enum import Enum
from typing import Any

from backline.dialogue import LEG_ITEM, Conversation, Understanding, update
from backline.facts import PERSON, Facts, Finding, Slot, Status
from backline.nlu.intents import is_correction
from backline.phone.review.conclusion import Established, codes_of, with_code
from backline.phone.review.meaning import (
    alarms,
    as_meant,
    asked_by_yes_or_no,
    denies_all,
    meaning_of,
    of_the_slot,
    why_unsettled,
)
from backline.phone.review.polarity import Meaning
from backline.phone.review.questions import AskedQuestion, OpenQuestions, Read, asked_after
from backline.phone.review.record import DENIED, ReviewEvidence, SpokenLine, Unsettled
from backline.phone.review.replies import SpokenAnswer, asks_back, read_reply, telling
from backline.phone.review.told import (
    RECENT_DAYS,
    Occasion,
    amended,
    asks_when,
    highest_first,
    is_for_another,
    of_the_patient,
    tells_of_the_pain,
)
from backline.phone.text.asr_cleanup import repair
from backline.phone.text.birth_dates import Calendar, age_by_birth_date

SETTLED = frozenset({Meaning.TOLD, Meaning.DENIED})
BESIDE = frozenset(
    {"checked", "details", "emergency_signs", "given_up", "health_conditions", "ticked"}
)
"""Facts that are sets, or are no facts."""
OF_A_DATE = frozenset({"age", "duration", "number", "pick", "time"})
"""Kinds of findings that the parts of a date may be taken for."""
MOST_WORDS_OF_AN_AGE = 2
"""Who answers "your date of birth?" with so few words says how old they are."""
STANDS = ("recent_injury", "inflammation", "leg_below_knee", "muscle_spasm")
"""Facts that, once they are true, a later remark does not take back."""


class Listener:
    """Listens to a call.

    Args:
        read: the understanding of a text.
        calendar: what birth dates are read by; without it none is.
    """

    def __init__(self, read: Read, calendar: Calendar | None = None) -> None:
        self._read = read
        self._calendar = calendar
        self._conversation = Conversation(consent=True)
        self._asked = OpenQuestions()
        self._asked_items: set[str] = set()
        self._denied: dict[str, ReviewEvidence] = {}
        self._evidence: list[ReviewEvidence] = []
        self._unsettled: list[Unsettled] = []
        self._last_denied: frozenset[str] = frozenset()
        self._answered = False
        self._asked_back = False
        self._severity_by_words = False
        self._third = False
        self._told_injury = False
        self._told_pain = False
        self._asks_when = False

    def receptionist(self, said: SpokenLine) -> None:
        """Take in what the clinic's side said, which is never a fact."""
        before = self._asked
        self._asked = asked_after(
            before, said.text, self._read, answered=self._answered, explains=self._asked_back
        )
        self._asked_back = False
        self._asks_when = asks_when(said.text)
        if self._asked != before:
            self._answered = False
        self._asked_items |= self._asked.touched

    def caller(self, said: SpokenLine) -> None:
        """Take in what the caller said."""
        question = self._asked.last
        known = question is not None and question.known
        heard = repair(said.text, question.slot if question else None)
        text = telling(heard, asked=known)
        if not text:
            self._only_listens(heard, said, question)
            return
        corrects = is_correction(text)
        findings = self._heard_clearly(self._findings(text, question), said, question)
        reply = read_reply(text, findings, third=self._third)
        meaning = self._meaning(reply, text, said, question)
        findings = as_meant(findings, meaning, question)
        before = self._conversation.facts
        self._hear(text, question, findings, correction=corrects)
        self._date_what_was_told(text)
        self._told_injury = self._learned_injury(before)
        self._told_pain = tells_of_the_pain(text)
        learned = self._note(before, said, question)
        learned |= self._told_absent(findings, said)
        learned |= self._take_meaning(meaning, findings, said, question)
        if corrects and reply.said not in ("no", "none") and not learned:
            self._take_back(said)
        self._open_again(meaning, said, question)
        if reply.answers or learned or (question is not None and question.items):
            self._answered = True
            self._asked = OpenQuestions()

    def established(self) -> Established:
        """Return what was established so far."""
        return Established(
            self._conversation.facts,
            frozenset(self._denied),
            frozenset(self._asked_items),
            self._evidence,
            self._unsettled,
        )

    # ---- What an utterance tells -----------------------------------------------------------------

    def _only_listens(self, heard: str, said: SpokenLine, question: AskedQuestion | None) -> None:
        """Leave a question open to which somebody said no more than "okay" or "what is that?"."""
        self._asked_back = asks_back(heard)
        if question is None or not question.items or not question.leading:
            return
        if read_reply(heard, ()).assents:
            self._unsettle("leading", said, question)
            self._asked = OpenQuestions()

    def _findings(self, text: str, question: AskedQuestion | None) -> list[Finding]:
        elsewhere = question is not None and question.known
        read = self._read(text)
        begins = self._conversation.facts == Facts() and is_for_another(text)
        self._third |= begins and any(f.kind == PERSON and f.value for f in read)
        occasion = Occasion(question.slot if question else None, elsewhere, self._third)
        findings = amended(text, of_the_patient(text, read, occasion))
        return self._with_age(text, findings, question)

    def _with_age(
        self, text: str, findings: list[Finding], question: AskedQuestion | None
    ) -> list[Finding]:
        """Put an age in the place of a birth date, or of an age that was read back."""
        if question is None or question.slot is not Slot.AGE:
            return findings
        years = age_by_birth_date(text, self._calendar) if self._calendar else None
        if years is None and question.read_back is not None:
            agrees = read_reply(text, findings, third=self._third)
            years = question.read_back if agrees.said == "yes" or agrees.assents else None
        if years is None:
            # The parts of a date are no age.
            bare = question.for_birth_date and not _only_a_number(text)
            return [f for f in findings if not bare or f.kind not in ("number", "pick")]
        others = [f for f in findings if f.kind not in OF_A_DATE]
        return [*others, Finding("age", years, source="birth_date")]

    def _heard_clearly(
        self, findings: list[Finding], said: SpokenLine, question: AskedQuestion | None
    ) -> list[Finding]:
        """Leave out what was not heard surely, unless it tells of a danger."""
        if not said.unclear:
            return findings
        self._unsettle("unclear", said, question)
        return [f for f in findings if alarms(f, question)]

    def _meaning(
        self, reply: SpokenAnswer, text: str, said: SpokenLine, question: AskedQuestion | None
    ) -> Meaning | None:
        """Read what an answer says to a question; keep the answer where that is not settled."""
        if question is None or not (question.items or asked_by_yes_or_no(question)):
            return None
        if said.unclear:
            # Only what tells of a danger counts of what was not heard surely.
            told = reply.said == "yes" and meaning_of(reply, text, question) is Meaning.TOLD
            return Meaning.TOLD if told else Meaning.UNSETTLED
        if reply.said == "dont_know":
            self._unsettle("unknown", said, question)
            return Meaning.UNSETTLED
        meaning = meaning_of(reply, text, question)
        if meaning in (Meaning.PERHAPS, Meaning.UNSETTLED):
            why = why_unsettled(question) if reply.answers else "hedged"
            self._unsettle(why, said, question, meaning is Meaning.PERHAPS)
        return meaning

    def _hear(
        self,
        text: str,
        question: AskedQuestion | None,
        findings: Sequence[Finding],
        *,
        correction: bool,
    ) -> None:
        slot = question.slot if question else None
        findings = of_the_slot(findings, question, correction=correction)
        asked = None if slot is Slot.PAIN_LOCATION else slot
        conversation = replace(self._conversation, asked=asked)
        meant = Understanding(findings, corrects=correction, digresses=True)
        before = self._conversation.facts
        after = update(conversation, meant)
        if not correction:
            facts = self._with_strength(text, before, _standing(before, after.facts), findings)
            after = replace(after, facts=_with_length(before, facts, findings, slot))
        self._conversation = after

    def _with_strength(
        self, text: str, before: Facts, after: Facts, findings: Sequence[Finding]
    ) -> Facts:
        """Keep the highest strength of this pain; a number counts before a word."""
        if after.pain_severity is None:
            # "I never said ten."
            return after
        told = [f for f in findings if f.kind == "severity" and f.holds]
        by_words = bool(told) and all(f.by_words for f in told)
        strengths: list[int | None] = [after.pain_severity]
        if not self._severity_by_words and before.pain_severity is not None:
            strengths = [before.pain_severity, None if by_words else after.pain_severity]
        if self._asked.last is not None and self._asked.last.slot is Slot.PAIN_SEVERITY:
            strengths.append(highest_first(text, findings))
        highest = max((s for s in strengths if s is not None), default=None)
        if highest != before.pain_severity:
            self._severity_by_words = by_words
        return replace(after, pain_severity=highest)

    def _learned_injury(self, before: Facts) -> bool:
        return bool(self._conversation.facts.recent_injury) and not before.recent_injury

    def _date_what_was_told(self, text: str) -> None:
        """Take the time of an injury, or of the pain, that was told just before."""
        times = [f.value for f in self._read(text) if f.kind in ("duration", "time") and f.holds]
        if not self._asks_when or not times:
            return
        facts = self._conversation.facts
        if facts.pain_duration is None and (self._told_injury or self._told_pain):
            facts = replace(facts, pain_duration=max(times))
        if self._told_injury and max(times) > RECENT_DAYS:
            facts = replace(facts, recent_injury=False)
        self._conversation = replace(self._conversation, facts=facts)

    def _note(self, before: Facts, said: SpokenLine, question: AskedQuestion | None) -> bool:
        """Keep what was learned of facts; return whether anything was."""
        after = self._conversation.facts
        learned = False
        for name in (f.name for f in fields(Facts) if f.name not in BESIDE):
            value = getattr(after, name)
            if value is None or value == getattr(before, name):
                continue
            plain = value.value if isinstance(value, Enum) else value
            self._keep(name, plain, said, question)
            learned = True
        for code in codes_of(after) - codes_of(before):
            self._denied.pop(code, None)
            self._keep(code, True, said, question)
            learned = True
        for code in codes_of(before) - codes_of(after):
            self._denied[code] = self._keep(code, DENIED, said, question)
            learned = True
        return learned

    def _told_absent(self, findings: Sequence[Finding], said: SpokenLine) -> bool:
        """Deny signs and conditions that the caller said by themselves are not there."""
        kinds = ("emergency_sign", "health_condition")
        told = [f for f in findings if f.kind in kinds]
        codes = {str(f.value) for f in told if f.status is Status.ABSENT}
        # What somebody had once is not denied by it.
        codes -= {str(f.value) for f in told if f.status is not Status.ABSENT}
        for code in sorted(codes):
            self._deny(code, said, None)
        return bool(codes)

    # ---- What an answer answers ------------------------------------------------------------------

    def _take_meaning(
        self,
        meaning: Meaning | None,
        findings: Sequence[Finding],
        said: SpokenLine,
        question: AskedQuestion | None,
    ) -> bool:
        """Take an answer to lines of the checklists; return whether it settled any."""
        if question is None or meaning not in SETTLED:
            return False
        of_all = meaning is Meaning.DENIED and denies_all(findings)
        items = self._asked.items if of_all else question.items
        if question.slot is Slot.LEG_SYMPTOMS:
            items = items - {LEG_ITEM}
        if not items:
            return False
        named = {str(f.value) for f in findings if f.holds} & items
        if meaning is Meaning.DENIED:
            self._deny_all(items - named, said, question)
        else:
            self._take_yes(items, named, said, question)
        return True

    def _deny_all(self, items: frozenset[str], said: SpokenLine, question: AskedQuestion) -> None:
        for code in sorted(items):
            self._deny(code, said, question)
        self._last_denied = items

    def _take_yes(
        self, items: Set[str], named: Set[str], said: SpokenLine, question: AskedQuestion
    ) -> None:
        """Let the only line hold; of several, a yes that names none does not tell which."""
        if len(items) == 1:
            before = self._conversation.facts
            facts = with_code(before, next(iter(items)))
            self._conversation = replace(self._conversation, facts=facts)
            self._note(before, said, question)
        elif not named:
            self._unsettle("which", said, question, perhaps=True)

    def _deny(self, code: str, said: SpokenLine, question: AskedQuestion | None) -> None:
        # What was told once is not taken back by a bare no.
        facts = self._conversation.facts
        if code in self._denied or code in codes_of(facts):
            return
        if code == LEG_ITEM:
            if facts.leg_below_knee is None:
                facts = replace(facts, leg_below_knee=False)
                self._conversation = replace(self._conversation, facts=facts)
                self._keep("leg_below_knee", False, said, question)
            return
        self._denied[code] = self._keep(code, DENIED, said, question)

    def _take_back(self, said: SpokenLine) -> None:
        """Open the lines that were denied last again, after "no wait, yes"."""
        for code in self._last_denied:
            self._denied.pop(code, None)
        items = tuple(sorted(self._last_denied))
        if items:
            self._unsettled.append(Unsettled("which", said.text, None, items, said.begin, True))

    def _open_again(
        self, meaning: Meaning | None, said: SpokenLine, question: AskedQuestion | None
    ) -> None:
        """Open a denied line that was asked about once more, and not plainly denied."""
        if question is None or meaning not in (None, Meaning.PERHAPS):
            return
        now = {e.about for e in self._evidence if e.words == said.text and e.begin == said.begin}
        again = sorted((question.items & self._denied.keys()) - now)
        for code in again:
            self._denied.pop(code)
        if again and meaning is None:
            self._unsettle("hedged", said, question, perhaps=True)

    # ---- What is kept ----------------------------------------------------------------------------

    def _keep(
        self, about: str, value: object, said: SpokenLine, question: AskedQuestion | None
    ) -> ReviewEvidence:
        known = question is not None and question.known
        asked, leading = (question.text, question.leading) if known and question else (None, False)
        evidence = ReviewEvidence(about, value, said.text, asked, said.begin, leading)
        self._evidence.append(evidence)
        return evidence

    def _unsettle(
        self,
        why: str,
        said: SpokenLine,
        question: AskedQuestion | None,
        perhaps: bool = False,
    ) -> None:
        if not said.text:
            return
        items = tuple(sorted(question.items)) if question else ()
        asked = question.text if question else None
        self._unsettled.append(Unsettled(why, said.text, asked, items, said.begin, perhaps))


def _standing(before: Facts, after: Facts) -> Facts:
    """Keep what was told before against what is only remarked later."""
    taken_back = {
        name for name in STANDS if getattr(before, name) and getattr(after, name) is False
    }
    stands: Any = dict.fromkeys(taken_back, True)
    return replace(after, **stands)


def _with_length(
    before: Facts, after: Facts, findings: Sequence[Finding], slot: Slot | None
) -> Facts:
    """Let a length that was asked for count before what was told beside something else."""
    lengths = [f.value for f in findings if f.kind in ("duration", "time") and f.holds]
    known = after.pain_duration == before.pain_duration
    if slot is not Slot.PAIN_DURATION or not lengths or not known:
        return after
    return replace(after, pain_duration=max(lengths))


def _only_a_number(text: str) -> bool:
    return len(text.split()) <= MOST_WORDS_OF_AN_AGE
