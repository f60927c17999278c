"""What was told comes back before the next question, with half a sentence for a feeling."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.other_language import SPOKEN
from actions.tracker_view import findings_in, intent_of, text_of
from actions.wording import Wording, listed
from backline.dialogue import CHECKLIST_ITEMS, Conversation
from backline.dialogue.questions import spec_of
from backline.facts import Facts, HealthCondition, LegSymptoms, Slot
from backline.nlu.components.feelings import feeling_in
from backline.policy.checklists import BACK_FACTS
from backline.policy.follow_ups import SEVERE_FROM

WITH_IT = {
    Slot.MASSAGE_RESPONSE: {"massage_response", "massage_sessions"},
    Slot.LEG_SYMPTOMS: {"leg_symptoms", "leg_below_knee"},
}
"""Facts that the answer to a question tells beside its own."""
MILD_UNTIL = 3
"""From 0 to 10; up to here a pain is called mild (Boonstra 2016)."""
NOTHING_YET = "utter_told_nothing"
UNNAMED = frozenset({HealthCondition.OTHER_SYMPTOM, HealthCondition.VIOLENCE})
"""What is not said back: a doubt of ours, and what somebody else may read over a shoulder."""


def acknowledge(
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    domain: dict[str, Any],
    before: Conversation,
    after: Conversation,
) -> None:
    """Say back what a message told that no question had asked for, and meet how somebody feels.

    Nothing is said where the result or an emergency follows at once, which say what they rest on,
    and nothing to a caller, to whom each answer is read back (`backline.phone`).
    """
    spoken = tracker.get_latest_input_channel() == SPOKEN
    if spoken or after.next_question() is None:
        return
    wording = Wording(domain, after.person)
    told = _told(tracker, wording, before, after)
    feeling = _feeling(tracker, wording, before)
    if told or feeling:
        words = " ".join(part for part in (feeling, told) if part)
        dispatcher.utter_message(response="utter_acknowledged", words=words)


def said_back(wording: Wording, known: Conversation) -> str:
    """Word all that is known, for whoever asks what was noted, or checks it in a result.

    A strength that was not asked for may have been told in words: nobody hears a number for it.
    """
    by_words = Slot.PAIN_SEVERITY not in known.answered
    told = [*named(wording, Facts(), known.facts, frozenset(), by_words=by_words)]
    # Where the rest decides, nobody is asked which of it holds.
    told += [f'"{wording.line(line)}"' for line in known.facts.parted - known.facts.checked]
    return listed(told or [wording.say(NOTHING_YET)])


def _told(tracker: Tracker, wording: Wording, before: Conversation, after: Conversation) -> str:
    """Word what is new; empty where nothing is that was not just asked for."""
    corrects = intent_of(tracker) == "correct_answer" and _takes_back(before.facts, after.facts)
    own = frozenset() if corrects else _asked_for(before.asked, after.facts)
    by_words = any(f.kind == "severity" and f.holds and f.by_words for f in findings_in(tracker))
    parts = list(named(wording, before.facts, after.facts, own, by_words=by_words))
    gone = before.facts.health_conditions - after.facts.health_conditions - UNNAMED
    said = []
    if gone:
        over = [wording.say(f"utter_reason_{c.value}") for c in HealthCondition if c in gone]
        said.append(wording.say("utter_told_removed", told=listed(over)))
    if parts:
        first = before.facts == Facts()
        how = "first" if first else "corrected" if corrects else "besides"
        said.append(wording.say(f"utter_told_{how}", told=listed(parts)))
    return " ".join(said)


def _takes_back(before: Facts, after: Facts) -> bool:
    """Whether something has another value now; what was not known before is no change."""
    return any(
        getattr(before, name) not in (None, getattr(after, name))
        for name in PHRASES
        if getattr(after, name) is not None
    )


def _asked_for(asked: Slot | None, after: Facts) -> Set[str]:
    """Name the facts that the answer to a question tells: nobody needs to hear them again.

    What was ticked in a checklist is said back, for a line is easily mistaken.
    """
    if asked is Slot.BACK_SIGNS:
        # What was not ticked there was not told in words.
        return {name for name in BACK_FACTS if not getattr(after, name)}
    if asked is None or asked in CHECKLIST_ITEMS:
        return frozenset()
    return WITH_IT.get(asked, {spec_of(asked).fact})


def named(
    wording: Wording, before: Facts, after: Facts, leave_out: Set[str], *, by_words: bool = False
) -> Iterator[str]:
    """Word each fact that is new or changed, as parts of a sentence, but for those left out.

    Args:
        by_words: how bad it is was told in words, so that nobody hears a number they never said.
    """
    for name in PHRASES:
        value = getattr(after, name)
        if value is None or name in leave_out or value == getattr(before, name):
            continue
        phrase = PHRASES[name](after)
        if by_words and name == "pain_severity":
            phrase = f"pain_severity_{_degree(after)}"
        if phrase is not None:
            yield _worded(wording, phrase, value)
    new = after.health_conditions - before.health_conditions - UNNAMED
    for code in HealthCondition:
        if code in new:
            yield wording.say(f"utter_reason_{code.value}")


def _worded(wording: Wording, phrase: str, value: object) -> str:
    if phrase == "pain_duration":
        return wording.for_how_long(float(str(value)))
    return wording.say(f"utter_told_{phrase}", value=value)


def _degree(facts: Facts) -> str:
    strength = facts.pain_severity or 0
    return "severe" if strength >= SEVERE_FROM else "mild" if strength <= MILD_UNTIL else "moderate"


def _leg(facts: Facts) -> str | None:
    only_above = facts.leg_symptoms is LegSymptoms.ONE_LEG and not facts.leg_below_knee
    return "one_leg" if only_above else None


PHRASES: dict[str, Callable[[Facts], str | None]] = {
    "pain_location": lambda f: f.pain_location and f"pain_location_{f.pain_location.value}",
    "pain_duration": lambda f: "pain_duration",
    "pain_severity": lambda f: "pain_severity",
    "recent_injury": lambda f: f"recent_injury_{'yes' if f.recent_injury else 'no'}",
    "inflammation": lambda f: "inflammation" if f.inflammation else None,
    "leg_symptoms": _leg,
    "leg_below_knee": lambda f: "leg_below_knee" if f.leg_below_knee else None,
    "muscle_spasm": lambda f: "muscle_spasm" if f.muscle_spasm else None,
    "massage_response": lambda f: f.massage_response and f"massage_{f.massage_response.value}",
    "massage_sessions": lambda f: "massage_sessions",
    "age": lambda f: "age",
}
"""By fact the end of the name of its phrase, `utter_told_...`; none where it is not said back."""


def _feeling(tracker: Tracker, wording: Wording, before: Conversation) -> str:
    """Meet a feeling, once each; a first telling has a word in any case."""
    feeling = feeling_in(text_of(tracker))
    if feeling is None and before.facts == Facts() and before.asked is None:
        feeling = "none" if intent_of(tracker) == "inform" else None
    if feeling is None:
        return ""
    words = wording.sorry(feeling)
    heard = (event.get("text") or "" for event in tracker.events if event["event"] == "bot")
    return "" if any(text.startswith(words) for text in heard) else words
