"""One spoken utterance, heard as the audio stream hears it, and answered until it counts or not."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from backline.phone.line import PhoneLine
from backline.phone.listening import Ear, Ended, silero
from backline.phone.recogniser import Recogniser
from backline.phone.speech import Call, Event, Heard, Keys, Listening, Silence, Then, Turn
from backline.phone.spoken import number
from backline.phone.steps import Talk
from backline.phone.wording import Wording, groups, lines
from backline.store import Store
from tests.phone.speakers import SPEAKERS, Speaker, mu_law, noisy, quiet

MOST_TURNS = 60
SEVERE = 7
"""From this severity on rule D1 sends to a doctor first."""
BEFORE_KEYS = 2
"""How often something is said before keys are pressed."""
YES, NO = "1", "2"
EARLIER = {
    "consent": YES,
    "pain_severity": "3",
    "pain_duration": "1",
    "massage_response": YES,
    "age": "40#",
}
"""Keys for the questions that come before the one that is measured; others get a no."""
ASKED_LATE = frozenset({"leg_symptoms", "tale"})
"""What is told in answer to another question, since few callers are asked for it."""
_GLUE = re.compile(r"i heard|is that right|you have|so|and|that|an?|the|is|of|[^a-z]", re.ASCII)


@dataclass(frozen=True)
class Spoken:
    """What a caller answers.

    Attributes:
        asked: the question, by its slot.
        facts: what a careful listener knows then, as `Facts.to_json` writes it.
        group: `yes` or `no` to a group of a checklist.
    """

    asked: str
    said: str
    facts: Mapping[str, Any]
    group: str | None
    speaker: Speaker
    loud: bool

    def audio(self, text: str) -> bytes:
        """Some text in this caller's voice and surroundings, as mu-law."""
        pcm = quiet(0.5) + self.speaker.say(text) + quiet(1.5)
        return mu_law(noisy(pcm) if self.loud else pcm)


@dataclass
class Verdict:
    """What came of an utterance.

    Attributes:
        heard: what was recognised of it at first; None if nothing was.
        result: `right`, `wrong` or `unheard`, once all was confirmed.
        why: what is wrong.
        keys: keys had to be pressed.
        read_back: it was read back.
        outcome: what the call came to; None if a person took over.
    """

    spoken: Spoken
    heard: str | None = None
    confidence: float | None = None
    result: str = "unheard"
    why: str = ""
    keys: bool = False
    read_back: bool = False
    outcome: str | None = None

    @property
    def in_danger(self) -> bool:
        """Whether the caller has a danger sign or severe pain, by policy rules E1 and D1."""
        facts = self.spoken.facts
        asked_signs = self.spoken.asked == "emergency_signs" and self.spoken.group == "yes"
        severe = facts.get("pain_severity", 0) >= SEVERE
        return asked_signs or severe or bool(facts.get("emergency_signs"))

    @property
    def harmed(self) -> bool:
        """Whether a caller in danger was sent to a massage."""
        return self.in_danger and self.outcome in ("massage", "combined")


def utterances(folder: Path) -> list[Spoken]:
    """All utterances, each by one of the speakers in turn, clean and in noise."""
    data = yaml.safe_load((folder / "utterances.yml").read_text(encoding="utf-8"))
    rows = [(asked, row) for asked, given in data.items() for row in given]
    return [
        Spoken(
            asked,
            row["said"],
            row.get("facts", {}),
            row.get("group"),
            SPEAKERS[(place + loud) % len(SPEAKERS)],
            bool(loud),
        )
        for loud in (0, 1)
        for place, (asked, row) in enumerate(rows)
    ]


