"""Somebody on the telephone who answers what they are asked, in words or by keys."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

import yaml

from backline.facts import CHECKLISTS
from backline.persons import person_words
from backline.phone.dialogue.wording import groups
from backline.phone.text.verbalize import spoken
from backline.policy.checklists import LISTS
from backline.responses import fill
from tests.conftest import PROJECT
from tests.phone.twilio_voice import TwilioCall

MARK = "\n"


@lru_cache(maxsize=1)
def _said() -> dict[str, str]:
    """The line's own sentences, as they are spoken; what is filled in stands as a mark."""
    talk = yaml.safe_load((PROJECT / "data" / "phone" / "talk.yml").read_text(encoding="utf-8"))
    return {name: re.sub(r"\{\w+\}", MARK, text) for name, text in talk["say"].items()}


def _lists_known_by() -> list[tuple[str, str]]:
    """Lists, and how a group of each may begin: with any of its lines, as some may be left out."""
    beginnings = {
        text.split(MARK)[0]
        for name, text in _said().items()
        if name.startswith("any_") or name == "last_of_group"
    }
    return [
        (slot.value, f"{beginning}{spoken(line)}")
        for slot, rows in groups().items()
        for group in rows
        for line in group.values()
        for beginning in beginnings
    ]


@lru_cache(maxsize=1)
def known_by() -> list[tuple[str, str]]:
    """Questions, and the words by which each is known when it is heard."""
    said = _said()
    known = [
        ("read_back", said["read_back"].split(MARK)[-1].strip()),
        ("which", said["which"].split(MARK)[0].strip()),
        ("age", said["story_and_age"]),
        ("pain_duration", said["how_long_and_how_bad"]),
        *_lists_known_by(),
    ]
    domain = yaml.safe_load((PROJECT / "domain.yml").read_text(encoding="utf-8"))
    for variants in domain["responses"].values():
        marker = variants[0].get("custom") or {}
        if marker.get("type") != "question" or marker["slot"] in LISTED:
            continue
        on_the_phone = [v for v in variants if v.get("channel") == "phone"]
        for variant in on_the_phone or variants:
            known.append(
                (marker["slot"], spoken(fill(variant["text"], person_words(None)).split("}")[-1]))
            )
    assert all(len(words) > len("Is that?") for _, words in known)
    return known


LISTED = frozenset(slot.value for slot in CHECKLISTS)
MOST_TURNS = 60

WORDS = {
    "read_back": "yes",
    "consent": "yes please",
    "which": "the first one",
    "age": "forty",
    **dict.fromkeys((slot.value for slot in LISTS), "no none of these"),
    "pain_duration": "about three weeks",
    "pain_severity": "four out of ten",
    "massage_response": "no massage yet",
}
"""What is said to each question by somebody with a mild pain and nothing else."""
KEYS = {
    "read_back": "1",
    "consent": "1",
    "which": "1",
    "age": "40#",
    **dict.fromkeys((slot.value for slot in LISTS), "2"),
    "pain_duration": "1",
    "pain_severity": "4",
    "massage_response": "1",
}
"""The same on the keys."""


def asked(heard: str) -> str | None:
    """The question that stands last in what was heard."""
    places = [(heard.rfind(words), name) for name, words in known_by() if words in heard]
    return max(places)[1] if places else None


class Caller:
    """Answers until the result, a person, or the end of the call.

    Attributes:
        call: the call, with all that was said in it.
        questions: what was asked, in order.
        at: how often each question was asked before.
    """

    def __init__(
        self, call: TwilioCall, answers: Mapping[str, str] = WORDS, confidence: float = 0.95
    ) -> None:
        self.call = call
        self.questions: list[str] = []
        self._answers = answers
        self._confidence = confidence

    @property
    def told_result(self) -> bool:
        """Whether the result was told. Only an emergency is told slowly."""
        offers = (_said()["book_offer"], _said()["connect_offer"])
        return self.call.last.endswith(offers) or bool(self.call.slowly)

    async def talk(self, until: str = "") -> str:
        """Answer until this is asked, or to the end; what was said last."""
        for _ in range(MOST_TURNS):
            if self.call.gather is None or self.told_result:
                break
            question = asked(self.call.last)
            if question == until:
                break
            await self.answer(question)
        else:
            raise AssertionError("the call does not end")
        return self.call.last

    async def answer(self, question: str | None) -> None:
        assert question is not None, f"what is asked here? {self.call.last}"
        self.questions.append(question)
        await self.give(self._answers[question])

    async def give(self, answer: str) -> None:
        """Say it, or press it if it is keys."""
        if re.fullmatch(r"[0-9*#]+", answer):
            await self.call.press(answer)
        else:
            await self.call.say(answer, self._confidence)
