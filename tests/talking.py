"""A patient who talks to a running server over REST."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
import uuid
from typing import Any


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


class Patient:
    """One conversation.

    Attributes:
        asked: the slot of the question that waits for an answer.
        result: the latest result.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.id = f"test-{uuid.uuid4().hex}"
        self.asked: str | None = None
        self.result: dict[str, Any] | None = None
        self.heard = ""

    def say(self, text: str, message_id: str | None = None) -> list[dict[str, Any]]:
        """Send a message, under an id if it has one; remembers what is asked and the result."""
        body = {"sender": self.id, "message": text}
        if message_id is not None:
            body["message_id"] = message_id
        status, messages = post(self.url, json.dumps(body).encode())
        assert status == 200, messages
        self.asked = None
        self.heard = " ".join(m.get("text", "") for m in messages)
        for message in messages:
            custom = message.get("custom") or {}
            if custom.get("type") == "question":
                self.asked = custom["slot"]
            if custom.get("type") == "triage_result":
                self.result = custom
        return list(messages)

    def talk(self, *texts: str) -> None:
        """Say several things in turn."""
        for text in texts:
            self.say(text)

    def answer_all(self, answers: dict[str, str]) -> dict[str, Any]:
        """Answer what is asked until there is a result."""
        for _ in range(25):
            if self.asked is None:
                break
            self.say(answers[self.asked])
        assert self.result is not None, f"no result; last heard: {self.heard}"
        return self.result
