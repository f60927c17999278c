"""What can go wrong with the store, in sentences without personal data."""


class StoreError(RuntimeError):
    """The store cannot be used."""


class StoreUnavailable(StoreError):
    """The database does not answer in time, is locked or is gone."""


class StoreConfigError(StoreError):
    """DATABASE_URL, or the tables behind it, do not fit; the text says what to do."""
