"""`backline serve`: Rasa, the actions, the channels and the page in one process."""

from __future__ import annotations

import logging
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import rasa.core.channels.channel
import typer
from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel
from rasa.core.run import close_resources
from sanic import Sanic, response
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse

from backline.channels.messaging.providers.configured import services_of
from backline.channels.messaging.webhook import MessagingChannel
from backline.channels.web.rest import RestChannel
from backline.channels.web.socketio import SocketChannel
from backline.conversation.erasure import Eraser
from backline.conversation.overload import OverloadGuard
from backline.conversation.staff_news import StaffNews, tell_who_waits
from backline.conversation.turns import Turns
from backline.credentials import Messaging, load_messaging
from backline.desk.settings import DeskSettings
from backline.failures import describe
from backline.http_server.access_log import log_requests
from backline.http_server.addresses import ListenError, check_address
from backline.http_server.cors import Origins
from backline.http_server.cors import guard as guard_origins
from backline.http_server.hardening import CarefulProtocol
from backline.http_server.health import health_blueprint
from backline.http_server.limits import VisitorLimits
from backline.http_server.rate_limit import limit_visitors
from backline.http_server.security_headers import secure_headers
from backline.notices.settings import NoticeSettings, load_notices
from backline.notices.worker import NoticeWorker
from backline.observability.instrumentation import count_database_errors, watch_event_loop
from backline.phone.gateways.configured import phone_blueprints
from backline.runtime.agent import load_agent
from backline.runtime.lock_store import BacklineLockStore
from backline.runtime.stored_encryption import encrypt_what_is_stored
from backline.settings import Settings
from backline.store import Store, create_store
from backline.store.engine import POSTGRES_KEPT, POSTGRES_MORE
from backline.store.policy_signatures import tell_policy_state
from backline.web.embedding import widget_blueprint
from backline.web.pages import page_blueprint

logger = logging.getLogger(__name__)

LOCAL_ADDRESSES = ("0.0.0.0", "127.0.0.1", "::")  # noqa: S104 - compared with, not listened on
DATABASE_USERS = 2
"""Rasa's part of a conversation and ours: each has connections of its own."""
CHANNELS_PREFIX = "/webhooks/"
PHONE = f"{CHANNELS_PREFIX}phone/"
SENTENCES = {
    404: "There is nothing here.",
    408: "That took too long to arrive. Please send it again.",
    413: "That is too large.",
}
TALK = f"{CHANNELS_PREFIX}{RestChannel.name()}/webhook"


def create_app(
    settings: Settings,
    agent: Agent,
    store: Store,
    messaging: Messaging | None = None,
    notices: NoticeSettings | None = None,
) -> Sanic:
    """The web application, with everything but a socket to listen on."""
    app = Sanic("backline", configure_logging=False)
    app.config.FALLBACK_ERROR_FORMAT = "json"
    app.ctx.agent = agent
    app.error_handler.add(Exception, _answer_error)
    log_requests(app)
    secure_headers(app)
    origins = Origins(settings.clinic.sites)
    guard_origins(app, origins)
    limits = VisitorLimits()
    turns = Turns(agent, settings.clinic)
    guard = OverloadGuard(limits, agent, settings.clinic)
    news = StaffNews(store.takeovers, agent)
    channels: list[InputChannel] = [
        RestChannel(turns, guard),
        SocketChannel(turns, guard, origins, news),
    ]
    webhooks = [PHONE]
    if messaging is not None:
        for service in services_of(messaging):
            webhooks.append(f"{CHANNELS_PREFIX}{service.name}/webhook")
            channels.append(MessagingChannel(service, store, messaging.privacy, agent, turns, news))
    limit_visitors(app, limits, settings.proxies, services=webhooks, talk=TALK)
    rasa.core.channels.channel.register(channels, app, route=CHANNELS_PREFIX)
    app.blueprint(health_blueprint(store, settings.metrics_token))
    app.blueprint(page_blueprint(settings.clinic))
    app.blueprint(widget_blueprint(settings.clinic, Eraser(store, agent), news))
    for blueprint in phone_blueprints(agent, store, settings):
        app.blueprint(blueprint)
    app.register_listener(_warm_up, "before_server_start")
    if not settings.database_url.startswith("sqlite"):
        app.register_listener(_wait_side_by_side, "before_server_start")
    if settings.rabbitmq_url is not None:
        tell_events = partial(_tell_events, settings.rabbitmq_url)
        app.register_listener(tell_events, "before_server_start")
    app.register_listener(close_resources, "after_server_stop")
    app.add_task(watch_event_loop())
    app.add_task(encrypt_what_is_stored(store))
    if notices is not None:
        desk = DeskSettings.read().url
        app.add_task(NoticeWorker(store, settings.clinic, notices, desk).run())
    app.add_task(tell_who_waits(store, settings.clinic, agent))
    app.register_listener(_close_locks, "after_server_stop")
    return app


