"""Somebody on the telephone who answers what they are asked, in words or by keys."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

import yaml

from backline.persons import person_words
from backline.phone.text.verbalize import spoken
from backline.responses import fill
from tests.conftest import PROJECT
from tests.phone.twilio_voice import TwilioCall

CHECKLISTS = ("emergency_signs", "health_conditions")
MARK = "\n"


@lru_cache(maxsize=1)
def _said() -> dict[str, str]:
    """The line's own sentences, as they are spoken; what is filled in stands as a mark."""
    talk = yaml.safe_load((PROJECT / "data" / "phone" / "talk.yml").read_text(encoding="utf-8"))
    return {name: re.sub(r"\{\w+\}", MARK, text) for name, text in talk["say"].items()}


@lru_cache(maxsize=1)
def known_by() -> list[tuple[str, str]]:
    """Questions, and the words by which each is known when it is heard."""
    said = _said()
    known = [
        ("read_back", said["read_back"].split(MARK)[-1].strip()),
        ("which", said["which"].split(MARK)[0].strip()),
        *((s, said[f"any_of_{s}"].split(MARK)[0]) for s in CHECKLISTS),
        *((s, said[f"any_other_of_{s}"].split(MARK)[0]) for s in CHECKLISTS),
    ]
    domain = yaml.safe_load((PROJECT / "domain.yml").read_text(encoding="utf-8"))
    for variants in domain["responses"].values():
        marker = variants[0].get("custom") or {}
        if marker.get("type") != "question" or marker["slot"] in CHECKLISTS:
            continue
        on_the_phone = [v for v in variants if v.get("channel") == "phone"]
        for variant in on_the_phone or variants:
            known.append(
                (marker["slot"], spoken(fill(variant["text"], person_words(None)).split("}")[-1]))
            )
    assert all(len(words) > len("Is that?") for _, words in known)
    return known


MOST_TURNS = 60

WORDS = {
    "read_back": "yes",
    "consent": "yes please",
    "which": "the first one",
    "emergency_signs": "no none of these",
    "pain_duration": "about three weeks",
    "pain_severity": "four out of ten",
    "recent_injury": "no",
    "health_conditions": "none of these",
    "muscle_spasm": "no",
    "massage_response": "no massage yet",
    "age": "forty",
}
KEYS = {
    "read_back": "1",
    "consent": "1",
    "which": "1",
    "emergency_signs": "2",
    "pain_duration": "1",
    "pain_severity": "4",
    "recent_injury": "2",
    "health_conditions": "2",
    "muscle_spasm": "2",
    "massage_response": "1",
    "age": "40#",
}


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
