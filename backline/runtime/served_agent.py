"""The agent of `rasa run`, for channels that are made before it is loaded."""

from __future__ import annotations

from typing import Any

from sanic import Sanic


class ServedAgent:
    """Stands for the agent that the server of this process has at the moment.

    `rasa run` makes its channels first, loads the agent when it starts to serve, and another one
    with each new model.
    """

    def __getattr__(self, name: str) -> Any:
        return getattr(Sanic.get_app().ctx.agent, name)
