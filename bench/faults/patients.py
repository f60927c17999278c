"""Patients who go on talking whatever breaks, and note what they got to see.

They do as the widget does: a message that was not answered is sent again under the same
`message_id`. Telegram's stand-in does as Telegram does: it delivers an update until it is taken.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bench.faults.websocket import ConnectionLost, Socket
from tests.messaging.conftest import Services
from tests.messaging.person import outcome_of, slot_of
from tests.messaging.stand_in import Shown
from tests.plain import PLAIN
from tests.talking import asked_in

PAUSE_S = (0.2, 0.8)
"""Between two messages of one person: they read fast, so that a fault meets many of them."""
ANSWER_WITHIN_S = 60.0
"""After that the widget offers to send the message again."""
AGAIN_AFTER_S = 1.0
GIVE_UP_AFTER_S = 120.0
SLOW_S = 2.0
MOST_TURNS = 20
EMERGENCY = "both my legs have gone numb since last night and I wet myself"
APOLOGY = "I cannot save your answers at the moment"
"""Of `utter_unavailable` in domain.yml."""


@dataclass(frozen=True)
class Script:
    """What somebody says: the opening, and their answers where they are not the plain ones."""

    opening: str
    answers: dict[str, str] = field(default_factory=dict, hash=False)

    def answer(self, question: str) -> str:
        return {**PLAIN, **self.answers}[question]


SCRIPTS = (
    Script("my back's been sore for about a month, nothing dramatic"),
    Script("ive had this ache for 8 months, its a 5/10", {"back_signs": "nope"}),
    Script("back keeps cramping up, started ten days ago", {"back_signs": "5"}),
    Script("sore back", {"health_conditions": "I'm on warfarin"}),
    Script("sore back", {"pain_severity": "between 6 and 7"}),
    Script("sore back", {"back_signs": "yes, I slipped on ice"}),
    Script("sore back", {"age": "I don't know", "pain_duration": "4 days"}),
    Script("sore back", {"emergency_signs": "I can't pee properly"}),
)


@dataclass(frozen=True)
class Attempt:
    """One try to get an answer; `trouble` tells why there was none."""

    began: float
    seconds: float
    trouble: str | None

    @property
    def normal(self) -> bool:
        return self.trouble is None and self.seconds < SLOW_S

    @property
    def ended(self) -> float:
        return self.began + self.seconds


@dataclass
class Triage:
    """One conversation from the opening to the result.

    Attributes:
        conversation: its id in the database.
        said: what was said and answered, in order.
        outcomes: the results that were told, each `outcome/urgency`.
        doubled: replies that came although nothing had been said.
    """

    channel: str
    script: Script
    conversation: str
    said: list[str] = field(default_factory=list)
    outcomes: list[str] = field(default_factory=list)
    finished: bool = False
    doubled: int = 0


@dataclass
class Diary:
    """What all patients saw; times are of `time.monotonic`, in seconds."""

    attempts: list[Attempt] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    """From the first try of a message to its answer."""
    triages: list[Triage] = field(default_factory=list)
    emergencies: list[Attempt] = field(default_factory=list)
    """Of people who tell an emergency and try once."""


class Trouble(Exception):
    """There was no answer; the text is its kind."""


class Patient(ABC):
    """One person at a time, who begins another triage when one is over."""

    channel: str

    def __init__(self, url: str, diary: Diary, http: aiohttp.ClientSession) -> None:
        self._url = url
        self._diary = diary
        self._http = http

    async def live(self, scripts: Sequence[Script], stop: asyncio.Event) -> None:
        """Go through triages; begin none any more when told to stop."""
        await asyncio.sleep(random.uniform(0, PAUSE_S[1]))  # noqa: S311
        for number in range(10_000):
            if stop.is_set():
                break
            await self._triage(scripts[number % len(scripts)])

    async def _triage(self, script: Script) -> None:
        triage = Triage(self.channel, script, self.begin())
        self._diary.triages.append(triage)
        text: str | None = script.opening
        while text is not None and len(triage.said) < MOST_TURNS:
            asked = await self._turn(triage, text)
            triage.said.append(text)
            text = script.answer(asked) if asked else None
            await asyncio.sleep(random.uniform(*PAUSE_S))  # noqa: S311
        triage.finished = bool(triage.outcomes)
        self.end(triage)

    async def _turn(self, triage: Triage, text: str) -> str | None:
        """Say something until it is answered; returns the question that is asked."""
        message_id = uuid.uuid4().hex
        began = time.monotonic()
        for again in range(1000):
            tried = time.monotonic()
            trouble = None
            try:
                outcome, asked = await self.say(text, message_id, again > 0)
            except Trouble as error:
                trouble = str(error)
            self._diary.attempts.append(Attempt(tried, time.monotonic() - tried, trouble))
            if trouble is None:
                self._diary.waits.append(time.monotonic() - began)
                if outcome is not None:
                    triage.outcomes.append(outcome)
                return asked
            if time.monotonic() - began > GIVE_UP_AFTER_S:
                break
            await asyncio.sleep(AGAIN_AFTER_S)
        return None

    @abstractmethod
    def begin(self) -> str:
        """Become somebody nobody has met; returns the id of the conversation."""

    def end(self, triage: Triage) -> None:  # noqa: B027 - most need it not
        """The triage is over."""

    async def leave(self) -> None:  # noqa: B027 - most need it not
        """Close what is open."""

    @abstractmethod
    async def say(self, text: str, message_id: str, again: bool) -> tuple[str | None, str | None]:
        """Say something once; returns the outcome that was told and the question that is asked.

        Raises:
            Trouble: no answer came, or an apology.
        """


def read(messages: Any) -> tuple[str | None, str | None]:
    """Outcome and open question of a reply; `Trouble` where it is none."""
    if not isinstance(messages, list) or not messages:
        raise Trouble("no messages")
    customs = [message.get("custom") or {} for message in messages]
    if any(custom.get("type") == "error" for custom in customs):
        raise Trouble("apology")
    results = [c for c in customs if c.get("type") == "triage_result"]
    asked = asked_in(messages)
    outcome = f"{results[-1]['outcome']}/{results[-1]['urgency']}" if results else None
    if outcome is None and asked is None:
        raise Trouble("neither question nor result")
    return outcome, asked


class Visitor(Patient):
    """On the clinic's page, over REST."""

    channel = "rest"

    def begin(self) -> str:
        self._id = f"faults-{uuid.uuid4().hex}"
        return self._id

    async def say(self, text: str, message_id: str, again: bool) -> tuple[str | None, str | None]:
        body = {"sender": self._id, "message": text, "message_id": message_id, "again": again}
        return read(await post(self._http, self._url, body))


