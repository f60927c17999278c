"""A server that keeps the REST contract without Rasa, and fails in any way a test asks for.

It serves the real page and widget, and no Socket.IO: here the widget falls back to REST. The
questions are those of `domain.yml`, in a fixed order: that of a person whose answers open no other.
"""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections import deque
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import yaml
from sanic import Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from backline.conversation.staff_news import News
from backline.http_server.cors import Origins, guard
from backline.persons import person_words
from backline.replies import with_controls, with_progress
from backline.responses import clinic_words
from backline.settings import load_clinic
from backline.web.embedding import widget_blueprint
from backline.web.pages import page_blueprint

PROJECT = Path(__file__).resolve().parents[2]
CLINIC = load_clinic(PROJECT / "clinic.yml")
RESPONSES: dict[str, Any] = yaml.safe_load((PROJECT / "domain.yml").read_text("utf-8"))["responses"]

ORDER = (
    "consent",
    "age",
    "emergency_signs",
    "danger_signs",
    "safety",
    "pain_duration",
    "pain_severity",
    "health_conditions",
    "back_signs",
    "massage_response",
)
"""By the names of the questions: of a list that is one of several of a slot, by its group."""
FIRST = ORDER[1]
"""What is asked as soon as somebody agreed to go on."""

UNDERSTOOD = "you are 36, with spasms"
"""What a result says back of what was told."""

Message = dict[str, Any]


def filled(text: str) -> str:
    """A text of the domain with the clinic's words."""
    for name, word in {**clinic_words(CLINIC), **person_words(None)}.items():
        text = text.replace("{" + name + "}", word)
    return text


def words_of(name: str) -> str:
    """How a question is asked at first, without the lines of a list."""
    return filled(RESPONSES[f"utter_ask_{name}"][0]["text"])


def question(name: str) -> list[Message]:
    """A question as the REST channel sends it."""
    asked = deepcopy(RESPONSES[f"utter_ask_{name}"][0])
    said = {"text": words_of(name), "custom": asked["custom"]}
    if name in ORDER[1:]:
        place = {"asked": name, "step": ORDER.index(name), "of": len(ORDER) - 1}
        told = RESPONSES["utter_progress"][0]["text"].format(**place)
        said = with_progress(said, place, told)
    said = with_controls(said)
    custom = said.pop("custom")
    return [said, {"custom": custom}]


def result(outcome: str, urgency: str, reasons: list[str], **parts: Any) -> list[Message]:
    """A result as the REST channel sends it; `parts` fill its plan."""
    name = outcome if outcome != "doctor_first" else urgency
    words = {
        "reasons": "; ".join(reasons),
        "plan": filled(
            "Muscle spasms usually need 4 massages, spread over 6 weeks. If they have not eased "
            "after 2 massages, stop and ask about another therapy."
            if parts
            else RESPONSES["utter_plan_examined"][0]["text"]
        ),
        "understood": RESPONSES["utter_understood"][0]["text"].format(told=UNDERSTOOD),
        "safety_net": filled(RESPONSES["utter_safety_net"][0]["text"]),
    }
    text = RESPONSES[f"utter_result_{name}"][0]["text"]
    for word, value in words.items():
        text = text.replace("{" + word + "}", value)
    plan = {"massage_sessions": None, "weeks": None, "review_after_sessions": None}
    custom = {
        "type": "triage_result",
        "outcome": outcome,
        "urgency": urgency,
        "rules": ["M1"],
        "reasons": reasons,
        "facts": {},
        "plan": {**plan, "therapies": [], "self_care": [], "postponed_until": None, **parts},
        "policy_version": "test",
    }
    return [{"text": filled(text)}, {"custom": custom}]


MASSAGE = result(
    "massage",
    "none",
    ["your back muscles go into spasm", "nothing you told me speaks against massage"],
    massage_sessions=4,
    weeks=6,
    review_after_sessions=2,
    self_care=["mild_exercise", "stretching", "better_diet"],
)
EMERGENCY = result(
    "doctor_first", "emergency", ["you have numbness around your private parts or bottom"]
)


