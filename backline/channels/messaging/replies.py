"""What is answered to a message from a messaging service: by the channel itself, or by Rasa."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rasa.core.agent import Agent

from backline.channels.messaging.capabilities import Capabilities
from backline.channels.messaging.edits import answered_by
from backline.channels.messaging.keywords import keyword
from backline.channels.messaging.messages import Incoming, Kind, Outgoing
from backline.channels.messaging.options import Questions, by_number, ticked
from backline.channels.messaging.rendering import NOTHING_ASKED, checklist, length, render
from backline.conversation.safety import must_be_heard
from backline.conversation.turns import APOLOGY, Inbound, Turns
from backline.dialogue import AnswersEarlier, AnswerTiming, Hold
from backline.facts import EMERGENCY_LISTS, Slot
from backline.replies import CHECKLIST, Reply
from backline.sanitize import clean_text
from backline.store import PendingMessage, Person, SentQuestion

GREETING, DELETING = "hello", "delete my data"
"""What somebody says who presses START or sends /delete; any words of data/nlu would do."""
MOST_TRIES = 3
MOST_CHARACTERS = 2 * 4096
"""Twice what Telegram and WhatsApp take in one message from us."""
_SAID_BY_THE_CHANNEL = {
    Kind.HELP: "utter_message_help",
    Kind.STOP: "utter_message_stopped",
    Kind.MEDIA: "utter_message_unreadable",
    Kind.FORWARDED: "utter_message_forwarded",
    Kind.ELSEWHERE: "utter_message_elsewhere",
    Kind.TOO_FAST: "utter_message_too_fast",
}


class NotNow(Exception):
    """Nothing can be read or saved at the moment; the message is to be tried again."""


@dataclass(frozen=True)
class Ticks:
    """A checklist as it was sent, the places ticked in it, and how that is shown."""

    sent: SentQuestion
    places: tuple[int, ...]
    shown: Outgoing


@dataclass
class ReplyOutcome:
    """What comes of a message.

    Attributes:
        messages: in the order in which they are to be sent.
        contact: what changes of what is known of the person (columns of `Contact`).
        alert: a short text to show over the chat.
        ticks: what is now ticked in the checklist that was pressed.
        went_on: whether the conversation did, so that controls shown before are used up.
    """

    messages: list[Outgoing] = field(default_factory=list)
    contact: dict[str, Any] = field(default_factory=dict)
    alert: str = ""
    ticks: Ticks | None = None
    went_on: bool = False


@dataclass(frozen=True)
class Context:
    """What is known when a message is heard.

    Attributes:
        asked: the questions that were sent or wait to be, the latest first.
        written_at: when the message was written, by the service's clock, if it tells.
    """

    received: PendingMessage
    person: Person | None
    asked: Sequence[SentQuestion]
    written_at: dt.datetime | None


class MessageIds:
    """Names for messages in Rasa's record, without what a service's own ids may tell."""

    def __init__(self, channel: str, digest: Any) -> None:
        self._channel = channel
        self._digest = digest

    def of(self, incoming: Incoming) -> str:
        """The name under which this message is heard."""
        delivery = str(self._digest(self._channel, "delivery", incoming.key))
        if incoming.kind is Kind.CHOICE:
            return delivery
        if incoming.kind is Kind.EDIT:
            return f"{self.of_message(incoming)}{delivery}"
        return self.of_message(incoming)

    def of_message(self, incoming: Incoming) -> str:
        """The name of the message that was sent, or is edited."""
        return str(self._digest(self._channel, "message", incoming.address, incoming.message))


class ReplyComposer:
    """Answers one message of one person at a time."""

    def __init__(
        self,
        channel: str,
        can: Capabilities,
        agent: Agent,
        turns: Turns,
        message_ids: MessageIds,
    ) -> None:
        self._channel = channel
        self._can = can
        self._agent = agent
        self._turns = turns
        self._message_ids = message_ids
        self._responses = turns.responses
        self._questions = Questions(agent.domain.responses)

    def say(self, response: str, **words: str) -> str:
        """Fill a sentence of the domain."""
        return self._responses.say(response, **words)

    def apology(self) -> ReplyOutcome:
        """What is answered to a message that could not be heard, however often it was tried."""
        return ReplyOutcome([Outgoing(self.say(APOLOGY))])

    async def answer(self, incoming: Incoming, context: Context, now: dt.datetime) -> ReplyOutcome:
        """Answer a message.

        Raises:
            NotNow: it could not be read or saved, and may be another time.
        """
        kind = incoming.kind
        if kind is Kind.TEXT:
            kind = keyword(incoming.text) or kind
        stopped = context.person is not None and context.person.opted_out_at is not None
        if kind is Kind.STOP:
            told = stopped or incoming.answered_by_service
            said = [] if told else await self._said_here(_SAID_BY_THE_CHANNEL[kind], context)
            return ReplyOutcome(said, {"opted_out_at": now})
        if kind is Kind.START:
            return await self._start(incoming, context)
        if kind is Kind.DELETE:
            return await self._hear(incoming, context, DELETING)
        if kind is Kind.HELP and incoming.answered_by_service:
            return ReplyOutcome()
        if stopped and kind is not Kind.HELP and not await self._must_be_heard(incoming, context):
            return ReplyOutcome()
        return await self._read(kind, incoming, context)

    async def _start(self, incoming: Incoming, context: Context) -> ReplyOutcome:
        answer = await self._hear(incoming, context, GREETING)
        answer.contact["opted_out_at"] = None
        if incoming.link:
            answer.contact["source"] = incoming.link
        return answer

    async def _read(self, kind: Kind, incoming: Incoming, context: Context) -> ReplyOutcome:
        """Answer what is no wish about the messages themselves."""
        if length(incoming.text) > MOST_CHARACTERS and not incoming.silent:
            return ReplyOutcome(await self._said_here("utter_message_too_long", context))
        if kind is Kind.TOO_FAST:
            if await self._must_be_heard(incoming, context):
                return await self._hear(incoming, context, incoming.text)
            if incoming.silent:
                return ReplyOutcome()
        if kind is Kind.ELSEWHERE:
            return self._answer_elsewhere(incoming, context)
        if kind in _SAID_BY_THE_CHANNEL:
            said = await self._said_here(_SAID_BY_THE_CHANNEL[kind], context)
            if kind is Kind.MEDIA and incoming.text:
                heard = await self._hear(incoming, context, incoming.text)
                heard.messages[:0] = said
                return heard
            return ReplyOutcome(said)
        if kind is Kind.CHOICE:
            return await self._press(incoming, context)
        if kind is Kind.EDIT:
            return await self._edit(incoming, context)
        meant = self._meant(incoming.text, context)
        return await self._hear(incoming, context, self._with_ticks(meant, context))

    def _answer_elsewhere(self, incoming: Incoming, context: Context) -> ReplyOutcome:
        # Once in each place: another bot may answer every reply.
        if context.person is not None and context.person.last_order is not None:
            return ReplyOutcome()
        said = [Outgoing(self.say(_SAID_BY_THE_CHANNEL[Kind.ELSEWHERE]))]
        return ReplyOutcome(said, {"last_order": incoming.order})

    async def _said_here(self, response: str, context: Context) -> list[Outgoing]:
        """What the channel says by itself; while an emergency stands, after its call."""
        said = [Outgoing(self.say(response))]
        tracker = await self._agent.tracker_store.retrieve(context.received.conversation_id)
        if tracker is not None and tracker.get_slot("emergency_hold") == Hold.TOLD.value:
            said.insert(0, Outgoing(self.say("utter_emergency_first"), urgent=True))
        return said

    def _with_ticks(self, text: str, context: Context) -> str:
        """What is ticked in the open checklist was told, also if Done is never pressed."""
        latest = context.asked[0] if context.asked else None
        question = self._questions.get(latest.slot) if latest else None
        if latest is None or question is None or not latest.chosen:
            return text
        return f"{ticked(question, latest.chosen)}; {text}"

    def _meant(self, text: str, context: Context) -> str:
        """The option that a number stands for, where options were numbered."""
        open_question = self._questions.get(written_for(context))
        if not self._can.numbered or open_question is None:
            return text
        return by_number(open_question, text) or text

    async def _press(self, incoming: Incoming, context: Context) -> ReplyOutcome:
        pressed = self._questions.pressed(incoming.choice)
        if pressed is None:
            return ReplyOutcome([Outgoing(self.say("utter_please_rephrase"))])
        question, place = pressed
        if question.kind != CHECKLIST:
            title = question.titles[place or 0]
            return await self._hear(incoming, context, title, question.slot)
        sent = [q for q in context.asked if q.slot == question.slot]
        shown = next((q for q in sent if q.service_id == incoming.message), None)
        chosen = shown.chosen if shown else ()
        if place is None:
            if not chosen:
                return ReplyOutcome(alert=self.say("utter_message_tick_first"))
            return await self._hear(incoming, context, ticked(question, chosen), question.slot)
        if place == question.none:
            if chosen:
                return ReplyOutcome(alert=self.say("utter_message_untick_first"))
            return await self._hear(incoming, context, question.titles[place], question.slot)
        if shown is None:
            return ReplyOutcome()
        places = tuple(sorted(set(chosen) ^ {place}))
        return ReplyOutcome(ticks=Ticks(shown, places, checklist(question, places, self.say)))

    async def _edit(self, incoming: Incoming, context: Context) -> ReplyOutcome:
        before = await answered_by(
            self._agent.tracker_store,
            context.received.conversation_id,
            self._message_ids.of_message(incoming),
        )
        if before is None:
            return await self._hear(incoming, context, self._meant(incoming.text, context))
        if before.text == clean_text(incoming.text, MOST_CHARACTERS):
            # A service may tell of a change that cannot be seen.
            return ReplyOutcome()
        question = self._questions.get(before.slot)
        text = incoming.text
        if question is not None and self._can.numbered:
            text = by_number(question, text) or text
        return await self._hear(
            incoming,
            context,
            text,
            before.slot or NOTHING_ASKED,
            manner=AnswerTiming.CHANGED,
            withdraws=before.told,
        )

    async def _hear(
        self,
        incoming: Incoming,
        context: Context,
        text: str,
        answers: str | None = None,
        manner: AnswerTiming | None = None,
        withdraws: Sequence[str] = (),
    ) -> ReplyOutcome:
        """Hand a text to Rasa.

        Args:
            answers: the question that it answers; the one it was written for, if None.
            manner: how it comes that this is not the open one; found out, if None.
            withdraws: what was known only by the words that this one changes.
        """
        latest = context.asked[0].slot if context.asked else NOTHING_ASKED
        seen = written_for(context)
        about = seen if answers is None else answers
        late = _is_late(context)
        earlier: AnswersEarlier | None = None
        other = about != latest or not _is_of_the_latest(incoming, context)
        if other or manner is not None or late:
            manner = manner or (AnswerTiming.LATE if late else AnswerTiming.EARLY)
            slot = Slot(about) if about else None
            earlier = AnswersEarlier(manner, slot, frozenset(withdraws))
        reply = await self._reply(incoming, context, text, earlier)
        contact: dict[str, Any] = {}
        if context.received.order is not None:
            # Also after a late one: a service may begin to count anew, and not all that follows
            # is late then.
            contact = {"last_order": context.received.order, "last_question": seen}
        messages = render(reply, self._can, self.say)
        went_on = not reply.failed
        if went_on and messages and not any(message.slot for message in messages):
            messages[-1] = replace(messages[-1], slot=NOTHING_ASKED)
        return ReplyOutcome(messages, contact, went_on=went_on)

    async def _reply(
        self, incoming: Incoming, context: Context, text: str, earlier: AnswersEarlier | None
    ) -> Reply:
        reply = await self._turns.handle(
            Inbound(
                context.received.conversation_id,
                # Its length was looked at before; what is ticked may come on top.
                clean_text(text, len(text)),
                self._channel,
                self._message_ids.of(incoming),
                earlier,
                # Who wants no more messages is asked nothing back.
                confirmed=context.person is not None and context.person.opted_out_at is not None,
            )
        )
        failed = reply.failed and not reply.emergency
        if failed and context.received.attempts < MOST_TRIES:
            raise NotNow
        return reply

    async def _must_be_heard(self, incoming: Incoming, context: Context) -> bool:
        """Whether a message tells a danger sign, or asks for its writer's data to be deleted."""
        text = incoming.text
        if incoming.kind is Kind.CHOICE:
            pressed = self._questions.pressed(incoming.choice)
            text = pressed[0].titles[pressed[1] or 0] if pressed else ""
        if not text:
            return False
        text = clean_text(text[:MOST_CHARACTERS], MOST_CHARACTERS)
        seen = written_for(context)
        signs = self._questions.get(seen) if seen in EMERGENCY_LISTS else None
        lines = range(1, len(signs.titles)) if signs is not None else ()
        return await must_be_heard(self._agent, text, lines)


