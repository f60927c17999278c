"""Take calls as a stream of sound at `/webhooks/phone/stream`, a WebSocket for Media Streams.

Recognised and spoken on the clinic's own machine. One `StreamedCall` a call: it says a turn,
listens, has what was said recognised, and hands it to the phone line, until somebody hangs up.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse
from twilio.twiml.voice_response import VoiceResponse
from websockets.exceptions import ConnectionClosed

from backline.observability import metrics
from backline.phone.audio import media_frames
from backline.phone.audio.asr import Recogniser
from backline.phone.audio.tts import Voices
from backline.phone.audio.vad import Endpointer, SpeechDetector
from backline.phone.calls import CallService
from backline.phone.events import PhoneCall
from backline.phone.gateways.media_stream_call import (
    MOST_GARBAGE,
    End,
    StreamedCall,
    WebSocket,
    close,
)

logger = logging.getLogger(__name__)

ENTRANCE = "stream"
PATH = "/webhooks/phone/stream"

START_S = 10.0
"""Seconds within which a stream has to say which call it is."""
MOST_CALLS = 40
REMEMBERED = 1000

_REFUSED, _WRONG_FORMAT, _BUSY = 1008, 1003, 1013


class _Refused(Exception):
    """The stream is closed with this code and this reason before it comes to a call."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def stream_blueprint(
    line: CallService,
    recogniser: Recogniser,
    voices: Voices,
    token: str,
    voice: Callable[[], SpeechDetector],
    transfer_to: str | None = None,
) -> Blueprint:
    """Build the routes of the audio stream, and of what Twilio asks when a stream is over.

    Args:
        token: what a gateway shows to be let in: the custom parameter `token` of its `start` frame,
            or `Authorization: Bearer` or `?token=` when it opens the socket.
        voice: makes the detector of speech for a call.
        transfer_to: the number that Twilio connects callers to; None where nobody is called.
    """
    blueprint = Blueprint("phone_stream")
    under_way: set[asyncio.Task[Any]] = set()
    ended: OrderedDict[str, End] = OrderedDict()

    @blueprint.websocket(PATH)
    async def stream(request: Request, socket: WebSocket) -> None:
        try:
            shown = _shown(request)
            if shown is not None and not _is(shown, token):
                raise _Refused(_REFUSED, "refused")
            if len(under_way) >= MOST_CALLS:
                raise _Refused(_BUSY, "transfer")
            start = await _start_of(socket, token, known=shown is not None)
        except _Refused as refused:
            metrics.STREAMS_REFUSED.labels(str(refused.code)).inc()
            await close(socket, refused.code, refused.reason)
            return
        # Sanic stops a handler whose socket is gone; the call has still to be ended.
        task = asyncio.get_running_loop().create_task(lead(socket, start))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
        await asyncio.shield(task)

    async def lead(socket: WebSocket, start: media_frames.Start) -> None:
        call = PhoneCall(start.call, ENTRANCE, start.parameters.get("from") or None)
        how = End.FAILED
        metrics.CALLS.labels(ENTRANCE).inc()
        metrics.STREAMS.inc()
        try:
            streamed = StreamedCall(
                socket, start, call, line, recogniser, voices, Endpointer(voice())
            )
            how = await streamed.lead()
        finally:
            metrics.STREAMS.dec()
            metrics.STREAMS_ENDED.labels(how.value).inc()
            ended[call.id] = how
            while len(ended) > REMEMBERED:
                ended.popitem(last=False)

    @blueprint.post(f"{PATH}/after")
    async def after(request: Request) -> HTTPResponse:
        # Tells nothing but what Twilio does next with a call whose id is known: no secret.
        how = ended.pop(str((request.form or {}).get("CallSid")), None)
        what_next = VoiceResponse()
        if how is not End.FINISHED and transfer_to is not None:
            what_next.dial(transfer_to)
        else:
            what_next.hangup()
        return response.text(str(what_next), content_type="text/xml")

    @blueprint.listener("before_server_stop")
    async def connect_to_people(_app: Sanic, _loop: Any) -> None:
        for task in list(under_way):
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    return blueprint


def _shown(request: Request) -> str | None:
    header = request.headers.get("authorization")
    if header is not None:
        return str(header).removeprefix("Bearer ")
    given = request.args.get("token")
    return None if given is None else str(given)


def _is(shown: str, token: str) -> bool:
    # JSON can hold what is no text in UTF-8.
    return hmac.compare_digest(shown.encode(errors="replace"), token.encode())


async def _start_of(socket: WebSocket, token: str, known: bool) -> media_frames.Start:
    """Wait for the frame that starts the stream.

    Raises:
        _Refused: it does not come, shows no token, or is of a sound that is not understood.
    """
    by = asyncio.get_running_loop().time() + START_S
    for _ in range(MOST_GARBAGE):
        left = by - asyncio.get_running_loop().time()
        try:
            message = await socket.recv(timeout=left) if left > 0 else None
        except (ConnectionClosed, OSError):
            message = None
        if message is None:
            raise _Refused(_REFUSED, "no start")
        try:
            frame = media_frames.read(message)
        except media_frames.FrameError:
            metrics.FRAMES_DROPPED.labels("garbage").inc()
            continue
        if isinstance(frame, media_frames.Start):
            if not known and not _is(frame.parameters.get("token", ""), token):
                raise _Refused(_REFUSED, "refused")
            if frame.wrong_format is not None:
                logger.warning("A call of the audio stream cannot be heard: %s", frame.wrong_format)
                raise _Refused(_WRONG_FORMAT, "transfer")
            return frame
        # Sound of a stream that did not say who it is.
    raise _Refused(_REFUSED, "no start")
