"""What came of what a caller told, once all was confirmed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from backline.facts import CHECKLISTS, Facts, Slot
from backline.phone.events import AfterPrompt, Dtmf, Event, Transcript
from backline.policy.checklists import BACK_FACTS, CODES, stands_for
from tests.phone.evaluation.caller import State, facts_asked
from tests.phone.evaluation.truth import Truth
from tests.phone.evaluation.utterances import Spoken

SEVERE = 7
"""From this severity on rule D1 sends to a doctor first."""
DECIDES_NOTHING = frozenset({"checked", "given_up", "pain_location", "parted", "ticked"})
"""Facts that are of no consequence by themselves, or tell only how others came to be known."""
PERSON, GOODBYE, NOT_FINISHED = "a person", "goodbye", "not finished"
"""How calls end that come to no result."""
DOCTOR, EMERGENCY = "doctor_first", "emergency"


class Result(str, Enum):
    """What came of one thing that was told."""

    BY_VOICE = "right by voice"
    BY_KEYS = "right by keys"
    """It is known as it was meant, but keys had to be pressed for it."""
    UNHEARD = "unheard"
    WRONG = "wrong"
    """Something else counts, or it was taken as denied."""


@dataclass(frozen=True)
class Verdict:
    """What came of an utterance.

    Attributes:
        heard: what was recognised of it at first; None if nothing was.
        results: by what was told: a fact, a line of a checklist, or the answer to a group. What
            nobody told and counts all the same is among them, as wrong.
        why: what is wrong, by the same names.
        read_back: it was read back.
        end: the outcome that the call came to, or how else it ended.
        urgency: of the outcome.
    """

    spoken: Spoken
    heard: str | None
    confidence: float | None
    results: Mapping[str, Result]
    why: Mapping[str, str]
    read_back: bool
    end: str = NOT_FINISHED
    urgency: str | None = None

    @property
    def told(self) -> int:
        """How many deciding things the utterance tells."""
        return len(_parts(self.spoken))

    def count(self, result: Result) -> int:
        """How many of them came to that."""
        return sum(one is result for one in self.results.values())

    @property
    def in_emergency(self) -> bool:
        """Whether the caller has a danger sign, by policy rule E1."""
        facts = self.spoken.facts
        return bool(facts.get("emergency_signs")) or facts.get("leg_symptoms") == "both_legs"

    @property
    def in_danger(self) -> bool:
        """Whether the caller has a danger sign or severe pain, by policy rules E1 and D1."""
        return self.in_emergency or self.spoken.facts.get("pain_severity", 0) >= SEVERE

    @property
    def faults(self) -> list[str]:
        """All that must not be: wrong facts, and calls that ended as they must not."""
        found = [f"{name}: {self.why[name]}" for name in sorted(self.why)]
        if self.end == NOT_FINISHED:
            found.append("the call came to no end")
        elif self.end == PERSON:
            pass
        elif self.in_danger and self.end != DOCTOR:
            found.append(f"a caller in danger ended with {self.end}")
        elif self.in_emergency and self.urgency != EMERGENCY:
            found.append(f"a caller with a danger sign was told {self.urgency}")
        return found


class Judge:
    """Follows a call from the utterance on, and judges each change of what is known."""

    def __init__(self, spoken: Spoken, truth: Truth) -> None:
        self._spoken = spoken
        self._truth = truth
        self._parts = _parts(spoken)
        self._heard: Transcript | None = None
        self._begun = False
        self._read_back = False
        self._typed: set[str] = set()
        self._why: dict[str, str] = {}
        self._place: tuple[Slot | None, int] | None = None
        self._answered = False

    def notice(self, before: State, event: Event, after: State) -> None:
        """Take in what came of an answer: the utterance itself, or one after it."""
        if not self._begun:
            self._begun, self._place = True, before.place
            self._heard = event if isinstance(event, Transcript) else None
        self._read_back |= after.talk.pending is not None
        if isinstance(event, Dtmf):
            self._note_keys(before, after)
        self._judge_facts(before, event, after)
        self._judge_codes(before, after)
        self._judge_passing(before, after)
        if after.consent is False and before.consent is not False:
            self._why["consent"] = "declined"

    def verdict(self, last: State, end: str, urgency: str | None = None) -> Verdict:
        """What came of all that was told."""
        known = self._known(last)
        for code in self._parts & _gone_through(last.facts) - known:
            self._why[code] = "denied"
        why = dict(self._why)
        if self._spoken.group == "no" and why:
            # A denial that came to something else is one thing, whatever it came to.
            why = {"group": ", ".join(f"{name} {what}" for name, what in sorted(why.items()))}
        results = {
            part: Result.UNHEARD
            if part not in known
            else Result.BY_KEYS
            if part in self._typed
            else Result.BY_VOICE
            for part in self._parts
        }
        results |= dict.fromkeys(why, Result.WRONG)
        heard = self._heard
        return Verdict(
            self._spoken,
            None if heard is None else heard.text,
            None if heard is None else heard.confidence,
            results,
            why,
            self._read_back,
            end,
            urgency,
        )

    def _known(self, state: State) -> set[str]:
        """What of all that was told is known, as it was meant or not."""
        names = {name for name, value in state.facts.to_json().items() if value is not None}
        known = names | state.codes
        if state.consent:
            known.add("consent")
        if self._answered:
            known.add("group")
        return known & self._parts

    def _note_keys(self, before: State, after: State) -> None:
        """Keys were pressed: for what was read back, or for what was asked."""
        talk, missing = before.talk, self._parts - self._known(before)
        if talk.pending is not None or talk.choosing:
            self._typed |= missing
        elif before.place == self._place:
            self._typed |= missing & {"group"}
        self._typed |= missing & {*facts_asked(talk.slot), *self._truth.open_codes(talk)}
        self._typed |= missing & self._known(after)

    def _judge_facts(self, before: State, event: Event, after: State) -> None:
        """Each fact that changed is as it was meant, or was pressed truthfully."""
        old, new = before.facts.to_json(), after.facts.to_json()
        pressed = isinstance(event, Dtmf) and before.talk.pending is None
        for name in {*old, *new} - DECIDES_NOTHING - {slot.value for slot in CHECKLISTS}:
            if old.get(name) == new.get(name):
                continue
            asked = pressed and name in facts_asked(before.talk.slot)
            # What was not told of a list that was gone through does not hold.
            asked |= name in BACK_FACTS and Slot.BACK_SIGNS in after.facts.checked
            told = name in self._truth.told or asked
            if not told or not self._truth.holds(name, new.get(name), pressed=asked):
                self._why[name] = str(new.get(name, "taken back"))

    def _judge_codes(self, before: State, after: State) -> None:
        """Each line that holds now and did not before is one of theirs."""
        for line in after.codes - before.codes:
            if not self._truth.is_own(line):
                self._why[line] = "holds"
        for code in (before.codes - after.codes) & self._truth.codes:
            self._why[code] = "taken back"

    def _judge_passing(self, before: State, after: State) -> None:
        """What is asked next tells whether a group was taken as denied."""
        talk = before.talk
        if talk.slot not in CHECKLISTS or after.then is not AfterPrompt.LISTEN:
            return
        unsure = talk.slot in after.facts.given_up or _is_to_be_read_again(before, after)
        if after.emergency or after.talk.alarm or unsure or after.place == before.place:
            return
        for line in self._truth.open_lines(talk):
            codes = stands_for(line)
            if after.lines.isdisjoint({line, *codes}):
                self._why |= dict.fromkeys(codes & self._truth.codes, "denied")
        if before.place == self._place and talk.at + 1 < len(talk.reading):
            # A group that was denied leads to the next one; anything else is not its doing.
            self._answered |= after.place == (talk.slot, talk.reading[talk.at + 1])


def _parts(spoken: Spoken) -> set[str]:
    """The names of all that an utterance tells."""
    if spoken.group == "no":
        return {"group"}
    if spoken.asked == "consent":
        return {"consent"}
    lists = [value for value in spoken.facts.values() if isinstance(value, list)]
    names = {name for name, value in spoken.facts.items() if not isinstance(value, list)}
    return {code for some in lists for code in some} | names - DECIDES_NOTHING


def _gone_through(facts: Facts) -> frozenset[str]:
    """What was asked for by lists that were answered, and is not yet to be told apart."""
    answered = frozenset().union(*(CODES[slot] for slot in facts.checked))
    return answered.difference(*(CODES[line] for line in facts.parted - facts.checked))


def _is_to_be_read_again(before: State, after: State) -> bool:
    """Whether the group that was read is one that the caller was taken not to know."""
    slot, group = before.place
    talk = after.talk
    still = (*talk.unsure, *talk.reading[talk.at :]) if talk.slot is slot else ()
    return group in still
