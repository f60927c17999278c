"""Shows staff the number of somebody they have to call, and keeps that they looked."""

from __future__ import annotations

import datetime as dt
import getpass

from backline.failures import Told
from backline.phone.dialogue.state import left_open
from backline.privacy import Privacy
from backline.store import Store
from backline.store.audit import Look
from backline.store.call_backs import address_shown
from backline.store.calls import CHANNEL

ACTION = "number_shown"
COMMAND = "backline reveal"
MOST_NAME = 60


class RevealError(Told, ValueError):
    """There is no number to show; the text says why."""


def reveal(store: Store, privacy: Privacy, reference: str, by: str | None, now: dt.datetime) -> str:
    """The number, or the service's id, behind a conversation that did not reach its end.

    It is given only once the audit table has who looked.

    Args:
        reference: the conversation's id, as `channels undelivered` and `phone calls` list it.
        by: who looks; the operating system's user is kept beside.

    Raises:
        RevealError: nobody has to be called, or no number is known.
        Undecryptable: none of the keys opens it.
        StoreUnavailable: the database does not answer; nothing is shown.
    """
    encrypted = _call_back(store, reference) or _undelivered(store, reference)
    if encrypted is None:
        raise RevealError(
            "nobody has to be called by that reference, or their number is not known; take one "
            "that `backline channels undelivered` or `backline phone calls` lists"
        )
    who = who_looks(by)
    channel = reference.partition("-")[0]
    number = address_shown(channel, str(privacy.encryptor.decrypt(encrypted)))
    store.audit.add(
        Look(now, who, ACTION, privacy.pseudonymizer.digest("audit", reference), COMMAND)
    )
    return number


def _call_back(store: Store, reference: str) -> str | None:
    if not reference.startswith(f"{CHANNEL}-"):
        return None
    call = store.calls.get(reference)
    open_ = call is not None and left_open(call.state)
    return store.calls.number_of(reference) if open_ else None


def _undelivered(store: Store, reference: str) -> str | None:
    waiting = any(m.conversation_id == reference for m in store.delivery_reports.undelivered())
    return store.queues.address_of(reference) if waiting else None


def who_looks(by: str | None) -> str:
    """Name who of the staff looks: as they say, with the operating system's user.

    Raises:
        RevealError: neither is known, or the name cannot be one.
    """
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = ""
    given = (by or "").strip()
    if not given.isprintable() or len(given) > MOST_NAME:
        raise RevealError(f"--by takes a name of at most {MOST_NAME} characters")
    if not (given or user):
        raise RevealError("this user has no name here; say who you are with --by NAME")
    return f"{given} (as {user or 'nobody'})" if given else user
