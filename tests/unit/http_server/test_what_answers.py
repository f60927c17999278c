"""docs/security.md names everything that answers: the server has no other route."""

from __future__ import annotations

import re
from pathlib import Path
from unittest.mock import MagicMock

import pytest

from backline.app import create_app
from backline.channels.messaging.capabilities import CAPABILITIES
from backline.credentials import load_messaging
from backline.privacy import new_encryption_key, new_pseudonym_key
from backline.settings import PhoneSettings, load_settings
from backline.store import create_store
from tests.conftest import PROJECT

PAGE = (PROJECT / "docs" / "security.md").read_text(encoding="utf-8")
TABLE = PAGE.split("## What can be reached")[1].split("Nothing else answers")[0]
SERVICES = next(line for line in TABLE.splitlines() if "/webhooks/telegram" in line)
WEBHOOKS = {
    f"/webhooks/{name}" for name in re.findall(r"`(?:/webhooks/)?(\w+)`", SERVICES.split("|")[1])
}
NAMED = set(re.findall(r"`(/[^`]*)`", TABLE)) | WEBHOOKS
ENVIRONMENT = {
    "BACKLINE_PUBLIC_URL": "https://bot.example.org",
    "BACKLINE_TELEGRAM_TOKEN": "123456789:AAEexampleexampleexampleexample",
    "BACKLINE_TELEGRAM_SECRET": "a-secret-of-this-test",
    "BACKLINE_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "BACKLINE_TWILIO_AUTH_TOKEN": "0" * 32,
    "BACKLINE_PHONE_TOKEN": "a-long-random-text-of-this-test-only",
}


def routes(monkeypatch: pytest.MonkeyPatch, folder: Path) -> set[str]:
    """The paths of a server on which all is configured that can be without a model of speech."""
    keys = {
        "BACKLINE_PSEUDONYM_KEY": new_pseudonym_key(),
        "BACKLINE_ENCRYPTION_KEYS": new_encryption_key(),
    }
    for name, value in {**ENVIRONMENT, **keys}.items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    clinic = settings.clinic.copy(update={"phone_line": PhoneSettings()})
    settings = settings.copy(update={"clinic": clinic})
    app = create_app(
        settings,
        MagicMock(),
        create_store(f"sqlite:///{folder / 'backline.db'}"),
        load_messaging(calls=True),
    )
    return {f"/{route.path}" for route in app.router.routes_all.values()}


def is_named(path: str) -> bool:
    return any(
        path in (named, named.rstrip("/"))
        or (named != "/" and path.startswith(f"{named.rstrip('/')}/"))
        for named in NAMED
    )


def test_the_webhook_of_every_messaging_service_is_in_the_table() -> None:
    assert {f"/webhooks/{channel}" for channel in CAPABILITIES} == WEBHOOKS


def test_everything_that_answers_is_in_the_table(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own_address = re.compile(r"/webhooks/[a-z]+/?|/widget\.<[^/]*>(\.js)?|/widget\.[0-9a-f]+\.js")
    found = routes(monkeypatch, tmp_path)
    assert len(found) > 10
    unnamed = {p for p in found if not is_named(p) and not own_address.fullmatch(p)}
    assert unnamed == set()
