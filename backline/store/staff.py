"""The accounts of those who work at the clinic and may use its desk."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from backline.failures import Told
from backline.store import sign_in_tries
from backline.store.audit import Audit, By
from backline.store.field_encryption import FieldEncryption
from backline.store.sign_in_tries import Client
from backline.store.tables import StaffAccount, StaffSession
from backline.store.transactions import Transactions, update_rows

TOTP_SECRET = ("staff_accounts.totp_secret",)
"""What the secrets of authenticator apps are encrypted as, before the number of their account."""


class Role(str, Enum):
    """What somebody does at the clinic."""

    RECEPTIONIST = "receptionist"
    THERAPIST = "therapist"
    CLINICIAN = "clinician"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


class StaffError(Told, ValueError):
    """An account cannot be as it was asked for; the text says why."""


@dataclass(frozen=True)
class StaffMember:
    """Somebody who has an account, as it is kept, without its secrets.

    Attributes:
        password_hash: None until who was invited chose a password.
        has_code: whether an authenticator app has shown that it has the secret.
        locked_until: when the next try is allowed, if one has to wait.
    """

    id: int
    name: str
    email: str
    role: Role
    password_hash: str | None
    has_code: bool
    locked_until: dt.datetime | None

    @property
    def who(self) -> str:
        """Name it for the audit log."""
        return f"{self.name} ({self.about})"

    @property
    def about(self) -> str:
        """Name it where the audit log is about it."""
        return about(self.id)


@dataclass(frozen=True)
class Invitation:
    """A link by which somebody chooses a password: the hash of its token, and when it ends."""

    token_hash: str
    ends_at: dt.datetime


def about(account_id: int) -> str:
    """Name an account where the audit log is about it."""
    return f"account-{account_id}"


class Staff:
    """Accounts, one method a need. Methods block, and raise `StoreUnavailable`, as the store's.

    What changes one is kept in the audit log in the same transaction.
    """

    def __init__(
        self, transactions: Transactions, field_encryption: FieldEncryption, audit: Audit
    ) -> None:
        self._transactions = transactions
        self._encryption = field_encryption
        self._audit = audit

    def any(self) -> bool:
        """Tell whether there is an account, and so a desk."""
        with self._transactions.reading() as session:
            return session.execute(_open(sa.select(StaffAccount.id)).limit(1)).first() is not None

    def all(self) -> list[StaffMember]:
        """List the accounts that are not closed, in the order in which they were made."""
        with self._transactions.reading() as session:
            rows = session.execute(_open(sa.select(StaffAccount)).order_by(StaffAccount.id))
            return [member_of(row) for row in rows.scalars()]

    def add(
        self,
        name: str,
        email: str,
        role: Role,
        by: By,
        *,
        password_hash: str | None = None,
        invitation: Invitation | None = None,
    ) -> StaffMember:
        """Make an account; the first of all is an administrator's, whatever was asked for.

        Raises:
            StaffError: the address has an account, or had one.
        """
        with self._transactions.writing() as session:
            if session.execute(_by_email(email)).first() is not None:
                raise StaffError(f"{email.strip()} has an account already, or had one")
            first = session.execute(_open(sa.select(StaffAccount.id))).first() is None
            row = StaffAccount(
                name=name,
                email=_plain(email),
                role=(Role.ADMINISTRATOR if first else role).value,
                password_hash=password_hash,
                failed_tries=0,
                created_at=by.at,
                **_values(invitation),
            )
            session.add(row)
            session.flush()
            self._audit.add_in(session, by.look("account_created", about(row.id)))
            return member_of(row)

    def invite(self, email: str, invitation: Invitation, by: By) -> StaffMember:
        """Let somebody begin anew, who lost the password or the phone; signs them out everywhere.

        Raises:
            StaffError: there is no such account.
        """
        with self._transactions.writing() as session:
            row = self._named(session, email)
            values = {"password_hash": None, **_without_lock(), **_without_code()}
            self._change(session, row, {**values, **_values(invitation)}, by.look, "invited")
            return member_of(row)

    def close(self, email: str, by: By) -> StaffMember:
        """Close an account: nobody signs in by it any more, and who is signed in no longer is.

        Raises:
            StaffError: there is no such account.
        """
        with self._transactions.writing() as session:
            row = self._named(session, email)
            values = {"closed_at": by.at, "password_hash": None, **_values(None)}
            values |= _without_code()
            self._change(session, row, values, by.look, "account_closed")
            return member_of(row)

    def invited(self, token_hash: str, now: dt.datetime) -> StaffMember | None:
        """Find whom an invitation is for; None if there is none, or it has ended."""
        with self._transactions.reading() as session:
            row = session.execute(_invited(token_hash, now)).scalar_one_or_none()
            return None if row is None else member_of(row)

    def accept(self, token_hash: str, password_hash: str, why: str, now: dt.datetime) -> bool:
        """Keep the password that was chosen by an invitation; False if that has ended."""
        with self._transactions.writing() as session:
            row = session.execute(_invited(token_hash, now).with_for_update()).scalar_one_or_none()
            if row is None:
                return False
            by = By(member_of(row).who, why, now)
            values = {"password_hash": password_hash, **_without_lock(), **_without_code()}
            values |= _values(None)
            self._change(session, row, values, by.look, "password_chosen")
            return True

    def change_password(
        self, member: StaffMember, password_hash: str, session_hash: str, by: By
    ) -> bool:
        """Keep another password; False if the account has another one by now than it had.

        The session of who does so stays, and no other of theirs.
        """
        row = StaffSession
        others = sa.delete(row).where(row.account_id == member.id, row.token_hash != session_hash)
        with self._transactions.writing() as session:
            values = {"password_hash": password_hash, **_without_lock(), **_values(None)}
            if not update_rows(session, StaffAccount, unchanged(member), **values):
                return False
            session.execute(others.execution_options(synchronize_session=False))
            sign_in_tries.forget(session, member.id)
            self._audit.add_in(session, by.look("password_changed", member.about))
            return True

    def begin_try(self, email: str, client: Client, now: dt.datetime) -> StaffMember | None:
        """Count a try to sign in, before it is known whether it succeeds; None without an account.

        So also who tries many at once has no more of them. Where the client has to wait, nothing is
        counted, and `locked_until` says until when.
        """
        return self._begin_try(_open(_by_email(email)), client, now)

    def begin_code_try(
        self, account_id: int, client: Client, now: dt.datetime
    ) -> StaffMember | None:
        """Count a try to give the code, as `begin_try` does."""
        return self._begin_try(_open(_by_id(account_id)), client, now)

    def _begin_try(self, found: Any, client: Client, now: dt.datetime) -> StaffMember | None:
        with self._transactions.writing() as session:
            row = session.execute(found.with_for_update()).scalar_one_or_none()
            if row is None:
                return None
            known, key = self._known(session, int(row.id), client, now)
            waits = sign_in_tries.begin(session, row, key, known=known, now=now)
            return replace(member_of(row), locked_until=waits)

    def give_back_try(self, account_id: int, client: Client, now: dt.datetime) -> None:
        """Take back that a try was counted: the password was right, the code is still to come."""
        values = {"failed_tries": StaffAccount.failed_tries - 1, "locked_until": None}
        mine = [StaffAccount.id == account_id, StaffAccount.failed_tries > 0]
        with self._transactions.writing() as session:
            known, key = self._known(session, account_id, client, now)
            if not known:
                update_rows(session, StaffAccount, mine, **values)
            sign_in_tries.give_back(session, account_id, key)

    def know_browser(self, account_id: int, token_hash: str, now: dt.datetime) -> None:
        """Keep that somebody signed in, in a browser: others cannot keep them waiting there."""
        insert = self._transactions.insert
        with self._transactions.writing() as session:
            sign_in_tries.know(session, insert, account_id, token_hash, now)

    def prune(self, now: dt.datetime) -> None:
        """Delete tries that count no more, and browsers that were not used for long."""
        with self._transactions.writing() as session:
            sign_in_tries.prune(session, now)

    def void_links(self) -> None:
        """End all links by which somebody could choose a password, and know no browser any more."""
        with self._transactions.writing() as session:
            update_rows(session, StaffAccount, [], **_values(None))
            sign_in_tries.forget_all_browsers(session)

    def _known(
        self, session: Session, account_id: int, client: Client, now: dt.datetime
    ) -> tuple[bool, str]:
        """Whether a client is a known browser, and what its tries are counted under."""
        token = client.known
        if token is not None and sign_in_tries.is_known(session, account_id, token, now):
            return True, self._encryption.hash_of(f"browser {token}")
        return False, self._encryption.hash_of(f"client {client.address}")

    def refuse(self, member: StaffMember, by: By) -> None:
        """Keep in the audit log that a password or a code was wrong."""
        self._audit.add(by.look("sign_in_refused", member.about))

    def rehash(self, member: StaffMember, password_hash: str) -> None:
        """Keep the same password by a costlier hash, unless there is another one by now."""
        with self._transactions.writing() as session:
            update_rows(session, StaffAccount, unchanged(member), password_hash=password_hash)

    def code_secret(self, member: StaffMember, new: str) -> str | None:
        """Give the secret of an account's authenticator app; without one, keep `new` as it.

        None where the password that was checked is the account's no more.

        Raises:
            Unreadable: it is encrypted with a key that is not there.
        """
        place = (*TOTP_SECRET, str(member.id))
        mine = sa.select(StaffAccount).where(*unchanged(member)).with_for_update()
        with self._transactions.writing() as session:
            row = session.execute(mine).scalar_one_or_none()
            if row is None:
                return None
            if row.totp_secret is None:
                row.totp_secret = self._encryption.cipher.encrypt(new, *place)
            return self._encryption.decrypt(str(row.totp_secret), *place)

    def use_code(self, member: StaffMember, step: int) -> bool:
        """Keep that the code of a time step was used; False if it, or a later one, was before.

        False, too, where the password that was checked is the account's no more.

        Args:
            step: 30 seconds each, since 1970.
        """
        unused = sa.or_(StaffAccount.totp_step.is_(None), StaffAccount.totp_step < step)
        mine = [*unchanged(member), unused]
        with self._transactions.writing() as session:
            values = {"totp_step": step, **_without_lock()}
            used = update_rows(session, StaffAccount, mine, **values) > 0
            if used:
                sign_in_tries.forget(session, member.id)
            return used

    def _named(self, session: Session, email: str) -> Any:
        found = _open(_by_email(email)).with_for_update()
        row = session.execute(found).scalar_one_or_none()
        if row is None:
            raise StaffError(f"nobody has an account as {email.strip()}")
        return row

    def _change(
        self, session: Session, row: Any, values: dict[str, Any], look: Any, action: str
    ) -> None:
        for name, value in values.items():
            setattr(row, name, value)
        session.execute(sa.delete(StaffSession).where(StaffSession.account_id == row.id))
        sign_in_tries.forget(session, int(row.id))
        sign_in_tries.forget_browsers(session, int(row.id))
        self._audit.add_in(session, look(action, about(row.id)))


def member_of(row: Any) -> StaffMember:
    """Make a member of the staff of the row of their account."""
    return StaffMember(
        int(row.id),
        row.name,
        row.email,
        Role(row.role),
        row.password_hash,
        row.totp_step is not None,
        row.locked_until,
    )


def unchanged(member: StaffMember) -> list[Any]:
    """Say, as conditions, that an account is open and has the password that was checked."""
    row = StaffAccount
    if member.password_hash is None:
        return [sa.false()]
    return [
        row.id == member.id,
        row.password_hash == member.password_hash,
        row.closed_at.is_(None),
    ]


def _open(statement: Any) -> Any:
    return statement.where(StaffAccount.closed_at.is_(None))


def _by_email(email: str) -> Any:
    return sa.select(StaffAccount).where(StaffAccount.email == _plain(email))


def _by_id(account_id: int) -> Any:
    return sa.select(StaffAccount).where(StaffAccount.id == account_id)


def _invited(token_hash: str, now: dt.datetime) -> Any:
    row = StaffAccount
    mine = sa.select(row).where(row.invitation_hash == token_hash, row.invitation_ends_at > now)
    return _open(mine)


def _plain(email: str) -> str:
    return email.strip().lower()


def _values(invitation: Invitation | None) -> dict[str, Any]:
    return {
        "invitation_hash": invitation.token_hash if invitation else None,
        "invitation_ends_at": invitation.ends_at if invitation else None,
    }


def _without_lock() -> dict[str, Any]:
    return {"failed_tries": 0, "locked_until": None}


def _without_code() -> dict[str, Any]:
    return {"totp_secret": None, "totp_step": None}
