"""What holds for a simulated caller: the keys that say it, and whether a read-back is so. Pure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from backline.dialogue import LEG_ITEM, Conversation, Understanding, update
from backline.facts import CHECKLISTS, EmergencySign, Facts, HealthCondition, Slot
from backline.nlu import Understander
from backline.phone.dialogue.state import CallState
from backline.phone.dialogue.wording import PhoneWording, groups, lines
from backline.phone.events import Dtmf
from backline.phone.text.verbalize import spoken
from backline.policy import open_follow_up
from backline.policy.checklists import BACK_FACTS, stands_for
from tests.plain import BETTER_BY_YES

YES, NO = "1", "2"
UNTOLD: Mapping[str, Any] = {
    "pain_severity": 3,
    "pain_duration": 21,
    "recent_injury": False,
    "muscle_spasm": False,
    "massage_response": "none_yet",
    "massage_sessions": 2,
    "leg_below_knee": False,
    "age": 40,
}
"""What holds for callers who told nothing else: a mild pain, and nothing that needs a doctor."""
FACTS_OF: Mapping[Slot, tuple[str, ...]] = {
    Slot.MASSAGE_RESPONSE: ("massage_response", "massage_sessions"),
    Slot.LEG_SYMPTOMS: ("leg_below_knee",),
    Slot.BACK_SIGNS: ("health_conditions", *BACK_FACTS),
    Slot.ONE_LEG: ("health_conditions", "leg_symptoms", LEG_ITEM),
    Slot.FOLLOW_UP: ("details", "leg_examined", "first_pain", "vessel_risk"),
}
"""The facts that a question asks for, where that is not the one of its name."""
FACT_ITEMS = frozenset({LEG_ITEM, *BACK_FACTS})
"""Lines of the lists that are facts of their own."""
TAKEN_IN = {EmergencySign.LEG_COLLAPSE.value: EmergencySign.BOTH_LEGS.value}
"""Signs without a line, by the line whose words take them in."""
SIX_WEEKS, TWELVE_WEEKS = 42, 84
"""Days that part the three stretches of time that keys tell."""
EXACT_DAYS, TOLERANCE = 28, 0.03
"""Up to four weeks a time is exact; of more, a listener counts months and years a little off."""
_READ_BACK = re.compile(
    r"(?:(?P<none>so you have none of these)|i heard):?\s+(?P<what>.*?)[.!?]*\s+is that right\?"
)
_PARTS = re.compile(r";\s*(?:and\s+)?")
_WORDS = re.compile(r"[a-z0-9']+")


class Truth:
    """What holds for a caller.

    Args:
        told: what they tell, as `Facts.to_json` writes it.
        said: the words in which they tell it.
        consents: whether the words are a yes to going on.
    """

    def __init__(
        self,
        told: Mapping[str, Any],
        wording: PhoneWording,
        said: str = "",
        *,
        consents: bool = False,
    ) -> None:
        self.told = _with_implied(told)
        self._wording = wording
        self._said = said
        self._consents = consents

    @property
    def codes(self) -> frozenset[str]:
        """What the lists ask for, and holds."""
        named = [*self.told.get("emergency_signs", ()), *self.told.get("health_conditions", ())]
        facts = [name for name in FACT_ITEMS if self.told.get(name)]
        taken_in = [TAKEN_IN[code] for code in named if code in TAKEN_IN]
        return frozenset([*named, *facts, *taken_in])

    def is_own(self, line: str) -> bool:
        """Whether a line holds, or any of what it stands for."""
        return not stands_for(line).isdisjoint(self.codes)

    def open_lines(self, talk: CallState) -> list[str]:
        """Of the group that is read now, the lines that hold and are not known yet."""
        return [line for line in _open_lines(talk) if self.is_own(line)]

    def open_codes(self, talk: CallState) -> frozenset[str]:
        """What these lines stand for, and holds."""
        return frozenset().union(*map(stands_for, self.open_lines(talk))) & self.codes

    def key(self, talk: CallState, known: Facts | None = None) -> Dtmf:
        """What answers the open question; to what more is asked, the worse of yes and no.

        Args:
            known: what the triage knows, by which it asks for more.
        """
        slot = talk.slot or Slot.CONSENT
        if slot is Slot.FOLLOW_UP:
            return Dtmf(NO if open_follow_up(known or Facts()) in BETTER_BY_YES else YES)
        if slot in CHECKLISTS:
            return Dtmf(YES if self.open_lines(talk) else NO)
        facts = {**UNTOLD, **self.told}
        if slot is Slot.CONSENT:
            digits = YES
        elif slot is Slot.PAIN_SEVERITY:
            digits = "*" if facts["pain_severity"] == 10 else str(facts["pain_severity"])
        elif slot is Slot.PAIN_DURATION:
            digits = str(1 + _stretch_meant(facts["pain_duration"]))
        elif slot is Slot.MASSAGE_RESPONSE:
            digits = {"none_yet": "1", "relaxed": "2", "worse": "5"}.get(
                facts["massage_response"], "3" if facts["massage_sessions"] < 2 else "4"
            )
        elif slot in (Slot.AGE, Slot.MASSAGE_SESSIONS):
            digits = f"{facts[slot.value]}#"
        else:
            (name,) = FACTS_OF.get(slot, (slot.value,))
            digits = YES if facts[name] else NO
        return Dtmf(digits)

    def line_to_choose(self, talk: CallState) -> int | None:
        """The number under which a line of theirs is read out; None if none of these is theirs."""
        mine = self.open_lines(talk)
        return _open_lines(talk).index(mine[0]) + 1 if mine else None

    def agrees(self, turn: str) -> bool:
        """Whether what a turn reads back is what they told, and nothing else.

        Raises:
            ValueError: the turn reads nothing back.
        """
        found = _READ_BACK.search(turn.lower())
        if found is None:
            raise ValueError("nothing is read back")
        what = found["what"]
        if found["none"]:
            return not any(line in _plain(what) for line in self._own_lines())
        if _plain(what) == _plain(spoken(self._said)):
            return True
        phrases = self._phrases()
        parts = [part for part in _PARTS.split(what) if part]
        return bool(parts) and all(
            _plain(part) in phrases or self._is_own_time(part) for part in parts
        )

    def holds(self, name: str, known: Any, *, pressed: bool) -> bool:
        """Whether a fact is so, told or not.

        Args:
            pressed: it was told by a key, which knows three stretches of time only.
        """
        if pressed and name in FACTS_OF[Slot.FOLLOW_UP]:
            return True
        meant: Any = self.told.get(name, UNTOLD.get(name))
        if name == "pain_duration" and known is not None:
            if pressed:
                return _stretch_known(float(known)) == _stretch_meant(float(meant))
            off = 0 if meant <= EXACT_DAYS else TOLERANCE * meant
            return abs(float(known) - float(meant)) <= off
        return bool(known == meant)

    def _own_lines(self) -> set[str]:
        read_out = {_plain(spoken(words)) for line, words in lines().items() if self.is_own(line)}
        return read_out | {_plain(code.replace("_", " ")) for code in self.codes - lines().keys()}

    def _phrases(self) -> set[str]:
        own = set()
        for name, value in self.told.items():
            phrase = None if isinstance(value, list) else self._wording.fact(name, value)
            if phrase is not None and name != "pain_duration":
                own.add(spoken(phrase))
        if "pain_duration" in self.told:
            own.add(spoken(f"{self.told['pain_duration']:g} days"))
        if self._consents:
            own.add(str(self._wording.fact("consent", True)))
        return {_plain(phrase) for phrase in own} | self._own_lines()

    def _is_own_time(self, part: str) -> bool:
        """Times are read back in words of many kinds.

        They are read by the understanding itself: what it takes wrongly counts, and is judged.
        """
        if "pain_duration" not in self.told:
            return False
        asked = Conversation(consent=True, asked=Slot.PAIN_DURATION)
        after = update(asked, Understanding(understander().read(part))).facts
        others = set(after.to_json()) - {"pain_duration"}
        return not others and self.holds("pain_duration", after.pain_duration, pressed=False)


def _open_lines(talk: CallState) -> list[str]:
    if talk.slot not in CHECKLISTS or talk.slot is None or talk.at >= len(talk.reading):
        return []
    group = groups()[talk.slot][talk.reading[talk.at]]
    return [line for line in group if line not in talk.chosen]


def facts_of_line(line: str) -> dict[str, Any]:
    """What holds for who has this line of a list, as `Facts.to_json` writes it."""
    if line in EmergencySign._value2member_map_:
        return {"emergency_signs": [line]}
    if line in HealthCondition._value2member_map_:
        return {"health_conditions": [line]}
    return {line: True}


def _with_implied(told: Mapping[str, Any]) -> dict[str, Any]:
    """With what follows from it: legs are told of in more than one fact."""
    facts = dict(told)
    signs = list(facts.get("emergency_signs", ()))
    if "both_legs" in signs:
        facts.setdefault("leg_symptoms", "both_legs")
    elif facts.get("leg_below_knee"):
        facts.setdefault("leg_symptoms", "one_leg")
    return facts


def _stretch_meant(days: float) -> int:
    """Less than six weeks, up to twelve, or more."""
    return int(days >= SIX_WEEKS) + int(days > TWELVE_WEEKS)


def _stretch_known(days: float) -> int:
    """The same of what is known after a key, which is the end of its stretch."""
    return int(days > SIX_WEEKS) + int(days > TWELVE_WEEKS)


def _plain(text: str) -> str:
    return " ".join(_WORDS.findall(text.lower()))


@lru_cache(maxsize=1)
def understander() -> Understander:
    """What reads the times that are read back. Loading it takes seconds, at its first use."""
    reader = Understander(lambda: dt.datetime.now(dt.timezone.utc).date())
    reader.read("three weeks")
    return reader
