"""Where notices go: what `clinic.yml` says of them, and the accounts that send them.

Environment: `BACKLINE_SMTP_URL`, `BACKLINE_NOTICE_FROM`, `BACKLINE_WEBHOOK_URLS`,
`BACKLINE_WEBHOOK_SECRET`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from pydantic import Field, validator

from backline.environment import Environment, SettingsError, shaped
from backline.settings import Clinic, NoticeRules

LOOPBACK = ("localhost", "127.0.0.1", "::1")
MIN_SECRET = 32
MAIL = "email "
"""What the names of targets begin with that are addresses of e-mail."""
PORTS = {"smtp": 587, "smtps": 465}
_SMTP = r"(?s)smtps?://(?:[^\s/@]+@)?[^\s/@:]+(?::\d{1,5})?/?"


@dataclass(frozen=True)
class MailServer:
    """Where e-mail is handed over.

    Attributes:
        tls: by TLS from the first byte; else by STARTTLS, but on this machine itself.
        plain: without TLS at all, since it is this machine.
    """

    host: str
    port: int
    user: str | None
    password: str | None
    tls: bool
    plain: bool


class _Accounts(Environment):
    """What sends notices. The URLs may hold a password or a token."""

    smtp_url: str | None = Field(None, env="BACKLINE_SMTP_URL", repr=False)
    sender: str | None = Field(None, env="BACKLINE_NOTICE_FROM")
    webhook_urls: str | None = Field(None, env="BACKLINE_WEBHOOK_URLS", repr=False)
    webhook_secret: str | None = Field(None, env="BACKLINE_WEBHOOK_SECRET", repr=False)

    _smtp = shaped(
        "smtp_url", _SMTP, "is written like smtp://user:password@mail.clinic.example:587, or smtps"
    )
    _sender = shaped(
        "sender", r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+", "is an e-mail address, without a name"
    )
    _secret = shaped(
        "webhook_secret",
        rf"[!-~]{{{MIN_SECRET},}}",
        f"takes at least {MIN_SECRET} random characters without spaces",
    )

    @validator("webhook_urls")
    def _addresses(cls, given: str | None) -> str | None:
        for url in _split(given):
            if not re.fullmatch(r"https?://[^\s/?#@]+(?:[/?][^\s#]*)?", url):
                raise ValueError("takes addresses like https://hooks.clinic.example/backline")
            if url.startswith("http://") and urlsplit(url).hostname not in LOOPBACK:
                raise ValueError("takes addresses with https://, but for this machine itself")
        return given


@dataclass(frozen=True)
class NoticeSettings:
    """All that notices need.

    Attributes:
        rules: which are sent, when, and to which addresses.
        mail: None where no e-mail is sent.
        webhooks: by the name of their target, their addresses.
        secret: what webhooks are signed with.
    """

    rules: NoticeRules
    mail: MailServer | None
    sender: str
    webhooks: Mapping[str, str]
    secret: str

    @property
    def mail_targets(self) -> list[str]:
        """Name the targets that are addresses of e-mail."""
        return [f"{MAIL}{address}" for address in self.rules.email]

    @property
    def targets(self) -> list[str]:
        """Name all targets."""
        return [*self.mail_targets, *self.webhooks]


def load_notices(clinic: Clinic, environ: Mapping[str, str] | None = None) -> NoticeSettings | None:
    """Load where notices go; None where nobody is told.

    Raises:
        SettingsError: with a sentence that names the setting that is missing or wrong.
    """
    accounts = _Accounts.read(environ)
    rules = clinic.notices or NoticeRules()
    urls = _split(accounts.webhook_urls)
    if clinic.notices is None and not urls:
        return None
    _check(rules, accounts, urls)
    mail = _mail_server(accounts.smtp_url) if accounts.smtp_url and rules.email else None
    return NoticeSettings(
        rules,
        mail,
        accounts.sender or "",
        {_name_of(url): url for url in urls},
        accounts.webhook_secret or "",
    )


def _check(rules: NoticeRules, accounts: _Accounts, urls: Sequence[str]) -> None:
    """Raise a sentence for what is missing beside what is set."""
    if rules.email and accounts.smtp_url is None:
        raise SettingsError(
            "BACKLINE_SMTP_URL is missing; notices.email of clinic.yml needs it (docs/operating.md)"
        )
    if rules.email and accounts.sender is None:
        raise SettingsError(
            "BACKLINE_NOTICE_FROM is missing; it is needed beside BACKLINE_SMTP_URL"
        )
    if urls and accounts.webhook_secret is None:
        raise SettingsError(
            "BACKLINE_WEBHOOK_SECRET is missing; it is needed beside BACKLINE_WEBHOOK_URLS"
        )
    if not rules.email and not urls and "browser" not in rules.__fields_set__:
        raise SettingsError(
            "notices of clinic.yml go nowhere: name addresses in notices.email, or set "
            "BACKLINE_WEBHOOK_URLS"
        )


def _mail_server(url: str) -> MailServer:
    told = urlsplit(url)
    host = str(told.hostname)
    return MailServer(
        host,
        told.port or PORTS[told.scheme],
        unquote(told.username) if told.username else None,
        unquote(told.password) if told.password else None,
        tls=told.scheme == "smtps",
        plain=told.scheme == "smtp" and host in LOOPBACK,
    )


def _name_of(url: str) -> str:
    """Name a webhook by its host; the rest of its address may be a secret."""
    mark = hashlib.sha256(url.encode()).hexdigest()[:8]
    return f"webhook {urlsplit(url).hostname} ({mark})"


def _split(given: str | None) -> list[str]:
    return [part.strip() for part in (given or "").split(",") if part.strip()]
