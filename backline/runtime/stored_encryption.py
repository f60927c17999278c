"""Encrypting what earlier versions stored, beside the server's own work."""

from __future__ import annotations

import asyncio
import logging

from backline.store import Store, StoreError, StoreUnavailable

AGAIN_S = 60.0
"""Seconds until it is tried again, while the database does not answer."""
logger = logging.getLogger(__name__)


async def encrypt_what_is_stored(store: Store) -> None:
    """Encrypt, once and portion by portion, what versions that did not encrypt have stored.

    Several servers may do it at once; one that is stopped leaves the rest to the next start.
    """
    while True:
        try:
            await _encrypt(store)
            return
        except StoreUnavailable:
            await asyncio.sleep(AGAIN_S)
        except StoreError as error:
            logger.error("What was stored before could not be encrypted: %s", error)
            return


async def _encrypt(store: Store) -> None:
    if await asyncio.to_thread(store.reencryption.is_complete):
        return
    await asyncio.sleep(
        (await asyncio.to_thread(lambda: store.field_encryption.begins_in)).total_seconds()
    )
    count, portions = 0, store.reencryption.portions()
    while (done := await asyncio.to_thread(next, portions, None)) is not None:
        count += done
    logger.info("What was stored before is encrypted now: %d rows", count)
