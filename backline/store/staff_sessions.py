"""In which browsers staff are signed in. Of each the database has a hash of its token alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from backline.store.staff import StaffMember, member_of, unchanged
from backline.store.tables import StaffAccount, StaffSession
from backline.store.transactions import Transactions, update_rows

NOTED_EVERY = dt.timedelta(minutes=1)
"""How exactly it is kept when a session was used last."""


@dataclass(frozen=True)
class SignedIn:
    """Whose a session is; `whole` where the code was given, too, and not the password alone."""

    member: StaffMember
    whole: bool


class StaffSessions:
    """Sessions, one method a need. Methods block, and raise `StoreUnavailable`, as the store's."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def begin(
        self,
        member: StaffMember,
        token_hash: str,
        now: dt.datetime,
        ends_at: dt.datetime,
        *,
        half: str | None = None,
    ) -> bool:
        """Keep a new session; False if, by now, what was checked does not open the account.

        Args:
            member: as they were when the password was checked, or the code.
            half: the hash of the token of the session that the code was given in, which ends; None
                where the password alone was given.
        """
        held = sa.select(StaffAccount.id).where(*unchanged(member)).with_for_update()
        row = StaffSession
        with self._transactions.writing() as session:
            # Whoever makes a new link for the account waits, and ends this session then.
            if session.execute(held).first() is None:
                return False
            if half is not None:
                mine = [row.token_hash == half, row.account_id == member.id]
                ended = sa.delete(row).where(*mine, row.signed_in.is_(False))
                options = {"synchronize_session": False}
                if session.execute(ended.execution_options(**options)).rowcount != 1:
                    return False
            session.add(
                row(
                    account_id=member.id,
                    token_hash=token_hash,
                    signed_in=half is not None,
                    last_used_at=now,
                    ends_at=ends_at,
                )
            )
            return True

    def use(
        self, token_hash: str, now: dt.datetime, idle: dt.timedelta, *, active: bool
    ) -> SignedIn | None:
        """Find whose a session is; None if there is none, it has ended or the account is closed.

        Args:
            idle: how long it lasts without being used.
            active: somebody did something, and not the page by itself.
        """
        row = StaffSession
        found = (
            sa.select(row, StaffAccount)
            .join(StaffAccount, StaffAccount.id == row.account_id)
            .where(row.token_hash == token_hash, row.ends_at > now, row.last_used_at > now - idle)
            .where(StaffAccount.closed_at.is_(None))
        )
        with self._transactions.reading() as session:
            both = session.execute(found).first()
            if both is None:
                return None
            kept, account = both
            last_used_at = kept.last_used_at
            signed_in = SignedIn(member_of(account), bool(kept.signed_in))
        if active and now - last_used_at > NOTED_EVERY:
            with self._transactions.writing() as session:
                update_rows(session, row, [row.token_hash == token_hash], last_used_at=now)
        return signed_in

    def end(self, token_hash: str) -> None:
        """End one session."""
        with self._transactions.writing() as session:
            session.execute(sa.delete(StaffSession).where(StaffSession.token_hash == token_hash))

    def end_all(self, account_id: int) -> None:
        """End all sessions of an account, in whichever browser."""
        with self._transactions.writing() as session:
            session.execute(sa.delete(StaffSession).where(StaffSession.account_id == account_id))

    def end_everybodys(self) -> None:
        """End all sessions of all accounts."""
        with self._transactions.writing() as session:
            session.execute(sa.delete(StaffSession))

    def prune(self, now: dt.datetime) -> None:
        """Delete sessions that have ended."""
        with self._transactions.writing() as session:
            session.execute(sa.delete(StaffSession).where(StaffSession.ends_at < now))
