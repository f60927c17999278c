"""The phone line is configured whole or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from backline.credentials import load_messaging
from backline.phone.credentials import load_phone_secrets
from backline.phone.gateways.configured import _text_messages
from backline.settings import PhoneSettings, SettingsError

ACCOUNT = {
    "BACKLINE_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "BACKLINE_TWILIO_AUTH_TOKEN": "token",
}
PUBLIC_URL = {"BACKLINE_PUBLIC_URL": "https://bot.clinic.example/"}
TOKEN = {"BACKLINE_PHONE_TOKEN": "t" * 32}


def test_an_account_of_twilio_and_an_address_are_enough() -> None:
    secrets = load_phone_secrets({**ACCOUNT, **PUBLIC_URL})
    assert secrets.twilio is not None
    assert secrets.twilio.account_sid == ACCOUNT["BACKLINE_TWILIO_ACCOUNT_SID"]
    assert secrets.twilio.api == "https://api.twilio.com"
    assert secrets.public_url == "https://bot.clinic.example"
    assert secrets.token is None


def test_a_token_is_enough_for_the_other_entrances() -> None:
    secrets = load_phone_secrets(TOKEN)
    assert secrets.token == "t" * 32
    assert secrets.twilio is None


def test_without_any_entrance_the_line_cannot_start() -> None:
    with pytest.raises(SettingsError, match=r"BACKLINE_TWILIO_ACCOUNT_SID .* BACKLINE_PHONE_TOKEN"):
        load_phone_secrets({})


@pytest.mark.parametrize("missing", ACCOUNT)
def test_half_an_account_names_what_is_missing(missing: str) -> None:
    half = {name: value for name, value in ACCOUNT.items() if name != missing}
    with pytest.raises(SettingsError, match=rf"^{missing} is missing; it is needed beside"):
        load_phone_secrets({**PUBLIC_URL, **TOKEN, **half})


def test_twilio_without_a_public_address_names_it() -> None:
    with pytest.raises(SettingsError, match="BACKLINE_PUBLIC_URL is missing"):
        load_phone_secrets({**ACCOUNT, **TOKEN})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BACKLINE_PHONE_TOKEN", "t" * 31),
        ("BACKLINE_PHONE_TOKEN", "with a space, and long enough otherwise"),
        ("BACKLINE_PUBLIC_URL", "bot.clinic.example"),
        ("BACKLINE_TWILIO_ACCOUNT_SID", "SK00"),
    ],
)
def test_a_wrong_value_is_named_and_no_secret_shown(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name) as raised:
        load_phone_secrets({**ACCOUNT, **PUBLIC_URL, **TOKEN, name: value})
    assert not name.endswith("TOKEN") or value not in str(raised.value)


def test_an_account_for_calls_alone_is_no_half_configured_whatsapp() -> None:
    assert load_messaging({**ACCOUNT, **PUBLIC_URL}, calls=True) is None
    with pytest.raises(SettingsError, match=r"^BACKLINE_TWILIO_NUMBER is missing"):
        load_messaging({**ACCOUNT, **PUBLIC_URL})


def test_a_whatsapp_number_still_needs_its_account() -> None:
    with pytest.raises(SettingsError, match=r"^BACKLINE_TWILIO_ACCOUNT_SID is missing"):
        load_messaging({"BACKLINE_TWILIO_NUMBER": "whatsapp:+61400000000"}, calls=True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("transfer_to", "02 5550 0100"),
        ("language", "de-DE"),
        ("voice", "two words"),
        ("speech_model", "two words"),
        ("unknown", "x"),
    ],
)
def test_a_wrong_setting_of_the_line_is_refused(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        PhoneSettings(**{name: value})


def test_text_messages_without_an_account_of_twilio_name_what_is_missing() -> None:
    settings = PhoneSettings(text_from="+61480000199")
    secrets = load_phone_secrets(TOKEN)
    nobody: Any = None
    with pytest.raises(
        SettingsError, match=r"^text_from in clinic\.yml needs BACKLINE_TWILIO_ACCOUNT"
    ):
        _text_messages(nobody, nobody, settings, nobody, secrets)
