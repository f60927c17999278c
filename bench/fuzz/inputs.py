"""Cases for each way into the server: what is nearly right, and what is not right at all.

Everything is as it goes over the wire, so that a case that is printed can be made into a test.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import struct
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from backline.channels.messaging.options import DONE, chosen
from backline.channels.messaging.providers.telegram import SECRET_HEADER
from backline.facts import CHECKLISTS
from backline.phone.gateways import media_stream, transcript_webhook
from backline.phone.gateways.twilio_numbers import PATH as VOICE
from tests.messaging import telegram, twilio, whatsapp
from tests.messaging.telegram import Telegram
from tests.messaging.twilio import TwilioPerson
from tests.phone.gateway import start_frame
from tests.phone.streams import TOKEN

Cases = st.SearchStrategy[Any]


def handshake(target: str) -> bytes:
    """What opens a WebSocket there."""
    return (
        f"GET {target} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    ).encode()


HANDSHAKE = handshake("/socket.io/?EIO=4&transport=websocket")
STREAM_HANDSHAKE = handshake(media_stream.PATH)
TALK = "/webhooks/rest/webhook"
METHODS = ("GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT", "get")
PATHS = (
    *("/", "/embed-test", "/static/site.js", "/static/", "/widget.js", "/widget/config"),
    *(
        "/widget/erase",
        "/widget/news",
        "/health/live",
        "/health/ready",
        "/metrics",
        TALK,
        "/webhooks/rest/",
    ),
    *("/webhooks/socketio/", "/webhooks/telegram/webhook", "/webhooks/whatsapp/webhook"),
    *("/webhooks/twilio/webhook", "/socket.io/", "/socket.io", "/conversations/x/tracker"),
    *(VOICE, f"{VOICE}/turn", f"{VOICE}/status", transcript_webhook.PATH, media_stream.PATH),
    f"{media_stream.PATH}/after",
)
NAMES = (
    *("Content-Type", "Content-Length", "Transfer-Encoding", "Host", "Origin", "Accept-Encoding"),
    *("If-None-Match", "X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "X-Request-Id"),
    *("Upgrade", "Connection", "Expect", "Cookie", "Authorization", "Range", "X-Hub-Signature-256"),
    *("X-Twilio-Signature", "X-Telegram-Bot-Api-Secret-Token", "Access-Control-Request-Method"),
)
VALUES = (
    *("", "0", "-1", "+5", "1_0", "99999999999999999999", "chunked", "gzip, chunked", "[", "::1"),
    *("http://[", "null", "https://evil.example", "websocket", "100-continue", "close", "*"),
    *("application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"),
    *("text/plain; charset=utf-16", "for=1.2.3.4;host=[", "bytes=0-1", "Bearer x", '"x"', "\xff"),
)
QUERIES = (
    *("", "EIO=4&transport=polling", "EIO=4&transport=websocket", "EIO=3", "sid=x", "j=x", "j=1"),
    *("EIO=4&transport=polling&sid=none", "hub.mode=subscribe&hub.verify_token=x", "%ff=%fe", "=&"),
)


@dataclass(frozen=True)
class Request:
    """A request that is one by its form; `wire` is what goes over the wire."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def wire(self) -> bytes:
        lines = [f"{self.method} {self.target} HTTP/1.1"]
        given = {name.lower() for name, _ in self.headers}
        if "host" not in given:
            lines.append("Host: x")
        if self.body and not given & {"content-length", "transfer-encoding"}:
            lines.append(f"Content-Length: {len(self.body)}")
        if "connection" not in given:
            lines.append("Connection: close")
        lines += [f"{name}: {value}" for name, value in self.headers]
        return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + self.body


# ---- Values and bodies ------------------------------------------------------------------------

texts = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["my back hurts", "yes", "none of these", "4", "/restart", "1", "3 weeks"]),
    st.sampled_from(["\x00", "\ud800", "\u202e", "a\u0301" * 50, "{x} %s ${y}", "א" * 300]),
    st.integers(1, 6000).map(lambda n: "numb " * n),
)
values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.sampled_from([10**400, -(2**63), 2**64, 1e308]),
        texts,
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
broken_json = st.one_of(
    st.binary(max_size=200),
    st.integers(1, 20_000).map(lambda n: b"[" * n),
    st.integers(1, 9_000).map(lambda n: b'{"a":' * n),
    st.integers(1, 9_000).map(lambda n: b"1" * n),
    st.sampled_from([b"", b"null", b"NaN", b"1e999", b'"\\ud800"', b"\xef\xbb\xbf{}", b"{}{}"]),
    values.map(lambda value: json.dumps(value).encode("utf-16")),
    values.map(lambda value: json.dumps(value).encode()[:-1]),
)


