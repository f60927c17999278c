"""The Socket.IO channel, on Rasa's: sessions that last, guarded input, whole messages.

Rasa 3.6 does not await `enter_room`, so with `session_persistence` no message arrives
(RasaHQ/rasa#13027), and it splits a text at blank lines; both are put right here.
"""

from __future__ import annotations

import logging
import secrets
from typing import Any

from rasa.core.channels.channel import InputChannel
from rasa.core.channels.socketio import SocketBlueprint
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse
from socketio import AsyncServer

from backline.channels.handling import OnNewMessage, converse, unavailable
from backline.channels.incoming import Refused, clean_sender, clean_text
from backline.channels.rest import apology_of
from backline.settings import load_settings

logger = logging.getLogger(__name__)

USER_EVENT = "user_uttered"
BOT_EVENT = "bot_uttered"
MIN_SESSION_CHARACTERS = 32


class SocketChannel(InputChannel):
    """Events as Rasa's channel has them: `session_request`, `user_uttered`, `bot_uttered`.

    A session id is made here, 256 random bits, and is what lets a visitor come back; anybody who
    knows it can read on, so ids too short to be ours are not taken over.
    """

    def __init__(self) -> None:
        self._clinic = load_settings().clinic

    @classmethod
    def name(cls) -> str:
        return "socketio"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> InputChannel:
        return cls()

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        # No CORS header is sent: only pages of this server may connect.
        sio = AsyncServer(async_mode="sanic", cors_allowed_origins=None, max_http_buffer_size=65536)
        webhook = SocketBlueprint(sio, "/socket.io", "backline_socket", __name__)

        @webhook.route("/", methods=["GET"])
        async def health(_: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @sio.on("session_request")
        async def session_request(sid: str, data: Any = None) -> None:
            asked = data.get("session_id") if isinstance(data, dict) else None
            session = asked if _is_ours(asked) else secrets.token_urlsafe(32)
            await sio.save_session(sid, {"conversation": session})
            await sio.enter_room(sid, session)
            await sio.emit("session_confirm", session, to=sid)

        @sio.on(USER_EVENT)
        async def handle_message(sid: str, data: Any = None) -> None:
            conversation = (await sio.get_session(sid)).get("conversation")
            if conversation is None:
                await sio.emit("refused", {"error": "no_session"}, to=sid)
                return
            try:
                text = clean_text(data.get("message") if isinstance(data, dict) else None)
            except Refused as refused:
                await sio.emit("refused", {"error": refused.code, "message": str(refused)}, to=sid)
                return
            sentence = apology_of(webhook.ctx.app.ctx.agent)
            apology = unavailable(conversation, self._clinic, sentence)
            answers = await converse(on_new_message, text, conversation, self.name(), apology)
            for answer in answers:
                answer.pop("recipient_id", None)
                await sio.emit(BOT_EVENT, answer, room=conversation)

        @webhook.listener("before_server_start")
        async def remember_app(app: Any, _loop: Any) -> None:
            webhook.ctx.app = app

        return webhook


def _is_ours(session: object) -> bool:
    try:
        return len(clean_sender(session)) >= MIN_SESSION_CHARACTERS
    except Refused:
        return False