async def post(http: aiohttp.ClientSession, url: str, body: dict[str, Any]) -> Any:
    """What REST answers.

    Raises:
        Trouble: anything but a reply.
    """
    try:
        async with http.post(f"{url}/webhooks/rest/webhook", json=body) as response:
            if response.status != 200:
                raise Trouble(f"HTTP {response.status}")
            return await response.json()
    except asyncio.TimeoutError:
        raise Trouble("no answer in time") from None
    except (aiohttp.ClientError, OSError):
        raise Trouble("connection lost") from None


class SocketVisitor(Patient):
    """On the clinic's page, over a WebSocket that is opened again when it breaks."""

    channel = "socketio"

    def __init__(self, url: str, diary: Diary, http: aiohttp.ClientSession) -> None:
        super().__init__(url, diary, http)
        self._socket: Socket | None = None

    def begin(self) -> str:
        self._id = f"faults-{uuid.uuid4().hex}"
        self._introduced = ""
        return self._id

    async def leave(self) -> None:
        if self._socket is not None:
            await self._socket.close()
            self._socket = None

    async def say(self, text: str, message_id: str, again: bool) -> tuple[str | None, str | None]:
        event = {"message": text, "message_id": message_id, "again": again}
        try:
            socket = await self._connected()
            reply = await socket.ask("user_uttered", event, ANSWER_WITHIN_S)
        except asyncio.TimeoutError:
            await self.leave()
            raise Trouble("no answer in time") from None
        except ConnectionLost:
            await self.leave()
            raise Trouble("connection lost") from None
        return read(reply.get("messages") if isinstance(reply, dict) else None)

    async def _connected(self) -> Socket:
        if self._socket is None or not self._socket.open:
            await self.leave()
            self._introduced = ""
            self._socket = await Socket.connect(self._http, self._url)
        if self._introduced != self._id:
            await self._socket.ask("session_request", {"session_id": self._id}, ANSWER_WITHIN_S)
            self._introduced = self._id
        return self._socket


