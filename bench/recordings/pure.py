"""Calls without a recogniser, a server or Rasa: those of the unit tests, and every answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.recordings import product
from tests.phone.evaluation.utterances import Spoken, utterances
from tests.unit.phone.pure_call import PureCall
from tests.unit.phone.simulated_call import led

SCRIPTS = Path(__file__).with_name("calls.jsonl")
"""What callers do in the calls of tests/unit/phone, one call a line."""
SURENESS = ("sure", "fair", "doubtful")
Step = list[Any]


def pure_calls() -> Iterator[dict[str, Any]]:
    """Where each call of `calls.jsonl` comes to, step by step; and what each answer comes to."""
    for line in SCRIPTS.read_text("utf-8").split("\n"):
        if line:
            yield {"call": line, "steps": list(_steps(json.loads(line)))}
    said = {(spoken.asked, spoken.said): spoken for spoken in utterances()}
    for _, spoken in sorted(said.items()):
        for sureness in SURENESS:
            yield _led(spoken, sureness)


def _steps(script: list[Step]) -> Iterator[dict[str, Any]]:
    call = PureCall()
    yield product.state_of_call(call)
    for step in script:
        _do(call, step)
        yield product.state_of_call(call)


def _do(call: PureCall, step: Step) -> None:
    what, *how = step
    if what == "hears":
        text, sureness, interrupted = how
        call.hears(text, sureness=product.sureness(sureness), interrupted=interrupted)
    elif what == "presses":
        call.presses(how[0], interrupted=how[1])
    elif what == "makes_noise":
        call.makes_noise(product.noise(how[0]))
    elif what == "hears_late":
        call.hears_late(how[0])
    elif what == "is_silent":
        call.is_silent()
    else:
        call.leaves_the_questions()


def _led(spoken: Spoken, sureness: str) -> dict[str, Any]:
    verdict = led(spoken, lambda text: (text, product.sureness(sureness)))
    return {
        "call": f"{spoken.asked}: {spoken.said} ({sureness})",
        "results": product.as_data(verdict.results),
        "why": product.as_data(verdict.why),
        "read_back": verdict.read_back,
        "end": verdict.end,
        "urgency": verdict.urgency,
    }
