"""What a person is told without having asked: words of staff, and the bot's about them."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from dataclasses import dataclass

from rasa.core.agent import Agent

from backline.clock import utcnow
from backline.failures import describe
from backline.replies import Message, unasked
from backline.responses import Responses
from backline.runtime.silence import open_question
from backline.settings import Clinic
from backline.store import Store, Takeovers

logger = logging.getLogger(__name__)

NOBODY_CAME, HAS_LEFT = "utter_staff_nobody_came", "utter_staff_back_bare"
LONGEST_SILENCE = dt.timedelta(hours=1)
"""After which who waits for words of staff has the bot again, where the clinic sets no time."""
LOOK_S = 15.0


@dataclass(frozen=True)
class News:
    """Messages in the order in which they were said, as the REST interface has them.

    Attributes:
        number: of the last of them, after which to ask the next time.
    """

    messages: tuple[Message, ...]
    number: int


class StaffNews:
    """Gives what came since somebody looked last. All of it is in the database."""

    def __init__(self, takeovers: Takeovers, agent: Agent) -> None:
        self._takeovers = takeovers
        self._agent = agent

    async def since(self, conversation: str, number: int) -> News:
        """Give what was said after a number.

        Raises:
            backline.store.StoreUnavailable: the database does not answer.
        """
        said = await asyncio.to_thread(self._takeovers.news, conversation, number)
        messages = [unasked(one.text, one.id, one.name) for one in said]
        if said and said[-1].asks_again:
            messages += await self.question(conversation)
        return News(tuple(messages), said[-1].id if said else number)

    async def question(self, conversation: str) -> list[Message]:
        """Give the question that is open in a conversation, if one is."""
        asked = open_question(await self._agent.tracker_store.retrieve(conversation))
        return [] if asked is None else [asked]

    async def latest(self, within: dt.timedelta) -> dict[str, int]:
        """Give, of conversations in which something was said lately, the latest number.

        Raises:
            backline.store.StoreUnavailable: the database does not answer.
        """
        return await asyncio.to_thread(self._takeovers.latest_news, utcnow() - within)


async def tell_who_waits(store: Store, clinic: Clinic, agent: Agent) -> None:
    """Look after those whom no staff answers in time, for as long as the server runs.

    Whom nobody takes over is told to call; whom staff left is given back to the bot.
    """
    patience = LONGEST_SILENCE
    if clinic.staff is not None:
        patience = dt.timedelta(minutes=clinic.staff.answer_within_minutes)
    while True:
        try:
            responses, takeovers = Responses(agent.domain.responses, clinic), store.takeovers
            for tell, words in (
                (takeovers.nobody_came, responses.say(NOBODY_CAME)),
                (takeovers.nobody_is_there, responses.say(HAS_LEFT)),
            ):
                now = utcnow()
                await asyncio.to_thread(tell, now - patience, words, now)
        except Exception as error:  # noqa: BLE001 - it must look again, whatever broke
            logger.warning("Who waits for staff cannot be told: %s", describe(error))
        await asyncio.sleep(LOOK_S)
