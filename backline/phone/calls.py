"""Handle the turns of each call, whichever entrance it came by."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from enum import Enum
from functools import partial
from typing import Any, TypeVar

from rasa.core.agent import Agent
from rasa.shared.core.trackers import DialogueStateTracker

from backline.clock import utcnow
from backline.conversation.turns import Inbound, Turns
from backline.dialogue import NO_ANSWER, AnswersEarlier, AnswerTiming, Conversation
from backline.facts import Finding, Slot
from backline.failures import describe
from backline.observability import logs, metrics
from backline.phone.callers import caller_hash
from backline.phone.dialogue.grounding import Confidence, Understood, proposed_update
from backline.phone.dialogue.manager import CallManager
from backline.phone.dialogue.prompts import paragraphs
from backline.phone.dialogue.state import (
    AnswerEvidence,
    CallState,
    Prompt,
    SendToTriage,
    Transition,
    left_open,
)
from backline.phone.dialogue.whisper import whisper
from backline.phone.dialogue.wording import PhoneWording, Thresholds, thresholds
from backline.phone.events import (
    AfterPrompt,
    BotTurn,
    Dtmf,
    Event,
    NoInput,
    NoMatch,
    PhoneCall,
    Phrase,
    Transcript,
)
from backline.phone.text.asr_cleanup import repair
from backline.phone.text.birth_dates import calendar_of, with_age
from backline.phone.text.verbalize import spoken
from backline.phone.text_messages import TextMessages
from backline.privacy import Privacy
from backline.replies import NONE, Message, Reply, questions_in
from backline.responses import clinic_words
from backline.runtime.consented_events import said_no
from backline.sanitize import MAX_MESSAGE_CHARACTERS, clean_text
from backline.settings import Clinic
from backline.store import Store
from backline.store.calls import CHANNEL, FINISHED, UNDER_WAY, CallRecord, HearingRecord

logger = logging.getLogger(__name__)

GREETING = "hello"
"""What somebody says who rings; any words of data/nlu would do."""
MOST_ALTERNATIVES = 2
"""Other hearings that are looked at; later ones are unlikely."""
UNMARKED = frozenset({"twilio"})
"""Entrances that do not tell whether all was said before somebody spoke."""
FASTEST_WORDS_A_SECOND = 3.0
"""No voice reads faster; telephone voices say about 2.7, at 160 a minute."""
LEAST_S = 1.0
"""Nobody hears a question and answers it sooner; what comes so soon tells no time."""
T = TypeVar("T")


class Kept(Enum):
    """What is kept of a turn: no more than the triage kept."""

    ALL = "all"
    STATE = "state"
    """Where the call stands, and nothing that was heard."""
    NOTHING = "nothing"


class CallService:
    """Answers calls. Every method answers, whatever broke; none raises.

    May be asked by several servers: what a call has come to is in the store.

    Args:
        texts: sends results to callers who want them; None where no number is set for that.
    """

    def __init__(
        self,
        agent: Agent,
        store: Store,
        clinic: Clinic,
        privacy: Privacy,
        texts: TextMessages | None = None,
    ) -> None:
        self._agent = agent
        self._calls = store.calls
        self._assessments = store.latest_assessment
        self._reference_of = store.cases.reference_of
        self._turns = Turns(agent, clinic)
        self._privacy = privacy
        self._clinic = clinic
        self._texts = texts
        self._wording = PhoneWording(clinic_words(clinic))
        self._manager = CallManager(self._wording, _titles(agent.domain.responses))
        # What is loaded at its first use is loaded before the first caller waits for it.
        spoken("1")
        self._connects = clinic.phone_line is not None and bool(clinic.phone_line.transfer_to)

    async def answer(self, call: PhoneCall) -> BotTurn:
        """Begin a call and return what is said first. Asked again, it is the same."""
        conversation = self.conversation_of(call)
        logs.about(CHANNEL, conversation)
        try:
            async with self._agent.lock_store.lock(f"call:{conversation}"):
                known = await _off_loop(self._calls.get, conversation)
                if known is not None:
                    return BotTurn.from_json(known.state["turn"])
                textable = self._texts is not None and self._texts.reach(call.caller)
                first = CallState(textable=textable)
                step, _ = await self._tell(conversation, 0, first, SendToTriage(GREETING))
                turn = self._turn(1, step.action)
                state = _state(step.state, turn)
                await _off_loop(
                    self._calls.begin,
                    conversation,
                    call.entrance,
                    self.caller_of(call.caller),
                    state,
                    utcnow(),
                    self._privacy.encryptor.encrypt(call.caller) if call.caller else None,
                )
                return turn
        except Exception as error:  # noqa: BLE001 - whatever broke, the caller is answered
            return self._trouble(call, 1, error)

    async def handle(self, call: PhoneCall, number: int, event: Event) -> BotTurn:
        """Answer what was heard after turn `number`.

        An older number was answered already: what was said last is given again, unless the words
        tell something new that can only lead to a doctor.
        """
        conversation = self.conversation_of(call)
        logs.about(CHANNEL, conversation)
        try:
            async with self._agent.lock_store.lock(f"call:{conversation}"):
                known = await _off_loop(self._calls.get, conversation)
                if known is None:
                    return self._turn(number + 1, self._over())
                return await self._hear(call, known, number, event)
        except Exception as error:  # noqa: BLE001 - whatever broke, the caller is answered
            if isinstance(event, Transcript):
                told = await self._only_an_emergency(conversation, number, event)
                if told is not None:
                    return told
            return self._trouble(call, number + 1, error)

    async def hang_up(self, call: PhoneCall) -> None:
        """End a call and keep what it came to, also when it came to nothing."""
        conversation = self.conversation_of(call)
        try:
            async with self._agent.lock_store.lock(f"call:{conversation}"):
                known = await self._conversation(conversation)
                agreed = known.consent is True
                call_so_far = await _off_loop(self._calls.get, conversation)
                end = partial(
                    self._calls.end,
                    call_back=call_so_far is not None and left_open(call_so_far.state),
                )
                await _off_loop(
                    end,
                    conversation,
                    known.facts.to_json() if agreed else None,
                    sorted(slot.value for slot in known.open_questions) if agreed else None,
                )
        except Exception as error:  # noqa: BLE001 - there is nobody left to be told
            logger.error("The end of a call was not kept: %s", describe(error))

    async def whisper(self, call: PhoneCall) -> Phrase:
        """Say what the clinic hears before a caller is connected."""
        conversation = self.conversation_of(call)
        try:
            known = await _off_loop(self._calls.get, conversation)
            state = CallState.from_json(known.state["talk"]) if known is not None else None
            result = await _off_loop(self._assessments, conversation)
            before = await self._conversation(conversation)
            reference = self._reference_of(conversation) if known is not None else None
            return Phrase(spoken(whisper(state, before, result, reference)))
        except Exception as error:  # noqa: BLE001 - whatever broke, they are connected
            logger.error("The clinic was not told who calls: %s", describe(error))
            return Phrase(spoken(whisper(None, Conversation(), None, None)))

    def conversation_of(self, call: PhoneCall) -> str:
        """Return the id of a call's conversation; each has its own, since telephones are shared."""
        return f"{CHANNEL}-{self._privacy.pseudonymizer.digest(CHANNEL, call.id)}"

    def caller_of(self, number: str | None) -> str | None:
        """Hash a caller's number with the key, as it is kept."""
        return caller_hash(self._privacy.pseudonymizer, number) if number else None

    # ---- A turn ---------------------------------------------------------------------------------

    async def _hear(self, call: PhoneCall, known: CallRecord, number: int, event: Event) -> BotTurn:
        conversation = known.conversation_id
        state = CallState.from_json(known.state["talk"])
        before = await self._conversation(conversation)
        if number != known.turn:
            last = BotTurn.from_json(known.state["turn"])
            if not isinstance(event, Transcript):
                return last
            heard = await self._understand(call, event, before, None)
            late = self._manager.late(state, heard, before)
            ended = last.then is not AfterPrompt.LISTEN
            sure = late is not None and isinstance(late.action, SendToTriage)
            emergency = sure and proposed_update(heard, before, None).emergency
            if late is None or (ended and not emergency):
                return last
            step = late
        else:
            step = await self._step(call, state, _with_barge_in(known, event, utcnow()), before)
        evidence = list(step.evidence)
        misheard = step.misheard
        told = 0
        kept = Kept.ALL
        while isinstance(step.action, SendToTriage):
            told += 1
            step, kept = await self._tell(
                conversation, known.turn, step.state, step.action, told, evidence
            )
            evidence += step.evidence
        turn = self._turn(known.turn + 1, step.action)
        if step.state.texts > state.texts and self._texts is not None and call.caller:
            text = self._wording.say("text_message", result=" ".join(paragraphs(state.prompt)))
            await self._texts.add(conversation, call.caller, text)
        if kept is not Kept.NOTHING:
            await _off_loop(
                self._calls.go_on,
                conversation,
                turn.number,
                _state(step.state, turn),
                _records([*evidence, *misheard]) if kept is Kept.ALL else [],
                _status(known, step),
                utcnow(),
            )
        return turn

    async def _step(
        self, call: PhoneCall, state: CallState, event: Event, before: Conversation
    ) -> Transition:
        if isinstance(event, Dtmf):
            return self._manager.dtmf(state, event)
        if isinstance(event, NoInput):
            return self._manager.no_input(state, event)
        if isinstance(event, NoMatch):
            return self._manager.no_match(state, event)
        heard = await self._understand(call, event, before, state.slot)
        return self._manager.words(state, heard, before)

    async def _tell(
        self,
        conversation: str,
        turn: int,
        state: CallState,
        tell: SendToTriage,
        place: int = 0,
        evidence: Sequence[AnswerEvidence] = (),
    ) -> tuple[Transition, Kept]:
        """Tell the triage something; returns what comes of its reply, and what is kept of it."""
        earlier = None
        if tell.aside:
            earlier = AnswersEarlier(AnswerTiming.CHANGED if tell.corrects else AnswerTiming.EARLY)
        reply = await self._turns.handle(
            Inbound(
                conversation,
                tell.text,
                CHANNEL,
                f"{turn}-{place}",
                earlier,
                tell.confirmed,
                tuple(evidence),
            )
        )
        tracker = await self._agent.tracker_store.retrieve(conversation)
        step = self._manager.told(state, reply, _conversation_in(tracker))
        return step, _kept(reply, unkept=tracker is not None and said_no(tracker.events))

    async def _understand(
        self, call: PhoneCall, heard: Transcript, before: Conversation, asked: Slot | None
    ) -> Understood:
        limits = thresholds()[call.entrance]
        understood = await self._parse(heard.text, heard, asked, _level_of(heard, limits))
        if understood.level <= Confidence.DOUBTFUL:
            return understood
        said = _meaning(understood, before, asked)
        for text in heard.alternatives[:MOST_ALTERNATIVES]:
            other = await self._parse(text, heard, asked, Confidence.DOUBTFUL)
            if _meaning(other, before, asked) != said:
                # What sounds like two different answers is none yet.
                return await self._parse(heard.text, heard, asked, Confidence.DOUBTFUL)
        return understood

    async def _parse(
        self, text: str, heard: Transcript, asked: Slot | None, level: Confidence
    ) -> Understood:
        repaired = self._with_age(clean_text(repair(text[:MAX_MESSAGE_CHARACTERS], asked)), asked)
        parsed = await self._agent.parse_message(repaired)
        findings = [
            Finding.from_json({**e, "kind": e["entity"]}) for e in parsed.get("entities", [])
        ]
        return Understood(
            repaired,
            heard.text,
            heard.confidence,
            level,
            str(parsed["intent"]["name"]),
            tuple(findings),
            heard.interrupted,
        )

    def _with_age(self, text: str, asked: Slot | None) -> str:
        """Put the age in the place of a birth date, where the age was asked."""
        if asked is not Slot.AGE:
            return text
        today = dt.datetime.now(self._clinic.zone).date()
        return with_age(text, calendar_of(self._clinic.country, today))

    async def _conversation(self, conversation: str) -> Conversation:
        return _conversation_in(await self._agent.tracker_store.retrieve(conversation))

    # ---- What is said ---------------------------------------------------------------------------

    def _turn(self, number: int, say: Prompt | SendToTriage) -> BotTurn:
        if isinstance(say, SendToTriage):
            raise TypeError("the triage is told before the caller is")
        phrases, then = say.phrases, say.then
        if then is AfterPrompt.TRANSFER and not self._connects:
            phrases = (*phrases[:-1], Phrase(self._wording.say("no_person")))
            then = AfterPrompt.HANG_UP
        said = tuple(Phrase(spoken(p.text), p.slowly) for p in phrases if p.text)
        return BotTurn(number, said, then, say.listening, say.emergency)

    def _over(self) -> Prompt:
        return Prompt((Phrase(self._wording.say("over")),), AfterPrompt.HANG_UP)

    def _trouble(self, call: PhoneCall, number: int, error: Exception) -> BotTurn:
        # The error's text may quote what the caller said.
        logger.error("A call could not go on: %s", describe(error))
        metrics.CALLS_FAILED.labels(call.entrance, type(error).__name__).inc()
        said = (Phrase(self._wording.say("trouble")), Phrase(self._wording.say("connecting")))
        return self._turn(number, Prompt(said, AfterPrompt.TRANSFER))

    async def _only_an_emergency(
        self, conversation: str, number: int, heard: Transcript
    ) -> BotTurn | None:
        """Tell an emergency also where nothing can be read or saved."""
        try:
            understood = await self._parse(heard.text, heard, None, Confidence.NOTHING)
            if not proposed_update(understood, Conversation(), None).emergency:
                return None
            # It must answer no question: nobody knows which one was open.
            reply = await self._turns.handle(
                Inbound(conversation, understood.text, CHANNEL, f"{number}-0", NO_ANSWER)
            )
            if not reply.emergency:
                return None
            step = self._manager.told(CallState(), reply, Conversation())
            return self._turn(number + 1, step.action)
        except Exception as error:  # noqa: BLE001 - then there is the apology
            logger.error("Nor could an emergency be told: %s", describe(error))
            return None


