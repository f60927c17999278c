"""The Socket.IO channel, on Rasa's: sessions that last, guarded input, whole messages.

Rasa 3.6 does not await `enter_room`, so with `session_persistence` no message arrives
(RasaHQ/rasa#13027), and it splits a text at blank lines; both are put right here.
"""

from __future__ import annotations

import logging
import secrets
import time
from typing import Any

from rasa.core.channels.channel import InputChannel
from rasa.core.channels.socketio import SocketBlueprint
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from backline.channels.web.news_push import NewsPush
from backline.channels.web.rasa_run import news_of_rasa_run, turns_of_rasa_run
from backline.channels.web.socketio_hardening import SocketServer
from backline.conversation.overload import OverloadGuard, RateLimited
from backline.conversation.staff_news import StaffNews
from backline.conversation.turns import Inbound, Turns
from backline.dialogue import AnswersEarlier
from backline.http_server.cors import Origins
from backline.http_server.rate_limit import MAX_VISITOR_BYTES, address_of
from backline.observability import logs, metrics
from backline.sanitize import (
    Refused,
    clean_message_id,
    clean_sender,
    clean_text,
)
from backline.settings import load_settings

logger = logging.getLogger(__name__)

USER_EVENT = "user_uttered"
BOT_EVENT = "bot_uttered"
MIN_SESSION_CHARACTERS = 32


class SocketChannel(InputChannel):
    """Events as Rasa's channel has them: `session_request`, `user_uttered`, `bot_uttered`.

    A session id is 256 random bits, made here or by the visitor's browser, and is what lets a
    visitor come back; anybody who knows it can read on, so shorter ids are not taken over.

    A client that gives its message a `message_id` gets the whole answer as the acknowledgement of
    the event, `{"messages": [...]}` or `{"error", "message"}`, and may send it again when none
    came: it is heard once. Without an id the messages are sent as `bot_uttered`, as stock clients
    expect.

    A client whose `session_request` tells the number of the latest `news` that it has gets what
    came since, and from then on what comes: what staff of the clinic write.
    """

    def __init__(
        self, turns: Turns, guard: OverloadGuard, origins: Origins, news: StaffNews
    ) -> None:
        self._turns = turns
        self._guard = guard
        self._origins = origins
        self._news = news

    @classmethod
    def name(cls) -> str:
        return "socketio"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> InputChannel:
        turns, guard = turns_of_rasa_run()
        origins = Origins(load_settings().clinic.sites)
        return cls(turns, guard, origins, news_of_rasa_run())

    def blueprint(self, on_new_message: Any) -> Blueprint:
        sio = SocketServer(
            async_mode="sanic",
            cors_allowed_origins=self._may_connect,
            cors_credentials=False,
            max_http_buffer_size=MAX_VISITOR_BYTES,
        )
        webhook: Blueprint = SocketBlueprint(sio, "/socket.io", "backline_socket", __name__)

        push = NewsPush(sio, self._news)

        @webhook.listener("after_server_start")
        async def start(app: Any, _loop: Any) -> None:
            app.add_task(push.run())

        @sio.on("disconnect")
        async def disconnect(sid: str, *_: Any) -> None:
            push.leave(sid)

        @webhook.route("/", methods=["GET"])
        async def health(_: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        def address_at(sid: str) -> str | None:
            environ = sio.get_environ(sid)
            return address_of(environ["sanic.request"]) if environ else None

        async def refuse(sid: str, refused: Refused) -> dict[str, Any]:
            metrics.REFUSED.labels(self.name(), refused.code).inc()
            refusal: dict[str, Any] = {"error": refused.code, "message": str(refused)}
            if isinstance(refused, RateLimited):
                refusal["retry_after"] = refused.retry_after
            await sio.emit("refused", refusal, to=sid)
            return refusal

        @sio.on("session_request")
        async def session_request(sid: str, data: Any = None, *_: Any) -> dict[str, Any]:
            try:
                self._guard.admit_call(address_at(sid))
            except Refused as refused:
                return await refuse(sid, refused)
            asked = data.get("session_id") if isinstance(data, dict) else None
            session = str(asked) if _is_ours(asked) else secrets.token_urlsafe(32)
            await sio.save_session(sid, {"conversation": session})
            await sio.enter_room(sid, session)
            await sio.emit("session_confirm", session, to=sid)
            # Beside the answer: who writes must not wait for what others wrote.
            known = data.get("news") if isinstance(data, dict) else None
            sio.start_background_task(push.follow, sid, session, known)
            return {"session_id": session}

        @sio.on(USER_EVENT)
        async def handle_message(sid: str, data: Any = None, *_: Any) -> dict[str, Any] | None:
            logs.begin()
            begun = time.perf_counter()
            answer = await answer_event(sid, data)
            took = round(1000 * (time.perf_counter() - begun), 1)
            status = (answer or {}).get("error", "answered")
            logger.info("socket event", extra={"status": status, "duration_ms": took})
            return answer

        async def answer_event(sid: str, data: Any) -> dict[str, Any] | None:
            conversation = (await sio.get_session(sid)).get("conversation")
            message = data if isinstance(data, dict) else {}
            address = address_at(sid)
            try:
                try:
                    if conversation is None:
                        raise Refused("no_session", "Send `session_request` first.")
                    text = clean_text(message.get("message"))
                    message_id = clean_message_id(message.get("message_id"))
                except Refused:
                    self._guard.admit_call(address)
                    raise
                await self._guard.admit_message(address, conversation, text)
            except Refused as refused:
                return await refuse(sid, refused)
            logs.about(self.name(), conversation)
            answers = AnswersEarlier.from_request(message)
            reply = await self._turns.handle(
                Inbound(conversation, text, self.name(), message_id, answers)
            )
            shown = [
                {name: part for name, part in answer.items() if name != "recipient_id"}
                for answer in reply.to_json()
            ]
            if message_id is not None:
                return {"messages": shown}
            for answer in shown:
                await sio.emit(BOT_EVENT, answer, room=conversation)
            return None

        return webhook

    def _may_connect(self, origin: str | None, environ: dict[str, Any]) -> bool:
        return self._origins.allow(origin, environ.get("HTTP_HOST"))


def _is_ours(session: object) -> bool:
    try:
        return len(clean_sender(session)) >= MIN_SESSION_CHARACTERS
    except Refused:
        return False