@st.composite
def mutated(draw: st.DrawFn, template: Any) -> Any:
    """The template with some of its parts gone, doubled, or something else."""
    # Few changes at a time, and none is the simplest: most of a case is as it should be.
    change = draw(st.integers(0, 29))
    if change == 29:
        return draw(values)
    if isinstance(template, dict):
        made = {
            name: draw(mutated(part))
            for name, part in template.items()
            if draw(st.integers(0, 29)) != 29
        }
        if change == 28:
            made[draw(st.text(max_size=10))] = draw(values)
        return made
    if isinstance(template, list):
        made_list = [draw(mutated(part)) for part in template]
        return made_list * draw(st.sampled_from([1, 1, 1, 0, 2, 40]))
    if isinstance(template, str) and change > 25:
        return draw(texts)
    return template


def bodies(template: Any) -> st.SearchStrategy[bytes]:
    """JSON near the template, and what is none."""
    near = mutated(template).map(lambda value: json.dumps(value).encode())
    return st.one_of(near, near, near, broken_json)


kinds = st.sampled_from(
    ["application/json", "application/json", "text/plain", "", "application/json; charset=utf-7"]
)
odd_headers = st.lists(
    st.tuples(
        st.one_of(st.sampled_from(NAMES), st.text("abcXYZ-_", min_size=1, max_size=9)),
        st.one_of(st.sampled_from(VALUES), st.text(st.characters(codec="latin-1"), max_size=30)),
    ),
    max_size=4,
).map(tuple)


def posts(path: str, template: Any) -> Cases:
    """Requests to a path, with bodies near a template."""
    return st.builds(
        lambda body, kind: Request("POST", path, (("Content-Type", kind),), body),
        bodies(template),
        kinds,
    )


# ---- REST, erasing, any route, no HTTP at all -------------------------------------------------

senders = st.integers(0, 400).map(lambda n: f"fuzz-{n}")
rest = posts(TALK, {"sender": "fuzz-x", "message": "no", "message_id": "m", "metadata": {}})
talk = st.builds(
    lambda sender, message: Request(
        "POST", TALK, (), json.dumps({"sender": sender, "message": message}).encode()
    ),
    senders,
    texts,
)
erase = posts("/widget/erase", {"sender": "fuzz-x"})
news = posts("/widget/news", {"sender": "fuzz-x", "news": 0})
routes = st.builds(
    lambda method, path, query, headers, body: Request(
        method, path + ("?" + query if query else ""), headers, body
    ),
    st.sampled_from(METHODS),
    st.one_of(
        st.sampled_from(PATHS),
        st.text(max_size=20).map(lambda text: "/" + quote(text.encode("utf-8", "replace"))),
        st.sampled_from(
            ["/static/..%2f..%2fclinic.yml", "/%00", "//x", "/static/%2e%2e/", "/?", "*"]
        ),
    ),
    st.one_of(st.sampled_from(QUERIES), st.binary(max_size=20).map(quote)),
    odd_headers,
    st.one_of(st.just(b""), st.binary(max_size=60), broken_json),
)
raw = st.one_of(
    st.binary(min_size=1, max_size=200),
    st.binary(max_size=20).map(lambda junk: b"GET /" + junk + b" HTTP/1.1\r\nHost: x\r\n\r\n"),
    st.lists(st.binary(max_size=30), max_size=5).map(
        lambda lines: (
            b"POST /webhooks/rest/webhook HTTP/1.1\r\n" + b"\r\n".join(lines) + b"\r\n\r\n"
        )
    ),
    st.tuples(
        st.sampled_from([b"-5", b"+5", b"1_0", b"abc", b"5, 5", b"0x5", b"5\r\nContent-Length: 7"]),
        st.binary(max_size=20),
    ).map(
        lambda parts: (
            b"POST /widget/erase HTTP/1.1\r\nHost: x\r\nContent-Length: %b\r\n\r\n%b" % parts
        )
    ),
    st.binary(max_size=60).map(
        lambda chunks: (
            b"POST /widget/erase HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks
        )
    ),
    st.integers(1, 70_000).map(lambda n: b"GET / HTTP/1.1\r\nX: " + b"x" * n + b"\r\n\r\n"),
    st.binary(max_size=40).map(lambda junk: HANDSHAKE.replace(b"dGhlIHNhbXBsZSBub25jZQ==", junk)),
)


