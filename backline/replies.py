"""What the bot says in one turn, typed. Pure: the only place that knows the markers of messages.

A marker is the `custom` of a message (docs/http.md). It tells a channel what kind of thing the
text beside it is: a question with its control, a result, or that nothing could be saved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

Message = Mapping[str, Any]
"""One message as Rasa collects it, and as the REST interface gives it."""
Marker = dict[str, Any]

NONE = "none"
"""The value of "None of these", which excludes the other options of a checklist."""
SKIP = "skip"
"""The value of "Rather not say"."""
NO_LINES = frozenset({NONE, SKIP})
CHECKLIST, SCALE = "multi_choice", "scale"
"""Of the kinds of questions, those that are looked at here."""
EMERGENCY = "emergency"
SELF_HARM = "self_harm"

_ASKS = "utter_ask_"
_QUESTION, _RESULT, _STANDING = "question", "triage_result", "emergency_standing"
_WARNING, _DELETED, _ERROR = "warning", "deleted", "error"
_UNAVAILABLE = "unavailable"
_WITH_STAFF, _STAFF, _NOTICE = "with_staff", "staff", "notice"


# ---- What a reply is made of --------------------------------------------------------------------


@dataclass(frozen=True)
class Text:
    """Words that are nothing else."""

    text: str


@dataclass(frozen=True)
class Option:
    """One option of a question: its value, and the title that is sent as its answer.

    Attributes:
        codes: what a line of a list stands for, where that is several things.
    """

    value: str
    title: str
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """A question, with what its control takes.

    Attributes:
        slot: what it fills: the group of its marker, where it is one of several lists of a slot.
        kind: as docs/http.md lists them.
        lowest, highest: the ends of a scale.
        text: how it is asked; of a checklist, with its numbered lines.
        prompt: how a checklist is asked without its lines, where that is known.
    """

    slot: str
    kind: str
    options: tuple[Option, ...] = ()
    lowest: int = 0
    highest: int = 0
    text: str = ""
    prompt: str = ""

    @property
    def titles(self) -> tuple[str, ...]:
        """Give what stands for its options, in order; the numbers of a scale as texts."""
        if self.kind == SCALE:
            return tuple(str(n) for n in range(self.lowest, self.highest + 1))
        return tuple(option.title for option in self.options)

    @property
    def none(self) -> int | None:
        """Give the place of "None of these", if it has that."""
        return next((n for n, option in enumerate(self.options) if option.value == NONE), None)


@dataclass(frozen=True)
class TriageResult:
    """What somebody is recommended.

    Attributes:
        rules: ids of the rules that speak for it, the deciding one first.
        signs: codes of the emergency signs that are known.
        again: whether it was told before, and nothing has changed.
        stored: whether it was stored before it was told.
    """

    text: str
    outcome: str
    urgency: str
    rules: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    again: bool = False
    stored: bool = True

    @property
    def emergency(self) -> bool:
        """Tell whether an ambulance is to be called."""
        return self.urgency == EMERGENCY

    @property
    def crisis(self) -> bool:
        """Tell whether it is about self-harm and nothing else."""
        return self.signs == (SELF_HARM,)


@dataclass(frozen=True)
class EmergencyStanding:
    """That an emergency holds, or holds no longer; `crisis` if it is about self-harm."""

    text: str
    holds: bool
    crisis: bool = False


@dataclass(frozen=True)
class DangerWarning:
    """The call to make, told before an emergency result."""

    text: str


@dataclass(frozen=True)
class Deleted:
    """That everything of the conversation is deleted."""

    text: str


@dataclass(frozen=True)
class Unavailable:
    """That nothing of the turn could be read or saved."""

    text: str


@dataclass(frozen=True)
class WithStaff:
    """That nothing is said: a person of the clinic has the conversation, and reads the message."""

    text: str = ""


Part = (
    Text
    | Question
    | TriageResult
    | EmergencyStanding
    | DangerWarning
    | Deleted
    | Unavailable
    | WithStaff
)


P = TypeVar("P")


@dataclass(frozen=True)
class Reply:
    """All that is said in one turn, in order.

    Attributes:
        parts: what is said, typed.
        messages: the same as Rasa has it; its texts and markers are messages of their own.
    """

    parts: tuple[Part, ...] = ()
    messages: tuple[Message, ...] = field(default=(), repr=False)

    def __bool__(self) -> bool:
        return bool(self.messages)

    def to_json(self) -> list[dict[str, Any]]:
        """Give the messages as the REST interface does (docs/http.md)."""
        return [dict(message) for message in self.messages]

    @property
    def texts(self) -> tuple[str, ...]:
        """Give all that is said beside a question, without what says nothing."""
        return tuple(p.text for p in self.parts if p.text and not isinstance(p, Question))

    @property
    def question(self) -> Question | None:
        """Find the question that it ends with, if it asks one."""
        return _last(self.parts, Question)

    @property
    def results(self) -> tuple[TriageResult, ...]:
        """Find all results that it tells."""
        return tuple(p for p in self.parts if isinstance(p, TriageResult))

    @property
    def result(self) -> TriageResult | None:
        """Find the result, if it tells one."""
        return _last(self.parts, TriageResult)

    @property
    def standing(self) -> EmergencyStanding | None:
        """Find what it says of an emergency that holds, or held, if it says so."""
        return next((p for p in self.parts if isinstance(p, EmergencyStanding)), None)

    @property
    def emergency(self) -> bool:
        """Tell whether it tells an emergency, or tells it again."""
        return any(
            (isinstance(p, TriageResult) and p.emergency)
            or (isinstance(p, EmergencyStanding) and p.holds)
            for p in self.parts
        )

    @property
    def failed(self) -> bool:
        """Tell whether it says that nothing could be read or saved."""
        return any(isinstance(p, Unavailable) for p in self.parts)

    @property
    def deleted(self) -> bool:
        """Tell whether it says that the conversation is deleted."""
        return any(isinstance(p, Deleted) for p in self.parts)


def _last(parts: Sequence[Part], kind: type[P]) -> P | None:
    return next((part for part in reversed(parts) if isinstance(part, kind)), None)


# ---- Reading ------------------------------------------------------------------------------------


def parse(messages: Iterable[Message]) -> Reply:
    """Read the messages of a turn.

    Rasa sends the text and the marker of one response after each other: they are one part.
    """
    kept = tuple(messages)
    return Reply(tuple(_parts(kept)), kept)


def _parts(messages: Iterable[Message]) -> Iterator[Part]:
    text = ""
    for message in messages:
        marker = _marker_of(message)
        if message.get("text"):
            if text:
                yield Text(text)
            text = str(message["text"])
        if marker:
            yield _part(text, marker)
            text = ""
    if text:
        yield Text(text)


def part_of(message: Message) -> Part:
    """Read one message, or one response of the domain, with the text and the marker in it."""
    return _part(str(message.get("text") or ""), _marker_of(message))


def questions_in(responses: Mapping[str, Sequence[Message]]) -> dict[str, Question]:
    """Find the questions among the responses of a domain, by slot.

    Of several of one slot that with the most options stands for all: theirs begin alike.
    """
    found: dict[str, Question] = {}
    for name, variants in responses.items():
        asked = (part_of(v) for v in variants if name.startswith(_ASKS) and _marker_of(v))
        first = next(asked, None)
        if not isinstance(first, Question):
            continue
        known = found.get(first.slot)
        if known is None or len(first.options) > len(known.options):
            found[first.slot] = first
    return found


def with_progress(response: dict[str, Any], place: Mapping[str, Any], said: str) -> dict[str, Any]:
    """Say in a question how far the questions are, and return it.

    Args:
        place: which question that is of (`asked`), its number (`step`) and about how many there
            are (`of`).
        said: the same in words, which stand behind the question.
    """
    marker, question = _marker_of(response), part_of(response)
    if not isinstance(question, Question) or question.slot != place["asked"]:
        return response
    marker["progress"] = {"step": place["step"], "of": place["of"]}
    response["text"] = f"{response['text']} {said}".strip()
    return response


def with_controls(response: dict[str, Any]) -> dict[str, Any]:
    """Add to a response what a channel without controls needs, and return it.

    That is buttons, or for a checklist its lines with their numbers.
    """
    marker, question = _marker_of(response), part_of(response)
    if not isinstance(question, Question):
        return response
    if question.kind == CHECKLIST:
        marker["prompt"] = response["text"]
        marker["input"]["lines"] = [
            {"code": code, "title": option.title}
            for option in question.options
            if option.value not in NO_LINES
            for code in option.codes or (option.value,)
        ]
        lines = [f"{n}. {option.title}" for n, option in enumerate(question.options, start=1)]
        response["text"] = "\n".join([response["text"], *lines])
    elif question.options and not response.get("buttons"):
        response["buttons"] = [
            {"title": option.title, "payload": option.title} for option in question.options
        ]
    return response


def _marker_of(message: Message) -> Marker:
    marker = message.get("custom")
    return marker if isinstance(marker, dict) else {}


def _part(text: str, marker: Marker) -> Part:
    kind = marker.get("type")
    if kind == _QUESTION:
        return _question(text, marker)
    if kind == _RESULT:
        return _result(text, marker)
    if kind == _STANDING:
        crisis = marker.get("kind") == SELF_HARM
        return EmergencyStanding(text, marker.get("holds") is True, crisis)
    if kind == _WARNING:
        return DangerWarning(text)
    if kind == _DELETED:
        return Deleted(text)
    if kind == _ERROR:
        return Unavailable(text)
    return WithStaff() if kind == _WITH_STAFF else Text(text)


def _question(text: str, marker: Marker) -> Question:
    control = marker["input"]
    return Question(
        str(marker.get("group") or marker["slot"]),
        str(control["kind"]),
        tuple(map(_option, control.get("options", []))),
        int(control.get("min", 0)),
        int(control.get("max", 0)),
        text,
        str(marker.get("prompt") or ""),
    )


def _option(given: Mapping[str, Any]) -> Option:
    return Option(str(given["value"]), str(given["title"]), tuple(given.get("codes", ())))


def _result(text: str, marker: Marker) -> TriageResult:
    return TriageResult(
        text,
        str(marker.get("outcome", "")),
        str(marker.get("urgency", "")),
        tuple(marker.get("rules", ())),
        tuple((marker.get("facts") or {}).get("emergency_signs", ())),
        bool(marker.get("again", False)),
        marker.get("stored") is not False,
    )


# ---- Writing ------------------------------------------------------------------------------------


def result_marker(
    recommendation: Mapping[str, Any],
    reasons: Sequence[str],
    facts: Mapping[str, Any],
    *,
    again: bool = False,
    stored: bool = True,
) -> Marker:
    """Mark a text as a result.

    Args:
        recommendation, facts: as JSON.
        again: it was told before, and nothing has changed.
        stored: what it tells is stored. The tracker store refuses a turn that has one which is not.
    """
    return {
        "type": _RESULT,
        **recommendation,
        "reasons": list(reasons),
        "facts": dict(facts),
        **({} if stored else {"stored": False}),
        **({"again": True} if again else {}),
    }


def standing_marker(number: str, line: str | None) -> Marker:
    """Mark a text as said while an emergency holds.

    Args:
        number: of the emergency service.
        line: the crisis line, where the emergency is about self-harm.
    """
    kind = SELF_HARM if line is not None else EMERGENCY
    return {"type": _STANDING, "holds": True, "kind": kind, "number": number, "line": line}


def no_longer_marker() -> Marker:
    """Mark a text as the one after which no emergency holds any more."""
    return {"type": _STANDING, "holds": False}


def warning_marker() -> Marker:
    """Mark a text as the call to make, told before an emergency result."""
    return {"type": _WARNING}


def deleted_marker() -> Marker:
    """Mark a text as the one that says that everything is deleted."""
    return {"type": _DELETED}


def unavailable_marker() -> Marker:
    """Mark a text as an apology: the same message again is a new try."""
    return {"type": _ERROR, "code": _UNAVAILABLE, "retry": True}


def with_staff_marker() -> Marker:
    """Mark that nothing is said, since a person of the clinic has the conversation."""
    return {"type": _WITH_STAFF}


def unasked(text: str, number: int, name: str | None) -> Message:
    """Give a message that answers nothing: one of staff, or of the bot about them.

    Args:
        number: its place among these.
        name: what the person is told of who wrote it; None for the bot.
    """
    if name is None:
        return {"text": text, "custom": {"type": _NOTICE, "number": number}}
    return {"text": text, "custom": {"type": _STAFF, "number": number, "name": name}}


def unavailable(recipient: str, text: str) -> Message:
    """Give the message that says to somebody that nothing could be read or saved."""
    return {"recipient_id": recipient, "text": text, "custom": unavailable_marker()}
