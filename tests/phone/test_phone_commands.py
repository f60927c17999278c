"""What operators do about the number that Twilio rents out."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from backline.store import create_store
from tests.conftest import PROJECT
from tests.messaging.test_commands import run
from tests.phone.twilio_numbers import TwilioNumbersApi, number
from tests.phone.twilio_voice import NUMBER, PATH, PUBLIC_URL

HERE = {"voice_url": PUBLIC_URL + PATH, "status_callback": f"{PUBLIC_URL}{PATH}/status"}


@pytest.fixture(scope="module")
def api() -> Iterator[TwilioNumbersApi]:
    api = TwilioNumbersApi()
    yield api
    api.close()


@pytest.fixture
def clinic(tmp_path: Path) -> dict[str, str]:
    """A clinic with a phone line that hands over, and a database that is ready."""
    return clinic_with(tmp_path, {"transfer_to": "+61255500100"})


def clinic_with(folder: Path, phone_line: dict[str, str] | None) -> dict[str, str]:
    settings = yaml.safe_load((PROJECT / "clinic.yml").read_text(encoding="utf-8"))
    file = folder / "clinic.yml"
    file.write_text(yaml.safe_dump({**settings, "phone_line": phone_line}), encoding="utf-8")
    url = f"sqlite:///{folder / 'backline.db'}"
    create_store(url).upgrade()
    return {"BACKLINE_CLINIC": str(file), "DATABASE_URL": url}


def phone(
    api: TwilioNumbersApi, clinic: dict[str, str], *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    here = {"BACKLINE_PUBLIC_URL": PUBLIC_URL, **api.environment, **clinic, **environment}
    return run("phone", *arguments, **here)


def test_a_number_is_pointed_here_and_check_says_so(
    api: TwilioNumbersApi, clinic: dict[str, str]
) -> None:
    api.numbers = [number()]
    before = phone(api, clinic, "check")
    assert before.returncode == 1
    assert f"{NUMBER}: Its calls go to https://demo.twilio.com/welcome/voice/" in before.stdout
    assert "backline phone set-webhook NUMBER" in before.stdout

    done = phone(api, clinic, "set-webhook", "+61 2 5550 0199")
    assert done.stdout == f"Calls to {NUMBER} come to {PUBLIC_URL}{PATH}\n"
    assert api.numbers[0]["voice_url"] == PUBLIC_URL + PATH
    assert api.numbers[0]["voice_method"] == "POST"
    assert api.numbers[0]["status_callback"] == f"{PUBLIC_URL}{PATH}/status"

    after = phone(api, clinic, "check")
    assert after.returncode == 0
    assert f"{NUMBER}: its calls come here." in after.stdout
    assert "The phone line is ready." in after.stdout


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({**HERE, "voice_method": "GET"}, "choose HTTP POST"),
        ({**HERE, "status_callback": ""}, "Nothing is told when a caller hangs up"),
        ({**HERE, "status_callback_method": "GET"}, "told by GET"),
        ({**HERE, "trunk_sid": "TK" + "0" * 32}, "SIP trunk"),
        ({**HERE, "voice_application_sid": "AP" + "0" * 32}, "TwiML app"),
        ({**HERE, "capabilities": {"voice": False}}, "takes no calls"),
        ({**HERE, "phone_number": "+61255500100"}, "transfer_to of clinic.yml"),
    ],
)
def test_check_says_what_is_amiss(
    api: TwilioNumbersApi, clinic: dict[str, str], settings: dict[str, object], sentence: str
) -> None:
    api.numbers = [number(**settings)]
    checked = phone(api, clinic, "check")
    assert checked.returncode == 1
    assert sentence in checked.stdout
    assert "is ready" not in checked.stdout


def test_check_says_what_callers_hear_when_the_server_is_away(
    api: TwilioNumbersApi, clinic: dict[str, str]
) -> None:
    api.numbers = [number(**HERE)]
    assert "when this server is away" in phone(api, clinic, "check").stdout
    api.numbers = [number(**HERE, voice_fallback_url="https://handler.twilio.com/twiml/EH1")]
    assert "when this server is away" not in phone(api, clinic, "check").stdout


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"phone_number": "+61255500177"}, f"has no number {NUMBER}; it has +61255500177"),
        ({"trunk_sid": "TK" + "0" * 32}, "SIP trunk"),
        ({"capabilities": {"voice": False}}, "takes no calls"),
    ],
)
def test_a_number_that_cannot_be_pointed_here_is_left_as_it_is(
    api: TwilioNumbersApi, clinic: dict[str, str], settings: dict[str, object], sentence: str
) -> None:
    api.numbers, api.calls = [number(**settings)], []
    done = phone(api, clinic, "set-webhook", NUMBER)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert api.calls == []


@pytest.mark.parametrize("written", ["0255500199", "whatsapp:+61255500199", "PN" + "1" * 32])
def test_a_number_is_written_with_its_country(
    api: TwilioNumbersApi, clinic: dict[str, str], written: str
) -> None:
    done = phone(api, clinic, "set-webhook", written)
    assert done.returncode == 1
    assert "+61255500100" in done.stderr


def test_a_wrong_token_and_a_silent_twilio_are_told(
    api: TwilioNumbersApi, clinic: dict[str, str]
) -> None:
    wrong = phone(api, clinic, "check", BACKLINE_TWILIO_AUTH_TOKEN="wrong")
    assert wrong.returncode == 1
    assert "BACKLINE_TWILIO_AUTH_TOKEN (20003)" in wrong.stdout
    away = phone(api, clinic, "set-webhook", NUMBER, BACKLINE_TWILIO_API="http://127.0.0.1:1")
    assert away.returncode == 1
    assert "Twilio does not answer" in away.stderr


def test_a_database_that_is_not_ready_is_told(
    api: TwilioNumbersApi, clinic: dict[str, str], tmp_path: Path
) -> None:
    api.numbers = [number(**HERE)]
    checked = phone(api, clinic, "check", DATABASE_URL=f"sqlite:///{tmp_path / 'empty.db'}")
    assert checked.returncode == 1
    assert "database: " in checked.stdout


def test_without_a_phone_line_there_is_nothing_to_check(
    api: TwilioNumbersApi, tmp_path: Path
) -> None:
    none = clinic_with(tmp_path, None)
    for command in (("check",), ("set-webhook", NUMBER)):
        done = phone(api, none, *command)
        assert done.returncode == 1
        assert "docs/phone.md" in done.stderr
