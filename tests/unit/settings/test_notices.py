"""Where notices go, and when: `notices` of clinic.yml, the accounts, quiet hours and the digest."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from backline.notices.hours import digest_due, told_from
from backline.notices.settings import MailServer, load_notices
from backline.settings import SettingsError, load_clinic
from tests.conftest import PROJECT

SYDNEY = ZoneInfo("Australia/Sydney")
NIGHT = (dt.time(20), dt.time(7))
NOON = (dt.time(12), dt.time(13))


def clinic_file(tmp_path: Path, notices: str) -> Path:
    file = tmp_path / "clinic.yml"
    plain = (PROJECT / "clinic.yml").read_text(encoding="utf-8")
    file.write_text(f"{plain}\nnotices: {notices}\n", encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("notices", "setting"),
    [
        ("{email: [desk]}", "notices.email.0"),
        ('{quiet_hours: "25:00-07:00"}', "notices.quiet_hours"),
        ('{quiet_hours: "07:00-07:00"}', "notices.quiet_hours"),
        ("{digest_at: 730}", "notices.digest_at"),
        ("{tell: [massage]}", "notices.tell.0"),
        ("{mail: x}", "notices.mail"),
    ],
)
def test_a_wrong_setting_stops_with_its_name(tmp_path: Path, notices: str, setting: str) -> None:
    with pytest.raises(SettingsError, match=rf": {setting}: "):
        load_clinic(clinic_file(tmp_path, notices))


def test_notices_that_go_nowhere_stop_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="go nowhere"):
        load_notices(load_clinic(clinic_file(tmp_path, "{personal: true}")), {})


def test_without_a_setting_nobody_is_told() -> None:
    assert load_notices(load_clinic(PROJECT / "clinic.yml"), {}) is None


@pytest.mark.parametrize(
    ("url", "server"),
    [
        (
            "smtp://desk:p%40ss@mail.clinic.example",
            MailServer("mail.clinic.example", 587, "desk", "p@ss", tls=False, plain=False),
        ),
        (
            "smtps://mail.clinic.example",
            MailServer("mail.clinic.example", 465, None, None, tls=True, plain=False),
        ),
        ("smtp://localhost:25", MailServer("localhost", 25, None, None, tls=False, plain=True)),
    ],
)
def test_mail_goes_by_tls_but_to_this_machine(tmp_path: Path, url: str, server: MailServer) -> None:
    clinic = load_clinic(clinic_file(tmp_path, "{email: [desk@clinic.example]}"))
    given = {"BACKLINE_SMTP_URL": url, "BACKLINE_NOTICE_FROM": "bot@clinic.example"}
    settings = load_notices(clinic, given)
    assert settings is not None and settings.mail == server


def test_the_name_of_a_webhook_tells_nothing_of_its_path() -> None:
    url = "https://hooks.clinic.example/very-secret"
    given = {"BACKLINE_WEBHOOK_URLS": url, "BACKLINE_WEBHOOK_SECRET": "s" * 32}
    settings = load_notices(load_clinic(PROJECT / "clinic.yml"), given)
    assert settings is not None
    assert "secret" not in " ".join(settings.targets)
    assert settings.targets[0].startswith("webhook hooks.clinic.example (")


def local(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=SYDNEY)


@pytest.mark.parametrize(
    ("now", "quiet", "told"),
    [
        ("2026-11-30T21:00", NIGHT, "2026-12-01T07:00"),
        ("2026-12-01T03:00", NIGHT, "2026-12-01T07:00"),
        ("2026-12-01T07:00", NIGHT, "2026-12-01T07:00"),
        ("2026-12-01T19:59", NIGHT, "2026-12-01T19:59"),
        ("2026-12-01T12:30", NOON, "2026-12-01T13:00"),
        ("2026-12-01T13:00", NOON, "2026-12-01T13:00"),
        ("2026-12-01T12:30", None, "2026-12-01T12:30"),
    ],
)
def test_what_can_wait_is_told_when_the_quiet_hours_end(
    now: str, quiet: tuple[dt.time, dt.time] | None, told: str
) -> None:
    assert told_from(local(now), quiet, SYDNEY) == local(told)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-12-01T07:29", False),
        ("2026-12-01T07:30", True),
        ("2026-12-01T10:29", True),
        ("2026-12-01T10:30", False),
    ],
)
def test_a_digest_is_due_in_the_morning_alone(now: str, due: bool) -> None:
    found = digest_due(local(now), dt.time(7, 30), SYDNEY)
    assert found == (dt.date(2026, 12, 1) if due else None)
