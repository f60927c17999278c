"""What a wrong variable says is the same to the letter, and no secret is in it or in a repr."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from backline.credentials import load_messaging, load_seal
from backline.observability.logs import load_log_settings
from backline.phone.credentials import load_phone_secrets
from backline.phone.gateways.media_stream_setup import load_stream_settings
from backline.settings import SettingsError, load_settings

SENTENCES = yaml.safe_load(Path(__file__).with_name("sentences.yml").read_text(encoding="utf-8"))
KEYS = {
    "BACKLINE_PSEUDONYM_KEY": "p" * 32,
    "BACKLINE_ENCRYPTION_KEYS": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
}
ADDRESS = {"BACKLINE_PUBLIC_URL": "https://bot.clinic.example"}
TELEGRAM = {
    "BACKLINE_TELEGRAM_TOKEN": "123456789:AAEexampleexampleexampleexample",
    "BACKLINE_TELEGRAM_SECRET": "a-secret-of-our-own",
}
WHATSAPP = {
    "BACKLINE_WHATSAPP_TOKEN": "EAAexample",
    "BACKLINE_WHATSAPP_APP_SECRET": "secret-of-the-app",
    "BACKLINE_WHATSAPP_VERIFY_TOKEN": "a-verify-token-of-ours",
    "BACKLINE_WHATSAPP_PHONE_NUMBER_ID": "106540352242922",
}
ACCOUNT = {
    "BACKLINE_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "BACKLINE_TWILIO_AUTH_TOKEN": "token-of-twilio",
}
NUMBER = {"BACKLINE_TWILIO_NUMBER": "whatsapp:+61400000000"}
TOKEN = {"BACKLINE_PHONE_TOKEN": "t" * 32}
MESSAGING = {**ADDRESS, **KEYS, **TELEGRAM, **WHATSAPP, **ACCOUNT, **NUMBER}
PHONE = {**ADDRESS, **ACCOUNT, **TOKEN}

LOADERS: dict[str, Callable[[dict[str, str]], Any]] = {
    "settings": load_settings,
    "messaging, all else right": lambda given: load_messaging({**MESSAGING, **given}),
    "messaging": load_messaging,
    "messaging beside calls": lambda given: load_messaging(given, calls=True),
    "seal": load_seal,
    "phone, all else right": lambda given: load_phone_secrets({**PHONE, **given}),
    "phone": load_phone_secrets,
    "stream": lambda given: load_stream_settings("t" * 32, given),
    "stream without a token": lambda given: load_stream_settings(None, given),
    "log": load_log_settings,
}
CASES = [(loader, *case) for loader, cases in SENTENCES.items() for case in cases]


@pytest.mark.parametrize(("loader", "given", "sentence"), CASES)
def test_a_wrong_variable_says_this_sentence(
    loader: str, given: dict[str, str], sentence: str
) -> None:
    with pytest.raises(SettingsError) as raised:
        LOADERS[loader](given)
    assert str(raised.value) == sentence