# ---- Messaging services -----------------------------------------------------------------------

PEOPLE = 20


def _signed_by_telegram(body: bytes, valid: bool) -> Request:
    secret = telegram.SECRET if valid else "wrong"
    headers = (("Content-Type", "application/json"), (SECRET_HEADER, secret))
    return Request("POST", "/webhooks/telegram/webhook", headers, body)


def _signed_by_meta(body: bytes, valid: bool) -> Request:
    key = (whatsapp.APP_SECRET if valid else "wrong").encode()
    signature = "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest()
    headers = (("Content-Type", "application/json"), ("X-Hub-Signature-256", signature))
    return Request("POST", "/webhooks/whatsapp/webhook", headers, body)


def _signed_by_twilio(
    fields: list[tuple[str, str]],
    valid: bool,
    junk: bytes,
    path: str = "/webhooks/twilio/webhook",
) -> Request:
    clean = [(name, value.encode("utf-8", "replace").decode()) for name, value in fields]
    several: dict[str, Any] = {}
    for name, value in clean:
        several.setdefault(name, []).append(value)
    validator = RequestValidator(twilio.AUTH_TOKEN if valid else "wrong")
    signature = validator.compute_signature(TwilioPerson.public_url + path, _Several(several))
    headers = (
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("X-Twilio-Signature", signature),
    )
    return Request("POST", path, headers, urlencode(clean).encode() + junk)


class _Several(dict[str, Any]):
    """Fields that come several times, as Twilio's own validator takes them."""

    def getall(self, name: str) -> list[str]:
        return list(self[name])


valid = st.integers(0, 9).map(lambda n: n < 9)
numbers = st.integers(1, PEOPLE)
choices = st.builds(
    chosen,
    st.sampled_from(["consent", *sorted(asked.value for asked in CHECKLISTS), "slot", ""]),
    st.one_of(st.integers(0, 12), st.sampled_from([DONE, "-1", "x"])),
)
"""What buttons carry: a line of any list, shown or not, and what is near that."""


def telegram_cases(service: Telegram) -> Cases:
    """Updates near those that Telegram sends, of people who have started the bot."""
    service.started.update(str(700_000_000 + n) for n in range(PEOPLE + 1))

    def update(number: int, person: int, choice: str | None) -> dict[str, Any]:
        chat = {"id": 700_000_000 + person, "type": "private", "first_name": "Ada"}
        message = {"message_id": number, "date": 1, "chat": chat, "from": chat, "text": "my back"}
        if choice is None:
            return {"update_id": number, "message": message}
        query = {"id": "1", "from": chat, "message": message, "data": choice}
        return {"update_id": number, "callback_query": query}

    updates = st.builds(update, st.integers(1, 10**9), numbers, st.one_of(st.none(), choices))
    return st.builds(_signed_by_telegram, updates.flatmap(bodies), valid)


def whatsapp_cases() -> Cases:
    """Notifications near those that Meta sends."""

    def notification(
        number: int, person: int, moment: int, kind: str, choice: str
    ) -> dict[str, Any]:
        message = {
            "from": f"6140000{person:04d}",
            "id": f"wamid.{number}",
            "timestamp": str(moment),
            "type": kind,
            "text": {"body": "my back"},
            "interactive": {"type": "button_reply", "button_reply": {"id": choice}},
            "context": {"id": "wamid.1"},
        }
        status = {"id": f"wamid.{number}", "status": "failed", "errors": [{"code": 131026}]}
        metadata = {"phone_number_id": whatsapp.PHONE_NUMBER_ID}
        value = {"metadata": metadata, "messages": [message], "statuses": [status]}
        return {"entry": [{"changes": [{"field": "messages", "value": value}]}]}

    made = st.builds(
        notification,
        st.integers(1, 10**9),
        numbers,
        st.just(4_000_000_000),
        st.sampled_from(["text", "interactive", "image", "reaction", "x"]),
        choices,
    )
    return st.builds(_signed_by_meta, made.flatmap(bodies), valid)


