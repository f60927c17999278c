"""Somebody with a phone, the same for every messaging service."""

from __future__ import annotations

import re
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import requests
import yaml

from backline.facts import Slot
from backline.persons import person_words
from backline.replies import CHECKLIST, questions_in
from backline.responses import clinic_words
from backline.settings import load_clinic
from tests.conftest import PROJECT
from tests.messaging.stand_in import Call, Shown, StandIn
from tests.plain import PLAIN
from tests.talking import MOST_QUESTIONS

PATIENCE_S = 20.0
QUIET_S = 0.25
"""How long nothing more comes when a reply is complete."""
SILENCE_S = 0.6
"""As long as a reply would take, and some more."""


@lru_cache(maxsize=1)
def responses() -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """The responses of the domain, as they are written."""
    domain = yaml.safe_load((PROJECT / "domain.yml").read_text(encoding="utf-8"))
    return dict(domain["responses"])


@lru_cache(maxsize=1)
def _spoken() -> dict[str, list[str]]:
    """The responses as people who write get to see them."""
    words = {**clinic_words(load_clinic(PROJECT / "clinic.yml")), **person_words(None)}
    spoken = {}
    for name, variants in responses().items():
        written = [variant for variant in variants if variant.get("channel") != "phone"]
        texts = [variant["text"] for variant in written if "text" in variant]
        for word, value in words.items():
            texts = [text.replace("{" + word + "}", value) for text in texts]
        spoken[name] = [_plain(text) for text in texts]
    return spoken


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("*", "")).strip()


def _begins(text: str) -> str:
    """The beginning of a text, before what an action fills in."""
    return text[:60].partition("{")[0]


@lru_cache(maxsize=1)
def lists() -> dict[str, tuple[str, ...]]:
    """The lines of each list as they are shown, "None of these" included."""
    asked = questions_in(responses())
    return {slot: q.titles for slot, q in asked.items() if q.kind == CHECKLIST}


def lines_in(text: str) -> list[str]:
    """The lines of a list that stand in a text with their numbers, from 1."""
    numbered = [line.partition(". ") for line in text.splitlines()]
    return [title for number, _, title in numbered if number.isdigit()]


def _slot_asked_by(name: str) -> str | None:
    slot = name.removeprefix("utter_ask_")
    if slot == name:
        return None
    if slot.startswith(Slot.FOLLOW_UP.value):
        return Slot.FOLLOW_UP.value
    return slot if slot in SLOTS else None


def slots_of(text: str) -> list[str]:
    """The questions that a text may ask: several where lists are asked alike, without their lines.

    What is asked "back to my list" is one of them; the list stands above.
    """
    plain = _plain(text)
    begun = [
        slot
        for name, texts in _spoken().items()
        if (slot := _slot_asked_by(name)) and any(_begins(t) in plain for t in texts)
    ]
    by_lines = [slot for slot in begun if lists().get(slot) == tuple(lines_in(text))]
    return by_lines or begun


def slot_of(text: str) -> str | None:
    """The question that a text asks, or one of those that it may ask."""
    return next(iter(slots_of(text)), None)


SLOTS = {slot.value for slot in Slot}
OUTCOMES = {
    "utter_result_emergency": "doctor_first/emergency",
    "utter_result_self_harm": "doctor_first/emergency",
    "utter_result_urgent": "doctor_first/urgent",
    "utter_result_soon": "doctor_first/soon",
    "utter_result_combined": "combined/none",
    "utter_result_massage": "massage/none",
}


def outcome_of(text: str) -> str | None:
    """The outcome that a text tells."""
    for name, outcome in OUTCOMES.items():
        if any(_plain(text).startswith(t[:40]) for t in _spoken()[name]):
            return outcome
    return None