def standing(kind: str = "emergency", line: str | None = None) -> Message:
    """What the server adds to each reply while an emergency holds."""
    number = CLINIC.emergency_number
    told = {"holds": True, "kind": kind, "number": number, "line": line}
    return {"custom": {"type": "emergency_standing", **told}}


ENDED: Message = {"custom": {"type": "emergency_standing", "holds": False}}


@dataclass
class Reply:
    """What the next request gets instead of the next question."""

    body: str
    status: int = 200
    delay: float = 0.0


@dataclass
class StandIn:
    """The running server, what it was sent, and what it will answer."""

    url: str = ""
    received: list[dict[str, Any]] = field(default_factory=list)
    planned: deque[Reply] = field(default_factory=deque)
    progress: dict[str, int] = field(default_factory=dict)
    sites: list[str] = field(default_factory=list)
    erased: list[str] = field(default_factory=list)
    news: list[Message] = field(default_factory=list)

    async def erase(self, conversation: str) -> bool:
        self.erased.append(conversation)
        return self.progress.pop(conversation, None) is not None

    def reset(self) -> None:
        self.received.clear()
        self.planned.clear()
        self.progress.clear()
        self.erased.clear()
        self.news.clear()
        self.sites.clear()

    @property
    def texts(self) -> list[str]:
        return [body["message"] for body in self.received]

    def plan(self, messages: list[Message] | str, *, status: int = 200, delay: float = 0.0) -> None:
        """Answer a request to come with these messages, or with this text as it is."""
        body = messages if isinstance(messages, str) else json.dumps(messages)
        self.planned.append(Reply(body, status, delay))

    async def since(self, conversation: str, number: int) -> News:
        """What staff wrote to a page: the same for all."""
        return News(tuple(self.news[number:]), max(number, len(self.news)))

    def plan_question(self, custom: Message, text: str = "A question?") -> None:
        self.plan([{"text": text}, {"custom": {"type": "question", "slot": "age", **custom}}])

    def answer(self, sender: str, message: str) -> list[Message]:
        if "numb between my legs" in message.lower():
            return EMERGENCY
        step = self.progress.get(sender, 0)
        self.progress[sender] = step + 1
        return question(ORDER[step]) if step < len(ORDER) else MASSAGE


def start(stand_in: StandIn) -> Callable[[], None]:
    """Serve on a free port in a thread of its own; the answer stops it."""
    app = Sanic(f"stand_in_{id(stand_in)}", configure_logging=False)
    app.ctx.agent = SimpleNamespace(domain=SimpleNamespace(responses=RESPONSES))
    app.blueprint(page_blueprint(CLINIC))
    app.blueprint(widget_blueprint(CLINIC, stand_in, stand_in))
    guard(app, Origins(stand_in.sites))

    @app.post("/webhooks/rest/webhook")
    async def receive(request: Request) -> HTTPResponse:
        body = json.loads(request.body)
        stand_in.received.append(body)
        if stand_in.planned:
            reply = stand_in.planned.popleft()
            await asyncio.sleep(reply.delay)
            return response.text(reply.body, status=reply.status, content_type="application/json")
        return response.json(stand_in.answer(body["sender"], body["message"]))

    started = threading.Event()
    loop = asyncio.new_event_loop()
    port = socket.create_server(("127.0.0.1", 0))
    stand_in.url = f"http://127.0.0.1:{port.getsockname()[1]}"

    async def open_port() -> Any:
        server = await app.create_server(sock=port, return_asyncio_server=True)
        await server.startup()
        return server

    def run() -> None:
        asyncio.set_event_loop(loop)
        server = loop.run_until_complete(open_port())
        started.set()
        loop.run_forever()
        server.close()
        loop.run_until_complete(server.wait_closed())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    if not started.wait(20):
        raise RuntimeError("The stand-in server did not start.")

    def stop() -> None:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)

    return stop
