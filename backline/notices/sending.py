"""Handing a notice over: by SMTP, or by a webhook."""

from __future__ import annotations

import asyncio
import datetime as dt
import smtplib
import ssl
from email.message import EmailMessage

import aiohttp

from backline.delivery_errors import Later
from backline.http_client import call
from backline.notices.settings import MailServer
from backline.notices.texts import signature_of

SMTP_TIMEOUT_S = 20
SIGNATURE = "Backline-Signature"


async def send_email(server: MailServer, message: EmailMessage) -> None:
    """Hand an e-mail over.

    Raises:
        Later: it was not taken.
    """
    try:
        await asyncio.to_thread(_send, server, message)
    except smtplib.SMTPResponseException as error:
        # Its text may quote addresses.
        raise Later(f"SMTP {error.smtp_code}", refused=True) from None
    except (smtplib.SMTPException, OSError) as error:
        raise Later(type(error).__name__, refused=False) from None


def _send(server: MailServer, message: EmailMessage) -> None:
    trusted = ssl.create_default_context()
    if server.tls:
        client: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=SMTP_TIMEOUT_S, context=trusted
        )
    else:
        client = smtplib.SMTP(server.host, server.port, timeout=SMTP_TIMEOUT_S)
    with client:
        if not (server.tls or server.plain):
            client.starttls(context=trusted)
        if server.user is not None:
            client.login(server.user, server.password or "")
        client.send_message(message)


async def send_webhook(
    http: aiohttp.ClientSession, url: str, payload: bytes, secret: str, now: dt.datetime
) -> None:
    """Call a webhook, signed.

    Raises:
        Later: it did not answer that it took it.
    """
    headers = {
        "Content-Type": "application/json",
        SIGNATURE: signature_of(payload, secret, now),
    }
    reply = await call(http, "POST", url, data=payload, headers=headers, allow_redirects=False)
    if not 200 <= reply.status < 300:
        raise Later(f"HTTP {reply.status}", refused=True)
