"""One message through Rasa, with an answer whatever happens."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

from backline.failures import describe
from backline.observability import metrics
from backline.replies import Message, Reply, parse, unavailable
from backline.responses import Responses

logger = logging.getLogger(__name__)

APOLOGY = "utter_unavailable"
SILENT = "silent"
"""Why a turn failed, where no error says so."""

OnNewMessage = Callable[[UserMessage], Awaitable[Any]]


class WholeMessages(CollectingOutputChannel):
    """Collects the bot's messages as they are; Rasa's own would break a text at blank lines.

    It has the name of its channel, so that the domain can have variants of a sentence for it.
    """

    def __init__(self, channel: str) -> None:
        super().__init__()
        self.name = lambda: channel

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        await self._persist_message(self._message(recipient_id, text=text.strip()))


async def converse(
    on_new_message: OnNewMessage,
    text: str,
    sender: str,
    channel: str,
    responses: Responses,
    message_id: str | None = None,
    metadata: dict[str, Any] | None = None,
) -> Reply:
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
    reply: list[Message] = collector.messages
    apology = unavailable(sender, responses.on(channel).say(APOLOGY))
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
            reply = [*(reply if parse(reply).emergency else ()), apology]
        else:
            if not reply:
                metrics.TURNS_FAILED.labels(channel, SILENT).inc()
    told = parse(reply or [apology])
    _count_result(told, channel)
    return told


def _count_result(reply: Reply, channel: str) -> None:
    for told in reply.results:
        if told.again:
            continue
        metrics.RESULTS.labels(told.outcome, told.urgency, next(iter(told.rules), "")).inc()
        if told.emergency:
            metrics.EMERGENCIES.labels(channel).inc()
