"""A channel is configured whole or not at all, and keys are keys."""

from __future__ import annotations

import pytest

from backline.credentials import load_messaging
from backline.privacy import (
    Encryptor,
    Pseudonymizer,
    Undecryptable,
    new_encryption_key,
    new_pseudonym_key,
)
from backline.settings import SettingsError

BASE = {
    "BACKLINE_PUBLIC_URL": "https://bot.clinic.example/",
    "BACKLINE_PSEUDONYM_KEY": new_pseudonym_key(),
    "BACKLINE_ENCRYPTION_KEYS": new_encryption_key(),
}
TELEGRAM = {
    "BACKLINE_TELEGRAM_TOKEN": "123456789:AAEexampleexampleexampleexample",
    "BACKLINE_TELEGRAM_SECRET": "a-secret-of-our-own",
}
TWILIO = {
    "BACKLINE_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "BACKLINE_TWILIO_AUTH_TOKEN": "token",
    "BACKLINE_TWILIO_NUMBER": "whatsapp:+61400000000",
}
WHATSAPP = {
    "BACKLINE_WHATSAPP_TOKEN": "EAA",
    "BACKLINE_WHATSAPP_APP_SECRET": "secret",
    "BACKLINE_WHATSAPP_VERIFY_TOKEN": "a-verify-token-of-ours",
    "BACKLINE_WHATSAPP_PHONE_NUMBER_ID": "106540352242922",
}


def test_without_any_channel_nothing_is_needed() -> None:
    assert load_messaging({}) is None


def test_a_whole_channel_is_ready() -> None:
    messaging = load_messaging({**BASE, **TELEGRAM})
    assert messaging is not None
    assert messaging.public_url == "https://bot.clinic.example"
    assert messaging.telegram is not None
    assert messaging.whatsapp is None


@pytest.mark.parametrize("channel", [TELEGRAM, TWILIO, WHATSAPP])
def test_half_a_channel_stops_the_start_and_names_what_is_missing(channel: dict[str, str]) -> None:
    for missing in channel:
        half = {name: value for name, value in channel.items() if name != missing}
        with pytest.raises(SettingsError, match=f"{missing} is missing"):
            load_messaging({**BASE, **half})


@pytest.mark.parametrize("missing", BASE)
def test_what_all_channels_need_is_named_when_missing(missing: str) -> None:
    half = {name: value for name, value in BASE.items() if name != missing}
    with pytest.raises(SettingsError, match=missing):
        load_messaging({**half, **TELEGRAM})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BACKLINE_PUBLIC_URL", "bot.clinic.example"),
        ("BACKLINE_PUBLIC_URL", "https://bot.clinic.example/?x=1"),
        ("BACKLINE_PSEUDONYM_KEY", "short"),
        ("BACKLINE_ENCRYPTION_KEYS", "no key"),
        ("BACKLINE_TELEGRAM_TOKEN", "token"),
        ("BACKLINE_TELEGRAM_SECRET", "with spaces in it, which are not taken"),
        ("BACKLINE_TWILIO_NUMBER", "+61400000000"),
        ("BACKLINE_TWILIO_ACCOUNT_SID", "SK00"),
        ("BACKLINE_WHATSAPP_PHONE_NUMBER_ID", "+61400000000"),
        ("BACKLINE_WHATSAPP_VERIFY_TOKEN", "short"),
    ],
)
def test_a_wrong_value_is_named_and_not_shown(name: str, value: str) -> None:
    env = {**BASE, **TELEGRAM, **TWILIO, **WHATSAPP, name: value}
    with pytest.raises(SettingsError, match=name) as raised:
        load_messaging(env)
    assert not name.endswith(("TOKEN", "SECRET", "KEY", "KEYS")) or value not in str(raised.value)


def test_a_conversation_is_the_same_every_time_and_tells_no_number() -> None:
    key = new_pseudonym_key()
    first, again = Pseudonymizer(key), Pseudonymizer(key)
    conversation = first.conversation_of("twilio", "whatsapp:+61400000000")
    assert conversation == again.conversation_of("twilio", "whatsapp:+61400000000")
    assert conversation.startswith("twilio-")
    assert "61400000000" not in conversation
    assert conversation != first.conversation_of("whatsapp", "whatsapp:+61400000000")
    other = Pseudonymizer(new_pseudonym_key())
    assert conversation != other.conversation_of("twilio", "whatsapp:+61400000000")


def test_an_older_key_still_decrypts_and_the_newest_encrypts() -> None:
    old, new = new_encryption_key(), new_encryption_key()
    sealed = Encryptor([old]).encrypt({"text": "both legs"})
    both = Encryptor([new, old])
    assert both.decrypt(sealed) == {"text": "both legs"}
    renewed = both.rotate(sealed)
    assert Encryptor([new]).decrypt(renewed) == {"text": "both legs"}
    with pytest.raises(Undecryptable):
        Encryptor([new]).decrypt(sealed)
    with pytest.raises(Undecryptable):
        both.decrypt(sealed[:-4] + "AAAA")
