"""Load the secrets of the phone line from the environment, checked at start."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from backline.credentials import TwilioAccount, load_public_url, load_twilio_account
from backline.settings import SettingsError

MIN_TOKEN = 32


@dataclass(frozen=True)
class PhoneSecrets:
    """Secrets of the entrances of the phone line; at least one of them has its own.

    Attributes:
        token: protects the transcript webhook and the audio stream; None where they are closed.
        public_url: where others reach this server, without a slash at the end; with `twilio`
            always told.
        twilio: the account that the clinic's number belongs to; None where Twilio brings no calls.
    """

    token: str | None
    public_url: str | None
    twilio: TwilioAccount | None


def load_phone_secrets(environ: Mapping[str, str] | None = None) -> PhoneSecrets:
    """Load the secrets of the phone line.

    Raises:
        SettingsError: with a sentence that names the variable that is missing or wrong.
    """
    env = os.environ if environ is None else environ
    token = env.get("BACKLINE_PHONE_TOKEN", "").strip() or None
    if token is not None and (len(token) < MIN_TOKEN or not token.isprintable() or " " in token):
        raise SettingsError(
            f"BACKLINE_PHONE_TOKEN takes at least {MIN_TOKEN} random characters without spaces"
        )
    twilio, public_url = load_twilio_account(env), load_public_url(env)
    if twilio is None and token is None:
        raise SettingsError(
            "phone_line of clinic.yml has no entrance; set BACKLINE_TWILIO_ACCOUNT_SID and "
            "BACKLINE_TWILIO_AUTH_TOKEN, or BACKLINE_PHONE_TOKEN (docs/phone.md)"
        )
    if twilio is not None and public_url is None:
        raise SettingsError(
            "BACKLINE_PUBLIC_URL is missing; the phone line needs it beside "
            "BACKLINE_TWILIO_ACCOUNT_SID (docs/phone.md)"
        )
    return PhoneSecrets(token, public_url, twilio)
