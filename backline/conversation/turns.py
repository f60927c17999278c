"""What is made of one message, whatever the channel: a reply, always."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any, Protocol

from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

from backline.dialogue import AnswersEarlier
from backline.failures import describe
from backline.observability import metrics
from backline.replies import Message, Reply, parse, unavailable
from backline.responses import Responses
from backline.settings import Clinic

logger = logging.getLogger(__name__)

APOLOGY = "utter_unavailable"
SILENT = "silent"
"""Why a turn failed, where no error says so."""


class Grounds(Protocol):
    """How something that was said came to count, as the phone knows it."""

    @property
    def about(self) -> str:
        """The question that it answers."""

    @property
    def confidence(self) -> float | None:
        """How sure the recogniser was, 0 to 1."""

    @property
    def confirmed(self) -> str:
        """By what it counts."""


@dataclass(frozen=True)
class Inbound:
    """One thing that a person said.

    Attributes:
        text: cleaned.
        channel: its name, for which the domain can have variants of a sentence.
        message_id: the sender's own id of the message, by which it is heard once.
        answers: given if it does not answer the open question.
        confirmed: whether the channel asked a wish in it back already.
        evidence: how what it tells came to count.
    """

    conversation: str
    text: str
    channel: str
    message_id: str | None = None
    answers: AnswersEarlier | None = None
    confirmed: bool = False
    evidence: tuple[Grounds, ...] = ()

    def to_metadata(self) -> dict[str, Any]:
        """Give what Rasa keeps with the message, for the actions to read."""
        metadata: dict[str, Any] = {}
        if self.evidence:
            metadata["heard"] = [
                {"about": e.about, "confidence": e.confidence, "confirmed": e.confirmed}
                for e in self.evidence
            ]
        if self.confirmed:
            metadata["confirmed"] = True
        if self.answers is not None:
            metadata |= self.answers.to_metadata()
        return metadata


class WholeMessages(CollectingOutputChannel):
    """Collects the bot's messages as they are; Rasa's own would break a text at blank lines.

    It has the name of its channel, so that the domain can have variants of a sentence for it.
    """

    def __init__(self, channel: str) -> None:
        super().__init__()
        self.name = lambda: channel

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """Collect a text, blank lines and all."""
        await self._persist_message(self._message(recipient_id, text=text.strip()))


class Turns:
    """Takes the turns of all conversations; every channel calls it.

    Args:
        clinic: whose words the apology has.
    """

    def __init__(self, agent: Agent, clinic: Clinic) -> None:
        self._agent = agent
        self._clinic = clinic

    @property
    def responses(self) -> Responses:
        """The sentences of the model that is loaded now."""
        return Responses(self._agent.domain.responses, self._clinic)

    async def handle(self, message: Inbound) -> Reply:
        """Answer a message; never raises.

        A failure, and silence too, is answered by the apology: what was said in a turn that could
        not be saved is withheld, except an emergency result.
        """
        channel = message.channel
        collector = WholeMessages(channel)
        said: list[Message] = collector.messages
        with (
            metrics.TURN_SECONDS.labels(channel).time(),
            metrics.TURNS_UNDER_WAY.labels(channel).track_inprogress(),
        ):
            try:
                await self._agent.handle_message(_for_rasa(message, collector))
            except Exception as error:  # noqa: BLE001 - whatever broke, the person gets an answer
                # The error's text may quote what the person wrote.
                logger.error("A message could not be handled: %s", describe(error))
                metrics.TURNS_FAILED.labels(channel, type(error).__name__).inc()
                said = [*(said if parse(said).emergency else ()), self._apology(message)]
            else:
                if not said:
                    metrics.TURNS_FAILED.labels(channel, SILENT).inc()
        reply = parse(said or [self._apology(message)])
        _count_results(reply, channel)
        return reply

    def _apology(self, message: Inbound) -> Message:
        sentence = self.responses.on(message.channel).say(APOLOGY)
        return unavailable(message.conversation, sentence)


def _for_rasa(message: Inbound, collector: WholeMessages) -> UserMessage:
    return UserMessage(
        message.text,
        collector,
        message.conversation,
        input_channel=message.channel,
        message_id=message.message_id,
        metadata=message.to_metadata(),
    )


def _count_results(reply: Reply, channel: str) -> None:
    for told in reply.results:
        if told.again:
            continue
        metrics.RESULTS.labels(told.outcome, told.urgency, next(iter(told.rules), "")).inc()
        if told.emergency:
            metrics.EMERGENCIES.labels(channel).inc()
