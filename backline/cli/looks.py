"""Keeps that somebody of the staff looked at what people wrote, before it is shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from backline.cli.reveal import who_looks
from backline.store import Store
from backline.store.audit import By


def keep_look(
    store: Store,
    by: str | None,
    action: str,
    command: str,
    conversations: Iterable[str],
    now: dt.datetime,
) -> None:
    """Put into the audit table who looks at which conversations; what is shown is read before.

    Args:
        by: who looks; the operating system's user is kept beside.
        conversations: their ids, of which a keyed hash is kept.

    Raises:
        RevealError: it is not known who looks.
        StoreUnavailable: the database does not answer; nothing may be shown.
    """
    doing = By(who_looks(by), command, now)
    shown = dict.fromkeys(conversations)
    store.audit.add(*(doing.look(action, store.audit.about(shown_one)) for shown_one in shown))
