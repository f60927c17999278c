"""Identify callers by a keyed hash of their number alone."""

from __future__ import annotations

import phonenumbers

from backline.credentials import load_privacy
from backline.privacy import Pseudonymizer
from backline.store import Store
from backline.store.calls import CHANNEL


def caller_hash(pseudonymizer: Pseudonymizer, number: str) -> str:
    """Hash a caller's number (E.164) with the key, as it is kept."""
    return pseudonymizer.digest(CHANNEL, "caller", number)


def calls_of(who: str, country: str, store: Store) -> list[str]:
    """Find the conversations of all calls from a number, as people write it.

    Args:
        country: whose numbers are written without a country, such as "AU".

    Raises:
        SettingsError: the key that the numbers were hashed with is missing.
        StoreUnavailable: the database does not answer.
    """
    try:
        number = phonenumbers.parse(who, country)
    except phonenumbers.NumberParseException:
        return []
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return store.calls.of_caller(caller_hash(load_privacy().pseudonymizer, e164))
