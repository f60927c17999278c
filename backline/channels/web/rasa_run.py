"""What the channels of the web need where `rasa run` makes them, by credentials.yml."""

from __future__ import annotations

from typing import Any

from backline.conversation.overload import OverloadGuard
from backline.conversation.staff_news import StaffNews
from backline.conversation.turns import Turns
from backline.http_server.limits import VisitorLimits
from backline.runtime.served_agent import ServedAgent
from backline.settings import load_settings
from backline.store import create_store


def turns_of_rasa_run() -> tuple[Turns, OverloadGuard]:
    """Give what `backline serve` hands to a channel, with limits of the channel's own."""
    agent: Any = ServedAgent()
    clinic = load_settings().clinic
    return Turns(agent, clinic), OverloadGuard(VisitorLimits(), agent, clinic)


def news_of_rasa_run() -> StaffNews:
    """Give what `backline serve` hands to the channel of open pages."""
    agent: Any = ServedAgent()
    return StaffNews(create_store(load_settings().database_url).takeovers, agent)