def twilio_cases() -> Cases:
    """Forms near those that Twilio sends."""
    names = ("MessageSid", "From", "To", "Body", "NumMedia", "MessageStatus", "OptOutType", "x")
    odd = st.lists(
        st.tuples(st.sampled_from(names), st.one_of(st.text(max_size=30), texts)), max_size=3
    )

    def fields(number: int, person: int, more: list[tuple[str, str]]) -> list[tuple[str, str]]:
        return [
            ("MessageSid", f"SM{number:032x}"),
            ("From", f"whatsapp:+6141000{person:04d}"),
            ("To", twilio.NUMBER),
            ("Body", "my back"),
            *more,
        ]

    made = st.builds(fields, st.integers(1, 10**9), numbers, odd)
    junk = st.one_of(st.just(b""), st.just(b""), st.binary(max_size=9))
    return st.builds(_signed_by_twilio, st.one_of(made, made, odd), valid, junk)


# ---- The phone line ---------------------------------------------------------------------------


def voice_cases() -> Cases:
    """Forms near those that Twilio sends about calls, and turns that were never given."""
    names = ("CallSid", "From", "To", "SpeechResult", "Confidence", "Digits", "FinishedOnKey")
    states = ("CallStatus", "DialCallStatus", "AccountSid", "x")
    odd = st.lists(
        st.tuples(st.sampled_from((*names, *states)), st.one_of(st.text(max_size=30), texts)),
        max_size=3,
    )

    def fields(
        number: int, told: list[tuple[str, str]], state: str, more: list[tuple[str, str]]
    ) -> list[tuple[str, str]]:
        return [
            ("CallSid", f"CA{number:032x}"),
            ("AccountSid", twilio.ACCOUNT),
            ("From", f"+6141000{number:04d}"),
            ("To", "+61255500199"),
            ("CallStatus", state),
            *told,
            *more,
        ]

    told = st.one_of(
        st.just([]),
        texts.map(lambda text: [("SpeechResult", text), ("Confidence", "0.9")]),
        st.text("0123456789*#x", max_size=5).map(lambda keys: [("Digits", keys)]),
    )
    state = st.sampled_from(["in-progress"] * 6 + ["ringing", "completed", "busy", "x"])
    made = st.builds(fields, numbers, told, state, odd)
    number = st.one_of(st.integers(0, 12).map(str), st.sampled_from(["-1", "x", "99999999", ""]))
    paths = st.one_of(
        st.sampled_from([VOICE, f"{VOICE}/status", f"{VOICE}/dialled", f"{VOICE}/turn"]),
        number.map(lambda n: f"{VOICE}/turn?number={n}"),
        number.map(lambda n: f"{VOICE}/turn?number={n}"),
        st.tuples(number, number).map(lambda two: f"{VOICE}/turn?number={two[0]}&waits={two[1]}"),
    )
    junk = st.one_of(st.just(b""), st.just(b""), st.binary(max_size=9))
    return st.builds(_signed_by_twilio, st.one_of(made, made, made, odd), valid, junk, paths)


def _shown(body: bytes, valid: bool) -> Request:
    token = TOKEN if valid else "wrong"
    headers = (("Content-Type", "application/json"), ("Authorization", f"Bearer {token}"))
    return Request("POST", transcript_webhook.PATH, headers, body)


def transcript_cases() -> Cases:
    """Turns and events near those that a transcription service tells."""

    def turn(number: int, own_id: int, speaker: str, text: str) -> dict[str, Any]:
        return {
            "call": f"fuzz-{number}",
            "caller": "+61410000001",
            "id": f"t{own_id}",
            "speaker": speaker,
            "text": text,
            "confidence": 0.9,
            "alternatives": ["no", {"text": "yes"}],
            "begin": 1.5,
            "end": 2.0,
            "final": True,
            "answers": 1,
        }

    speakers = st.sampled_from(["caller", "caller", "agent", "bot"])
    turns = st.builds(turn, numbers, st.integers(1, 10**6), speakers, texts)
    events = st.builds(
        lambda number, event: {"call": f"fuzz-{number}", "event": event},
        numbers,
        st.sampled_from(["began", "ended", "silence", "x"]),
    )
    pressed = numbers.map(lambda number: {"call": f"fuzz-{number}", "keys": "1"})
    one = st.one_of(turns, turns, events, pressed)
    templates = st.one_of(one, one, st.lists(one, max_size=4))
    return st.builds(_shown, templates.flatmap(bodies), valid)


# ---- Sockets ----------------------------------------------------------------------------------

