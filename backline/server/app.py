"""`backline serve`: Rasa, the actions, the channels and the page in one process."""

from __future__ import annotations

import logging
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import rasa.core.channels.channel
import typer
from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel
from rasa.core.lock_store import InMemoryLockStore, LockStore, RedisLockStore
from rasa.core.processor import MessageProcessor
from rasa.core.run import close_resources
from rasa.core.tracker_store import TrackerStore
from rasa.engine.loader import load_predict_graph_runner
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.storage import ModelMetadata
from rasa.model import get_latest_model
from rasa.utils.endpoints import EndpointConfig
from sanic import Sanic, response
from sanic.exceptions import PayloadTooLarge, SanicException
from sanic.request import Request
from sanic.response import HTTPResponse

from backline.channels.credentials import Messaging, load_messaging
from backline.channels.messaging import MessagingChannel
from backline.channels.replies import Replies
from backline.channels.rest import RestChannel
from backline.channels.services import services_of
from backline.channels.socket import SocketChannel
from backline.server import adaptations
from backline.server.actions_endpoint import InProcessActions
from backline.server.erasing import Eraser
from backline.server.graph_runner import InOrderGraphRunner
from backline.server.health import health_blueprint
from backline.server.origins import Origins, guard
from backline.server.tracker_store import BacklineTrackerStore
from backline.settings import Settings
from backline.store import Store, create_store
from backline.web.embedding import widget_blueprint
from backline.web.pages import page_blueprint

logger = logging.getLogger(__name__)

LOCAL_ADDRESSES = ("0.0.0.0", "127.0.0.1", "::")  # noqa: S104 - compared with, not listened on
MAX_BODY_BYTES = 1024 * 1024
"""A messaging service may put many messages into one call; other requests are smaller."""
MAX_VISITOR_BYTES = 64 * 1024
CHANNELS_PREFIX = "/webhooks/"


class ModelError(RuntimeError):
    """There is no model to serve, or it does not fit; the text says what to do."""


class BacklineAgent(Agent):
    """Rasa's agent without its in-memory fallback for the tracker store.

    With the fallback a lost database would split a conversation in two and start its triage
    again. Without it the turn fails, the person is told, and the conversation goes on when the
    database is back.
    """

    @staticmethod
    def _create_tracker_store(store: TrackerStore | None, domain: Any) -> TrackerStore:
        if store is None:
            raise ValueError("Backline needs a tracker store")
        store.domain = domain
        return store

    def load_model(self, model_path: Path, fingerprint: str | None = None) -> None:
        """Load a model, as Rasa's agent does, but for what runs its components."""
        self.processor = BacklineProcessor(
            model_path=model_path,
            tracker_store=self.tracker_store,
            lock_store=self.lock_store,
            action_endpoint=self.action_endpoint,
            generator=self.nlg,
        )
        self.domain = self.processor.domain
        self._set_fingerprint(fingerprint)
        self.tracker_store.domain = self.domain
        self.nlg.responses = self.domain.responses


class BacklineProcessor(MessageProcessor):
    """Rasa's processor of messages, running a model's components in order."""

    @staticmethod
    def _load_model(model_path: Path) -> tuple[str, ModelMetadata, GraphRunner]:
        with TemporaryDirectory() as folder:
            metadata, runner = load_predict_graph_runner(
                Path(folder), model_path, LocalModelStorage, InOrderGraphRunner
            )
        return model_path.name, metadata, runner


def load_agent(settings: Settings) -> Agent:
    """The agent with the newest model of the settings' folder.

    Raises:
        ModelError: there is none, or it cannot be loaded.
    """
    adaptations.apply()
    model = newest_model(settings.models)
    agent = BacklineAgent(
        generator=EndpointConfig(type="backline.server.responses.ClinicResponses"),
        tracker_store=BacklineTrackerStore(host=settings.database_url),
        lock_store=_lock_store(settings),
        action_endpoint=InProcessActions(),
    )
    try:
        agent.load_model(model)
    except Exception as error:
        raise ModelError(
            f"The model {model.name} cannot be loaded ({type(error).__name__}). It may come from "
            "another version: train a new one with `backline train`."
        ) from error
    return agent


def newest_model(folder: Path) -> Path:
    """The newest trained model.

    Raises:
        ModelError: the folder has none.
    """
    found = get_latest_model(folder) if folder.is_dir() else None
    if not found:
        raise ModelError(f"There is no model in {folder}/: train one with `backline train`.")
    return Path(found)


def _lock_store(settings: Settings) -> LockStore:
    if settings.redis_url is None:
        return InMemoryLockStore()
    from redis.connection import parse_url

    where = parse_url(settings.redis_url)
    return RedisLockStore(
        host=where.get("host", "localhost"),
        port=where.get("port", 6379),
        db=where.get("db", 0),
        username=where.get("username"),
        password=where.get("password"),
        use_ssl=settings.redis_url.startswith("rediss://"),
    )


def create_app(
    settings: Settings, agent: Agent, store: Store, messaging: Messaging | None = None
) -> Sanic:
    """The web application, with everything but a socket to listen on."""
    app = Sanic("backline", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = MAX_BODY_BYTES
    app.config.FALLBACK_ERROR_FORMAT = "json"
    app.ctx.agent = agent
    app.error_handler.add(Exception, _answer_error)
    guard(app, Origins(settings.clinic.sites))
    # One for both: a message whose socket broke may come again over REST.
    replies = Replies()
    channels: list[InputChannel] = [RestChannel(replies), SocketChannel(replies)]
    webhooks = set()
    if messaging is not None:
        for service in services_of(messaging):
            webhooks.add(f"{CHANNELS_PREFIX}{service.name}/webhook")
            channels.append(MessagingChannel(service, store.mail, messaging.seal, settings.clinic))
    _limit_visitors(app, webhooks)
    rasa.core.channels.channel.register(channels, app, route=CHANNELS_PREFIX)
    app.blueprint(health_blueprint(store))
    app.blueprint(page_blueprint(settings.clinic))
    app.blueprint(widget_blueprint(settings.clinic, Eraser(agent, store, replies)))
    app.register_listener(close_resources, "after_server_stop")
    return app


def _limit_visitors(app: Sanic, webhooks: set[str]) -> None:
    @app.on_request
    async def limit(request: Request) -> None:
        if request.path not in webhooks and len(request.body) > MAX_VISITOR_BYTES:
            raise PayloadTooLarge("too large")


async def _answer_error(request: Request, error: Exception) -> HTTPResponse:
    if isinstance(error, SanicException):
        sentence = {404: "There is nothing here.", 413: "That is too large."}.get(
            error.status_code, "That request cannot be answered."
        )
        return response.json({"error": "refused", "message": sentence}, status=error.status_code)
    logger.error("A request failed: %s", type(error).__name__)
    return response.json(
        {"error": "failed", "message": "Something went wrong here. Please try again."}, status=503
    )


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve until stopped; Ctrl-C and SIGTERM end it cleanly.

    Raises:
        ModelError, SettingsError, backline.store.StoreError: the start is impossible; the text
            says why.
    """
    messaging = load_messaging()
    store = create_store(settings.database_url)
    store.upgrade()
    agent = load_agent(settings)
    app = create_app(settings, agent, store, messaging)
    shown = "localhost" if host in LOCAL_ADDRESSES else host

    @app.listener("after_server_start")
    async def say_ready(_app: Sanic, _loop: Any) -> None:
        typer.echo(f"Backline is ready: http://{shown}:{port}   (Ctrl-C stops it)")

    app.run(host=host, port=port, access_log=False, motd=False, backlog=100)
