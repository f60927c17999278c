"""What stands before the questions: an emergency that was told, and wishes that are asked back.

An emergency is a state. It ends when the person was seen, or says twice that it was a mistake, or
that nerve signs are older and no worse; a new patient opens a new assessment beside it. Deleting
and starting over are done after a yes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from backline.dialogue.answers import agreement_in, reply_in
from backline.dialogue.follow_ups import onset_in_words
from backline.dialogue.questions import VOLUNTEERED_ONLY
from backline.dialogue.sources import NEVER_WAS
from backline.dialogue.state import (
    Confirming,
    Conversation,
    Hold,
    next_patient,
    only_nerve_signs,
    with_older_signs,
    withdraw_emergency,
)
from backline.dialogue.taking_back import denied_signs
from backline.dialogue.update import Understanding, update
from backline.facts import BARE, SUSPICION, EmergencySign, Facts, Finding, Onset
from backline.policy.conditions import VIOLENCE
from backline.policy.follow_ups import NERVES

SEEN, SEEN_MAYBE, MISTAKE, NEW_PATIENT = "seen", "seen_maybe", "mistake", "new_patient"
"""Topics (`data/lexicon/emergency_talk.yml`) that change what stands."""
MISTAKE_MAYBE = "mistake_maybe"
"""The topic of who may take it back: it is asked, and ends nothing by itself."""
ANOTHER_PERSON = "another_person"
"""The topic of who turns to another patient in words that mean it without an emergency, too."""
AFTER_CRISIS = "new_patient_after_crisis"
"""The same, where the first one told of thoughts of ending their life."""
SAFE, NOT_SAFE, DELETE, HERE_AFTER_ALL = "safe", "not_safe", "delete", "have_it"
OLDER = "older"
OF_ANOTHER = frozenset({"health_condition", "injury", "location", "massage"})
"""Kinds of findings to which a time belongs that is told beside them."""
"""Topics that follow from an answer and not from words of their own."""
GO_BACK = "go_back"
ASKED_BACK = frozenset({Confirming.DELETE, Confirming.RESTART, Confirming.NEXT_PATIENT})
"""What is done after a yes."""
WISHES = {"delete_my_data": Confirming.DELETE, "start_over": Confirming.RESTART}
"""Intents that are asked back, with what is asked."""


class NextStep(str, Enum):
    """What a message calls for; the values are those of the slot `next_step`."""

    TRIAGE = "triage"
    """Ask on, or give a result that was not given yet."""
    REST = "rest"
    """Nothing new to decide."""
    EMERGENCY = "emergency"
    """An emergency stands: its call first, then an answer."""
    ASK = "ask"
    """A wish is asked back."""
    CARRY_OUT = "carry_out"
    """A wish was confirmed."""
    LEAVE = "leave"
    """A wish was taken back."""
    UNDO = "undo"
    """What was known before a restart is taken up again."""
    CALL_BACK = "call_back"
    """A call-back was arranged, and said so: nothing else is answered."""


@dataclass(frozen=True)
class Said:
    """A message, as far as it matters here.

    Attributes:
        intent: what it is for.
        topic: what it asks or tells beside an emergency, by `data/lexicon/emergency_talk.yml`.
        in_turn: it answers what is asked now, and nothing that was asked before.
        confirmed: its wish was asked back already, as on the phone.
        denies, affirms: it is a no, or a yes, and nothing else.
        another: it turns to another patient.
        unlimited: no word in it makes less of a denial: "not when I sit still".
    """

    intent: str
    findings: Sequence[Finding]
    topic: str | None = None
    in_turn: bool = True
    confirmed: bool = False
    denies: bool = False
    affirms: bool = False
    another: bool = False
    unlimited: bool = False

    @property
    def reply(self) -> str | None:
        """The bare answer in it, if there is one."""
        return reply_in(self.findings)

    @property
    def agrees(self) -> bool | None:
        """Whether it says yes or no to "shall I?"; None where neither is said."""
        said = agreement_in(self.findings)
        return {"yes": True, "no": False}.get(self.reply or "") if said is None else said

    @property
    def says_seen(self) -> bool:
        """Whether it says yes to having been examined, plainly or in words of that."""
        return self.affirms or (self.reply == "yes" and self.topic == SEEN_MAYBE)

    def takes_back(self, facts: Facts) -> bool:
        """Tell whether a sign that was told is denied in words of its own, and none is told."""
        denied = denied_signs(facts, self.findings)
        return bool(denied) and not self._tells_more_than(denied)

    def denies_all_signs(self, facts: Facts) -> bool:
        """Tell whether it denies every sign that was told, at any time, and tells none."""
        all_of_them = denied_signs(facts, self.findings) == facts.emergency_signs
        return self.unlimited and all_of_them and self.takes_back(facts)

    def _tells_more_than(self, denied: Collection[EmergencySign]) -> bool:
        """Whether a sign is told but what is named as wrong: "bladder is wrong"."""
        named = {f.value for f in self.findings if f.source == NEVER_WAS} & {
            sign.value for sign in denied
        }
        told = {f.value for f in self.findings if f.kind == "emergency_sign" and f.holds}
        return bool(told - named)

    @property
    def says_older(self) -> bool:
        """Whether it tells a time of more than 4 weeks ago, and nothing newer or worse."""
        of_another = any(f.kind in OF_ANOTHER for f in self.findings)
        return not of_another and onset_in_words(self.findings, NERVES) is Onset.OLDER

    @property
    def says_not_new(self) -> bool:
        """Whether it is a no that repeats what was asked, and nothing more: "no, not new"."""
        told = [f for f in self.findings if f.kind not in BARE]
        older = all(f.kind == "onset" and f.value == Onset.OLDER.value and f.holds for f in told)
        return self.reply == "no" and self.unlimited and bool(told) and older

    @property
    def tells_sign(self) -> bool:
        """Whether an emergency sign is told in it."""
        return any(f.kind == "emergency_sign" and f.holds for f in self.findings)

    @property
    def tells_danger(self) -> bool:
        """Whether a sign is told in it, or what counts only where it is told or asked about."""
        untold = {code.value for code in (*VOLUNTEERED_ONLY, *VIOLENCE)}
        return self.tells_sign or any(
            f.holds and (f.kind == SUSPICION or f.value in untold) for f in self.findings
        )


@dataclass(frozen=True)
class Standing:
    """What comes of a message that is no ordinary one.

    Attributes:
        topic: what an emergency's reply answers; None for its general words.
        again: the emergency is told again as a whole.
    """

    conversation: Conversation
    step: NextStep
    topic: str | None = None
    again: bool = False


def stand(before: Conversation, said: Said, *, known: bool) -> Standing | None:
    """What comes of a message while something stands before the questions; None if nothing does.

    Args:
        known: something was told already, or a result given, that starting over would set aside.
    """
    if before.confirming in ASKED_BACK and said.in_turn:
        answered = _wish_answered(before, said)
        if answered is not None:
            return answered
        before = replace(before, confirming=None)
    if before.hold is Hold.TOLD:
        return _emergency(before, said)
    denied = _older_signs_denied(before, said)
    if denied is not None:
        return denied
    if before.hold is not None and said.tells_sign:
        told = update(before, Understanding(said.findings, digresses=True))
        return Standing(replace(told, hold=Hold.TOLD), NextStep.TRIAGE, again=True)
    takes_back = said.intent == GO_BACK or any(f.kind == "undo" for f in said.findings)
    if before.earlier and takes_back and not before.answered:
        return Standing(before, NextStep.UNDO)
    if before.may_be_emergency:
        # Whether it is one is settled before any wish.
        return None
    return _wished(before, said, known)


def _older_signs_denied(before: Conversation, said: Said) -> Standing | None:
    """What comes of a denial, after a result, of danger signs that are no emergency.

    Old ones are taken back as those of an emergency are: by a clear no that is said again.
    """
    if before.asked is not None or before.emergency or not said.in_turn:
        return None
    asked = before.confirming is Confirming.MISTAKE
    if asked and not said.affirms and (said.denies or said.denies_all_signs(before.facts)):
        left = replace(withdraw_emergency(before), hold=before.hold)
        return Standing(left, NextStep.TRIAGE)
    if not asked and said.takes_back(before.facts):
        return Standing(replace(before, confirming=Confirming.MISTAKE), NextStep.ASK)
    return None


def _wished(before: Conversation, said: Said, known: bool) -> Standing | None:
    """What comes of a wish to start over, delete or turn to another; None if there is none."""
    if said.another and known and said.tells_sign and said.in_turn:
        # Whosever a danger is, it comes first, and is told of the one it was told about.
        other = update(next_patient(before), Understanding(said.findings, digresses=True))
        return Standing(other, NextStep.TRIAGE, again=True)
    if said.another and known and not said.tells_danger:
        asking = replace(before, confirming=Confirming.NEXT_PATIENT)
        return Standing(asking, NextStep.CARRY_OUT if said.confirmed else NextStep.ASK)
    wish = WISHES.get(said.intent)
    if wish is None:
        return None
    sure = said.confirmed or (wish is Confirming.RESTART and not known)
    step = NextStep.CARRY_OUT if sure else NextStep.ASK
    return Standing(replace(before, confirming=wish), step)


def _wish_answered(before: Conversation, said: Said) -> Standing | None:
    """What comes of the answer to "shall I?"; None if it is none."""
    again = WISHES.get(said.intent) is before.confirming or (
        said.another and before.confirming is Confirming.NEXT_PATIENT
    )
    if said.tells_sign:
        return None
    if said.agrees or again:
        return Standing(before, NextStep.CARRY_OUT)
    if said.agrees is False:
        left = replace(before, confirming=None)
        step = NextStep.EMERGENCY if before.hold is Hold.TOLD else NextStep.LEAVE
        return Standing(left, step)
    return None


def _emergency(before: Conversation, said: Said) -> Standing:
    """What comes of a message while an emergency stands."""
    # A bare answer is read by what was asked last: whether it was a mistake, or "are you safe?".
    telling = [f for f in said.findings if f.kind not in BARE]
    heard = update(before, Understanding(telling, digresses=True))
    if heard.facts.emergency_signs - before.facts.emergency_signs:
        return Standing(replace(heard, confirming=None), NextStep.TRIAGE, again=True)
    asked = before.confirming if said.in_turn else None
    heard = replace(heard, confirming=None)
    if said.topic == NEW_PATIENT:
        other = update(next_patient(before), Understanding(telling, digresses=True))
        step = NextStep.TRIAGE if other.emergency else NextStep.EMERGENCY
        topic = AFTER_CRISIS if before.crisis else NEW_PATIENT
        return Standing(other, step, topic, again=other.emergency)
    return _asked_back(heard, said, asked) or _beside(heard, said)


def _asked_back(heard: Conversation, said: Said, asked: Confirming | None) -> Standing | None:
    """What comes of claims that would end an emergency, and of the answers to what they bring."""
    if said.topic == SEEN or (asked is Confirming.SEEN and said.says_seen):
        return Standing(replace(heard, hold=Hold.SEEN), NextStep.EMERGENCY, SEEN)
    if said.topic == SEEN_MAYBE:
        asking = replace(heard, confirming=Confirming.SEEN)
        return Standing(asking, NextStep.EMERGENCY, SEEN_MAYBE)
    if asked is Confirming.MISTAKE:
        answered = _mistake_answered(heard, said)
        if answered is not None:
            return answered
    if asked is Confirming.OLDER and (said.denies or said.says_not_new):
        return Standing(with_older_signs(heard), NextStep.EMERGENCY, OLDER)
    if said.says_older and only_nerve_signs(heard.facts):
        asking = replace(heard, confirming=Confirming.OLDER)
        return Standing(asking, NextStep.EMERGENCY, OLDER)
    if said.topic in (MISTAKE, MISTAKE_MAYBE) or said.takes_back(heard.facts):
        asking = replace(heard, confirming=Confirming.MISTAKE)
        return Standing(asking, NextStep.EMERGENCY, MISTAKE)
    return None


def _mistake_answered(heard: Conversation, said: Said) -> Standing | None:
    """What comes of the answer to whether it was a mistake; None if it is none."""
    denies_again = said.denies_all_signs(heard.facts)
    if said.tells_sign and not denies_again:
        return None
    if said.denies or said.topic == MISTAKE or denies_again:
        return Standing(withdraw_emergency(heard), NextStep.EMERGENCY, MISTAKE)
    if said.affirms:
        return Standing(heard, NextStep.EMERGENCY, HERE_AFTER_ALL)
    if said.reply == "no":
        # "Well no, only when I sneeze" is no plain no: it is asked once more.
        asking = replace(heard, confirming=Confirming.MISTAKE)
        return Standing(asking, NextStep.EMERGENCY, MISTAKE)
    return None


def _beside(heard: Conversation, said: Said) -> Standing:
    """What comes of everything else that is said beside an emergency."""
    if WISHES.get(said.intent) is Confirming.DELETE:
        deleting = replace(heard, confirming=Confirming.DELETE)
        if said.confirmed:
            return Standing(deleting, NextStep.CARRY_OUT)
        return Standing(deleting, NextStep.EMERGENCY, DELETE)
    topic = said.topic
    if heard.crisis and topic is None:
        topic = SAFE if said.affirms else NOT_SAFE if said.denies and said.reply == "no" else None
    return Standing(heard, NextStep.EMERGENCY, topic)


def anything_known(conversation: Conversation, last_result: str | None) -> bool:
    """Whether starting over would set something aside."""
    return conversation.facts != Facts() or bool(conversation.answered) or last_result is not None
