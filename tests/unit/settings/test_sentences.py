"""What a wrong variable says is the same to the letter, and no secret is in it or in a repr."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from backline.credentials import TwilioAccount, load_messaging, load_privacy
from backline.notices.settings import load_notices
from backline.observability.logs import load_log_settings
from backline.phone.credentials import load_phone_secrets
from backline.phone.gateways.media_stream_setup import load_stream_settings
from backline.settings import Clinic, NoticeRules, SettingsError, load_clinic, load_settings
from tests.conftest import PROJECT

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

MAILED: Clinic = load_clinic(PROJECT / "clinic.yml").copy(
    update={"notices": NoticeRules(email=["desk@clinic.example"])}
)

LOADERS: dict[str, Callable[[dict[str, str]], Any]] = {
    "settings": load_settings,
    "messaging, all else right": lambda given: load_messaging({**MESSAGING, **given}),
    "messaging": load_messaging,
    "messaging beside calls": lambda given: load_messaging(given, calls=True),
    "seal": load_privacy,
    "phone, all else right": lambda given: load_phone_secrets({**PHONE, **given}),
    "phone": load_phone_secrets,
    "stream": lambda given: load_stream_settings("t" * 32, given),
    "stream without a token": lambda given: load_stream_settings(None, given),
    "log": load_log_settings,
    "notices": lambda given: load_notices(load_clinic(PROJECT / "clinic.yml"), given),
    "notices by e-mail": lambda given: load_notices(MAILED, given),
}
CASES = [(loader, *case) for loader, cases in SENTENCES.items() for case in cases]


@pytest.mark.parametrize(("loader", "given", "sentence"), CASES)
def test_a_wrong_variable_says_this_sentence(
    loader: str, given: dict[str, str], sentence: str
) -> None:
    with pytest.raises(SettingsError) as raised:
        LOADERS[loader](given)
    assert str(raised.value) == sentence


def test_no_secret_is_in_what_stands_for_the_settings() -> None:
    database = "postgresql://backline:word-of-the-database@host/backline"
    urls = {
        "DATABASE_URL": database,
        "REDIS_URL": "redis://:word-of-redis@host",
        "RABBITMQ_URL": "amqp://backline:word-of-rabbitmq@host",
        "BACKLINE_METRICS_TOKEN": "m" * 32,
    }
    shown = f"{load_settings(urls)!r} {load_messaging(MESSAGING)!r} {load_phone_secrets(PHONE)!r}"
    not_secret = (*ADDRESS, *NUMBER, "BACKLINE_WHATSAPP_PHONE_NUMBER_ID")
    secrets = {**KEYS, **TELEGRAM, **WHATSAPP, **ACCOUNT, **TOKEN, **urls}
    for name, secret in secrets.items():
        if name not in (*not_secret, "BACKLINE_TWILIO_ACCOUNT_SID"):
            assert secret not in shown, name
    assert "word-of" not in shown


def test_a_wrong_secret_is_neither_in_the_error_nor_in_what_caused_it() -> None:
    for name in (*KEYS, *TELEGRAM, *ACCOUNT):
        with pytest.raises(SettingsError) as raised:
            load_messaging({**MESSAGING, name: "wrong, and secret"})
        causes = (raised.value.__cause__, raised.value.__context__)
        assert "and secret" not in f"{raised.value!r} {causes!r}", name


def test_settings_made_with_arguments_read_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKLINE_TWILIO_API", "https://elsewhere.example")
    account = TwilioAccount(account_sid="AC" + "0" * 32, auth_token="token")
    assert account.api == "https://api.twilio.com"


def test_a_variable_that_is_empty_is_one_that_is_not_set() -> None:
    assert load_settings({"REDIS_URL": "", "BACKLINE_PROXIES": ""}).redis_url is None


def test_settings_cannot_be_changed_once_they_are_read() -> None:
    with pytest.raises(TypeError):
        load_settings({}).proxies = 1
