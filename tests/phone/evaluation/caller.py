"""A simulated caller: says one thing by voice, confirms it truthfully, presses the rest. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from backline.facts import CHECKLISTS, EMERGENCY_LISTS, Facts, Slot
from backline.phone.dialogue.state import CallState
from backline.phone.events import AfterPrompt, Dtmf
from backline.phone.text.verbalize import number
from backline.policy.checklists import codes_present
from tests.phone.evaluation.truth import FACTS_OF, NO, YES, Truth
from tests.phone.evaluation.utterances import Spoken

BEFORE_KEYS = 2
"""How often something is said before keys are pressed for it."""
OFFERS_KEYS = re.compile(r"(?<!say or )\bpress (?:one|a key|the number)\b", re.IGNORECASE)
TOLD_ANYWHERE = frozenset({"leg_symptoms", "tale"})
"""What is told in answer to another question, since few callers are asked for it."""


@dataclass(frozen=True)
class State:
    """Where a call stands when the caller answers.

    Attributes:
        turn: what was said to the caller last.
    """

    talk: CallState
    facts: Facts
    consent: bool | None
    turn: str
    then: AfterPrompt = AfterPrompt.LISTEN
    emergency: bool = False

    @property
    def over(self) -> bool:
        """Whether nothing is left to be answered."""
        return self.then is not AfterPrompt.LISTEN or self.emergency or self.talk.closing

    @property
    def place(self) -> tuple[Slot | None, int]:
        """Which question is open; of a checklist, at which of its groups."""
        talk = self.talk
        return talk.slot, talk.reading[talk.at] if talk.at < len(talk.reading) else -1

    @property
    def codes(self) -> frozenset[str]:
        """What of the lists holds, and the lines that the triage is yet to be told."""
        return codes_present(self.facts) | frozenset(self.talk.chosen)

    @property
    def lines(self) -> frozenset[str]:
        """With the lines that were told already and are yet to be told apart."""
        return self.codes | {line.value for line in self.facts.parted}


class SimulatedCaller:
    """Decides what to say or press.

    By voice they say their one utterance, twice if need be, and confirm; once keys are offered for
    it they press them. Every other question is answered by the keys that are true of them.

    Attributes:
        place: the question to which they said it first; None while they have not.
    """

    def __init__(self, spoken: Spoken, truth: Truth) -> None:
        self._spoken = spoken
        self._truth = truth
        self._times = 0
        self._choices = 0
        self._pressed_last = False
        self.place: tuple[Slot | None, int] | None = None

    def answer(self, state: State) -> str | Dtmf:
        """What they say, or the keys they press."""
        given = self._answer(state)
        self._pressed_last = isinstance(given, Dtmf)
        return given

    def _answer(self, state: State) -> str | Dtmf:
        talk = state.talk
        if talk.pending is not None:
            agrees = self._truth.agrees(state.turn)
            if self._pressed_last or OFFERS_KEYS.search(state.turn):
                return Dtmf(YES if agrees else NO)
            return "yes" if agrees else "no"
        if talk.choosing:
            return self._choose(talk)
        self._choices = 0
        if self.place is None and self._is_due(talk):
            self.place = state.place
        if self.place == state.place and self._says_it(state):
            self._times += 1
            return self._spoken.said
        return self._truth.key(talk, state.facts)

    def _says_it(self, state: State) -> bool:
        offered = self._times > 0 and OFFERS_KEYS.search(state.turn)
        return self._times < BEFORE_KEYS and not offered and not self._all_known(state)

    def _choose(self, talk: CallState) -> str | Dtmf:
        place = self._truth.line_to_choose(talk)
        if place is None:
            # There is no key for it.
            return "none of these"
        self._choices += 1
        if self._pressed_last or self._choices > BEFORE_KEYS:
            return Dtmf(str(place))
        return number(str(place))

    def _is_due(self, talk: CallState) -> bool:
        """Whether this is the question to answer by voice.

        Who has a danger sign tells it where that sign is asked for: they must deny none before.
        """
        slot = Slot.CONSENT if talk.slot is None else talk.slot
        if self._truth.told.get("emergency_signs"):
            return slot in EMERGENCY_LISTS and bool(self._truth.open_lines(talk))
        if self._spoken.asked in TOLD_ANYWHERE:
            return slot is Slot.PAIN_DURATION
        if slot.value != self._spoken.asked:
            return False
        codes = self._truth.codes
        return slot not in CHECKLISTS or not codes or bool(self._truth.open_lines(talk))

    def _all_known(self, state: State) -> bool:
        """Whether all they tell has come through, so that they do not tell it again."""
        told = self._spoken.facts
        known = state.facts.to_json()
        lists = [value for value in told.values() if isinstance(value, list)]
        codes = {code for some in lists for code in some}
        names = {name for name, value in told.items() if not isinstance(value, list)}
        return bool(told) and codes | names <= state.codes | known.keys()


def facts_asked(slot: Slot | None) -> tuple[str, ...]:
    """The facts for which a question asks."""
    slot = slot or Slot.CONSENT
    return FACTS_OF.get(slot, (slot.value,))
