"""What is understood of a message when the model fails, and who waits for a long one."""

from __future__ import annotations

from typing import Any

from prometheus_client import REGISTRY
from rasa.core.channels.channel import UserMessage

from backline.runtime.agent import BacklineProcessor


class _Broken:
    def run(self, **named: Any) -> dict[str, Any]:
        raise RuntimeError("quotes what was written")


def _processor() -> BacklineProcessor:
    processor = BacklineProcessor.__new__(BacklineProcessor)
    processor.graph_runner = _Broken()
    processor.model_metadata = type("Metadata", (), {"nlu_target": "nlu"})()
    return processor


def _failures() -> float:
    return REGISTRY.get_sample_value("backline_readers_failed_total", {"reader": "model"}) or 0.0


def test_a_model_that_fails_leaves_the_findings_of_a_message() -> None:
    before = _failures()
    parsed = _processor()._parse_message_with_graph(UserMessage("I can't pee since today"), None)
    found = [e for e in parsed["entities"] if e["entity"] == "emergency_sign"]
    assert [e["status"] for e in found] == ["present"]
    assert parsed["intent"]["name"] == "inform"
    assert parsed["text"] == "I can't pee since today"
    assert _failures() == before + 1