def _conversation_in(tracker: DialogueStateTracker | None) -> Conversation:
    if tracker is None:
        return Conversation()
    return Conversation.from_slots(
        tracker.current_slot_values(), asking=tracker.active_loop_name is not None
    )


def _titles(responses: Mapping[str, Sequence[Message]]) -> dict[Slot, dict[str, str]]:
    """Return what the triage is told for each option of each question, without "none of these"."""
    return {
        Slot(slot): {o.value: o.title for o in question.options if o.value != NONE}
        for slot, question in questions_in(responses).items()
    }


def _kept(reply: Reply, *, unkept: bool) -> Kept:
    if reply.deleted:
        return Kept.NOTHING
    return Kept.STATE if reply.failed or unkept else Kept.ALL


def _records(evidence: Sequence[AnswerEvidence]) -> list[HearingRecord]:
    return [HearingRecord(e.about, e.heard, e.confidence, e.confirmed) for e in evidence]


def _meaning(understood: Understood, before: Conversation, asked: Slot | None) -> Any:
    """Return what an utterance comes to, to compare two transcripts of it."""
    numbers = {(f.kind, f.value) for f in understood.told if f.kind in ("number", "pick")}
    return proposed_update(understood, before, asked), understood.reply, numbers


def _level_of(heard: Transcript, limits: Thresholds) -> Confidence:
    confidence = heard.confidence
    if confidence is None:
        return Confidence.DOUBTFUL
    if confidence >= limits.sure:
        return Confidence.SURE
    if confidence >= limits.fair:
        return Confidence.FAIR
    return Confidence.DOUBTFUL if confidence >= limits.floor else Confidence.NOTHING


