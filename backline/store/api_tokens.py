"""Tokens by which programs of the clinic read. Of each the database has a hash alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from typing import Any

import sqlalchemy as sa

from backline.failures import Told
from backline.store.audit import Audit, By, Look
from backline.store.desk_tables import ApiToken
from backline.store.transactions import Transactions, update_rows


class Scope(str, Enum):
    """What a token lets a program read."""

    CASES = "cases:read"
    ASSESSMENTS = "assessments:read"


class TokenError(Told, ValueError):
    """There is no such token; the text says so."""


@dataclass(frozen=True)
class KeptToken:
    """A token as it is kept, without its hash; see `desk_tables.ApiToken`."""

    id: int
    name: str
    scopes: frozenset[Scope]
    ends_at: dt.datetime
    last_used_at: dt.datetime | None

    @property
    def who(self) -> str:
        """Name it for the audit log."""
        return f"{self.name} ({self.about})"

    @property
    def about(self) -> str:
        """Name it where the audit log is about it."""
        return f"token-{self.id}"


class ApiTokens:
    """The table of tokens. Methods block, and raise `StoreUnavailable`, as the store's.

    What changes or uses one is kept in the audit log in the same transaction.
    """

    def __init__(self, transactions: Transactions, audit: Audit) -> None:
        self._transactions = transactions
        self._audit = audit

    def add(
        self, name: str, token_hash: str, scopes: Collection[Scope], ends_at: dt.datetime, by: By
    ) -> KeptToken:
        """Keep a new one."""
        with self._transactions.writing() as session:
            row = ApiToken(
                name=name,
                token_hash=token_hash,
                scopes=sorted(scope.value for scope in scopes),
                created_at=by.at,
                ends_at=ends_at,
            )
            session.add(row)
            session.flush()
            made = _kept(row)
            self._audit.add_in(session, by.look("token_created", made.about))
            return made

    def all(self, now: dt.datetime) -> list[KeptToken]:
        """List those that are good now, in the order in which they were made."""
        with self._transactions.reading() as session:
            rows = session.execute(_good(now).order_by(ApiToken.id)).scalars()
            return [_kept(row) for row in rows]

    def revoke(self, id_: int, by: By) -> KeptToken:
        """Make one good no more, from the next request on.

        Raises:
            TokenError: there is none by that number, or it has ended.
        """
        mine = _good(by.at).where(ApiToken.id == id_).with_for_update()
        with self._transactions.writing() as session:
            row = session.execute(mine).scalar_one_or_none()
            if row is None:
                raise TokenError(f"there is no token {id_}, or it is good no more")
            row.revoked_at = by.at
            kept = _kept(row)
            self._audit.add_in(session, by.look("token_revoked", kept.about))
            return kept

    def void(self, now: dt.datetime) -> None:
        """Make all of them good no more, as after a restore, which brings back what was revoked."""
        with self._transactions.writing() as session:
            update_rows(session, ApiToken, [ApiToken.revoked_at.is_(None)], revoked_at=now)

    def use(self, token_hash: str, path: str, now: dt.datetime) -> KeptToken | None:
        """Find whose a token is, and keep that it is used; None if it is good no more."""
        mine = _good(now).where(ApiToken.token_hash == token_hash)
        with self._transactions.reading() as session:
            if session.execute(mine).first() is None:
                # Nobody fills the log by guessing, or has others wait for their turn to write.
                return None
        with self._transactions.writing() as session:
            row = session.execute(mine.with_for_update()).scalar_one_or_none()
            if row is None:
                return None
            row.last_used_at = now
            kept = _kept(row)
            self._audit.add_in(session, Look(now, kept.who, "api_read", kept.about, path))
            return kept


def _good(now: dt.datetime) -> Any:
    return sa.select(ApiToken).where(ApiToken.revoked_at.is_(None), ApiToken.ends_at > now)


def _kept(row: Any) -> KeptToken:
    scopes = frozenset(Scope(scope) for scope in row.scopes)
    return KeptToken(int(row.id), row.name, scopes, row.ends_at, row.last_used_at)