@dataclass
class Caller:
    """Answers one question by voice, what is read back truthfully, and all the rest by keys."""

    line: PhoneLine
    store: Store
    recogniser: Recogniser
    wording: Wording
    spoken: Spoken
    call: Call = field(default_factory=lambda: Call(f"CA{uuid.uuid4().hex}", "stream"))

    async def run(self) -> Verdict:
        """Lead the call until the utterance counts, or is given up."""
        verdict = Verdict(self.spoken)
        turn = await self.line.answer(self.call)
        said = misses = 0
        for _ in range(MOST_TURNS):
            if turn.then is not Then.LISTEN or turn.emergency:
                break
            talk = self._talk()
            if said and talk.pending is not None:
                verdict.read_back = True
                answer = "yes" if self._true(turn, talk) else "no"
                event = await self._voice(answer, turn.listening)
                if not isinstance(event, Heard) or misses >= BEFORE_KEYS:
                    misses += 1
                    event = Keys(YES if answer == "yes" else NO)
            elif said and self._signs() and self._signs() <= set(talk.chosen):
                # What is asked now is whether there are others, too.
                break
            elif said and talk.choosing:
                event = self._which(talk)
            elif not self._is_due(talk) and not said:
                event = self._earlier(talk)
            elif said and not self._still_asked(talk):
                break
            elif said >= BEFORE_KEYS:
                event = self._by_keys(talk)
                verdict.keys = True
                if event is None:
                    break
            else:
                self._place = (talk.slot, talk.at)
                event = await self._voice(self.spoken.said, turn.listening)
                if said == 0 and isinstance(event, Heard):
                    verdict.heard, verdict.confidence = event.text, event.confidence
                said += 1
            turn = await self.line.hear(self.call, turn.number, event)
        await self._judge(verdict, turn)
        verdict.outcome = await self._finish(turn)
        await self.line.hang_up(self.call)
        return verdict

    async def _finish(self, turn: Turn) -> str | None:
        """Answer all the rest by keys; the outcome, or None where a person takes over."""
        for _ in range(MOST_TURNS):
            talk = self._talk()
            if turn.then is not Then.LISTEN or turn.emergency or talk.closing:
                break
            if talk.pending is not None:
                key: Keys | None = Keys(YES if self._true(turn, talk) else NO)
            elif talk.choosing:
                key = self._which(talk)
            elif self._is_due(talk):
                key = self._by_keys(talk) or Keys(NO)
            else:
                key = self._earlier(talk)
            turn = await self.line.hear(self.call, turn.number, key)
        found = self.store.latest_assessment(self.line.conversation_of(self.call))
        return None if found is None else str(found["outcome"])

    async def _voice(self, text: str, listening: Listening | None) -> Event:
        ear = Ear(silero())
        ear.attend(listening or Listening())
        ended = [s for s in ear.hear(self.spoken.audio(text)) if isinstance(s, Ended)]
        if not ended:
            return Silence()
        return await self.recogniser.recognise(b"".join(s.said.audio for s in ended))

    def _talk(self) -> Talk:
        known = self.store.calls.get(self.line.conversation_of(self.call))
        assert known is not None
        return Talk.from_json(known.state["talk"])

    def _is_due(self, talk: Talk) -> bool:
        asked = talk.slot.value if talk.slot else "consent"
        if self.spoken.asked in ASKED_LATE:
            return asked == "pain_duration"
        if asked != self.spoken.asked or not talk.reading:
            return asked == self.spoken.asked
        codes = self._signs()
        group = groups()[talk.slot][talk.reading[talk.at]] if talk.slot else {}
        return not codes or bool(codes & set(group)) or talk.at + 1 == len(talk.reading)

    def _signs(self) -> set[str]:
        return {
            code
            for name in ("emergency_signs", "health_conditions")
            for code in self.spoken.facts.get(name, ())
        }

    def _still_asked(self, talk: Talk) -> bool:
        return (talk.slot, talk.at) == self._place and not talk.closing

    @staticmethod
    def _earlier(talk: Talk) -> Keys:
        return Keys(EARLIER.get(talk.slot.value if talk.slot else "consent", NO))

    def _which(self, talk: Talk) -> Keys:
        """The number of the line that was meant; of the first for a mere yes."""
        group = list(groups()[talk.slot][talk.reading[talk.at]]) if talk.slot else []
        meant = [place for place, code in enumerate(group, start=1) if code in self._signs()]
        return Keys(str(meant[0] if meant else 1))

    def _by_keys(self, talk: Talk) -> Keys | None:
        """The key that says the same; None where there is none."""
        facts = self.spoken.facts
        if self.spoken.group is not None:
            return Keys(YES if self.spoken.group == "yes" else NO)
        if self.spoken.asked == "consent":
            return Keys(YES)
        if talk.reading and self._signs():
            return Keys(YES)
        if "pain_severity" in facts:
            return Keys("*" if facts["pain_severity"] == 10 else str(facts["pain_severity"]))
        if "pain_duration" in facts:
            weeks = facts["pain_duration"] / 7
            return Keys("1" if weeks < 6 else "2" if weeks <= 12 else "3")
        if "age" in facts:
            return Keys(f"{facts['age']}")
        if self.spoken.asked == "recent_injury" and self._signs():
            return Keys(YES)
        for name in ("recent_injury", "muscle_spasm"):
            if name in facts:
                return Keys(YES if facts[name] else NO)
        return None

    def _true(self, turn: Turn, talk: Talk) -> bool:
        """Whether what is read back is what the caller meant, and nothing else."""
        read_back = next((p.text.lower() for p in turn.say if "Is that right?" in p.text), "")
        if "none of these" in read_back:
            return self.spoken.group == "no" or not any(
                lines()[code].lower() in read_back for code in self._signs()
            )
        rest = read_back
        for words in sorted(self._own_words(talk), key=len, reverse=True):
            rest = rest.replace(words.lower(), " ")
        return not _GLUE.sub("", rest)

    def _own_words(self, talk: Talk) -> set[str]:
        facts = dict(self.spoken.facts)
        own = {lines()[code] for code in self._signs() if code in lines()}
        own |= {self.spoken.said}
        if self.spoken.group == "yes" and talk.slot is not None and talk.reading:
            own.add(next(iter(groups()[talk.slot][talk.reading[talk.at]].values())))
        for name, value in facts.items():
            spelt = number(str(value)) if isinstance(value, int) and value is not True else value
            phrase = self.wording.fact(name, spelt if not isinstance(value, bool) else value)
            if phrase is not None and not isinstance(value, list):
                own.add(phrase)
        if self.spoken.asked == "consent":
            own.add("yes, go on")
        days = facts.get("pain_duration")
        if days is not None:
            own |= _durations(int(days))
        return own

    async def _judge(self, verdict: Verdict, turn: Turn) -> None:
        known = await self.line._conversation(self.line.conversation_of(self.call))
        facts = known.facts.to_json()
        chosen = set(self._talk().chosen)
        wanted = dict(self.spoken.facts)
        if self.spoken.asked == "consent":
            verdict.result = "right" if known.consent else "unheard"
            verdict.result = "wrong" if known.consent is False else verdict.result
            return
        found = set(facts.get("emergency_signs", ())) | set(facts.get("health_conditions", ()))
        found |= chosen
        if self.spoken.group is not None:
            yes = bool(found)
            moved = turn.emergency or (self._talk().slot, self._talk().at) != self._place
            verdict.result = "right" if moved else "unheard"
            if moved and yes != (self.spoken.group == "yes"):
                verdict.result, verdict.why = "wrong", f"{sorted(found)}"
            return
        missing, wrong = [], []
        for name, value in wanted.items():
            if isinstance(value, list):
                missing += [code for code in value if code not in found]
            elif facts.get(name) is None:
                missing.append(name)
            elif not _same(name, facts[name], value, verdict.keys):
                wrong.append(f"{name}: {facts[name]}")
        legs = {"both_legs"} if "both_legs" in self._signs() else set()
        strangers = found - self._signs() - legs - _IMPLIED.get(self.spoken.said, set())
        wrong += sorted(strangers)
        verdict.why = ", ".join([*wrong, *(f"no {name}" for name in missing)])
        verdict.result = "wrong" if wrong else "unheard" if missing else "right"


_IMPLIED: dict[str, set[str]] = {
    "my legs keep giving way and I can't walk": {"leg_collapse"},
}


def _same(name: str, known: Any, meant: Any, keys: bool) -> bool:
    if name != "pain_duration":
        return bool(known == meant)
    if keys:
        # A key tells one of three stretches.
        return _stretch(float(known)) == _stretch(float(meant))
    return abs(float(known) - float(meant)) <= max(1.0, 0.05 * float(meant))


def _stretch(days: float) -> int:
    return int(days > 42) + int(days > 84)


def _durations(days: int) -> set[str]:
    units: Iterable[tuple[str, float]] = (("day", 1), ("week", 7), ("month", 30), ("year", 365))
    own = {"yesterday", "since yesterday"} if days == 1 else set()
    for unit, length in units:
        count = days / length
        if count == int(count):
            words = number(str(int(count)))
            own.add(f"{words} {unit}" if count == 1 else f"{words} {unit}s")
            if count == 1:
                own |= {f"a {unit}", f"more than a {unit}", f"over a {unit}"}
            own |= {f"about {words} {unit}s", f"for {words} {unit}s", f"{words} {unit}s ago"}
    return own
