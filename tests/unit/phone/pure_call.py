"""A call without a recogniser, a server or Rasa: the talk, and the triage as a pure function."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from rasa_sdk import Tracker

from actions.tracker_view import FORM, with_ticks
from backline.dialogue import (
    AnswersEarlier,
    AnswerTiming,
    Conversation,
    Understanding,
    forget_last,
    start_over,
    update,
)
from backline.facts import Facts, Finding, Slot
from backline.nlu import Understander
from backline.nlu.components.emergency_talk import says_plainly
from backline.nlu.intents import CORRECTION, settle
from backline.phone.dialogue.grounding import Confidence, Understood
from backline.phone.dialogue.manager import CallManager
from backline.phone.dialogue.state import (
    AnswerEvidence,
    CallState,
    Prompt,
    SendToTriage,
    Transition,
)
from backline.phone.dialogue.wording import PhoneWording
from backline.phone.events import AfterPrompt, Dtmf, NoInput, NoMatch
from backline.phone.text.asr_cleanup import repair
from backline.policy import decide
from backline.replies import NONE, parse, questions_in

PROJECT = Path(__file__).resolve().parents[3]
CLINIC = {"clinic_phone": "02 5550 0100", "clinic_hours": "every day", "emergency_number": "000"}
INTENTS = {
    "how much does it cost": "ask_cost",
    "start over": "start_over",
    "go back": "go_back",
    "what lovely weather": "smalltalk",
}
"""What the intent classifier would say of the few texts for which it matters here."""
KEYS = {
    Slot.CONSENT: "1",
    Slot.AGE: "40#",
    Slot.PAIN_DURATION: "1",
    Slot.PAIN_SEVERITY: "3",
    Slot.MASSAGE_RESPONSE: "1",
}
"""What somebody presses who has a mild pain and nothing else; 2 for no to all other questions."""
OPENED_BY = {Slot.LEG_SYMPTOMS: "my left leg hurts"}
"""What is told beside another question, so that this one is asked."""


def intent_of(text: str) -> str:
    """The intent, by the same rules as Rasa's pipeline has after its classifier."""
    return INTENTS.get(text) or settle(text, [], findings_in(text))


@lru_cache(maxsize=1)
def _responses() -> dict[str, Any]:
    domain = yaml.safe_load((PROJECT / "domain.yml").read_text(encoding="utf-8"))
    return dict(domain["responses"])


@lru_cache(maxsize=1)
def markers() -> dict[Slot, dict[str, Any]]:
    """The question markers of the domain, by what they ask for."""
    found = {}
    for variants in _responses().values():
        marker = variants[0].get("custom") or {}
        if marker.get("type") == "question":
            found[Slot(marker.get("group") or marker["slot"])] = marker
    return found


@lru_cache(maxsize=1)
def titles() -> dict[Slot, dict[str, str]]:
    """The titles of each question's options, by their values."""
    return {
        Slot(slot): {option.value: option.title for option in question.options}
        for slot, question in questions_in(_responses()).items()
    }


@lru_cache(maxsize=1)
def manager() -> CallManager:
    told = {
        slot: {value: title for value, title in options.items() if value != NONE}
        for slot, options in titles().items()
    }
    return CallManager(PhoneWording(CLINIC), told)


@lru_cache(maxsize=1)
def _understander() -> Understander:
    return Understander(lambda: dt.date(2026, 11, 27))


@lru_cache(maxsize=4096)
def findings_in(text: str) -> tuple[Finding, ...]:
    return tuple(_understander().read(text))


def read_by_the_triage(
    text: str, conversation: Conversation, earlier: AnswersEarlier | None
) -> list[Finding]:
    """What the triage finds in a text: in what was sent for a list, its lines."""
    slots = conversation.to_slots()
    slots["requested_slot"] = conversation.asked.value if conversation.asked else None
    message = {"text": text, "metadata": earlier.to_metadata() if earlier else {}}
    tracker = Tracker("call", slots, message, [], False, None, {"name": FORM}, None)
    return with_ticks(tracker, {"responses": _responses()}, list(findings_in(text)))


def understood(
    text: str, sureness: Confidence, asked: Slot | None = None, interrupted: bool = False
) -> Understood:
    """What is understood of words, as the line does it."""
    said = repair(text, asked)
    intent = intent_of(said)
    return Understood(said, text, 0.5, sureness, intent, findings_in(said), interrupted)


