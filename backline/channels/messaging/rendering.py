"""The bot's messages in the form that a messaging service can show."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from backline.channels.messaging.capabilities import Capabilities
from backline.channels.messaging.messages import Control, Outgoing
from backline.channels.messaging.options import DONE, NUMBERED_KINDS, chosen
from backline.replies import (
    CHECKLIST,
    SCALE,
    DangerWarning,
    Deleted,
    EmergencyStanding,
    Question,
    Reply,
    TriageResult,
    WithStaff,
)
from backline.store import TakeoverMessage

Say = Callable[..., str]
"""Gives a sentence of the domain by its name, with words filled in."""

NOTHING_ASKED = ""
"""Stands for a question after a reply that asks nothing, such as the result."""
_BREAKS = ("\n\n", "\n", ". ", " ")
_ELLIPSIS = "…"
_TICK = "✅"


def render(reply: Reply, can: Capabilities, say: Say) -> list[Outgoing]:
    """Put a reply into messages of one service, in the order in which they are to be sent."""
    rendered: list[Outgoing] = []
    for part in reply.parts:
        if isinstance(part, Question):
            rendered += _question(part, can, say)
        elif isinstance(part, TriageResult):
            rendered += _result(part, can)
        elif not isinstance(part, WithStaff):
            urgent = isinstance(part, DangerWarning)
            urgent = urgent or (isinstance(part, EmergencyStanding) and part.holds)
            last_word = isinstance(part, Deleted)
            rendered += [
                Outgoing(text, urgent=urgent, last_word=last_word)
                for text in split(part.text, can.text)
            ]
    if any(message.urgent for message in rendered):
        # The emergency answer is read first, whatever else the turn had to say.
        rendered.sort(key=lambda message: not message.urgent)
    return rendered


def staff_messages(said: TakeoverMessage, can: Capabilities) -> list[Outgoing]:
    """Show what staff wrote under the name of who wrote it, or what the bot says about them.

    It takes the place of the question that was open: what comes next is no answer to that.
    """
    text = said.text if said.name is None else f"{said.name}:\n\n{said.text}"
    first, *rest = (Outgoing(part, slot=NOTHING_ASKED) for part in split(text, can.text))
    return [replace(first, headline=said.name is not None), *rest]


def _result(result: TriageResult, can: Capabilities) -> list[Outgoing]:
    first, _, rest = result.text.partition("\n\n")
    if not result.emergency:
        whole = [Outgoing(part) for part in split(result.text, can.text)]
        return [replace(whole[0], headline=True), *whole[1:]]
    parts = [first, *split(rest, can.text)] if rest else [first]
    return [Outgoing(part, urgent=True, headline=n == 0) for n, part in enumerate(parts)]


def _question(question: Question, can: Capabilities, say: Say) -> list[Outgoing]:
    text = question.text
    if question.kind == CHECKLIST:
        return _ticked(question, can, say)
    if question.kind == SCALE:
        control = Control.SCALE if can.scale else Control.NONE
        return _with_control(text, question, control, question.titles, can)
    if not question.titles:
        return _asking(split(text, can.text), question)
    return _choice(question, can, say)


def _ticked(question: Question, can: Capabilities, say: Say) -> list[Outgoing]:
    """A checklist: ticked in place where the service can, else answered by numbers."""
    if can.toggles:
        *before, last = split(question.text, can.controlled_text)
        return [*(Outgoing(part) for part in before), checklist(question, (), say, last)]
    parts = split(f"{question.text}\n\n{say('utter_message_by_numbers')}", can.text)
    return _asking(parts, question)


def _choice(question: Question, can: Capabilities, say: Say) -> list[Outgoing]:
    """One of several: by buttons, by a list's rows or in words, as the service has room for."""
    text = question.text
    numbered = can.numbered and question.kind in NUMBERED_KINDS
    labels = tuple(
        f"{n}. {title}" if numbered else title for n, title in enumerate(question.titles, start=1)
    )
    if len(labels) <= can.buttons and all(length(label) <= can.button for label in labels):
        return _with_control(text, question, Control.BUTTONS, labels, can)
    if numbered:
        text = "\n".join([text, *labels])
    if len(labels) <= can.rows and all(length(t) <= can.row_note for t in question.titles):
        return _listed(text, question, labels, can, say)
    if numbered:
        text = f"{text}\n\n{say('utter_message_by_number')}"
    else:
        examples = ", ".join(title[:1].lower() + title[1:] for title in question.titles)
        text = f"{text} {say('utter_message_for_example', examples=examples)}"
    return _asking(split(text, can.text), question)


def _listed(
    text: str, question: Question, labels: tuple[str, ...], can: Capabilities, say: Say
) -> list[Outgoing]:
    """Rows of a list; what is cut off of one stands in full below it."""
    rows = tuple(_cut(label, can.row) for label in labels)
    notes = tuple(
        "" if row == label else title
        for row, label, title in zip(rows, labels, question.titles, strict=True)
    )
    opener = say("utter_message_options")
    return _with_control(text, question, Control.LIST, rows, can, notes, opener)


def _asking(parts: Sequence[str], question: Question) -> list[Outgoing]:
    messages = [Outgoing(part) for part in parts]
    return [*messages[:-1], replace(messages[-1], slot=question.slot)]


def _with_control(
    text: str,
    question: Question,
    control: Control,
    options: tuple[str, ...],
    can: Capabilities,
    notes: tuple[str, ...] = (),
    opener: str = "",
) -> list[Outgoing]:
    """The question with its controls under the last part of the text."""
    if control is Control.NONE:
        return _asking(split(text, can.text), question)
    *before, last = split(text, can.controlled_text)
    choices = tuple(chosen(question.slot, place) for place in range(len(options)))
    asking = Outgoing(last, control, options, notes, choices, opener, question.slot)
    return [*(Outgoing(part) for part in before), asking]


def checklist(question: Question, places: Sequence[int], say: Say, text: str = "") -> Outgoing:
    """A checklist to be ticked in place, with these places ticked.

    Its lines are too long for buttons, so these carry their numbers; the text has the lines.
    """
    labels = {
        place: question.titles[place] if place == question.none else str(place + 1)
        for place in range(len(question.titles))
    }
    marked = [f"{_TICK} {label}" if n in places else label for n, label in labels.items()]
    return Outgoing(
        text,
        Control.TOGGLES,
        (*marked, say("utter_message_done")),
        choices=tuple(chosen(question.slot, place) for place in [*map(str, labels), DONE]),
        slot=question.slot,
    )


def length(text: str) -> int:
    """Characters as the services count them: UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(text: str, limit: int) -> list[str]:
    """Parts of at most `limit` characters: at a paragraph, else a line, a sentence or a word."""
    text = text.strip()
    parts = []
    while length(text) > limit:
        window = text
        while length(window) > limit:
            window = window[: max(1, len(window) - (length(window) - limit))]
        at = next((p for mark in _BREAKS if (p := _last(window, mark)) > 0), len(window))
        parts.append(text[:at].strip())
        text = text[at:].strip()
    return [*parts, text] if text else parts or [""]


def _last(window: str, mark: str) -> int:
    place = window.rfind(mark)
    return place + len(mark.rstrip()) if place > 0 else -1


def _cut(label: str, limit: int) -> str:
    if length(label) <= limit:
        return label
    kept = label[: limit - 1]
    shorter = kept if label[limit - 1].isspace() else re.sub(r"\s+\S*$", "", kept)
    return (shorter or kept).rstrip() + _ELLIPSIS