class Person(ABC):
    """Writes, presses and reads.

    Attributes:
        address: what the service knows them by.
        heard: the messages of the latest reply.
        is_at_rest: tells that the server has nothing left to hear from them or to send them.
    """

    def __init__(self, service: StandIn, server: str, address: str) -> None:
        self.service: Any = service
        self.server = server
        self.address = address
        self.heard: list[Shown] = []
        self.is_at_rest: Callable[[], bool] = lambda: True
        service.phones.setdefault(address, [])

    @property
    def screen(self) -> list[Shown]:
        """All that the bot sent, the oldest first."""
        return list(self.service.phones.get(self.address, []))

    @abstractmethod
    def write(self, text: str) -> Any:
        """What the service delivers when they write this."""

    @abstractmethod
    def press_update(self, title: str) -> Any:
        """What the service delivers when they press a control that is shown."""

    @abstractmethod
    def media(self, caption: str = "") -> Any:
        """What the service delivers when they send a voice note, or a picture with words."""

    @abstractmethod
    def forwarded(self, text: str) -> Any:
        """What the service delivers when they forward somebody's message."""

    @abstractmethod
    def call(self, update: Any) -> Call:
        """How the service delivers something."""

    def deliver(self, update: Any) -> requests.Response:
        """Have the service deliver something."""
        return self.call(update).make(self.server)

    def say(self, text: str) -> list[Shown]:
        """Write and wait for the reply."""
        return self.do(self.write(text))

    def talk(self, *texts: str) -> None:
        """Say several things in turn."""
        for text in texts:
            self.say(text)

    def press(self, title: str) -> list[Shown]:
        """Press a control and wait for the reply."""
        return self.do(self.press_update(title))

    def do(self, update: Any) -> list[Shown]:
        """Have something delivered, and wait for the reply."""
        before = len(self.screen)
        answer = self.deliver(update)
        assert answer.status_code == 200, answer.text
        return self.read(before)

    def read(self, before: int) -> list[Shown]:
        """Wait until the bot has said something since, and has nothing more to say."""
        limit = time.monotonic() + PATIENCE_S
        while len(self.screen) == before:
            assert time.monotonic() < limit, f"no reply to {self.address}"
            time.sleep(0.01)
        while time.monotonic() - self.screen[-1].at < QUIET_S or not self.is_at_rest():
            assert time.monotonic() < limit, f"no end of the reply to {self.address}"
            time.sleep(0.01)
        self.heard = self.screen[before:]
        return self.heard

    def number_of(self, title: str) -> str:
        """The number beside an option in the text that was shown last."""
        for shown in reversed(self.screen):
            for line in shown.text.splitlines():
                number, _, option = line.partition(". ")
                if option == title:
                    return number
        raise AssertionError(f"no option {title!r} is shown to {self.address}")

    @staticmethod
    def wait_for(condition: Callable[[], Any], what: str = "what was waited for") -> None:
        """Wait until something holds."""
        limit = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < limit, f"{what} did not come"
            time.sleep(0.02)

    @property
    def asked(self) -> str | None:
        """The slot of the question that was asked last; None if something else came after it."""
        may_be: list[str] = []
        for shown in reversed(self.screen):
            if outcome_of(shown.text):
                break
            slots = slots_of(shown.text)
            may_be = [slot for slot in may_be if slot in slots] or may_be or slots
            if len(may_be) == 1:
                return may_be[0]
        return None

    @property
    def outcome(self) -> str | None:
        """The latest result."""
        told = filter(None, (outcome_of(shown.text) for shown in self.screen))
        return next(reversed(list(told)), None)

    def answer_until(self, question: str, answers: Mapping[str, str] = PLAIN) -> None:
        """Answer in words what is asked until this is asked."""
        for _ in range(MOST_QUESTIONS):
            asked = self.asked
            if asked == question:
                return
            last = self.screen[-1].text
            assert asked is not None, f"{question} is not asked; last heard: {last}"
            self.say(answers[asked])
        raise AssertionError(f"{question} is not asked, but {self.asked}")

    def answer_all(self, answers: Mapping[str, str]) -> str:
        """Answer in words what is asked until there is a result."""
        for _ in range(MOST_QUESTIONS):
            if (asked := self.asked) is None:
                break
            self.say(answers[asked])
        assert self.outcome is not None, f"no result; last heard: {self.screen[-1].text}"
        return self.outcome


def nothing_comes(person: Person, update: Any) -> requests.Response:
    """Deliver something that is not to be answered."""
    before = len(person.screen)
    answer = person.deliver(update)
    time.sleep(SILENCE_S)
    person.wait_for(person.is_at_rest, "an end of the replies")
    assert len(person.screen) == before, [shown.text for shown in person.screen[before:]]
    return answer


def texts(person: Person) -> list[str]:
    """All that the bot sent, as it stands on the phone."""
    return [shown.text for shown in person.screen]