async def _warm_up(app: Sanic, _loop: Any) -> None:
    """What is loaded at its first use is loaded before the first patient waits for it."""
    await app.ctx.agent.parse_message("my back has been sore for 3 weeks")


async def _wait_side_by_side(_app: Sanic, loop: Any) -> None:
    """As many questions to PostgreSQL may wait at once as there are connections to it.

    Python's own few threads, by the number of processors, would wait in turn where it is slow.
    """
    connections = POSTGRES_KEPT + POSTGRES_MORE
    loop.set_default_executor(ThreadPoolExecutor(DATABASE_USERS * connections))


async def _tell_events(rabbitmq_url: str, app: Sanic, _loop: Any) -> None:
    # Its client is loaded only where it is used, and needs the server's loop.
    from backline.runtime.event_broker import BacklineEventBroker

    app.ctx.agent.tracker_store.event_broker = BacklineEventBroker(rabbitmq_url)


async def _close_locks(app: Sanic, _loop: Any) -> None:
    if isinstance(app.ctx.agent.lock_store, BacklineLockStore):
        await app.ctx.agent.lock_store.close()


async def _answer_error(request: Request, error: Exception) -> HTTPResponse:
    if isinstance(error, SanicException):
        sentence = SENTENCES.get(error.status_code, "That request cannot be answered.")
        return response.json({"error": "refused", "message": sentence}, status=error.status_code)
    logger.error("A request failed: %s", describe(error))
    return response.json(
        {"error": "failed", "message": "Something went wrong here. Please try again."}, status=503
    )


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve until stopped; Ctrl-C and SIGTERM end it cleanly.

    Raises:
        ListenError, ModelError, SettingsError, backline.store.StoreError: the start is impossible;
            the text says why.
    """
    check_address(host, port)
    messaging = load_messaging(calls=settings.clinic.phone_line is not None)
    notices = load_notices(settings.clinic)
    count_database_errors()
    store = create_store(settings.database_url)
    store.upgrade()
    tell_policy_state(store.policy_signatures)
    agent = load_agent(settings)
    app = create_app(settings, agent, store, messaging, notices)
    app.ctx.listened = False
    shown = "localhost" if host in LOCAL_ADDRESSES else host

    async def say_ready(_app: Sanic, _loop: Any) -> None:
        app.ctx.listened = True
        address = f"http://{shown}:{port}"
        if sys.stdout.isatty():
            typer.echo(f"Backline is ready: {address}   (Ctrl-C stops it)")
        else:
            logger.info("ready", extra={"address": address})

    app.register_listener(say_ready, "after_server_start")
    app.run(
        host=host,
        port=port,
        protocol=CarefulProtocol,
        access_log=False,
        motd=False,
        backlog=100,
    )
    if not app.ctx.listened:
        # Somebody took the address while the model was loaded; Sanic logs it and returns.
        check_address(host, port)
        raise ListenError(f"{host} port {port} cannot be listened on")
