"""Who signed the policy, and whether what was signed is what decides now."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from pathlib import Path

import sqlalchemy as sa

import backline.facts
import backline.policy
from backline.policy import POLICY_VERSION
from backline.store.audit import Audit, By
from backline.store.desk_tables import PolicySignature
from backline.store.tables import StaffAccount
from backline.store.transactions import Transactions

logger = logging.getLogger(__name__)


class PolicyState(str, Enum):
    """Whether the policy that decides now was signed: never, an earlier one, or this one."""

    UNSIGNED = "unsigned"
    CHANGED = "changed"
    SIGNED = "signed"


@dataclass(frozen=True)
class KeptSignature:
    """A signature as it is kept; `current` where it is of the policy that decides now."""

    policy_version: str
    content_hash: str
    current: bool
    signed_by: str
    registration: str
    signed_at: dt.datetime


@lru_cache(maxsize=1)
def policy_hash() -> str:
    """Make a hash of all that decides: the modules of the policy, and of the facts it looks at."""
    folder = Path(backline.policy.__file__).parent
    # With their names and lengths, so that nothing moves from one into another unseen.
    summed = hashlib.sha256()
    for file in (Path(backline.facts.__file__), *sorted(folder.glob("*.py"))):
        body = file.read_bytes()
        summed.update(f"{file.name} {len(body)}\n".encode() + body)
    return summed.hexdigest()


class PolicySignatures:
    """The table of signatures. Methods block, and raise `StoreUnavailable`, as the store's."""

    def __init__(self, transactions: Transactions, audit: Audit) -> None:
        self._transactions = transactions
        self._audit = audit

    def state(self) -> PolicyState:
        """Tell whether the policy that decides now was signed."""
        hashes = sa.select(PolicySignature.content_hash).distinct()
        with self._transactions.reading() as session:
            signed = set(session.execute(hashes).scalars())
        if policy_hash() in signed:
            return PolicyState.SIGNED
        return PolicyState.CHANGED if signed else PolicyState.UNSIGNED

    def sign(self, account_id: int, registration: str, by: By) -> None:
        """Keep that somebody signs the policy as it is now, in the audit log, too."""
        with self._transactions.writing() as session:
            session.add(
                PolicySignature(
                    content_hash=policy_hash(),
                    policy_version=POLICY_VERSION,
                    signed_by=account_id,
                    registration=registration,
                    signed_at=by.at,
                )
            )
            self._audit.add_in(session, by.look("policy_signed", f"policy-{policy_hash()[:32]}"))

    def all(self) -> list[KeptSignature]:
        """List the signatures, the latest first."""
        row = PolicySignature
        named = sa.select(row, StaffAccount.name)
        kept = named.join(StaffAccount, StaffAccount.id == row.signed_by).order_by(row.id.desc())
        with self._transactions.reading() as session:
            return [_kept(one, name) for one, name in session.execute(kept)]


def _kept(row: PolicySignature, name: str) -> KeptSignature:
    return KeptSignature(
        row.policy_version,
        row.content_hash,
        row.content_hash == policy_hash(),
        name,
        row.registration,
        row.signed_at,
    )


def tell_policy_state(signatures: PolicySignatures) -> None:
    """Say in the log, at a start, if the policy was not signed."""
    state = signatures.state()
    if state is not PolicyState.SIGNED:
        logger.warning(
            "The policy %s is %s: a registered clinician signs it at the desk.",
            POLICY_VERSION,
            "not signed" if state is PolicyState.UNSIGNED else "not the one that was signed",
        )
