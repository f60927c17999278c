"""What actions share: the settings and the store, opened once per process."""

from __future__ import annotations

from functools import lru_cache

from backline.settings import Settings, load_settings
from backline.store import Store, create_store


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process."""
    return load_settings()


@lru_cache(maxsize=1)
def open_store() -> Store:
    """The store of this process."""
    return create_store(settings().database_url)
