"""Where actions run: inside the server's own process, or on an action server over HTTP."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException

from backline.observability import metrics
from backline.observability.instrumentation import timed


class OwnResult(dict[str, Any]):
    """What an action of this process gave back: it came over no network and needs no check."""


class InProcessActions(EndpointConfig):
    """An action endpoint that runs rasa-sdk's executor instead of posting to a URL."""

    def __init__(self, package: str = "actions") -> None:
        super().__init__(url="in-process", enable_selective_domain=True)
        self._executor = ActionExecutor()
        self._executor.register_package(package)

    @timed(metrics.ACTION)
    async def request(
        self,
        method: str = "post",
        subpath: str | None = None,
        content_type: str | None = "application/json",
        compress: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Run the action that the call names.

        Raises:
            ClientResponseError: as the HTTP action server answers, 400 for a rejected execution
                and 404 for an unknown action.
        """
        try:
            return OwnResult(await self._executor.run(kwargs["json"]))
        except ActionExecutionRejection as error:
            body = {"error": str(error), "action_name": error.action_name}
            raise ClientResponseError(400, "rejected", json.dumps(body)) from error
        except ActionNotFoundException as error:
            body = {"error": str(error), "action_name": error.action_name}
            raise ClientResponseError(404, "not found", json.dumps(body)) from error


class RemoteActions(EndpointConfig):
    """An action server (`rasa run actions`), asked for so long as people wait for an answer."""

    ANSWERS_WITHIN_S = 10.0
    """Rasa itself would wait for five minutes."""

    def __init__(self, url: str) -> None:
        super().__init__(url=url, enable_selective_domain=True)

    @timed(metrics.ACTION)
    async def request(self, *args: Any, **kwargs: Any) -> Any:
        """Post the call; errors as Rasa's endpoint raises them, or a timeout."""
        kwargs["timeout"] = aiohttp.ClientTimeout(total=self.ANSWERS_WITHIN_S)
        return await super().request(*args, **kwargs)
