"""The webhook of a messaging service as one of Rasa's input channels."""

from __future__ import annotations

import logging
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from backline.channels.messaging.providers.base import Service
from backline.channels.messaging.worker import MessagingWorker
from backline.conversation.staff_news import StaffNews
from backline.conversation.turns import Turns
from backline.failures import describe
from backline.observability import metrics
from backline.privacy import Privacy
from backline.sanitize import Refused
from backline.store import Store, StoreError

logger = logging.getLogger(__name__)


class MessagingChannel(InputChannel):
    """Verifies what comes, stores it, and leaves the rest to the worker."""

    def __init__(
        self,
        service: Service,
        store: Store,
        privacy: Privacy,
        agent: Agent,
        turns: Turns,
        news: StaffNews,
    ) -> None:
        self._service = service
        self._worker = MessagingWorker(service, store, privacy, agent, turns, news)

    def url_prefix(self) -> str:
        return self._service.name

    def blueprint(self, on_new_message: Any) -> Blueprint:
        name = self._service.name
        webhook = Blueprint(f"backline_{name}")
        worker = self._worker

        @webhook.route("/webhook", methods=["GET"])
        async def handshake(request: Request) -> HTTPResponse:
            try:
                return self._service.handshake(request)
            except Refused as refused:
                return _refusal(name, refused)

        @webhook.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            try:
                self._service.verify(request)
                told = self._service.read(request)
            except Refused as refused:
                return _refusal(name, refused)
            try:
                await worker.take(told)
            except StoreError as error:
                logger.error("A message could not be stored: %s", describe(error))
                # The service delivers it again.
                return response.json({"error": "unavailable"}, status=503)
            return self._service.taken()

        @webhook.listener("before_server_start")
        async def start(_app: Any, _loop: Any) -> None:
            await worker.start()

        @webhook.listener("before_server_stop")
        async def stop(_app: Any, _loop: Any) -> None:
            await worker.stop()

        return webhook


def _refusal(channel: str, refused: Refused) -> HTTPResponse:
    metrics.REFUSED.labels(channel, refused.code).inc()
    return response.json({"error": refused.code, "message": str(refused)}, status=refused.status)
