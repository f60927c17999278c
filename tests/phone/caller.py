"""Somebody on the telephone who answers what they are asked, in words or by keys."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tests.phone.twilio_voice import TwilioCall

QUESTIONS = {
    "read_back": r"Is that right\?",
    "consent": r"Shall we go on\?",
    "which": r"Which of them\?",
    "emergency_signs": r"now, or since this pain began: |And do you have any of these: ",
    "health_conditions": r"appl(y|ies) to you: ",
    "pain_duration": r"How long has this pain",
    "pain_severity": r"How bad is the pain",
    "recent_injury": r"injury in the last six weeks",
    "muscle_spasm": r"go into spasm",
    "massage_response": r"Have you had massage",
    "age": r"How old are you",
}
"""What each question is known by when it is heard; the first that fits is being asked."""
RESULT = "this is not a diagnosis"
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
    return next((name for name, known in QUESTIONS.items() if re.search(known, heard)), None)


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
        return RESULT in self.call.last or bool(self.call.slowly)

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
