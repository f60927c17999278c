"""Rasa's agent as Backline serves it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.lock_store import InMemoryLockStore, LockStore
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import TrackerStore
from rasa.engine.loader import load_predict_graph_runner
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.storage import ModelMetadata
from rasa.model import get_latest_model
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    Event,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from backline.facts import Slot
from backline.failures import Told, describe
from backline.nlu.rasa_components import tell_broken, understood_alone
from backline.observability import metrics
from backline.observability.instrumentation import FORM, tell_versions
from backline.replies import Reply, parse, with_staff_marker
from backline.runtime import rasa_patches
from backline.runtime.action_endpoint import InProcessActions, RemoteActions
from backline.runtime.consented_events import CONSENT
from backline.runtime.graph_runner import InOrderGraphRunner
from backline.runtime.late_emergencies import LateEmergencies, beside
from backline.runtime.lock_store import BacklineLockStore
from backline.runtime.nlg import ClinicResponses
from backline.runtime.silence import is_silent
from backline.runtime.tracker_store import BacklineTrackerStore
from backline.settings import Settings
from backline.store import BotHears

logger = logging.getLogger(__name__)

READ_AT_ONCE = 500
"""Characters of a message that is read in milliseconds. A longer one is read in a thread."""
_BESIDE = ThreadPoolExecutor(1, "reading")
"""One at a time: each of several would take its share of the time of everybody else."""
EMERGENCY_WITHIN_S = 5.0
"""No emergency waits longer for what is to be stored: proxies and people do not wait for ever."""


DECLINED = (SlotSet(CONSENT, False),)
"""After these nothing is kept, and nothing is open that a message could answer."""
AFTER_A_NO = (UserUttered(), SlotSet("requested_slot", CONSENT), ActiveLoop(FORM))
"""After these nothing is kept, and the question whether to go on is open."""


class ModelError(Told, RuntimeError):
    """There is no model to serve, or it does not fit; the text says what to do."""


class _HeardBefore(Exception):
    """A message came again that is part of the conversation already."""


class _KeptForStaff(Exception):
    """A message is for the person of the clinic who has the conversation, and was kept."""


class BacklineProcessor(MessageProcessor):
    """Rasa's processor, which hears a message once and runs a model's components in order.

    While staff of the clinic have a conversation it is silent; see `backline.runtime.silence`.
    """

    async def handle_message(self, message: UserMessage) -> list[dict[str, Any]] | None:
        """Take a turn; a message that was heard before gets the reply that it had.

        A person whose connection broke, a service that saw no answer, and a server that stood
        still, do not know whether a message was heard. Heard a second time, "None of these" could
        answer the next checklist unread.
        """
        try:
            said: list[dict[str, Any]] | None = await super().handle_message(message)
            hears: BotHears | None = getattr(message, "with_staff", None)
            if hears is not None:
                await self._note_that_it_spoke(message, parse(said or []), hears)
            return said
        except _KeptForStaff:
            nothing = with_staff_marker()
            await message.output_channel.send_custom_json(message.sender_id, nothing)
            return None
        except _HeardBefore:
            tracker = await self.tracker_store.retrieve_full_tracker(message.sender_id)
            if not await _say_again(tracker, message):
                await self._take_aside(message, AFTER_A_NO)
            return None

    async def tell_emergency(self, message: UserMessage) -> None:
        """Take a turn that cannot be read or saved as if it were the first one, and save nothing.

        Whether this person agreed to storing cannot be known, so it is taken as of somebody who
        declined: an emergency is told, and not kept. `converse` tells nothing else of it.
        """
        await self._take_aside(message, DECLINED)

    async def _take_aside(self, message: UserMessage, before: Sequence[Event]) -> None:
        """Take a turn after these events, whatever the record says, and save nothing."""
        tracker = DialogueStateTracker(message.sender_id, self.domain.slots)
        for event in (*before, ActionExecuted(ACTION_LISTEN_NAME)):
            tracker.update(event, self.domain)
        await super()._handle_message_with_tracker(message, tracker)
        await self.run_action_extract_slots(message.output_channel, tracker)
        await self._run_prediction_loop(message.output_channel, tracker)

    async def _handle_message_with_tracker(
        self, message: UserMessage, tracker: DialogueStateTracker
    ) -> None:
        if await self.tracker_store.heard(tracker, message.message_id):
            raise _HeardBefore
        stored = getattr(tracker, "stored", None)
        if stored is not None and stored.staff is not None:
            await self._leave_to_staff(message, tracker, stored.staff)
        await super()._handle_message_with_tracker(message, tracker)

    async def _leave_to_staff(
        self, message: UserMessage, tracker: DialogueStateTracker, hears: BotHears
    ) -> None:
        """Keep a message for staff, unless the bot has to answer it.

        Raises:
            _KeptForStaff: it is kept.
        """
        message.parse_data = await self.parse_message(message, tracker)
        if is_silent(tracker, message.parse_data, hears) and await asyncio.to_thread(
            self.tracker_store.takeovers.keep,
            message.sender_id,
            message.input_channel or "unknown",
            message.text or "",
            message.message_id,
        ):
            raise _KeptForStaff
        message.with_staff = hears

    async def _note_that_it_spoke(
        self, message: UserMessage, reply: Reply, hears: BotHears
    ) -> None:
        question = reply.question
        asks_more = question is not None and question.slot == Slot.FOLLOW_UP.value
        # What was no danger after all leads on to the triage, whose questions wait.
        asked = asks_more or (hears is not BotHears.ANSWER and not reply.emergency)
        await asyncio.to_thread(
            self.tracker_store.takeovers.bot_spoke,
            message.sender_id,
            asked=asked,
            emergency=reply.emergency,
        )

    async def parse_message(
        self,
        message: UserMessage,
        tracker: DialogueStateTracker | None = None,
        only_output_properties: bool = True,
    ) -> dict[str, Any]:
        """Understand a message; everybody else is answered while a long one is read."""
        if len(message.text or "") <= READ_AT_ONCE:
            return await self._parsed(message, tracker, only_output_properties)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            _BESIDE, lambda: asyncio.run(self._parsed(message, tracker, only_output_properties))
        )

    async def _parsed(self, *arguments: Any) -> dict[str, Any]:
        parsed: dict[str, Any] = await super().parse_message(*arguments)
        return parsed

    def _parse_message_with_graph(
        self, message: UserMessage, *arguments: Any, **named: Any
    ) -> dict[str, Any]:
        with metrics.UNDERSTANDING.time():
            try:
                understood: dict[str, Any] = super()._parse_message_with_graph(
                    message, *arguments, **named
                )
            except Exception as error:  # noqa: BLE001 - the danger signs of the text are told all the same
                logger.error("A message is read without the model: %s", describe(error))
                metrics.READERS_FAILED.labels("model").inc()
                understood = understood_alone(message.text or "")
        return understood

    def _predict_next_with_tracker(self, tracker: DialogueStateTracker) -> PolicyPrediction:
        with metrics.PREDICTION.time():
            return super()._predict_next_with_tracker(tracker)

    @staticmethod
    def _load_model(model_path: Path) -> tuple[str, ModelMetadata, GraphRunner]:
        with TemporaryDirectory() as folder:
            metadata, runner = load_predict_graph_runner(
                Path(folder), model_path, LocalModelStorage, InOrderGraphRunner
            )
        return model_path.name, metadata, runner


async def _say_again(tracker: DialogueStateTracker, message: UserMessage) -> bool:
    """Say what was said to a message; False if nothing is kept of that, as after a no."""
    output: OutputChannel = message.output_channel
    heard = told = False
    for event in tracker.events:
        if isinstance(event, UserUttered):
            if heard:
                break
            heard = event.message_id == message.message_id
        elif heard and isinstance(event, BotUttered):
            said = {name: value for name, value in event.data.items() if value}
            await output.send_response(message.sender_id, {"text": event.text, **said})
            told = True
    return told


class BacklineAgent(Agent):
    """Rasa's agent with that processor, and without its in-memory fallback for the tracker store.

    With the fallback a lost database would split a conversation in two and start its triage
    again. Without it the turn fails, the person is told, and the conversation goes on when the
    database is back.
    """

    def __init__(self, **named: Any) -> None:
        super().__init__(**named)
        self._late = LateEmergencies(self._take_rasas_turn)

    async def handle_message(self, message: UserMessage) -> list[dict[str, Any]] | None:
        """Answer a message. Who tells of an emergency is answered in time, whatever is broken.

        A turn that takes long goes on while its emergency is told, and is taken again until it is
        stored, since nobody is going to send the message once more.
        """
        said = getattr(message.output_channel, "messages", None)
        if said is None:
            return await self._take_turn(message)
        self._late.sender_went_on(message)
        own = beside(message)
        turn = asyncio.create_task(self._take_turn(own))
        try:
            done, _ = await asyncio.wait({turn}, timeout=EMERGENCY_WITHIN_S)
            emergency = [] if done else await self._emergency(message, own)
            if emergency and not turn.done():
                said.extend(emergency)
                self._late.remember(turn, message)
                return None
            await asyncio.wait({turn})
        except asyncio.CancelledError:
            turn.cancel()
            raise
        said.extend(own.output_channel.messages)
        if turn.exception() is not None and parse(said).emergency:
            self._late.remember(turn, message)
        if parse(said).deleted:
            self.forget(message.sender_id)
        return turn.result()

    async def _take_turn(self, message: UserMessage) -> list[dict[str, Any]] | None:
        try:
            return await self._take_rasas_turn(message)
        except Exception:
            if getattr(message.output_channel, "messages", None) == []:
                await self._tell_emergency(message)
            raise

    async def _take_rasas_turn(self, message: UserMessage) -> list[dict[str, Any]] | None:
        said: list[dict[str, Any]] | None = await super().handle_message(message)
        return said

    async def _emergency(self, message: UserMessage, under_way: UserMessage) -> list[Any]:
        """The messages that tell an emergency, from the turn under way or else beside it."""
        told = under_way.output_channel.messages
        if not parse(told).emergency:
            other = beside(message)
            await self._tell_emergency(other)
            told = other.output_channel.messages
        return list(told) if parse(told).emergency else []

    async def _tell_emergency(self, message: UserMessage) -> None:
        try:
            await self.processor.tell_emergency(message)
        except Exception as error:  # noqa: BLE001 - what broke first is the error to tell
            logger.error("An emergency could not be told: %s", describe(error))

    def forget(self, conversation: str) -> None:
        """Store nothing more of what was said in a conversation: it is erased."""
        self._late.forget(conversation)

    @staticmethod
    def _create_tracker_store(store: TrackerStore | None, domain: Any) -> TrackerStore:
        if store is None:
            raise ValueError("Backline needs a tracker store")
        store.domain = domain
        return store

    def load_model(self, model_path: Path, fingerprint: str | None = None) -> None:
        """Load a model into this agent."""
        self.processor = BacklineProcessor(
            model_path=model_path,
            tracker_store=self.tracker_store,
            lock_store=self.lock_store,
            action_endpoint=self.action_endpoint,
            generator=self.nlg,
        )
        self.domain = self.processor.domain
        self._set_fingerprint(fingerprint)
        self.tracker_store.domain = self.domain
        self.nlg.responses = self.domain.responses
        tell_versions(self.processor.model_filename, self.processor.model_metadata)


def load_agent(settings: Settings) -> Agent:
    """The agent with the newest model of the settings' folder.

    Raises:
        ModelError: there is none, or it cannot be loaded.
    """
    rasa_patches.apply()
    tell_broken(lambda reader, error: metrics.READERS_FAILED.labels(reader).inc())
    model = newest_model(settings.models)
    agent = BacklineAgent(
        generator=ClinicResponses(settings.clinic),
        tracker_store=BacklineTrackerStore(None, settings.database_url),
        lock_store=_lock_store(settings),
        action_endpoint=_actions(settings),
    )
    try:
        agent.load_model(model)
    except Exception as error:
        raise ModelError(
            f"The model {model.name} cannot be loaded ({type(error).__name__}). It may come from "
            "another version: train a new one with `backline train`."
        ) from error
    return agent


def newest_model(folder: Path) -> Path:
    """The newest trained model.

    Raises:
        ModelError: the folder has none.
    """
    found = get_latest_model(folder) if folder.is_dir() else None
    if not found:
        raise ModelError(f"There is no model in {folder}/: train one with `backline train`.")
    return Path(found)


def _lock_store(settings: Settings) -> LockStore:
    return BacklineLockStore(settings.redis_url) if settings.redis_url else InMemoryLockStore()


def _actions(settings: Settings) -> EndpointConfig:
    return RemoteActions(settings.actions_url) if settings.actions_url else InProcessActions()
