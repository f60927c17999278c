"""How long callers wait for the first sound of a reply, on a running server, in real time."""

from __future__ import annotations

import asyncio
import audioop
import statistics
import tempfile
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backline.facts import EMERGENCY_LISTS, Slot
from backline.phone.dialogue.state import CallState
from backline.phone.dialogue.wording import PhoneWording, groups
from backline.privacy import Privacy, new_encryption_key, new_pseudonym_key
from backline.store import create_store
from backline.store.calls import CHANNEL
from tests.phone.evaluation.caller import OFFERS_KEYS
from tests.phone.evaluation.truth import NO, YES, Truth, understander
from tests.phone.gateway import Line, ring
from tests.phone.speakers import SPEAKERS
from tests.phone.streams import TOKEN, said, stream_server

ANSWERS: Mapping[Slot, str] = {
    Slot.CONSENT: "yes",
    Slot.AGE: "I am forty two",
    Slot.EMERGENCY_SIGNS: "no",
    Slot.PAIN_DURATION: "three weeks",
    Slot.PAIN_SEVERITY: "four out of ten",
}
"""What is said to the first questions; a call ends at the next one."""
TOLD = {"age": 42, "pain_duration": 21, "pain_severity": 4}
PRESSED = EMERGENCY_LISTS - ANSWERS.keys()
"""Lists that are answered by keys, which saves minutes."""
ANSWERS_EACH = sum(len(groups().get(slot, "1")) for slot in ANSWERS)
"""So many answers by voice: one to each group of a list, and to each other question."""
MOST_ANSWERS = 40
AUDIBLE = 300
BEFORE_S = 0.3
"""Seconds that a caller thinks before they answer."""
LOOK_S, LOST_S = 0.05, 60.0
"""Seconds between two looks at where a call stands, and after which it is given up."""


@dataclass
class Replies:
    """The waits of some calls.

    Attributes:
        waits: seconds from the end of each answer by voice to the first sound of the reply.
        closed_early: how many calls the line ended before the last question.
        incomplete: how many came there without an answer by voice to each question before it, or
            never.
    """

    waits: list[float] = field(default_factory=list)
    closed_early: int = 0
    incomplete: int = 0

    @property
    def median(self) -> float:
        return statistics.median(self.waits)

    @property
    def most(self) -> float:
        """What 95 of 100 waits are not longer than."""
        return statistics.quantiles(self.waits, n=20, method="inclusive")[-1]


def measure(calls: int, rounds: int, wording: PhoneWording) -> Replies:
    """The waits of so many calls at once, so many times after each other."""
    key = new_pseudonym_key()
    # Loaded and spoken before anybody rings, since that takes the time of the calls.
    understander()
    words = {*ANSWERS.values(), "yes", "no"}
    audio = {
        (speaker, text): _without_end(said(text, speaker))
        for speaker in range(len(SPEAKERS))
        for text in words
    }
    replies = Replies()
    with tempfile.TemporaryDirectory() as folder:
        server = stream_server(Path(folder), BACKLINE_PSEUDONYM_KEY=key)
        database = server.database_url.removeprefix("sqlite:///")
        privacy = Privacy.by(key, [new_encryption_key()])

        async def one(number: int) -> None:
            call = f"CA{uuid.uuid4().hex}"
            # Every other one of the voices, so that both engines are among any two callers.
            speaker = (2 * number + 1) % len(SPEAKERS)
            kept = Kept(database, f"{CHANNEL}-{privacy.pseudonymizer.digest(CHANNEL, call)}")
            spoken = {text: audio[speaker, text] for text in words}
            async with ring(server.url, call, TOKEN) as line:
                await Timed(line, kept, spoken, wording, replies).talk()

        async def all_of_them() -> None:
            for begun in range(0, calls * rounds, calls):
                await asyncio.gather(*(one(begun + place) for place in range(calls)))

        try:
            asyncio.run(all_of_them())
        finally:
            server.stop()
    return replies


class Kept:
    """What the server keeps of a call."""

    def __init__(self, database: str, conversation: str) -> None:
        self._calls = create_store(f"sqlite:///{database}").calls
        self._conversation = conversation

    async def after(self, number: int, line: Line) -> dict[str, Any] | None:
        """Where the call stands at the next turn; None if the line ended it.

        Raises:
            TimeoutError: no turn comes.
        """
        until = asyncio.get_running_loop().time() + LOST_S
        while line.closed is None:
            if asyncio.get_running_loop().time() > until:
                raise TimeoutError(f"nothing came after turn {number}")
            state = await asyncio.to_thread(self._state)
            if state is not None and state["turn"]["number"] > number:
                return state
            await asyncio.sleep(LOOK_S)
        return None

    def _state(self) -> dict[str, Any] | None:
        call = self._calls.get(self._conversation)
        return None if call is None else dict(call.state)


class Timed:
    """A caller with nothing but a mild pain, whose waits are taken."""

    def __init__(
        self,
        line: Line,
        kept: Kept,
        spoken: Mapping[str, bytes],
        wording: PhoneWording,
        replies: Replies,
    ) -> None:
        self._line = line
        self._kept = kept
        self._spoken = spoken
        self._wording = wording
        self._replies = replies
        self._answered: set[tuple[Slot, int]] = set()

    async def talk(self) -> None:
        """Answer the first questions."""
        number = heard = 0
        for _ in range(MOST_ANSWERS):
            state = await self._kept.after(number, self._line)
            if state is None or state["turn"]["then"] != "listen":
                self._replies.closed_early += 1
                return
            talk = CallState.from_json(state["talk"])
            slot = talk.slot or Slot.CONSENT
            if slot not in {*ANSWERS, *PRESSED}:
                self._replies.incomplete += len(self._answered) < ANSWERS_EACH
                return
            number = state["turn"]["number"]
            answer, key = self._answer(talk, slot, state["turn"])
            if key is not None:
                # What is being said is cut off, and does not count as heard.
                heard = self._line.turns
                await self._line.press(key)
                continue
            await self._line.listen(heard + 1)
            if self._line.closed is not None:
                continue
            heard = self._line.turns
            await asyncio.sleep(BEFORE_S)
            await self._line.say(self._spoken[answer])
            self._replies.waits.append(await self._line.listen_for_sound())
            self._answered.add((slot, talk.at))
        self._replies.incomplete += 1

    def _answer(
        self, talk: CallState, slot: Slot, turn: Mapping[str, Any]
    ) -> tuple[str, str | None]:
        """What to say, and the key to press instead where there is need."""
        text = " ".join(str(phrase["text"]) for phrase in turn["say"])
        offered = (slot, talk.at) in self._answered and OFFERS_KEYS.search(text) is not None
        said = ANSWERS.get(slot, "no")
        truth = Truth(TOLD, self._wording, said, consents=slot is Slot.CONSENT)
        if talk.pending is not None:
            agrees = truth.agrees(text)
            return ("yes", YES if offered else None) if agrees else ("no", NO if offered else None)
        if talk.choosing:
            # Nothing was meant by what was taken for a yes, and there is no key for that.
            return "no", None
        if slot in PRESSED:
            return said, NO
        return said, truth.key(talk).digits if offered else None


def _without_end(audio: bytes) -> bytes:
    """The speech without the silence that the engine adds to it."""
    pcm = audioop.ulaw2lin(audio, 2)
    end = len(audio)
    while end > 160 and audioop.max(pcm[2 * (end - 160) : 2 * end], 2) < AUDIBLE:
        end -= 160
    return audio[:end]
