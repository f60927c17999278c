"""Between Rasa's slots and `backline.dialogue.Conversation`."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import takewhile
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet

from backline.dialogue import CHECKLIST_ITEMS, AnswersEarlier, Conversation, NextStep
from backline.facts import Course, Finding, Slot
from backline.nlu.components.consent import CONSENT_QUESTION
from backline.replies import NONE, questions_in

FORM = "triage_form"

LONGEST_QUOTE = 90
"""Characters of a sentence that is quoted whole."""
ABOUT_THE_RESULT = ("last_result", "standing")
"""Slots beside those of the conversation that tell which result was given."""

# A message with one of these asks for something else than the triage's next question.
DIGRESSIONS = frozenset(
    {
        "ask_massage",
        "ask_therapies",
        "ask_sessions",
        "ask_self_care",
        "ask_cost",
        "ask_booking",
        "ask_why",
        "ask_explain",
        "ask_diagnosis",
        "ask_bot",
        "ask_privacy",
        "ask_progress",
        "ask_other",
        "human_handoff",
        "delete_my_data",
        "greet",
        "goodbye",
        "thanks",
        "smalltalk",
        "insult",
        "out_of_scope",
        "other_language",
        "start_over",
        "go_back",
    }
)


def intent_of(tracker: Tracker) -> str:
    """The intent of the latest message."""
    return str((tracker.latest_message.get("intent") or {}).get("name") or "")


def text_of(tracker: Tracker) -> str:
    """The words of the latest message."""
    return str(tracker.latest_message.get("text") or "")


def findings_in(tracker: Tracker) -> list[Finding]:
    """What backline.nlu found in the latest message."""
    return [
        Finding.from_json({**entity, "kind": entity["entity"]})
        for entity in tracker.latest_message.get("entities") or []
    ]


def with_ticks(tracker: Tracker, domain: dict[str, Any], findings: list[Finding]) -> list[Finding]:
    """Take the titles of a list's lines, which buttons and boxes send, for these lines.

    What a title says is what the list asks, and not what somebody told in words of their own.
    """
    earlier = answers_earlier(tracker)
    asked = conversation_of(tracker).asked if earlier is None else earlier.about
    if asked not in CHECKLIST_ITEMS:
        return findings
    question = questions_in(domain["responses"])[asked.value]
    values = {option.title.casefold(): option.value for option in question.options}
    text, behind = text_of(tracker), 0
    ticks: list[Finding] = []
    for part in text.split(";"):
        if part.strip().casefold() not in values:
            break
        ticks.append(_tick(values[part.strip().casefold()]))
        behind += len(part) + 1
    # Words may stand behind what was ticked, where a list was left without "Done".
    return [*ticks, *(f for f in findings if f.start >= behind)] if ticks else findings


def _tick(value: str) -> Finding:
    return Finding("denial", True) if value == NONE else Finding("ticked_line", value)


def heard_already(tracker: Tracker) -> bool:
    """Tell whether the latest message was heard before: a form that begins has Rasa ask again."""
    for event in reversed(tracker.events):
        if event["event"] == "user":
            return False
        if event["event"] == "slot" and event.get("name") == "next_step":
            return True
    return False


def with_sign_words(tracker: Tracker, before: Conversation, after: Conversation) -> Conversation:
    """Keep the sentence in which the latest message tells a sign that was not known."""
    told = after.facts.emergency_signs - after.facts.ticked
    new = {s.value for s in told - before.facts.emergency_signs}
    text, words = text_of(tracker), dict(after.sign_words)
    for f in findings_in(tracker):
        if f.kind == "emergency_sign" and f.holds and f.value in new and f.end > f.start:
            words.setdefault(str(f.value), _sentence_around(text, f.start, f.end))
    return after if words == after.sign_words else replace(after, sign_words=words)


def _sentence_around(text: str, start: int, end: int) -> str:
    """The sentence that holds a stretch, cut at whole words where it is long."""
    begin = max((text.rfind(mark, 0, start) for mark in ".!?\n"), default=-1) + 1
    stops = [place for mark in ".!?\n" if (place := text.find(mark, end)) >= 0]
    sentence = text[begin : min(stops, default=len(text))].strip()
    return sentence if len(sentence) <= LONGEST_QUOTE else text[start:end].strip()[:LONGEST_QUOTE]


def getting_worse(tracker: Tracker) -> str | None:
    """Choose what to say to whoever tells after a result that it gets worse; None otherwise.

    What is of a massage that made it worse is a fact of its own, and changes the result.
    """
    told = {f.kind for f in findings_in(tracker) if f.holds and f.value == Course.WORSE.value}
    standing = tracker.get_slot("standing")
    return f"utter_worse_{standing}" if "course" in told and standing else None


def said_last(tracker: Tracker) -> str | None:
    """Name the response that was the last said before the latest message, if it had a name."""
    said = next((e for e in reversed(tracker.events) if e.get("event") == "bot"), None)
    name = ((said or {}).get("metadata") or {}).get("utter_action")
    return str(name) if name else None


def comes_back(tracker: Tracker) -> bool:
    """Tell whether the latest message is the first after a long silence.

    Rasa begins a session then (`session_expiration_time` in domain.yml), with what was known.
    """
    said = 0
    for event in reversed(tracker.events):
        said += event["event"] == "user"
        if said > 1:
            return False
        if event["event"] == "session_started":
            return True
    return False


def model_of(tracker: Tracker) -> str:
    """The id of the model that understood the latest message; Rasa notes it in the event alone."""
    said = (event for event in reversed(tracker.events) if event["event"] == "user")
    latest: dict[str, Any] = next(said, {})
    return str((latest.get("metadata") or {}).get("model_id") or "")


def keeps_nothing(tracker: Tracker) -> bool:
    """Whether nothing that this person tells is to be kept: they said no, and no yes since.

    After a no the record has messages without words (`backline.runtime.consented_events`).
    """
    consent = tracker.slots.get("consent")
    said = [event for event in tracker.events if event["event"] == "user"]
    after_no = len(said) > 1 and said[-2].get("text") is None
    return consent is False or (consent is None and after_no)


def agreed_before(tracker: Tracker) -> bool:
    """Whether this person agreed to storing in an earlier turn; one of now is stored with it."""
    turn = takewhile(lambda event: event["event"] != "user", reversed(tracker.events))
    now = any(event["event"] == "slot" and event.get("name") == "consent" for event in turn)
    return tracker.slots.get("consent") is True and not now


def answers_earlier(tracker: Tracker) -> AnswersEarlier | None:
    """Tell what a channel knows of a message that is no answer to the open question; else None."""
    return AnswersEarlier.from_metadata(tracker.latest_message.get("metadata"))


def asks_about_consent(tracker: Tracker) -> bool:
    """Tell whether the latest message asks about going on, while that is the open question."""
    asked = any(f.kind == CONSENT_QUESTION for f in findings_in(tracker))
    return asked and conversation_of(tracker).asked is Slot.CONSENT


def wish_confirmed(tracker: Tracker) -> bool:
    """Tell whether a channel asked the wish of this message back already, as the phone does."""
    return (tracker.latest_message.get("metadata") or {}).get("confirmed") is True


def conversation_of(tracker: Tracker) -> Conversation:
    """The conversation as the slots hold it."""
    in_form = (tracker.active_loop or {}).get("name") == FORM
    return Conversation.from_slots(tracker.slots, asking=in_form)


def slot_events(tracker: Tracker, conversation: Conversation) -> list[EventType]:
    """A SlotSet for each slot that the conversation changes."""
    wanted = conversation.to_slots()
    changed = {name: value for name, value in wanted.items() if tracker.slots.get(name) != value}
    return [SlotSet(name, value) for name, value in changed.items()]


def begun_anew(tracker: Tracker, before: Conversation, after: Conversation) -> list[EventType]:
    """Set a conversation that begins anew, with what stood before kept aside to be taken back."""
    left = replace(before, confirming=None, earlier=None).to_slots()
    earlier = {**left, **{name: tracker.get_slot(name) for name in ABOUT_THE_RESULT}}
    return [
        *slot_events(tracker, replace(after, earlier=earlier)),
        *(SlotSet(name, None) for name in ABOUT_THE_RESULT),
        SlotSet("next_step", NextStep.TRIAGE.value),
    ]


def fingerprint(recommendation: dict[str, Any]) -> str:
    """A recommendation as one comparable text, to tell a new result from a repeated one."""
    return json.dumps(recommendation, sort_keys=True)
