"""A patient who talks to a running server over REST."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from backline.dialogue import QUESTION_ORDER
from tests.plain import PLAIN

FIRST = QUESTION_ORDER[0].value
"""What is asked first of who has agreed and told nothing."""
MOST_QUESTIONS = 25


def post(url: str, body: bytes, content_type: str = "application/json") -> tuple[int, Any]:
    """POST and return status and decoded JSON, errors too."""
    request = urllib.request.Request(
        f"{url}/webhooks/rest/webhook", data=body, headers={"Content-Type": content_type}
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def asked_in(messages: Iterable[Mapping[str, Any]]) -> str | None:
    """Find the question of a reply, by its list where a slot has several, or by its slot."""
    customs = [m.get("custom") or {} for m in messages]
    asked = [c.get("group") or c["slot"] for c in customs if c.get("type") == "question"]
    return str(asked[-1]) if asked else None


class Patient:
    """One conversation.

    Attributes:
        asked: the question that waits for an answer, by its list or its slot.
        questions: all that was asked so far, in order.
        result: the latest result.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.id = f"test-{uuid.uuid4().hex}"
        self.asked: str | None = None
        self.questions: list[str] = []
        self.result: dict[str, Any] | None = None
        self.heard = ""

    def say(self, text: str, message_id: str | None = None) -> list[dict[str, Any]]:
        """Send a message, under an id if it has one; remembers what is asked and the result."""
        body = {"sender": self.id, "message": text}
        if message_id is not None:
            body["message_id"] = message_id
        status, messages = post(self.url, json.dumps(body).encode())
        assert status == 200, messages
        self.asked = asked_in(messages)
        self.questions += [self.asked] if self.asked is not None else []
        self.heard = " ".join(m.get("text", "") for m in messages)
        for message in messages:
            custom = message.get("custom") or {}
            if custom.get("type") == "triage_result":
                self.result = custom
        return list(messages)

    def talk(self, *texts: str) -> None:
        """Say several things in turn."""
        for text in texts:
            self.say(text)

    def answer_until(self, question: str, answers: Mapping[str, str] = PLAIN) -> None:
        """Answer what is asked until this is asked, by the name of its list or its slot."""
        for _ in range(MOST_QUESTIONS):
            if self.asked == question:
                return
            assert self.asked is not None, f"{question} is not asked; last heard: {self.heard}"
            self.say(answers[self.asked])
        raise AssertionError(f"{question} is not asked, but {self.questions}")

    def answer_all(self, answers: Mapping[str, str]) -> dict[str, Any]:
        """Answer what is asked until there is a result."""
        for _ in range(MOST_QUESTIONS):
            if self.asked is None:
                break
            self.say(answers[self.asked])
        assert self.result is not None, f"no result; last heard: {self.heard}"
        return self.result
