"""How many tries to sign in there are: few of each client, more of all that nobody knows.

So who guesses is slowed down, and keeps nobody waiting in a browser that they have used before.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from backline.store.desk_tables import KnownBrowser, SignInTry
from backline.store.transactions import update_rows

FREE_TRIES = 5
"""From so many wrong passwords or codes of a client after each other on, it waits."""
FREE_TRIES_OF_ALL = 20
"""The same for all clients together in which nobody has signed in before."""
FIRST_WAIT = dt.timedelta(minutes=1)
LONGEST_WAIT = dt.timedelta(minutes=15)
"""Four tries an hour are left to who guesses."""
KNOWN_FOR = dt.timedelta(days=180)
KEPT_FOR = dt.timedelta(days=1)
"""How long tries of a client are counted together."""


@dataclass(frozen=True)
class Client:
    """From where somebody tries to sign in.

    Attributes:
        address: of the browser, as it is counted.
        known: the hash of the token by which the browser may be known; None without one.
    """

    address: str
    known: str | None = None


def begin(
    session: Session, account: Any, client: str, *, known: bool, now: dt.datetime
) -> dt.datetime | None:
    """Count a try, before it is known whether it succeeds; gives until when the client waits.

    While it waits nothing is counted.

    Args:
        account: the row, held until the transaction ends.
        client: hashed.
        known: somebody has signed in to the account there.
    """
    waits = None if known else _still(account.locked_until, now)
    mine = _of(session, int(account.id), client)
    waits = waits or _still(mine.locked_until if mine else None, now)
    if waits is not None:
        return waits
    if mine is None or mine.last_at < now - KEPT_FOR:
        session.execute(sa.delete(SignInTry).where(*_both(int(account.id), client)))
        mine = SignInTry(account_id=account.id, client=client, failed_tries=0, last_at=now)
        session.add(mine)
    mine.failed_tries += 1
    mine.last_at = now
    mine.locked_until = _wait_after(mine.failed_tries, FREE_TRIES, now)
    if not known:
        account.failed_tries += 1
        account.locked_until = _wait_after(account.failed_tries, FREE_TRIES_OF_ALL, now)
    return None


def give_back(session: Session, account_id: int, client: str) -> None:
    """Take back that a try of a client was counted."""
    row = SignInTry
    mine = [*_both(account_id, client), row.failed_tries > 0]
    values = {"failed_tries": row.failed_tries - 1, "locked_until": None}
    update_rows(session, row, mine, **values)


def forget(session: Session, account_id: int) -> None:
    """Begin to count anew."""
    gone = sa.delete(SignInTry).where(SignInTry.account_id == account_id)
    session.execute(gone.execution_options(synchronize_session=False))


def know(session: Session, insert: Any, account_id: int, token_hash: str, now: dt.datetime) -> None:
    """Keep that somebody signed in, in a browser."""
    ends_at = now + KNOWN_FOR
    added = insert(KnownBrowser).values(
        account_id=account_id, token_hash=token_hash, ends_at=ends_at
    )
    both = [KnownBrowser.account_id, KnownBrowser.token_hash]
    session.execute(added.on_conflict_do_update(index_elements=both, set_={"ends_at": ends_at}))


def is_known(session: Session, account_id: int, token_hash: str, now: dt.datetime) -> bool:
    """Tell whether somebody has signed in to an account in a browser."""
    row = KnownBrowser
    mine = [row.account_id == account_id, row.token_hash == token_hash, row.ends_at > now]
    return session.execute(sa.select(row.id).where(*mine)).first() is not None


def forget_browsers(session: Session, account_id: int) -> None:
    """Know none of an account's browsers any more."""
    gone = sa.delete(KnownBrowser).where(KnownBrowser.account_id == account_id)
    session.execute(gone.execution_options(synchronize_session=False))


def forget_all_browsers(session: Session) -> None:
    """Know no browser of anybody any more."""
    session.execute(sa.delete(KnownBrowser).execution_options(synchronize_session=False))


def prune(session: Session, now: dt.datetime) -> None:
    """Delete tries that count no more, and browsers that were not used for long."""
    for gone in (
        sa.delete(SignInTry).where(SignInTry.last_at < now - KEPT_FOR),
        sa.delete(KnownBrowser).where(KnownBrowser.ends_at < now),
    ):
        session.execute(gone.execution_options(synchronize_session=False))


def _of(session: Session, account_id: int, client: str) -> Any:
    mine = sa.select(SignInTry).where(*_both(account_id, client))
    return session.execute(mine).scalar_one_or_none()


def _both(account_id: int, client: str) -> list[Any]:
    return [SignInTry.account_id == account_id, SignInTry.client == client]


def _still(until: dt.datetime | None, now: dt.datetime) -> dt.datetime | None:
    return until if until is not None and until > now else None


def _wait_after(tries: int, free: int, now: dt.datetime) -> dt.datetime | None:
    if tries < free:
        return None
    # The power is bounded: tries are counted on for as long as somebody guesses.
    doubled: dt.timedelta = FIRST_WAIT * 2 ** min(tries - free, 10)
    return now + min(doubled, LONGEST_WAIT)
