"""`backline.understanding` as a Rasa graph component: findings become entities.

It also settles what the message is for: someone who tells a fact without asking anything informs,
whatever the n-gram classifier thinks, and an emergency sign outranks every question.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import (
    ENTITIES,
    ENTITY_ATTRIBUTE_END,
    ENTITY_ATTRIBUTE_START,
    ENTITY_ATTRIBUTE_TYPE,
    ENTITY_ATTRIBUTE_VALUE,
    EXTRACTOR,
    INTENT,
    INTENT_NAME_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message

from backline.facts import Finding
from backline.settings import load_settings
from backline.understanding import Understander

INFORM, FALLBACK = "inform", "nlu_fallback"
ANSWER_INTENTS = {
    "affirm": "yes",
    "deny": "no",
    "none_of_these": "none",
    "dont_know": "dont_know",
}
COMMANDS = frozenset({"start_over", "go_back", "delete_my_data", "human_handoff"})
CORRECTION = "correct_answer"

_CORRECTING = re.compile(
    r"^\W*(?:(?:oh|sorry|um|no|hang on|oops|ah|ok)\W+)*"
    r"(?:actually|correction|i meant|sorry i meant|wait|scrap that|make that|i mean)\b",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"\?|^\W*(?:(?:and|so|but|ok|okay|well|um|hi|hello)\W+)*"
    r"(?:what|why|how|when|where|who|which|can|could|should|would|will|do|does|is|are|am i)\b",
    re.IGNORECASE,
)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class BacklineUnderstanding(GraphComponent):
    """Adds an entity for each finding and settles the intent."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> BacklineUnderstanding:
        return cls(config)

    def __init__(self, config: dict[str, Any]) -> None:
        zone = load_settings().clinic.zone
        self._understander = Understander(lambda: dt.datetime.now(zone).date())
        self._fallback_below = float(config["fallback_below"])
        self._command_from = float(config["command_from"])

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Confidences of the intent classifier, 0 to 1, below or from which it is overruled."""
        return {"fallback_below": 0.3, "command_from": 0.5}

    def process(self, messages: list[Message]) -> list[Message]:
        """Read each message; its text decides, entities from elsewhere are kept."""
        for message in messages:
            text = message.get(TEXT)
            if text is None:
                continue
            findings = self._understander.read(text)
            intent = message.get(INTENT) or {INTENT_NAME_KEY: None, PREDICTED_CONFIDENCE_KEY: 0.0}
            name = self.settle(text, intent, findings)
            if not findings and name in ANSWER_INTENTS:
                answer = ANSWER_INTENTS[name]
                findings = [Finding("answer", answer, end=len(text), text=text, source="intent")]
            message.set(INTENT, {**intent, INTENT_NAME_KEY: name}, add_to_output=True)
            message.set(ENTITIES, message.get(ENTITIES, []) + [_entity(f) for f in findings], True)
        return messages

    def settle(self, text: str, intent: dict[str, Any], findings: list[Finding]) -> str:
        """The intent of a message, from the classifier's guess and what was found in it."""
        guess = intent.get(INTENT_NAME_KEY)
        confidence = intent.get(PREDICTED_CONFIDENCE_KEY) or 0.0
        if any(f.kind == "emergency_sign" and f.holds for f in findings):
            return INFORM
        if findings and (guess == CORRECTION or _CORRECTING.search(text)):
            return CORRECTION
        if guess in COMMANDS and confidence >= self._command_from:
            return str(guess)
        if findings and not _QUESTION.search(text):
            return INFORM
        if guess is None or confidence < self._fallback_below or not text.strip():
            return INFORM if findings else FALLBACK
        return str(guess)


def _entity(finding: Finding) -> dict[str, Any]:
    return {
        ENTITY_ATTRIBUTE_TYPE: finding.kind,
        ENTITY_ATTRIBUTE_VALUE: finding.value,
        ENTITY_ATTRIBUTE_START: finding.start,
        ENTITY_ATTRIBUTE_END: finding.end,
        EXTRACTOR: "BacklineUnderstanding",
        "status": finding.status.value,
        "source": finding.source,
    }
