"""What operators do about the messaging channels."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from backline.privacy import Encryptor, new_encryption_key, new_pseudonym_key
from backline.store import Cipher, InboundMessage, create_store
from tests.conftest import PROJECT, Server
from tests.messaging.conftest import CHANNELS, PUBLIC_URL, Services
from tests.messaging.person import Person
from tests.messaging.telegram import SECRET, TelegramPerson


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {n: v for n, v in os.environ.items() if not n.startswith("BACKLINE_TELEGRAM")}
    return subprocess.run(
        [sys.executable, "-m", "backline.cli", *arguments],
        cwd=PROJECT,
        env={**env, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture
def environment(services: Services, messaging_server: Server) -> dict[str, str]:
    return {"DATABASE_URL": messaging_server.database_url, **services.environment}


def test_the_webhook_of_telegram_is_set_shown_and_deleted(
    services: Services, environment: dict[str, str]
) -> None:
    assert run("telegram", "set-webhook", **environment).returncode == 0
    webhook = services.telegram.webhook
    assert webhook["url"] == f"{PUBLIC_URL}/webhooks/telegram/webhook"
    assert webhook["secret_token"] == SECRET
    assert {c["command"] for c in services.telegram.commands} == {"start", "help", "stop", "delete"}
    shown = json.loads(run("telegram", "info", **environment).stdout)
    assert (shown["bot"], shown["url"]) == ("BacklineBot", webhook["url"])
    assert run("telegram", "delete-webhook", **environment).returncode == 0
    assert services.telegram.webhook["url"] == ""


def test_check_says_for_each_channel_whether_it_is_ready(
    services: Services, environment: dict[str, str]
) -> None:
    services.telegram.webhook = {"url": f"{PUBLIC_URL}/webhooks/telegram/webhook"}
    sent = {name: len(phone) for name, phone in services.telegram.phones.items()}
    checked = run("channels", "check", **environment)
    assert checked.stdout.splitlines() == [f"{channel}: ready" for channel in CHANNELS]
    assert checked.returncode == 0
    assert {name: len(phone) for name, phone in services.telegram.phones.items()} == sent


def test_check_says_what_is_wrong(services: Services, environment: dict[str, str]) -> None:
    wrong = {
        **environment,
        "BACKLINE_PUBLIC_URL": "https://elsewhere.example",
        "BACKLINE_WHATSAPP_TOKEN": "expired",
        "BACKLINE_TWILIO_AUTH_TOKEN": "wrong",
    }
    checked = run("channels", "check", **wrong)
    assert checked.returncode == 1
    assert "backline telegram set-webhook" in checked.stdout
    assert "BACKLINE_WHATSAPP_TOKEN" in checked.stdout
    assert "BACKLINE_TWILIO_AUTH_TOKEN" in checked.stdout


def test_half_a_channel_stops_the_start_with_a_sentence(environment: dict[str, str]) -> None:
    half = {n: v for n, v in environment.items() if n != "BACKLINE_TELEGRAM_SECRET"}
    started = run("serve", "--port", "5999", **half)
    assert started.returncode == 1
    assert "BACKLINE_TELEGRAM_SECRET is missing" in started.stderr
    assert "Traceback" not in started.stderr


def test_new_keys_are_keys_that_the_start_takes() -> None:
    lines = run("keys", "new").stdout.splitlines()
    keys = dict(line.split("=", 1) for line in lines)
    checked = run(
        "channels",
        "check",
        **keys,
        BACKLINE_PUBLIC_URL=PUBLIC_URL,
        BACKLINE_TELEGRAM_TOKEN="123456789:AAEexampleexampleexampleexample",
        BACKLINE_TELEGRAM_SECRET=SECRET,
        BACKLINE_TELEGRAM_API="http://127.0.0.1:9",
    )
    assert "Telegram refuses BACKLINE_TELEGRAM_TOKEN or does not answer" in checked.stdout


def test_a_person_is_erased_by_their_number_as_people_write_it(
    person: Person, environment: dict[str, str]
) -> None:
    person.talk("sore back", "yes")
    number = person.address.removeprefix("whatsapp:").removeprefix("+")
    written = f"0{number[2:5]} {number[5:]}" if number.startswith("61") else number
    assert run("erase", written, **environment).stdout == "Deleted.\n"
    assert run("erase", written, **environment).returncode == 1
    person.say("sore back")
    assert person.asked == "consent"


def test_what_was_not_delivered_is_listed_without_texts_and_numbers(
    services: Services, telegram_person: TelegramPerson, environment: dict[str, str]
) -> None:
    person = telegram_person
    person.say("sore back")
    services.telegram.blocked.add(person.address)
    person.deliver(person.write("I passed out and my legs are numb"))
    person.wait_for(lambda: "EMERGENCY" in run("channels", "undelivered", **environment).stdout)
    listed = run("channels", "undelivered", **environment).stdout
    assert person.address not in listed
    assert "legs" not in listed


def test_keys_are_changed_without_losing_anybody(tmp_path: Path) -> None:
    pseudonym, old, new = new_pseudonym_key(), new_encryption_key(), new_encryption_key()
    url = f"sqlite:///{tmp_path / 'backline.db'}"
    store = create_store(url, Cipher([old]))
    store.upgrade()
    sealed = Encryptor([old]).encrypt("5550100")
    store.inbox.accept(
        [InboundMessage("telegram", "1", "ada", sealed, sealed)], dt.datetime.now(dt.timezone.utc)
    )
    done = run(
        "keys",
        "rotate",
        DATABASE_URL=url,
        BACKLINE_PSEUDONYM_KEY=pseudonym,
        BACKLINE_ENCRYPTION_KEYS=f"{new},{old}",
    )
    assert "Encrypted 2 texts anew" in done.stdout
    person = store.queues.load("ada", dt.datetime.now(dt.timezone.utc)).person
    assert person is not None
    assert Encryptor([new]).decrypt(person.address) == "5550100"
