"""One message through Rasa, with an answer whatever happens."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

from backline.failures import describe
from backline.observability import metrics
from backline.runtime.nlg import clinic_words
from backline.settings import Clinic

logger = logging.getLogger(__name__)

SILENT = "silent"
"""Why a turn failed, where no error says so."""

OnNewMessage = Callable[[UserMessage], Awaitable[Any]]


def unavailable(recipient: str, clinic: Clinic, sentence: str) -> dict[str, Any]:
    """The message for when nothing could be read or saved; `sentence` is the domain's."""
    words = clinic_words(clinic)
    for name, word in words.items():
        sentence = sentence.replace("{" + name + "}", word)
    return {
        "recipient_id": recipient,
        "text": sentence,
        "custom": {"type": "error", "code": "unavailable", "retry": True},
    }


class WholeMessages(CollectingOutputChannel):
    """Collects the bot's messages as they are; Rasa's own would break a text at blank lines.

    It has the name of its channel, so that the domain can have variants of a sentence for it.
    """

    def __init__(self, channel: str) -> None:
        super().__init__()
        self.name = lambda: channel

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        await self._persist_message(self._message(recipient_id, text=text.strip()))


def is_apology(messages: list[dict[str, Any]]) -> bool:
    """Whether the messages say that nothing could be read or saved."""
    return any((m.get("custom") or {}).get("code") == "unavailable" for m in messages)


async def converse(
    on_new_message: OnNewMessage,
    text: str,
    sender: str,
    channel: str,
    apology: dict[str, Any],
    message_id: str | None = None,
    metadata: dict[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """Hand one message to Rasa and collect the answer.

    The sender's own id of the message, if there is one, and the metadata are stored with it.

    A failure, and silence too, is answered by the apology: what was said in a turn that could
    not be saved is withheld, except an emergency result.
    """
    collector = WholeMessages(channel)
    message = UserMessage(
        text,
        collector,
        sender,
        input_channel=channel,
        message_id=message_id,
        metadata=metadata,
    )
    reply = collector.messages
    with (
        metrics.TURN_SECONDS.labels(channel).time(),
        metrics.TURNS_UNDER_WAY.labels(channel).track_inprogress(),
    ):
        try:
            await on_new_message(message)
        except Exception as error:  # noqa: BLE001 - whatever broke, the person gets an answer
            # The error's text may quote what the person wrote.
            logger.error("A message could not be handled: %s", describe(error))
            metrics.TURNS_FAILED.labels(channel, type(error).__name__).inc()
            reply = [*emergency_messages(reply), apology]
        else:
            if not reply:
                metrics.TURNS_FAILED.labels(channel, SILENT).inc()
    _count_results(reply, channel)
    return reply or [apology]


def _count_results(reply: list[dict[str, Any]], channel: str) -> None:
    for message in reply:
        custom = message.get("custom") or {}
        if custom.get("type") != "triage_result" or custom.get("again"):
            continue
        metrics.RESULTS.labels(custom["outcome"], custom["urgency"], custom["rules"][0]).inc()
        if custom["urgency"] == "emergency":
            metrics.EMERGENCIES.labels(channel).inc()


def emergency_messages(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The messages of a turn that told an emergency, or told it again, all of them; else none."""
    markers = [m.get("custom") or {} for m in messages]
    told = any(c.get("urgency") == "emergency" or c.get("holds") is True for c in markers)
    return messages if told else []