events = st.one_of(
    st.tuples(
        st.sampled_from(["session_request", "user_uttered", "connect", "disconnect", "x"]),
        st.one_of(
            mutated({"session_id": "s" * 40}),
            mutated({"message": "no", "message_id": "m"}),
            values,
        ),
    ).map(list),
    st.lists(values, max_size=4),
    values,
)
packets = st.one_of(
    st.just("40"),
    st.just('42["session_request",{}]'),
    st.tuples(
        st.sampled_from(
            ["42", "4", "43", "41", "44", "451-", "45999999999-", "461-", "2", "3", "5"]
        ),
        st.sampled_from(["", "", "1", "/x,", "/x,7", "9" * 120, "/"]),
        events.map(json.dumps),
    ).map("".join),
    st.text(max_size=30),
    st.integers(1, 9_000).map(lambda n: "42" + "[" * n),
)


def frame(
    payload: bytes, opcode: int = 1, first: int = 0x80, mask: bool = True, length: int | None = None
) -> bytes:
    """A WebSocket frame, with a wrong length if one is given."""
    size = len(payload) if length is None else length
    bit = 0x80 if mask else 0
    head = bytes([first | opcode])
    if size < 126:
        head += bytes([bit | size])
    elif size < 65536:
        head += bytes([bit | 126]) + struct.pack("!H", size)
    else:
        head += bytes([bit | 127]) + struct.pack("!Q", size % 2**64)
    # Masked by zeros, which leave a payload as it is.
    return head + (b"\0\0\0\0" if mask else b"") + payload


frames = st.one_of(
    packets.map(lambda packet: frame(packet.encode("utf-8", "replace"))),
    st.binary(max_size=60).map(lambda junk: frame(junk, opcode=2)),
    st.binary(max_size=60).map(lambda junk: frame(b"b" + base64.b64encode(junk))),
    st.binary(max_size=40),
    st.builds(
        frame,
        st.binary(max_size=140),
        st.integers(0, 15),
        st.sampled_from([0x80, 0x00, 0xC0, 0xF0]),
        st.booleans(),
        st.sampled_from([None, None, 0, 3, 126, 70_000, 2**63]),
    ),
)
OPENED = (frame(b"40"), frame(b'42["session_request",{}]'))
websocket = st.one_of(
    st.lists(frames, min_size=1, max_size=4).map(tuple),
    st.lists(frames, min_size=1, max_size=4).map(lambda some: (*OPENED, *some)),
)
payloads = st.one_of(
    st.lists(packets, min_size=1, max_size=18).map(
        lambda some: "\x1e".join(some).encode("utf-8", "replace")
    ),
    st.binary(max_size=80),
    st.sampled_from([b"d=", b"d=40", b"", b"b", b"\x1e", b"40" + b"x" * 66_000]),
)
polling = st.lists(payloads, min_size=1, max_size=3).map(tuple)


# ---- The audio stream -------------------------------------------------------------------------

_CONNECTED = {"event": "connected", "protocol": "Call", "version": "1.0.0"}
_STREAM = "MZ" + "0" * 32
_ANY_FRAME = st.one_of(
    st.binary(max_size=900).map(
        lambda audio: {
            "event": "media",
            "sequenceNumber": "2",
            "streamSid": _STREAM,
            "media": {
                "track": "inbound",
                "chunk": "1",
                "timestamp": "20",
                "payload": base64.b64encode(audio).decode(),
            },
        }
    ),
    st.text("0123456789*#x", max_size=2).map(
        lambda digit: {
            "event": "dtmf",
            "sequenceNumber": "3",
            "streamSid": _STREAM,
            "dtmf": {"track": "inbound_track", "digit": digit},
        }
    ),
    st.integers(0, 9).map(
        lambda n: {"event": "mark", "streamSid": _STREAM, "mark": {"name": str(n)}}
    ),
    st.just({"event": "stop", "streamSid": _STREAM, "stop": {"callSid": "CA1"}}),
    st.just(_CONNECTED),
)
_starts = st.builds(
    lambda number, valid: start_frame(f"CA{number:032x}", TOKEN if valid else "wrong", _STREAM),
    numbers,
    valid,
)
_spoken = st.one_of(
    _ANY_FRAME.flatmap(mutated).map(lambda told: frame(json.dumps(told).encode())), frames
)
audio = st.builds(
    lambda start, some: (frame(json.dumps(_CONNECTED).encode()), start, *some),
    st.one_of(
        _starts.map(lambda told: frame(json.dumps(told).encode())),
        _starts.flatmap(mutated).map(lambda told: frame(json.dumps(told).encode())),
    ),
    st.lists(_spoken, max_size=6),
)
