"""`backline.nlu` as a Rasa graph component: findings become entities.

It also settles what the message is for: someone who tells a fact without asking anything informs,
whatever the n-gram classifier thinks, and an emergency sign outranks every question.
"""

from __future__ import annotations

import datetime as dt
import re
import time
from functools import lru_cache
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.nlu.tokenizers.whitespace_tokenizer import WhitespaceTokenizer
from rasa.shared.nlu.constants import (
    ENTITIES,
    ENTITY_ATTRIBUTE_END,
    ENTITY_ATTRIBUTE_START,
    ENTITY_ATTRIBUTE_TYPE,
    ENTITY_ATTRIBUTE_VALUE,
    EXTRACTOR,
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message

from backline.facts import Finding
from backline.nlu import Understander
from backline.nlu.components.resolver import Broken
from backline.nlu.intents import ANSWERED_BY, asks, overlapping, settle, told
from backline.settings import load_settings

FEWEST_TOKENS = 2
TOKENS_OF_AN_END = 80
"""Of a long message what it asks is told by so many of its first and of its last words."""
LEARNED_S = 0.11
"""Seconds of the processor after which no learned reader begins, so that a message which took long
to read takes no longer: 4,000 characters of people's take half of it."""
SHORT = 1000
"""Characters of a message that is read whole by every reader, on any machine."""
LONGEST_TOKEN = 60
"""Characters; nobody asks in a longer word, and each of its pieces would be counted."""
_LONG_RUN = re.compile(r"(\W{20})(\W+)(\W{20})")
FINDINGS = "backline_findings"
"""Where the tokenizer leaves what it read for the component that turns it into entities."""
SEEN = "backline_seen"
"""Where it leaves the text that is classified, with its marks if nothing was left out of it."""
BEGUN = "backline_begun"
"""Where it leaves when reading began, in seconds of the processor."""
ANSWER_INTENTS = {intent: answer for answer, intent in ANSWERED_BY.items()}
"""What an intent answers where no words for a reply were recognised."""


_listeners: list[Broken] = []


def tell_broken(listener: Broken) -> None:
    """Have the name of each reader that fails told there, with its error."""
    if listener not in _listeners:
        _listeners.append(listener)


def tell_broken_reader(reader: str, error: Exception) -> None:
    """Tell all who asked for it that a reader failed."""
    for listener in _listeners:
        listener(reader, error)


def took_long(message: Message) -> bool:
    """Tell whether reading a message took so long already that no learned reader may begin."""
    begun = message.get(BEGUN)
    if begun is None or len(message.get(TEXT)) <= SHORT:
        return False
    return bool(time.thread_time() - begun > LEARNED_S)


def today() -> dt.date:
    """Tell the clinic's date."""
    return dt.datetime.now(_zone()).date()


@lru_cache(maxsize=1)
def _zone() -> dt.tzinfo:
    # Settings are files: read for each message they would take half of its time.
    return load_settings().clinic.zone


def read_text(text: str) -> list[Finding]:
    """Read a text with the lexicon."""
    return _understander().read(text)


@lru_cache(maxsize=1)
def _understander() -> Understander:
    return Understander(today, tell_broken_reader)


def _without_long_runs(text: str) -> str:
    """Put spaces in the middle of a long run of marks; every word stays in its place.

    Rasa's tokenizer tries such a run from each of its marks, which takes the square of its length.
    """
    return _LONG_RUN.sub(lambda run: f"{run[1]}{' ' * len(run[2])}{run[3]}", text)


def understood_alone(text: str) -> dict[str, Any]:
    """Give what Rasa's parsing gives, by the findings alone: nothing guesses what is asked."""
    message = Message(data={TEXT: text})
    BacklineUnderstanding({}).process([message])
    return dict(message.as_dict(only_output_properties=True))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class AskingTokenizer(WhitespaceTokenizer):
    """Leaves out what tells facts beside a question, so that the classifier sees what is asked.

    "It's a 6, how many massages would I need?" is classified as its question alone, and a message
    that asks nothing as it was written.
    """

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Give Rasa's tokens without those of told facts, unless too few are left to classify."""
        message.set(BEGUN, time.thread_time())
        words = Message(data={attribute: _without_long_runs(message.get(attribute))})
        tokens: list[Token] = super().tokenize(words, attribute)
        if attribute != TEXT:
            return tokens
        text = message.get(TEXT)
        findings = _understander().read(text)
        message.set(FINDINGS, findings)
        tells = overlapping(told(text, findings) if asks(text) else [])
        rest = [t for t in tokens if not tells(t.start, t.end)]
        asking = rest if len(rest) >= FEWEST_TOKENS else tokens
        left_out = len(asking) < len(tokens)
        message.set(SEEN, " ".join(t.text for t in asking) if left_out else text)
        words = [t for t in asking if len(t.text) <= LONGEST_TOKEN]
        asking = words or [Token(t.text[:LONGEST_TOKEN], t.start) for t in tokens[:1]]
        if len(text) <= SHORT or len(asking) <= 2 * TOKENS_OF_AN_END:
            return asking
        return asking[:TOKENS_OF_AN_END] + asking[-TOKENS_OF_AN_END:]


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
        self._understander = _understander()

    def process(self, messages: list[Message]) -> list[Message]:
        """Read each message; its text decides, entities from elsewhere are kept."""
        for message in messages:
            text = message.get(TEXT)
            if text is None:
                continue
            findings = message.get(FINDINGS)
            if findings is None:
                findings = self._understander.read(text)
            intent = message.get(INTENT) or {INTENT_NAME_KEY: None, PREDICTED_CONFIDENCE_KEY: 0.0}
            name = settle(text, _guesses(message, intent), findings)
            if not findings and name in ANSWER_INTENTS:
                answer = ANSWER_INTENTS[name]
                findings = [Finding("answer", answer, end=len(text), text=text, source="intent")]
            message.set(INTENT, {**intent, INTENT_NAME_KEY: name}, add_to_output=True)
            message.set(ENTITIES, message.get(ENTITIES, []) + [_entity(f) for f in findings], True)
        return messages


def _guesses(message: Message, intent: dict[str, Any]) -> list[tuple[str, float]]:
    """The classifier's intents, the likeliest first."""
    ranked = message.get(INTENT_RANKING_KEY) or [intent]
    return [
        (str(guess[INTENT_NAME_KEY]), float(guess.get(PREDICTED_CONFIDENCE_KEY) or 0.0))
        for guess in ranked
        if guess.get(INTENT_NAME_KEY)
    ]


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
