"""Somebody with a phone, the same for every messaging service."""

from __future__ import annotations

import re
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import requests
import yaml

from backline.facts import Slot
from backline.persons import person_words
from backline.responses import clinic_words
from backline.settings import load_clinic
from tests.conftest import PROJECT
from tests.messaging.stand_in import Call, Shown, StandIn

PATIENCE_S = 20.0
QUIET_S = 0.25
"""How long nothing more comes when a reply is complete."""


@lru_cache(maxsize=1)
def _spoken() -> dict[str, list[str]]:
    """The responses of the domain as people get to see them."""
    words = {**clinic_words(load_clinic(PROJECT / "clinic.yml")), **person_words(None)}
    domain = yaml.safe_load((PROJECT / "domain.yml").read_text(encoding="utf-8"))
    spoken = {}
    for name, variants in domain["responses"].items():
        texts = [variant["text"] for variant in variants if "text" in variant]
        for word, value in words.items():
            texts = [text.replace("{" + word + "}", value) for text in texts]
        spoken[name] = [_plain(text) for text in texts]
    return spoken


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("*", "")).strip()


def _begins(text: str) -> str:
    """The beginning of a text, before what an action fills in."""
    return text[:60].partition("{")[0]


def slot_of(text: str) -> str | None:
    """The question that a text asks."""
    for name, texts in _spoken().items():
        if name.startswith("utter_ask_") and any(_begins(t) in _plain(text) for t in texts):
            slot = name.removeprefix("utter_ask_")
            if slot.startswith(Slot.FOLLOW_UP.value):
                return Slot.FOLLOW_UP.value
            if slot in SLOTS:
                return slot
    return None


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
        for shown in reversed(self.screen):
            if outcome_of(shown.text):
                return None
            if (slot := slot_of(shown.text)) is not None:
                return slot
        return None

    @property
    def outcome(self) -> str | None:
        """The latest result."""
        told = filter(None, (outcome_of(shown.text) for shown in self.screen))
        return next(reversed(list(told)), None)

    def answer_all(self, answers: dict[str, str]) -> str:
        """Answer in words what is asked until there is a result."""
        for _ in range(25):
            if (asked := self.asked) is None:
                break
            self.say(answers[asked])
        assert self.outcome is not None, f"no result; last heard: {self.screen[-1].text}"
        return self.outcome
