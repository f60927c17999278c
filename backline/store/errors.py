"""What can go wrong with the store, in sentences without personal data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from backline.failures import Told


class StoreError(Told, RuntimeError):
    """The store cannot be used."""


class StoreUnavailable(StoreError):
    """The database does not answer in time, is locked or is gone."""


class StoreConfigError(StoreError):
    """DATABASE_URL, or the tables behind it, do not fit; the text says what to do."""


class LesserAfterEmergency(StoreError):
    """An assessment would make less of an emergency that nobody said had ended."""


class Unreadable(StoreError):
    """What was stored cannot be decrypted."""


@contextmanager
def translate_driver_errors() -> Iterator[None]:
    """Turn what the database driver raises into `StoreUnavailable`."""
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        raise StoreUnavailable(_sentence(error)) from error
    except DBAPIError as error:
        # The driver quotes the refused row, which is what a patient said: no cause is kept.
        raise StoreUnavailable(_sentence(error)) from None


def _sentence(error: Exception) -> str:
    driver_error = getattr(error, "orig", None)
    said = str(driver_error).lower()
    if "no such table" in said or type(driver_error).__name__ == "UndefinedTable":
        return "the database lacks Backline's tables; run `backline db upgrade`"
    if "locked" in said or "lock timeout" in said:
        return "the database is locked by another program"
    if "not a database" in said:
        return "DATABASE_URL names a file that is no SQLite database"
    if isinstance(error, (OperationalError, InterfaceError, PoolTimeout)):
        return f"the database of DATABASE_URL does not answer ({type(error).__name__})"
    return f"the database of DATABASE_URL refused a statement ({type(error).__name__})"
