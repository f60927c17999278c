"""People who talk with Backline, for Locust; `make load` runs it, and so can you:

locust --locustfile bench/locustfile.py --host https://chat.your-clinic.example

Everybody goes through the triage of bench.play, pausing between turns as people do who read and
type, and begins another one when it is over. A turn that is answered by anything but what the
script expects counts as failed.
"""

from __future__ import annotations

import uuid
from typing import Any

from locust import FastHttpUser, between, task
from locust.exception import StopUser

from bench.play import ANSWERS, COMPLAINT, GREETING, MOST_TURNS, OUTCOME, PAUSE_S


class Patient(FastHttpUser):
    """One person at a time, who writes the next message some seconds after the reply."""

    wait_time = between(*PAUSE_S)
    network_timeout = connection_timeout = 30.0

    @task
    def triage(self) -> None:
        """From a greeting to the result."""
        sender = f"load-{uuid.uuid4().hex}"
        self._say(sender, GREETING)
        text = COMPLAINT
        for _ in range(MOST_TURNS):
            self.wait()
            custom = self._say(sender, text)
            if custom is None or custom["type"] == "triage_result":
                return
            text = ANSWERS[custom.get("group") or custom["slot"]]
        raise StopUser("a triage that does not end")

    def _say(self, sender: str, text: str) -> dict[str, Any] | None:
        """The question or the result that came; None when the turn failed."""
        body = {"sender": sender, "message": text, "message_id": uuid.uuid4().hex}
        with self.client.post(
            "/webhooks/rest/webhook", json=body, name="turn", catch_response=True
        ) as response:
            if response.status_code != 200:
                response.failure(f"HTTP {response.status_code}")
                return None
            customs = [message.get("custom") or {} for message in response.json()]
            said = [c for c in customs if c.get("type") in ("question", "triage_result")]
            if not said:
                response.failure("no question and no result")
                return None
            custom: dict[str, Any] = said[-1]
            if custom["type"] == "triage_result" and custom["outcome"] != OUTCOME:
                response.failure(f"outcome {custom['outcome']}")
            return custom
