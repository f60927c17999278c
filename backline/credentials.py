"""The secrets of messaging services, from the environment and checked at start."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import Field, validator

from backline.environment import Environment, SettingsError, shaped
from backline.privacy import Privacy

MIN_PSEUDONYM_KEY = 32
MIN_SECRET = 16
ANY = r"\S+"


class Account(Environment):
    """Base of an account of a service: configured whole or not at all, and not shown by `repr`."""

    class Config:
        anystr_strip_whitespace = True

    @classmethod
    def when_missing(cls, others: Sequence[str]) -> str:
        """Name what is there of the account."""
        return f"is missing; it is needed beside {', '.join(others)}"

    @validator("api", check_fields=False)
    def _address(cls, url: str) -> str:
        return url.rstrip("/")


class Telegram(Account):
    """`token` from @BotFather; `secret` is sent back by Telegram with every update."""

    token: str = Field(env="BACKLINE_TELEGRAM_TOKEN", repr=False)
    secret: str = Field(env="BACKLINE_TELEGRAM_SECRET", repr=False)
    api: str = Field("https://api.telegram.org", env="BACKLINE_TELEGRAM_API")
    """Telegram's own, unless a server of the clinic's own stands in for it."""

    _token = shaped("token", r"\d+:[\w-]{20,}", "looks like 123456789:AAE..., as @BotFather says")
    _secret = shaped(
        "secret",
        rf"[\w-]{{{MIN_SECRET},256}}",
        f"takes {MIN_SECRET} to 256 characters of A-Z, a-z, 0-9, _ and -",
    )


class WhatsApp(Account):
    """Meta's Cloud API: `app_secret` signs what Meta sends, `verify_token` is asked for once."""

    token: str = Field(env="BACKLINE_WHATSAPP_TOKEN", repr=False)
    app_secret: str = Field(env="BACKLINE_WHATSAPP_APP_SECRET", repr=False)
    verify_token: str = Field(env="BACKLINE_WHATSAPP_VERIFY_TOKEN", repr=False)
    phone_number_id: str = Field(env="BACKLINE_WHATSAPP_PHONE_NUMBER_ID")
    api: str = Field("https://graph.facebook.com/v23.0", env="BACKLINE_WHATSAPP_API")

    _token = shaped("token", ANY, "takes no spaces")
    _app_secret = shaped("app_secret", ANY, "takes no spaces")
    _verify_token = shaped(
        "verify_token",
        rf"\S{{{MIN_SECRET},}}",
        f"takes at least {MIN_SECRET} characters without spaces",
    )
    _number = shaped("phone_number_id", r"\d+", "is the number's id, digits alone")


class TwilioAccount(Account):
    """An account, for the phone line and for WhatsApp; `auth_token` signs what Twilio sends."""

    account_sid: str = Field(env="BACKLINE_TWILIO_ACCOUNT_SID")
    auth_token: str = Field(env="BACKLINE_TWILIO_AUTH_TOKEN", repr=False)
    api: str = Field("https://api.twilio.com", env="BACKLINE_TWILIO_API")

    _sid = shaped("account_sid", r"AC[0-9a-fA-F]{32}", "is AC and 32 hexadecimal digits")
    _token = shaped("auth_token", ANY, "takes no spaces")


class Twilio(TwilioAccount):
    """WhatsApp by Twilio; `number` is ours, as `whatsapp:+61400000000`."""

    number: str = Field(env="BACKLINE_TWILIO_NUMBER")

    _number = shaped("number", r"whatsapp:\+\d{6,15}", "looks like whatsapp:+61400000000")


class _Needed(Environment):
    """Base of what all messaging channels need."""

    class Config:
        anystr_strip_whitespace = True

    @classmethod
    def when_missing(cls, others: Sequence[str]) -> str:
        """Say who needs it."""
        return "is missing; messaging channels need it (docs/channels.md)"


class _Address(_Needed):
    public_url: str = Field(env="BACKLINE_PUBLIC_URL")

    @validator("public_url")
    def _url(cls, given: str) -> str:
        url = given.rstrip("/")
        if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", url):
            raise ValueError("is written like https://bot.clinic.example")
        return url


class _Keys(_Needed):
    pseudonym_key: str = Field(env="BACKLINE_PSEUDONYM_KEY", repr=False)
    encryption_keys: str = Field(env="BACKLINE_ENCRYPTION_KEYS", repr=False)

    _pseudonym_key = shaped(
        "pseudonym_key",
        rf"(?s).{{{MIN_PSEUDONYM_KEY},}}",
        f"takes at least {MIN_PSEUDONYM_KEY} random characters; `backline keys new` makes one",
    )


@dataclass(frozen=True)
class Messaging:
    """All that the messaging channels need.

    Attributes:
        public_url: where the services reach this server, https, without a slash at the end.
        telegram, whatsapp, twilio: None where the channel is not used. `load_messaging` gives them
            in this order.
    """

    public_url: str
    privacy: Privacy
    telegram: Telegram | None
    whatsapp: WhatsApp | None
    twilio: Twilio | None


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
    for_calls_alone = calls and not env.get("BACKLINE_TWILIO_NUMBER", "").strip()
    accounts = (
        Telegram.read_if_given(env),
        WhatsApp.read_if_given(env),
        None if for_calls_alone else Twilio.read_if_given(env),
    )
    if all(account is None for account in accounts):
        return None
    return Messaging(_Address.read(env).public_url, load_privacy(env), *accounts)


def load_twilio_account(env: Mapping[str, str]) -> TwilioAccount | None:
    """The account of Twilio; None without one.

    Raises:
        SettingsError: half of it is missing, or wrong.
    """
    return TwilioAccount.read_if_given(env)


def load_public_url(env: Mapping[str, str]) -> str | None:
    """Where others reach this server, without a slash at the end; None if it is not told.

    Raises:
        SettingsError: it is no address.
    """
    address = _Address.read_if_given(env)
    return address.public_url if address is not None else None


def load_privacy(environ: Mapping[str, str] | None = None) -> Privacy:
    """Load the pseudonymizer and the encryptor by the keys of the environment.

    Raises:
        SettingsError: a key is missing, or is not one.
    """
    given = _Keys.read(environ)
    keys = [k.strip() for k in given.encryption_keys.split(",") if k.strip()]
    try:
        return Privacy.by(given.pseudonym_key, keys)
    except ValueError:
        raise SettingsError(
            "BACKLINE_ENCRYPTION_KEYS takes keys made by `backline keys new`, the newest first, "
            "with commas between them"
        ) from None