def _with_barge_in(known: CallRecord, event: Event, now: dt.datetime) -> Event:
    """Mark words that came before all was said, by the time it took, where nobody tells it.

    A "no" to half of a group is no answer to the group.
    """
    if known.entrance not in UNMARKED or not isinstance(event, Transcript):
        return event
    turn = BotTurn.from_json(known.state["turn"])
    reading = sum(len(phrase.text.split()) for phrase in turn.say) / FASTEST_WORDS_A_SECOND
    pause = turn.listening.pause_s if turn.listening is not None else 0.0
    took = (now - known.last_turn_at).total_seconds()
    return replace(event, interrupted=LEAST_S + pause <= took < reading + pause)


def _status(known: CallRecord, step: Transition) -> str:
    """Return what a call is after a step; a result is not the end while a danger sign waits."""
    if step.state.unsettled:
        return UNDER_WAY
    finished = isinstance(step.action, Prompt) and step.action.finished
    result_told = step.state.closing and bool(step.state.prompt)
    return FINISHED if finished or result_told else known.status


def _state(state: CallState, turn: BotTurn) -> dict[str, Any]:
    return {"talk": state.to_json(), "turn": turn.to_json()}


async def _off_loop(function: Callable[..., T], *arguments: Any) -> T:
    """Run what blocks in a thread, away from the event loop."""
    return await asyncio.to_thread(function, *arguments)
