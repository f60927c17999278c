"""The secrets of messaging services, from the environment and checked at start."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from backline.privacy import Privacy
from backline.settings import SettingsError

MIN_PSEUDONYM_KEY = 32
MIN_SECRET = 16


@dataclass(frozen=True)
class Telegram:
    """`token` from @BotFather; `secret` is sent back by Telegram with every update."""

    token: str
    secret: str
    api: str


@dataclass(frozen=True)
class WhatsApp:
    """Meta's Cloud API: `app_secret` signs what Meta sends, `verify_token` is asked for once."""

    token: str
    app_secret: str
    verify_token: str
    phone_number_id: str
    api: str


@dataclass(frozen=True)
class TwilioAccount:
    """An account, for the phone line and for WhatsApp; `auth_token` signs what Twilio sends."""

    account_sid: str
    auth_token: str
    api: str


@dataclass(frozen=True)
class Twilio(TwilioAccount):
    """WhatsApp by Twilio; `number` is ours, as `whatsapp:+61400000000`."""

    number: str


@dataclass(frozen=True)
class Messaging:
    """All that the messaging channels need.

    Attributes:
        public_url: where the services reach this server, https, without a slash at the end.
        telegram, whatsapp, twilio: None where the channel is not used.
    """

    public_url: str
    privacy: Privacy
    telegram: Telegram | None
    whatsapp: WhatsApp | None
    twilio: Twilio | None


_Credentials = TypeVar("_Credentials", Telegram, WhatsApp, Twilio, TwilioAccount)

_ACCOUNT = {
    "account_sid": "BACKLINE_TWILIO_ACCOUNT_SID",
    "auth_token": "BACKLINE_TWILIO_AUTH_TOKEN",
}
_NUMBER = "BACKLINE_TWILIO_NUMBER"
_VARIABLES: dict[type, dict[str, str]] = {
    Telegram: {"token": "BACKLINE_TELEGRAM_TOKEN", "secret": "BACKLINE_TELEGRAM_SECRET"},
    WhatsApp: {
        "token": "BACKLINE_WHATSAPP_TOKEN",
        "app_secret": "BACKLINE_WHATSAPP_APP_SECRET",
        "verify_token": "BACKLINE_WHATSAPP_VERIFY_TOKEN",
        "phone_number_id": "BACKLINE_WHATSAPP_PHONE_NUMBER_ID",
    },
    Twilio: {**_ACCOUNT, "number": _NUMBER},
    TwilioAccount: _ACCOUNT,
}
_APIS: dict[type, tuple[str, str]] = {
    Telegram: ("BACKLINE_TELEGRAM_API", "https://api.telegram.org"),
    WhatsApp: ("BACKLINE_WHATSAPP_API", "https://graph.facebook.com/v23.0"),
    Twilio: ("BACKLINE_TWILIO_API", "https://api.twilio.com"),
    TwilioAccount: ("BACKLINE_TWILIO_API", "https://api.twilio.com"),
}
"""Where each service is, and the variable that says otherwise, as for Telegram's own server."""

_SHAPES: dict[str, tuple[str, str]] = {
    "BACKLINE_TELEGRAM_TOKEN": (
        r"\d+:[\w-]{20,}",
        "looks like 123456789:AAE..., as @BotFather says",
    ),
    "BACKLINE_TELEGRAM_SECRET": (
        rf"[\w-]{{{MIN_SECRET},256}}",
        f"takes {MIN_SECRET} to 256 characters of A-Z, a-z, 0-9, _ and -",
    ),
    "BACKLINE_WHATSAPP_VERIFY_TOKEN": (
        rf"\S{{{MIN_SECRET},}}",
        f"takes at least {MIN_SECRET} characters without spaces",
    ),
    "BACKLINE_WHATSAPP_PHONE_NUMBER_ID": (r"\d+", "is the number's id, digits alone"),
    "BACKLINE_TWILIO_ACCOUNT_SID": (r"AC[0-9a-fA-F]{32}", "is AC and 32 hexadecimal digits"),
    "BACKLINE_TWILIO_NUMBER": (r"whatsapp:\+\d{6,15}", "looks like whatsapp:+61400000000"),
}


