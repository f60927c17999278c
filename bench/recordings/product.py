"""The product as the recordings see it: all that they import from it is here.

Whoever renames or moves something in the product changes this module, and nothing else here. What
it gives is data alone, without the name of any class, module or function.
"""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import math
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from types import ModuleType
from typing import Any

from backline.credentials import load_messaging
from backline.facts import CHECKLISTS, EMERGENCY_LISTS, Slot
from backline.nlu.components import resolver
from backline.nlu.pipeline import Understander
from backline.phone.dialogue.grounding import Confidence
from backline.phone.events import NoMatch, NoMatchReason
from backline.privacy import Privacy
from backline.runtime.tensorflow_stub import leave_out
from backline.settings import load_settings
from backline.store import create_store
from backline.store.calls import CHANNEL as PHONE
from bench.recordings import events
from tests.conftest import free_port

# As `backline serve` does, before anything of Rasa is loaded.
leave_out(load_settings().models)

from backline.app import create_app  # noqa: E402
from backline.http_server.hardening import CarefulProtocol  # noqa: E402
from backline.nlu import rasa_components  # noqa: E402
from backline.runtime import agent as agent_module  # noqa: E402

TODAY = dt.date(2026, 11, 23)
"""A Monday; that of the labelled utterances."""
LONG_S = 600.0
Parsed = dict[str, Any]


def without_time() -> None:
    """Let neither the date nor a busy machine change anything.

    It is always the same Monday to who reads "since Friday", messages are read whole however long
    that takes, and no turn is given up.

    Raises:
        AttributeError: what is set here is called otherwise now.
    """
    understander = Understander(lambda: TODAY, rasa_components.tell_broken_reader)
    _replace(rasa_components, "_understander", lambda: understander)
    for module, limit, never in (
        (resolver, "READING_S", math.inf),
        (agent_module, "EMERGENCY_WITHIN_S", LONG_S),
    ):
        _replace(module, limit, never)


def _replace(module: ModuleType, name: str, value: Any) -> None:
    if not hasattr(module, name):
        raise AttributeError(f"{module.__name__} has no {name}; is it called otherwise now?")
    setattr(module, name, value)


def findings_of(text: str) -> list[dict[str, Any]]:
    """All that is found in a text, each finding with all its parts."""
    found: list[dict[str, Any]] = [f.to_json() for f in rasa_components._understander().read(text)]
    return found


def kind_of(question: str) -> str:
    """The first list of signs for each of these lists, that of conditions for every other one."""
    if question not in {asked.value for asked in CHECKLISTS}:
        return question
    signs = question in {asked.value for asked in EMERGENCY_LISTS}
    return (Slot.EMERGENCY_SIGNS if signs else Slot.HEALTH_CONDITIONS).value


class Product:
    """The product as `backline serve` runs it, with everything in this process.

    Attributes:
        url: where it is served.
    """

    def __init__(self) -> None:
        self._settings = load_settings()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._store = create_store(self._settings.database_url)
        self._store.upgrade()
        self._agent = agent_module.load_agent(self._settings)
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._thread.start()
        self._do(self._start(port))

    def understood(self, text: str) -> Parsed:
        """What the trained model understands of a text: intent, confidence, entities."""
        return events.understood(self._do(self._agent.parse_message(text)))

    def events(self, conversation: str) -> list[dict[str, Any]]:
        """What is kept of a conversation, the oldest first."""
        store = self._agent.tracker_store
        tracker = self._do(store.retrieve_full_tracker(conversation))
        return events.of(tracker)

    @staticmethod
    def conversation_with(channel: str, address: str) -> str:
        """The id of a conversation with somebody on a messaging service."""
        return _privacy().pseudonymizer.conversation_of(channel, address)

    @staticmethod
    def conversation_of_call(call: str) -> str:
        """The id of the conversation of a call, by the service's id of it."""
        return f"{PHONE}-{_privacy().pseudonymizer.digest(PHONE, call)}"

    def stop(self) -> None:
        """Stop serving."""
        self._do(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(LONG_S)

    async def _start(self, port: int) -> None:
        calls = self._settings.clinic.phone_line is not None
        messaging = load_messaging(calls=calls)
        app = create_app(self._settings, self._agent, self._store, messaging)
        self._server = await app.create_server(
            "127.0.0.1", port, protocol=CarefulProtocol, return_asyncio_server=True
        )
        await self._server.startup()
        await self._server.before_start()
        await self._server.after_start()

    async def _stop(self) -> None:
        await self._server.before_stop()
        self._server.close()
        await self._server.wait_closed()
        await self._server.after_stop()

    def _do(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(LONG_S)


def _privacy() -> Privacy:
    return Privacy.by(
        os.environ["BACKLINE_PSEUDONYM_KEY"], [os.environ["BACKLINE_ENCRYPTION_KEYS"]]
    )


@contextmanager
def running(environment: Mapping[str, str]) -> Iterator[Product]:
    """The product with these variables, until the end of the block. One in a process."""
    os.environ.update(environment)
    product = Product()
    try:
        yield product
    finally:
        product.stop()


# ---- Calls without a server ---------------------------------------------------------------------


def sureness(name: str) -> Confidence:
    """How sure a recogniser is: `sure`, `fair`, `doubtful` or `nothing`."""
    return Confidence[name.upper()]


def noise(why: str) -> NoMatch:
    """Something that is heard and is no words, by why it is none."""
    return NoMatch(NoMatchReason(why))


def state_of_call(call: Any) -> dict[str, Any]:
    """Where a call of tests/unit/phone stands: what was told, said and kept, and its result."""
    return {
        "told": as_data(call.told),
        "says": as_data(call.last),
        "evidence": as_data(call.evidence),
        "facts": call.facts.to_json(),
        "consent": call.conversation.consent,
        "result": call.result,
    }


def as_data(value: Any) -> Any:
    """Codes, numbers, texts, lists and mappings of them in place of the product's own types."""
    if isinstance(value, Enum):
        return value.name.lower() if isinstance(value, Confidence) else value.value
    if dataclasses.is_dataclass(value):
        return {f.name: as_data(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(as_data(key)): as_data(one) for key, one in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted((as_data(one) for one in value), key=str)
    if isinstance(value, (list, tuple)):
        return [as_data(one) for one in value]
    return value
