"""What a notice says: as an e-mail, and as the payload of a webhook. Pure.

Nothing of a person is in it but the reference, unless the clinic allows age, channel and rules.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from backline.store.notices import AboutResult, DueNotice

VERSION = 1
"""Of the payload; see docs/operating.md."""
SUBJECTS = {
    "emergency": "Emergency",
    "violence": "Somebody may be hurt or afraid",
    "urgent": "A doctor is needed today",
    "call_back": "Somebody is to be called back",
    "digest": "This morning at the desk",
}


@dataclass(frozen=True)
class DigestFigures:
    """What a digest counts.

    Attributes:
        alarms: who may be in danger, and nobody has closed it.
        to_call: who is to be called back.
        results: of the last day, by how soon.
        in_trouble: notices that did not go out.
    """

    alarms: int
    to_call: int
    results: Mapping[str, int]
    in_trouble: int


@dataclass(frozen=True)
class NoticeContents:
    """A notice with what may be told of it.

    Attributes:
        clinic: its name.
        link: to the person's page, or to the list.
        about: of the result, where the clinic allows it.
        figures: of a digest.
    """

    notice: DueNotice
    clinic: str
    link: str
    about: AboutResult | None = None
    figures: DigestFigures | None = None


def email_of(
    told: Sequence[NoticeContents], sender: str, recipient: str, now: dt.datetime
) -> EmailMessage:
    """Write the e-mail of notices, the gravest first; sent once more it has the same id."""
    first = told[0].notice
    message = EmailMessage()
    named = f" ({first.reference})" if first.reference else ""
    others = f", and {len(told) - 1} more" if len(told) > 1 else ""
    message["Subject"] = f"{SUBJECTS[first.event]}{named}{others}"
    message["From"] = sender
    message["To"] = recipient
    message["Date"] = format_datetime(now)
    ids = " ".join(_id_of(one.notice) for one in told)
    known = ids if len(told) == 1 else hashlib.sha256(ids.encode()).hexdigest()[:32]
    message["Message-ID"] = f"<{known}@{sender.partition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    lines = [line for one in told for line in (*_lines(one), "", one.link, "")]
    message.set_content("\n".join(lines))
    return message


def payload_of(told: NoticeContents) -> bytes:
    """Write the payload of a webhook."""
    notice = told.notice
    data: dict[str, Any] = {
        "version": VERSION,
        "id": _id_of(notice),
        "event": notice.event,
        "reference": notice.reference,
        "at": notice.created_at.isoformat(timespec="seconds"),
        "clinic": told.clinic,
        "link": told.link,
    }
    if told.about is not None:
        data["result"] = {
            "channel": told.about.channel,
            "age": told.about.age,
            "rules": list(told.about.rules),
        }
    return json.dumps(data, ensure_ascii=False).encode()


def signature_of(payload: bytes, secret: str, now: dt.datetime) -> str:
    """Sign a payload with the time: "t=<seconds since 1970>,v1=<HMAC-SHA256 of t.payload>"."""
    seconds = int(now.timestamp())
    signed = f"{seconds}.".encode() + payload
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


def _id_of(notice: DueNotice) -> str:
    """Name a notice, the same at each try and for nobody else."""
    text = f"{notice.event} {notice.about} {notice.target} {notice.created_at.isoformat()}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _lines(told: NoticeContents) -> list[str]:
    notice = told.notice
    if told.figures is not None:
        return _digest(told.figures)
    lines = [f"{SUBJECTS[notice.event]}: {notice.reference}, {told.clinic}."]
    if told.about is not None:
        known = [
            told.about.channel,
            f"{told.about.age} years" if told.about.age is not None else "",
            f"rules {', '.join(told.about.rules)}",
        ]
        lines.append(", ".join(part for part in known if part))
    return lines


def _digest(figures: DigestFigures) -> list[str]:
    results = ", ".join(f"{count} {urgency}" for urgency, count in figures.results.items())
    return [
        f"May be in danger, not closed: {figures.alarms}",
        f"To be called back: {figures.to_call}",
        f"Results of the last 24 hours: {results or 'none'}",
        f"Notices that did not go out: {figures.in_trouble}",
    ]