def _is_late(context: Context) -> bool:
    """Whether a message that was written after this one was heard before it."""
    order, person = context.received.order, context.person
    if order is None or person is None or person.last_order is None:
        return False
    return order < person.last_order


def _is_of_the_latest(incoming: Incoming, context: Context) -> bool:
    """Whether a message can be for the latest question, where others of the same slot were sent.

    Follow-ups ask one thing after the other: a second tap on "No" is no answer to the next one.
    """
    if not context.asked or context.asked[0].slot != Slot.FOLLOW_UP.value:
        return True
    latest = context.asked[0]
    if incoming.choice and incoming.message and latest.service_id:
        return bool(incoming.message == latest.service_id)
    return latest.certain and _was_sent_before(latest, context)


def written_for(context: Context) -> str:
    """The question that was to be seen when the message was written.

    What was written before a question was sent cannot be an answer to it, be it as short as "no".
    """
    if _is_late(context) and context.person is not None:
        return context.person.last_question or NOTHING_ASKED
    for question in context.asked:
        if _was_sent_before(question, context):
            return question.slot
        if not question.certain:
            # It may have been seen all the same, so that a "no" may be for it or for another.
            return NOTHING_ASKED
    return NOTHING_ASKED


def _was_sent_before(question: SentQuestion, context: Context) -> bool:
    """Told by the service's own clock, and within one of its seconds by the order of storing.

    The clocks of servers play no part: they are set, and differ.
    """
    if question.sent_after is None:
        return False
    sent, written = question.sent_at, context.written_at
    if sent is not None and written is not None and sent != written:
        return sent < written
    return question.sent_after < context.received.id