def load_messaging(
    environ: Mapping[str, str] | None = None, *, calls: bool = False
) -> Messaging | None:
    """The configured messaging channels, checked; None without any.

    Args:
        calls: the phone line is in use, so that an account of Twilio may have no WhatsApp number.

    Raises:
        SettingsError: with a sentence that names the variable that is missing or wrong.
    """
    env = os.environ if environ is None else environ
    for_calls_alone = calls and not env.get(_NUMBER, "").strip()
    telegram, whatsapp, twilio = (
        _credentials(Telegram, env),
        _credentials(WhatsApp, env),
        None if for_calls_alone else _credentials(Twilio, env),
    )
    if telegram is None and whatsapp is None and twilio is None:
        return None
    public_url = _public_url(_needed(env, "BACKLINE_PUBLIC_URL"))
    return Messaging(public_url, load_privacy(env), telegram, whatsapp, twilio)


def load_twilio_account(env: Mapping[str, str]) -> TwilioAccount | None:
    """The account of Twilio; None without one.

    Raises:
        SettingsError: half of it is missing, or wrong.
    """
    return _credentials(TwilioAccount, env)


def load_public_url(env: Mapping[str, str]) -> str | None:
    """Where others reach this server, without a slash at the end; None if it is not told.

    Raises:
        SettingsError: it is no address.
    """
    given = env.get("BACKLINE_PUBLIC_URL", "").strip()
    return _public_url(given) if given else None


def load_privacy(environ: Mapping[str, str] | None = None) -> Privacy:
    """Load the pseudonymizer and the encryptor by the keys of the environment.

    Raises:
        SettingsError: a key is missing, or is not one.
    """
    env = os.environ if environ is None else environ
    pseudonym_key = _needed(env, "BACKLINE_PSEUDONYM_KEY")
    if len(pseudonym_key) < MIN_PSEUDONYM_KEY:
        raise SettingsError(
            f"BACKLINE_PSEUDONYM_KEY takes at least {MIN_PSEUDONYM_KEY} random characters; "
            "`backline keys new` makes one"
        )
    keys = [k.strip() for k in _needed(env, "BACKLINE_ENCRYPTION_KEYS").split(",") if k.strip()]
    try:
        return Privacy.by(pseudonym_key, keys)
    except ValueError:
        raise SettingsError(
            "BACKLINE_ENCRYPTION_KEYS takes keys made by `backline keys new`, the newest first, "
            "with commas between them"
        ) from None


def _public_url(given: str) -> str:
    url = given.rstrip("/")
    if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", url):
        raise SettingsError("BACKLINE_PUBLIC_URL is written like https://bot.clinic.example")
    return url


def _credentials(kind: type[_Credentials], env: Mapping[str, str]) -> _Credentials | None:
    variables = _VARIABLES[kind]
    given = {field: env.get(name, "").strip() for field, name in variables.items()}
    if not any(given.values()):
        return None
    for field, name in variables.items():
        if not given[field]:
            others = ", ".join(n for f, n in variables.items() if given[f])
            raise SettingsError(f"{name} is missing; it is needed beside {others}")
        shape, sentence = _SHAPES.get(name, (r"\S+", "takes no spaces"))
        if not re.fullmatch(shape, given[field]):
            raise SettingsError(f"{name} {sentence}")
    api_variable, api = _APIS[kind]
    return kind(**given, api=(env.get(api_variable) or api).rstrip("/"))


def _needed(env: Mapping[str, str], name: str) -> str:
    value = env.get(name, "").strip()
    if not value:
        raise SettingsError(f"{name} is missing; messaging channels need it (docs/channels.md)")
    return value
