"""Above the limits nothing is read, except what must be heard."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from backline.conversation.overload import OverloadGuard, RateLimited
from backline.conversation.safety import must_be_heard
from backline.http_server.limits import VisitorLimits
from backline.settings import load_clinic

CLINIC = load_clinic(Path(__file__).resolve().parents[3] / "clinic.yml")


class Understanding:
    """An agent that understands one thing of every text."""

    domain = SimpleNamespace(
        responses={"utter_message_too_fast": [{"text": "Wait, or call {emergency_number}."}]}
    )

    def __init__(self, intent: str = "inform", *entities: dict[str, Any]) -> None:
        self.parsed = {"intent": {"name": intent}, "entities": list(entities)}

    async def parse_message(self, text: str) -> dict[str, Any]:
        return self.parsed


class Exhausted(VisitorLimits):
    """Limits that were reached."""

    def request(self, address: str | None, now: float) -> float:
        return 2.5

    def message(self, address: str | None, conversation: str, now: float) -> float:
        return 2.5


def found(kind: str, value: object) -> dict[str, Any]:
    return {"entity": kind, "value": value}


def guard(agent: Any) -> OverloadGuard:
    return OverloadGuard(Exhausted(), agent, CLINIC)


async def test_a_message_above_the_limits_is_refused_in_the_words_of_the_clinic() -> None:
    with pytest.raises(RateLimited) as refused:
        await guard(Understanding()).admit_message("1.2.3.4", "ada", "hello")
    assert str(refused.value) == f"Wait, or call {CLINIC.emergency_number}."
    assert refused.value.headers == {"Retry-After": "3"}
    assert refused.value.status == 429


async def test_a_danger_sign_is_heard_above_the_limits() -> None:
    agent = Understanding("inform", found("emergency_sign", "saddle_numbness"))
    await guard(agent).admit_message("1.2.3.4", "ada", "numb")


def test_a_call_that_says_nothing_is_refused_too() -> None:
    with pytest.raises(RateLimited):
        guard(Understanding()).admit_call("1.2.3.4")


@pytest.mark.parametrize(
    ("agent", "lines", "heard"),
    [
        (Understanding("delete_my_data"), (), True),
        (Understanding("inform", found("emergency_sign", "saddle_numbness")), (), True),
        (Understanding("inform", found("pick", 2)), (1, 2), True),
        (Understanding("inform", found("pick", 2)), (), False),
        (Understanding("inform", found("severity", 2)), (1, 2), False),
    ],
)
async def test_what_must_be_heard_is_a_danger_sign_or_the_wish_to_be_deleted(
    agent: Any, lines: tuple[int, ...], heard: bool
) -> None:
    assert await must_be_heard(agent, "words", lines) is heard
