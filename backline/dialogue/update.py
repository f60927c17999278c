"""What a message changes of a conversation.

A finding that names its fact ("three weeks", "on warfarin") counts whenever it is said. A bare
answer ("yes", "5", "the second one") is read by the question that waits for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from backline.dialogue.answers import (
    agreement_in,
    alone_of_an_age,
    denied_in_passing,
    doubts,
    of_an_age,
    of_the_list,
    picked_again,
    read_answer,
    reply_in,
    with_ticks,
)
from backline.dialogue.earlier import AnswersEarlier, AnswerTiming
from backline.dialogue.follow_ups import (
    asks_about_a_tick,
    of_the_pain,
    open_at_once,
    read_follow_up,
    without_follow_ups,
    without_stale_details,
)
from backline.dialogue.questions import (
    ASKS_BEFORE_GIVING_UP,
    CHECKLIST_ITEMS,
    QUESTIONS,
    spec_of,
)
from backline.dialogue.sources import LATER
from backline.dialogue.state import Conversation, forget_last
from backline.dialogue.suspicions import (
    SuspicionAnswer,
    read_suspicion,
    with_suspected,
    without_its_times,
)
from backline.dialogue.taking_back import (
    as_taken_back,
    denied_after_all,
    denies_the_strength,
    takes_back,
    times_of_the_pain,
    without_denied,
)
from backline.dialogue.volunteered import take_volunteered, without_massages_that_were_none
from backline.facts import (
    BARE,
    CHECKLISTS,
    EMERGENCY_LISTS,
    PERSON,
    SUSPICION,
    UNREAD,
    Facts,
    Finding,
    HealthCondition,
    Slot,
)
from backline.persons import ThirdPerson
from backline.policy.checklists import told_apart

WITHDRAWABLE = tuple(f.name for f in fields(Facts) if f.default is None)
"""Names of the facts that are None while they are unknown: an edit can take them back."""


@dataclass(frozen=True)
class Understanding:
    """What was understood of one message.

    Attributes:
        findings: in the order of the message.
        corrects: the person takes something back ("sorry, I meant ...").
        digresses: the person asked something else, so that an unanswered question does not count
            as one the person could not answer.
        says_no: a word of denial stands in it, wherever.
        plainly: "yes" or "no", if it is that and nothing else.
        mainly: "yes", if it begins with that and no word of it speaks against it.
        earlier: given if the message does not answer the open question.
    """

    findings: Sequence[Finding]
    corrects: bool = False
    digresses: bool = False
    says_no: bool = False
    plainly: str | None = None
    mainly: str | None = None
    earlier: AnswersEarlier | None = None


@dataclass(frozen=True)
class _Outcome:
    """What a message makes of the facts, the consent and the question it is about."""

    facts: Facts
    consent: bool | None
    answered: bool = False


def update(conversation: Conversation, message: Understanding) -> Conversation:
    """Take a message into a conversation, and return the conversation after it."""
    conversation = _of_whom(conversation, message.findings)
    if message.earlier is not None:
        return _update_earlier(conversation, message.findings, message.earlier)
    message = _without_later_answers(conversation.asked, _without_unread_answers(message))
    return _update_in_turn(conversation, message)


def _of_whom(conversation: Conversation, findings: Sequence[Finding]) -> Conversation:
    """Take who the patient is from the message that begins with them.

    Later words about somebody else, such as who waits in the car, make nobody else the patient.
    """
    told = next((f.value for f in findings if f.kind == PERSON), None)
    if told is None:
        return conversation
    if not told:
        # "It is my own back": whoever was taken for the patient is none.
        return replace(conversation, person=None)
    begins = conversation.facts == Facts() and conversation.person is None
    return replace(conversation, person=ThirdPerson.from_json(told)) if begins else conversation


def _without_unread_answers(message: Understanding) -> Understanding:
    if not any(f.kind == UNREAD for f in message.findings):
        return message
    # A bare answer may be taken back where it was not read: the question stays open.
    kept = [f for f in message.findings if f.kind not in BARE]
    return replace(message, findings=kept, digresses=True)


def _without_later_answers(asked: Slot | None, message: Understanding) -> Understanding:
    """Leave out the no of a later sentence but where a list is answered: it may be of the words."""
    if asked in CHECKLISTS:
        return message
    kept = [f for f in message.findings if f.kind != "answer" or f.source != LATER]
    return replace(message, findings=kept)


# ---- An answer to the open question ----------------------------------------------------------


def _update_in_turn(conversation: Conversation, message: Understanding) -> Conversation:
    if conversation.asked is Slot.SUSPICION and conversation.suspicion is not None:
        return _update_suspicion(conversation, message)
    facts = conversation.facts
    if conversation.asked is Slot.FOLLOW_UP and message.mainly is not None:
        # "Yes, the scan was last year" is its answer, whatever else it sounds like.
        message = replace(message, corrects=False)
    if message.corrects and asks_about_a_tick(facts) and open_at_once(facts) is None:
        # "Sorry, yes": what was said to be older is asked about again.
        return forget_last(conversation)
    after = _update_question(conversation, message)
    return _suspecting(after, message.findings, conversation.asked)


def _suspecting(
    conversation: Conversation, findings: Sequence[Finding], asked: Slot | None = None
) -> Conversation:
    """Take up what a message that answers `asked` lets suspect."""
    known, facts = with_suspected(conversation.suspicions, conversation.facts, findings, asked)
    return replace(conversation, suspicions=known, facts=facts)


def _update_suspicion(conversation: Conversation, message: Understanding) -> Conversation:
    """Take in the answer to the question about a suspicion, which is asked once.

    What is told in answer raises no suspicion of its own: where it is not understood, a doctor has
    to look.
    """
    before, asked = conversation.facts, conversation.suspicion
    assert asked is not None  # noqa: S101 - the caller has looked
    told = without_its_times(message.findings)
    facts = take_volunteered(before, told, correction=message.corrects)
    if facts == before and any(f.kind == "undo" for f in message.findings):
        return forget_last(conversation)
    timed = len(told) < len(message.findings)
    answers = timed or reply_in(message.findings) is not None or facts != before
    if message.digresses and not answers:
        return conversation
    answer, facts = read_suspicion(asked, before, facts, message.findings, says_no=message.says_no)
    suspicions = tuple(answer if s is asked else s for s in conversation.suspicions)
    after = replace(conversation, facts=facts, suspicions=suspicions)
    return _progress(after, answered=True, failed=False)


def _update_question(conversation: Conversation, message: Understanding) -> Conversation:
    findings = of_the_list(message.findings, conversation.asked)
    findings = alone_of_an_age(findings, conversation.asked, conversation.facts)
    if conversation.asked is Slot.AGE or not message.corrects:
        findings = of_an_age(findings, conversation.asked, conversation.facts)
    findings = as_taken_back(conversation.asked, conversation.facts, findings)
    corrects = message.corrects or takes_back(conversation.asked, conversation.facts, findings)
    outcome = _outcome_in_turn(conversation, message, findings, corrects)
    if outcome.facts == conversation.facts and not outcome.answered:
        if _goes_back(conversation, message, findings):
            return forget_last(conversation)
        if message.corrects:
            outcome = replace(outcome, facts=_answered_again(conversation, findings))
    learned = outcome.facts != conversation.facts
    after = replace(conversation, facts=outcome.facts, consent=outcome.consent)
    talks_on = conversation.asked is None and (learned or agreement_in(findings) is True)
    if outcome.consent is False and talks_on and not after.emergency:
        # Someone who declined and talks on is asked again, not held to it; an emergency is
        # answered without asking, and without keeping it.
        after = replace(after, consent=None)
    failed = not learned and not _goes_elsewhere(message, findings)
    if open_at_once(conversation.facts) is not None:
        # Whatever else it tells, who does not answer this twice is told to call.
        failed = not outcome.answered
    return _progress(after, answered=outcome.answered, failed=failed)


def _goes_back(
    conversation: Conversation, message: Understanding, findings: Sequence[Finding]
) -> bool:
    """Whether what was answered before is taken back, such as a danger sign that was ticked."""
    of_a_tick = message.corrects and asks_about_a_tick(conversation.facts)
    return of_a_tick or any(f.kind == "undo" for f in findings)


def _goes_elsewhere(message: Understanding, findings: Sequence[Finding]) -> bool:
    """Whether a message is no failed answer: what may be of a danger is asked about first."""
    return message.digresses or any(f.kind == SUSPICION and f.holds for f in findings)


def _outcome_in_turn(
    conversation: Conversation,
    message: Understanding,
    findings: Sequence[Finding],
    corrects: bool,
) -> _Outcome:
    before, consent, asked = conversation.facts, conversation.consent, conversation.asked
    of_the_back = findings
    if asked is Slot.FOLLOW_UP and not corrects:
        of_the_back = of_the_pain(before, findings)
    facts, of_the_back = _volunteered(conversation, of_the_back, corrects)
    if asked not in CHECKLISTS:
        facts = denied_in_passing(facts, of_the_back)
    if asked is None:
        return _Outcome(denied_after_all(facts, findings), consent)
    if asked is Slot.CONSENT:
        agreed = agreement_in(findings)
        if agreed is None and reply_in(findings) == "yes" and not doubts(findings):
            # "Yes, I am Margaret, and my hip is bad."
            agreed = True
        return _Outcome(facts, consent if agreed is None else agreed, agreed is not None)
    if corrects and facts != before:
        # The "no" of "oh no, that should have been a 7" denies nothing that was asked.
        findings = [f for f in findings if f.kind != "answer"]
    facts, answered = _read(facts, before, asked, findings, message)
    return _Outcome(facts, consent, answered)


def _volunteered(
    conversation: Conversation, findings: Sequence[Finding], corrects: bool
) -> tuple[Facts, Sequence[Finding]]:
    """Take what is told in words of its own; give with it the findings that count for that."""
    if not corrects:
        return take_volunteered(conversation.facts, findings, correction=False), findings
    last = conversation.answered[-1] if conversation.answered else None
    findings = _no_lesser_strength(conversation, findings)
    findings = times_of_the_pain(conversation.asked, last, findings)
    facts = take_volunteered(conversation.facts, findings, correction=True)
    return without_denied(facts, findings), findings


def _no_lesser_strength(
    conversation: Conversation, findings: Sequence[Finding]
) -> Sequence[Finding]:
    """Leave out a bare number that may be of a line, where it would make less of the pain.

    "I ticked the wrong line, it is 1", said of the list before, takes no 8 of 10 back.
    """
    last = conversation.answered[-1] if conversation.answered else None
    known = conversation.facts.pain_severity
    if last not in CHECKLIST_ITEMS or known is None:
        return findings
    if denies_the_strength(conversation.facts, findings):
        return findings
    numbered = len(CHECKLIST_ITEMS[last]) + 1
    return [
        f for f in findings if f.kind != "number" or not 1 <= f.value <= numbered or f.value > known
    ]


def _read(
    facts: Facts,
    before: Facts,
    asked: Slot,
    findings: Sequence[Finding],
    message: Understanding | None = None,
) -> tuple[Facts, bool]:
    if asked is Slot.FOLLOW_UP:
        plainly, mainly = (message.plainly, message.mainly) if message else (None, None)
        return read_follow_up(facts, before, findings, plainly, mainly)
    return read_answer(facts, before, asked, findings)


def _answered_again(conversation: Conversation, findings: Sequence[Finding]) -> Facts:
    """Take a bare "sorry, I meant yes" as a new answer to the question before."""
    facts = conversation.facts
    of_conditions = CHECKLISTS - EMERGENCY_LISTS
    if conversation.answered and conversation.answered[-1] in of_conditions:
        return picked_again(facts, conversation.answered[-1], findings)
    last = next((s for s in reversed(conversation.answered) if _is_plain(s)), None)
    if last is None:
        return facts
    opened = QUESTIONS[last].reopen(facts)
    again, answered = _read(opened, opened, last, findings)
    return again if answered else facts


def _is_plain(slot: Slot) -> bool:
    return slot in QUESTIONS and not QUESTIONS[slot].items


def _progress(conversation: Conversation, *, answered: bool, failed: bool) -> Conversation:
    """Count how often the open question was asked in vain, and give it up in the end."""
    asked, facts = conversation.asked, conversation.facts
    attempts, history = dict(conversation.attempts), conversation.answered
    if asked is not None and answered:
        attempts.pop(asked, None)
        history = _at_end(history, asked)
        if asked is Slot.FOLLOW_UP:
            attempts, history = _asked_again(facts, attempts, history)
    elif asked is not None and failed:
        attempts[asked] = attempts.get(asked, 0) + 1
        if asked is not Slot.CONSENT and attempts[asked] >= ASKS_BEFORE_GIVING_UP:
            facts = _given_up(facts, asked)
            history = (*history, asked)
    return replace(conversation, facts=_settled(facts), attempts=attempts, answered=history)


def _asked_again(
    facts: Facts, attempts: dict[Slot, int], history: tuple[Slot, ...]
) -> tuple[dict[Slot, int], tuple[Slot, ...]]:
    """Ask in other words what a follow-up found to be no answer: how strong it usually is."""
    strength = Slot.PAIN_SEVERITY
    if strength not in history or strength in facts.given_up or facts.pain_severity is not None:
        return attempts, history
    return {**attempts, strength: 1}, tuple(slot for slot in history if slot is not strength)


def _given_up(facts: Facts, asked: Slot) -> Facts:
    """Ask no more. An illness that was told and not understood is one that a doctor looks at."""
    if asked is not Slot.OTHER_ILLNESS:
        return replace(facts, given_up=facts.given_up | {asked})
    known = facts.health_conditions | {HealthCondition.OTHER_SYMPTOM}
    return replace(facts, health_conditions=known, checked=facts.checked | {asked})


def _at_end(history: tuple[Slot, ...], slot: Slot) -> tuple[Slot, ...]:
    return (*(other for other in history if other is not slot), slot)


def _settled(facts: Facts) -> Facts:
    """Give up no question whose answer is known after all; know no detail of what is not there."""
    facts = told_apart(without_stale_details(facts))
    facts = without_massages_that_were_none(facts)
    open_ = frozenset(s for s in facts.given_up if not spec_of(s).is_answered(facts))
    return replace(facts, given_up=open_)


# ---- No answer to the open question ----------------------------------------------------------


def _update_earlier(
    conversation: Conversation, findings: Sequence[Finding], earlier: AnswersEarlier
) -> Conversation:
    """Take in a message of which a bare "no" denies nothing that is asked now.

    The open question stays open.
    """
    known = earlier.about in conversation.answered or earlier.about is conversation.asked
    about = earlier.about if known else None
    before = _without(conversation.facts, earlier.withdrawn)
    if about is Slot.FOLLOW_UP:
        # Nobody can tell which of them it answered: a changed one has all asked again.
        about = None
        if earlier.manner is AnswerTiming.CHANGED:
            before = without_follow_ups(before)
    # A bare number is no severity here, unless that was asked: it may be an age or a count.
    findings = of_the_list(findings, about)
    telling = [f for f in findings if f.kind != "number"]
    facts = take_volunteered(before, telling, correction=earlier.manner is AnswerTiming.CHANGED)
    facts = with_ticks(facts, telling)
    if earlier.manner is AnswerTiming.LATE:
        facts = _only_adding(before, facts)
        if about is not None and spec_of(about).is_answered(facts):
            about = None
    outcome = _Outcome(facts, conversation.consent)
    if about is Slot.SUSPICION:
        return _suspicion_answered_late(conversation, before, facts, findings)
    if about is Slot.CONSENT:
        outcome = _consent_given_late(outcome, findings, earlier.manner)
    elif about is not None:
        outcome = _answer_given_anew(outcome, before, about, findings, earlier.manner)
    after = replace(
        conversation,
        facts=_settled(outcome.facts),
        consent=outcome.consent,
        answered=_history(conversation.answered, about, outcome.answered, earlier.manner),
    )
    return _suspecting(after, findings)


def _suspicion_answered_late(
    conversation: Conversation, before: Facts, facts: Facts, findings: Sequence[Finding]
) -> Conversation:
    """Take an answer to a suspicion that came out of its order, or was changed.

    One that was answered with a yes is left as it is: nothing makes less of a danger but the
    person's word in turn.
    """
    open_ = next((s for s in conversation.suspicions if s.answer is None), None)
    asked = open_ or next(iter(reversed(conversation.suspicions)), None)
    if asked is None or (reply_in(findings) is None and facts == before):
        return replace(conversation, facts=_settled(facts))
    if asked.answer is SuspicionAnswer.YES or (
        asked.answer is not None and reply_in(findings) != "yes"
    ):
        return replace(conversation, facts=_settled(facts))
    answer, facts = read_suspicion(asked, before, facts, findings)
    suspicions = tuple(answer if s is asked else s for s in conversation.suspicions)
    answered = _at_end(conversation.answered, Slot.SUSPICION)
    return replace(conversation, facts=_settled(facts), suspicions=suspicions, answered=answered)


def _history(
    answered: tuple[Slot, ...], about: Slot | None, again: bool, manner: AnswerTiming
) -> tuple[Slot, ...]:
    """The questions answered so far; one that a changed message no longer answers is none of them.

    Args:
        again: whether the question it is about is answered now.
    """
    if about is None:
        return answered
    if again:
        return _at_end(answered, about)
    if manner is AnswerTiming.CHANGED and about is not Slot.CONSENT:
        return tuple(slot for slot in answered if slot is not about)
    return answered


def _without(facts: Facts, withdrawn: frozenset[str]) -> Facts:
    kept = frozenset(c for c in facts.health_conditions if c.value not in withdrawn)
    unknown: dict[str, Any] = {name: None for name in WITHDRAWABLE if name in withdrawn}
    parted = facts.parted - {line for line in facts.parted if line.value in withdrawn}
    return replace(facts, health_conditions=kept, parted=parted, **unknown)


def _consent_given_late(
    told: _Outcome, findings: Sequence[Finding], manner: AnswerTiming
) -> _Outcome:
    agreed = agreement_in(findings)
    settled = manner is AnswerTiming.LATE and told.consent is not None
    return told if settled or agreed is None else replace(told, consent=agreed, answered=True)


def _answer_given_anew(
    told: _Outcome, before: Facts, about: Slot, findings: Sequence[Finding], manner: AnswerTiming
) -> _Outcome:
    spec, facts = spec_of(about), told.facts
    opened, was_open = facts, before
    if _is_plain(about) and getattr(facts, spec.fact) == getattr(before, spec.fact):
        # Not told in words of its own, so what was answered before is read anew.
        opened = was_open = spec.reopen(facts)
    again, answered = _read(opened, was_open, about, findings)
    if answered:
        return replace(told, facts=again, answered=True)
    if manner is AnswerTiming.CHANGED:
        return replace(told, facts=replace(opened, checked=opened.checked - {about}))
    return told


def _only_adding(before: Facts, after: Facts) -> Facts:
    """Let stand what was heard later; signs, conditions and what was unknown are added."""
    kept = {
        name: getattr(before, name) for name in WITHDRAWABLE if getattr(before, name) is not None
    }
    return replace(after, **kept)