class TelegramUser(Patient):
    """Writes to the bot; Telegram delivers each update until the webhook has taken it."""

    channel = "telegram"

    def __init__(
        self,
        url: str,
        diary: Diary,
        http: aiohttp.ClientSession,
        services: Services,
        users: dict[str, TelegramUser],
    ) -> None:
        super().__init__(url, diary, http)
        self._services = services
        self._users = users
        self._loop = asyncio.get_running_loop()
        self._shown: asyncio.Queue[Shown] = asyncio.Queue()

    def begin(self) -> str:
        self._person = self._services.someone("telegram", self._url)
        self._users[self._person.address] = self
        return self._services.privacy.pseudonymizer.conversation_of(
            "telegram", self._person.address
        )

    def show(self, message: Shown) -> None:
        """Called from the stand-in's thread."""
        self._loop.call_soon_threadsafe(self._shown.put_nowait, message)

    def end(self, triage: Triage) -> None:
        told = [m for m in self._person.screen if outcome_of(m.text) or slot_of(m.text)]
        triage.doubled = max(0, len(told) - len(triage.said))

    async def say(self, text: str, message_id: str, again: bool) -> tuple[str | None, str | None]:
        while not self._shown.empty():
            self._shown.get_nowait()
        call = self._person.call(self._person.write(text))
        limit = time.monotonic() + GIVE_UP_AFTER_S
        while not await self._delivered(call):
            if time.monotonic() > limit:
                raise Trouble("webhook not answered")
            await asyncio.sleep(AGAIN_AFTER_S)
        while True:
            try:
                shown = await asyncio.wait_for(self._shown.get(), GIVE_UP_AFTER_S)
            except asyncio.TimeoutError:
                raise Trouble("no answer in time") from None
            outcome, asked = outcome_of(shown.text), slot_of(shown.text)
            if outcome or asked:
                return outcome, asked
            if APOLOGY in shown.text:
                raise Trouble("apology")

    async def _delivered(self, call: Any) -> bool:
        try:
            async with self._http.post(
                self._url + call.path, data=call.body, headers=call.headers
            ) as answer:
                return answer.status == 200
        except (aiohttp.ClientError, OSError, asyncio.TimeoutError):
            return False


async def tell_emergencies(
    url: str, diary: Diary, http: aiohttp.ClientSession, stop: asyncio.Event
) -> None:
    """Each second somebody new tells an emergency, once; note whether they are told so at once."""
    tasks = set()

    async def tell() -> None:
        began = time.monotonic()
        body = {"sender": f"faults-{uuid.uuid4().hex}", "message": EMERGENCY}
        trouble = None
        try:
            messages = await post(http, url, {**body, "message_id": uuid.uuid4().hex})
            customs = [message.get("custom") or {} for message in messages]
            if not any(custom.get("urgency") == "emergency" for custom in customs):
                trouble = "not told"
        except Trouble as error:
            trouble = str(error)
        diary.emergencies.append(Attempt(began, time.monotonic() - began, trouble))

    while not stop.is_set():
        task = asyncio.create_task(tell())
        tasks.add(task)
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(stop.wait(), 1.0)
    await asyncio.gather(*tasks)


@dataclass(frozen=True)
class Crowd:
    """How many people use each channel at once."""

    visitors: int = 12
    sockets: int = 4
    telegram: int = 4


@contextlib.asynccontextmanager
async def talking(
    crowd: Crowd, url: str, services: Services, diary: Diary
) -> AsyncIterator[asyncio.Event]:
    """The crowd talks inside the block; after it, everybody comes to the end of their triage."""
    stop = asyncio.Event()
    timeout = aiohttp.ClientTimeout(total=ANSWER_WITHIN_S)
    # Given up before the server does: it would close one that is about to be used.
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=2)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as http:
        users: dict[str, TelegramUser] = {}
        people: list[Patient] = [
            *(Visitor(url, diary, http) for _ in range(crowd.visitors)),
            *(SocketVisitor(url, diary, http) for _ in range(crowd.sockets)),
            *(TelegramUser(url, diary, http, services, users) for _ in range(crowd.telegram)),
        ]

        tasks = []
        for number, person in enumerate(people):
            first = number % len(SCRIPTS)
            mine = (*SCRIPTS[first:], *SCRIPTS[:first])
            tasks.append(asyncio.create_task(person.live(mine, stop)))
        tasks.append(asyncio.create_task(tell_emergencies(url, diary, http, stop)))
        services.telegram.on_show = lambda address, message: users[address].show(message)
        try:
            yield stop
        finally:
            stop.set()
            await asyncio.gather(*tasks)
            services.telegram.on_show = None
            for person in people:
                await person.leave()
