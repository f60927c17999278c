"""Hold where a call stands, and what comes next in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from backline.facts import EMERGENCY_LISTS, Slot
from backline.phone.events import AfterPrompt, ListenOptions, Phrase


@dataclass(frozen=True)
class AnswerEvidence:
    """The words that a fact rests on, and how they came to count.

    Attributes:
        about: the question it answers, with the lines of a group of it.
        confirmed: `sure` of the recogniser, `read_back` and confirmed, or pressed on `keys`; and
            `denied`, where nothing rests on it, since it was read back and is wrong.
    """

    about: str
    heard: str
    confidence: float | None
    confirmed: str


@dataclass(frozen=True)
class AnswerEffect:
    """The effect of an answer once it counts.

    Attributes:
        about: the facts that it tells, where that is not the question that was asked.
        tell: what the triage is told.
        codes: lines of the checklist that is read out, which hold.
        group_done: the group that was read out is answered.
        aside: it does not answer the question that is open.
        corrects: it takes something back.
        wish: it is no answer but something the caller wants, such as to start over.
    """

    heard: str
    confidence: float | None
    tell: str | None = None
    about: str = ""
    codes: tuple[str, ...] = ()
    group_done: bool = False
    aside: bool = False
    corrects: bool = False
    wish: bool = False


@dataclass(frozen=True)
class PendingConfirmation:
    """An answer that counts once it is confirmed.

    Attributes:
        question: how it was read back.
        parts: the facts that it tells, by `ProposedUpdate.parts`; none for a group or a wish.
        alarm: it tells of an emergency.
        alarming: it can only lead to a doctor, so that it takes more to drop it.
    """

    effect: AnswerEffect
    question: str
    parts: tuple[str, ...] = ()
    alarm: bool = False
    alarming: bool = False


WHOLE_CALL = ("missed", "by_keys", "keys_said", "deaf", "turns", "textable", "texts")
"""What of a state holds for the whole call, whatever is asked."""


@dataclass(frozen=True)
class CallState:
    """The state of a call.

    Attributes:
        slot, kind, prompt: the question of the triage that is open, and how it was asked.
        reading: which groups of a checklist are to be read out; `at` is the place among them.
        chosen: codes of lines that hold.
        unsure: groups that the caller could not answer.
        choosing: the caller said yes to a group and is asked to which line.
        read_out: all groups were read out and the triage was told.
        misses, silences, repeats: in a row; `repeats` are wishes to hear it once more.
        closing: the result was told; nothing is asked any more.
        standing: `emergency`, or `crisis` after thoughts of suicide, while what was told stands.
        telling: the caller is asked to tell what happened, beside what is open.
        together: how long and how strong are asked in one question.
        missed: how often nothing came of what was said or pressed, in the whole call.
        by_keys: the rest of the call is answered by keys, as the caller is not heard well.
        keys_said: and this was said.
        deaf: and no words are listened to any more, so that noise cannot answer before a key.
        turns: how often the caller was answered.
        offer: what is offered after the result: `text`, or `person`.
        textable: the result can be sent to the caller's number as a text message.
        texts: how often it was to be sent.
        handed: why the caller is connected with a person, by its name in `talk.yml` (`whisper`).
    """

    slot: Slot | None = None
    kind: str = ""
    prompt: str = ""
    reading: tuple[int, ...] = ()
    at: int = 0
    chosen: tuple[str, ...] = ()
    unsure: tuple[int, ...] = ()
    choosing: bool = False
    read_out: bool = False
    pending: PendingConfirmation | None = None
    misses: int = 0
    silences: int = 0
    repeats: int = 0
    closing: bool = False
    standing: str = ""
    telling: bool = False
    together: bool = False
    missed: int = 0
    by_keys: bool = False
    keys_said: bool = False
    deaf: bool = False
    turns: int = 0
    offer: str = ""
    textable: bool = False
    texts: int = 0
    handed: str = ""

    def anew(self, **values: Any) -> CallState:
        """Return the state of another question; what holds for the whole call goes on."""
        return CallState(**{**{name: getattr(self, name) for name in WHOLE_CALL}, **values})

    @property
    def alarm(self) -> bool:
        """Return whether a danger sign was told that is not settled yet."""
        heard = self.pending is not None and self.pending.alarm
        return heard or (self.choosing and self.slot in EMERGENCY_LISTS)

    @property
    def unsettled(self) -> bool:
        """Return whether something was told that leads to a doctor, and is not settled yet."""
        return self.alarm or (self.pending is not None and self.pending.alarming)

    def to_json(self) -> dict[str, Any]:
        """Return the state as JSON-ready data."""
        return {**asdict(self), "slot": self.slot.value if self.slot else None}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> CallState:
        """Read what `to_json` returned."""
        pending = data["pending"]
        if pending is not None:
            effect = {**pending["effect"], "codes": tuple(pending["effect"]["codes"])}
            parts = tuple(pending["parts"])
            pending = PendingConfirmation(
                **{**pending, "effect": AnswerEffect(**effect), "parts": parts}
            )
        lists = {name: tuple(data[name]) for name in ("reading", "chosen", "unsure")}
        slot = Slot(data["slot"]) if data["slot"] else None
        return cls(**{**data, **lists, "slot": slot, "pending": pending})


def left_open(state: Mapping[str, Any]) -> bool:
    """Return whether a call of this kept state stands at what leads to a doctor, not settled.

    Args:
        state: `talk` and `turn` as JSON-ready data, as the phone line keeps them.
    """
    try:
        return CallState.from_json(state["talk"]).unsettled or bool(state["turn"]["emergency"])
    except (KeyError, TypeError, ValueError):
        # Of another version. Whoever calls back for nothing does no harm.
        return True


@dataclass(frozen=True)
class Prompt:
    """Something to say to the caller.

    Attributes:
        finished: the call came to its end as it should.
    """

    phrases: tuple[Phrase, ...]
    then: AfterPrompt = AfterPrompt.LISTEN
    listening: ListenOptions | None = None
    emergency: bool = False
    finished: bool = False


@dataclass(frozen=True)
class SendToTriage:
    """Something to tell the triage.

    Attributes:
        aside: it does not answer the question that is open, as in the middle of a checklist.
        corrects: and it takes something back.
        confirmed: it is a wish that was read back, and need not be asked back again.
    """

    text: str
    aside: bool = False
    corrects: bool = False
    confirmed: bool = False


@dataclass(frozen=True)
class Transition:
    """A step of the dialogue: the new state, what to do, what to keep.

    Attributes:
        misheard: what was read back and is wrong, so that nothing rests on it.
    """

    state: CallState
    action: Prompt | SendToTriage
    evidence: tuple[AnswerEvidence, ...] = field(default=())
    misheard: tuple[AnswerEvidence, ...] = field(default=())