class PureCall:
    """One call.

    Attributes:
        told: what the triage was told, in order.
        said: what the caller heard last, in one text.
        result: the outcome and urgency of the last result.
    """

    def __init__(self, *, textable: bool = False) -> None:
        self.talk = CallState(textable=textable)
        self.conversation = Conversation()
        self.told: list[SendToTriage] = []
        self.evidence: list[AnswerEvidence] = []
        self.misheard: list[AnswerEvidence] = []
        self.result: tuple[str, str] | None = None
        self.last = Prompt(())
        self._go(Transition(self.talk, SendToTriage("hello")))

    @property
    def facts(self) -> Facts:
        return self.conversation.facts

    @property
    def said(self) -> str:
        return " ".join(phrase.text for phrase in self.last.phrases)

    @property
    def over(self) -> bool:
        return self.last.then is not AfterPrompt.LISTEN

    def hears(
        self,
        *texts: str,
        sureness: Confidence = Confidence.SURE,
        interrupted: bool = False,
    ) -> PureCall:
        """The caller says these, one after the other."""
        for text in texts:
            heard = understood(text, sureness, self.talk.slot, interrupted)
            self._go(manager().words(self.talk, heard, self.conversation))
        return self

    def hears_late(self, text: str) -> PureCall:
        """The caller's words arrive when the talk has gone on."""
        step = manager().late(self.talk, understood(text, Confidence.SURE), self.conversation)
        assert step is not None, "nothing comes of it"
        self._go(step)
        return self

    def leaves_the_questions(self) -> PureCall:
        """The triage asks nothing any more, as after a goodbye in many words."""
        self._go(manager().told(self.talk, parse([{"text": "Goodbye."}]), self.conversation))
        return self

    def doubts(self, *texts: str) -> PureCall:
        """The caller says these, and the recogniser is not sure of them."""
        return self.hears(*texts, sureness=Confidence.DOUBTFUL)

    def presses(self, *keys: str, interrupted: bool = False) -> PureCall:
        for key in keys:
            self._go(manager().dtmf(self.talk, Dtmf(key, interrupted)))
        return self

    def is_silent(self, times: int = 1) -> PureCall:
        for _ in range(times):
            self._go(manager().no_input(self.talk, NoInput()))
        return self

    def makes_noise(self, event: NoMatch) -> PureCall:
        self._go(manager().no_match(self.talk, event))
        return self

    def up_to(self, slot: Slot) -> PureCall:
        """Answer by keys, as somebody with a mild pain and nothing else, up to a question.

        One that is asked of few is opened by what stands in `OPENED_BY`.
        """
        while self.talk.slot is not slot:
            assert self.talk.slot is not None, f"{slot.value} is never asked"
            if self.talk.slot is Slot.PAIN_DURATION and slot in OPENED_BY:
                self.hears(OPENED_BY[slot])
            self.presses(KEYS.get(self.talk.slot, "2"))
        return self

    def denies_the_rest(self) -> PureCall:
        """Deny by keys what is left of the list that is read out."""
        slot = self.talk.slot
        while self.talk.slot is slot and not self.talk.read_out:
            self.presses("2")
        return self

    def _go(self, step: Transition) -> None:
        self.evidence += step.evidence
        self.misheard += step.misheard
        while isinstance(step.action, SendToTriage):
            self.told.append(step.action)
            reply = self._triage(step.action)
            step = manager().told(step.state, parse(reply), self.conversation)
            self.evidence += step.evidence
        self.talk, self.last = step.state, step.action

    def _triage(self, tell: SendToTriage) -> list[dict[str, Any]]:
        before = self.conversation
        manner = AnswerTiming.CHANGED if tell.corrects else AnswerTiming.EARLY
        earlier = AnswersEarlier(manner) if tell.aside else None
        findings = read_by_the_triage(tell.text, before, earlier)
        if earlier is not None:
            after = update(before, Understanding(findings, earlier=earlier))
        else:
            intent = intent_of(tell.text)
            after = update(
                before,
                Understanding(
                    findings,
                    corrects=intent == CORRECTION,
                    digresses=tell.text in INTENTS,
                    plainly=says_plainly(tell.text),
                ),
            )
        if intent_of(tell.text) == "start_over":
            after = start_over(after)
        elif intent_of(tell.text) == "go_back":
            after = forget_last(after)
        slot = after.next_question()
        self.conversation = replace(after, asked=slot)
        if slot is not None:
            return [{"text": f"What about {slot.value}?"}, {"custom": markers()[slot]}]
        if after.declined:
            return [{"text": "That is fine."}]
        decision = decide(after.facts)
        self.result = (decision.outcome.value, decision.urgency.value)
        marker = {"type": "triage_result", "urgency": decision.urgency.value}
        return [{"text": f"The result: {decision.outcome.value}.\n\nThe plan."}, {"custom": marker}]
