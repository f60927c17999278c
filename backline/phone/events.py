"""Define what is heard of a caller and said to them, the same for every entrance."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any, ClassVar


@dataclass(frozen=True)
class Transcript:
    """Words of a caller, as a recogniser heard them.

    Attributes:
        confidence: how sure the recogniser is, 0 to 1; None if it does not tell.
        alternatives: what else it may have been, the likeliest first.
        began_at, ended_at: seconds since the call began, if they are known.
        interrupted: it was said before all was said to the caller, so that "no" may be no answer to
            what they had not heard yet.
    """

    kind: ClassVar[str] = "heard"
    text: str
    confidence: float | None = None
    alternatives: tuple[str, ...] = ()
    began_at: float | None = None
    ended_at: float | None = None
    interrupted: bool = False


@dataclass(frozen=True)
class Dtmf:
    """Keys that were pressed, in order: 0 to 9, * and #.

    Attributes:
        interrupted: they were pressed before all was said to the caller, where that is known.
    """

    kind: ClassVar[str] = "keys"
    digits: str
    interrupted: bool = False


@dataclass(frozen=True)
class NoInput:
    """Nothing was heard for as long as the turn said."""

    kind: ClassVar[str] = "silence"


class NoMatchReason(str, Enum):
    """The reason why no words came of what was heard."""

    NOISE = "noise"
    """Music, coughing, or several voices at once."""
    TOO_LONG = "too_long"
    """Somebody talked without a pause for longer than can be followed."""
    FAILED = "failed"
    """The recogniser crashed."""
    SLOW = "slow"
    """The recogniser gave no answer in time."""


@dataclass(frozen=True)
class NoMatch:
    """Something was heard, and no words."""

    kind: ClassVar[str] = "unheard"
    why: NoMatchReason


Event = Transcript | Dtmf | NoInput | NoMatch
"""What is heard of a caller; `kind` names it in metrics."""


@dataclass(frozen=True)
class PhoneCall:
    """A call.

    Attributes:
        id: what the service calls it; the same in all it tells of it.
        entrance: which way it came, such as `twilio`: a row of data/phone/confidence.yml.
        caller: their number, where the service tells it and they do not hide it.
    """

    id: str
    entrance: str
    caller: str | None = None


@dataclass(frozen=True)
class Phrase:
    """Something to say, in words alone.

    Attributes:
        slowly: clearly and slowly, as for an emergency.
    """

    text: str
    slowly: bool = False


class AfterPrompt(str, Enum):
    """The next step after a prompt."""

    LISTEN = "listen"
    TRANSFER = "transfer"
    """Connect the caller to a person at the clinic."""
    HANG_UP = "hang_up"


@dataclass(frozen=True)
class ListenOptions:
    """Options for listening to the caller's answer.

    Attributes:
        hints: words and phrases that are likely, for the recogniser.
        wait_s: seconds without a sound after which it is silence.
        pause_s: seconds without a sound that end an answer.
        longest_s: seconds after which an answer is cut off.
        keys: how many keys an answer has at the most; # ends a longer one.
        interruptible: whether the caller may speak before all is said. Where not, and the entrance
            cannot help it, what is heard so is marked as `interrupted`.
        speech: whether words are listened to, beside keys.
    """

    hints: tuple[str, ...] = ()
    wait_s: float = 6.0
    pause_s: float = 0.8
    longest_s: float = 30.0
    keys: int = 1
    interruptible: bool = True
    speech: bool = True


@dataclass(frozen=True)
class BotTurn:
    """A prompt to a caller, and the next step after it.

    Attributes:
        number: which turn of the call this is, from 1 on. What is heard is told with the number of
            the turn that it answers, so that nothing is heard twice.
        then: what comes when all is said. The caller may speak or press a key before.
        listening: how to listen, if that is what comes.
        emergency: it tells an emergency.
    """

    number: int
    say: tuple[Phrase, ...]
    then: AfterPrompt = AfterPrompt.LISTEN
    listening: ListenOptions | None = None
    emergency: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the turn as JSON-ready data."""
        return {**asdict(self), "then": self.then.value}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> BotTurn:
        """Read what `to_json` returned."""
        listening = data["listening"]
        if listening is not None:
            listening = ListenOptions(**{**listening, "hints": tuple(listening["hints"])})
        return cls(
            number=data["number"],
            say=tuple(Phrase(**phrase) for phrase in data["say"]),
            then=AfterPrompt(data["then"]),
            listening=listening,
            emergency=data["emergency"],
        )
