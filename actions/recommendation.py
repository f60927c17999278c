"""What this clinic recommends: by the policy, and no massage by one that it wants signed first."""

from __future__ import annotations

import asyncio
import logging
import time

from actions.dependencies import open_store, settings
from backline.facts import Facts
from backline.policy import Recommendation, decide, withheld
from backline.store import StoreUnavailable
from backline.store.policy_signatures import PolicyState

logger = logging.getLogger(__name__)

LOOKED_AT_EVERY_S = 30.0
"""How long a signature that was just given may go unnoticed."""


class _Signed:
    """Whether the policy was signed when it was last looked. Until it is known, it was not."""

    def __init__(self) -> None:
        self.now = False
        self.looked_at: float | None = None

    def is_old(self) -> bool:
        if self.looked_at is None:
            return True
        return time.monotonic() - self.looked_at > LOOKED_AT_EVERY_S


_signed = _Signed()


async def look_whether_signed() -> None:
    """Look into the store now and then, where `clinic.yml` wants the policy signed."""
    if not settings().clinic.massage_needs_signed_policy or not _signed.is_old():
        return
    try:
        state = await asyncio.to_thread(open_store().policy_signatures.state)
    except StoreUnavailable:
        logger.error("The store does not answer; whether the policy is signed is as it was.")
        return
    _signed.now, _signed.looked_at = state is PolicyState.SIGNED, time.monotonic()


def recommend(facts: Facts) -> Recommendation:
    """Decide as the policy does, and withhold a massage where the clinic has not signed it.

    Raises:
        Undecided: an open question could still change the result.
    """
    decided = decide(facts)
    if _signed.now or not settings().clinic.massage_needs_signed_policy:
        return decided
    return withheld(decided)
