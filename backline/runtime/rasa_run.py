"""What `rasa run`, `rasa shell` and `rasa run actions` make by endpoints.yml.

Rasa makes these with arguments of its own, so they look up the settings themselves. `backline
serve` hands the settings to the classes that these are made of.
"""

from __future__ import annotations

from typing import Any

from backline.runtime.lock_store import BacklineLockStore
from backline.runtime.nlg import ClinicResponses
from backline.runtime.tracker_store import BacklineTrackerStore
from backline.settings import SettingsError, load_settings


class ConfiguredTrackerStore(BacklineTrackerStore):
    """Keeps conversations in the `DATABASE_URL`, unless endpoints.yml has a `url`."""

    def __init__(
        self,
        domain: Any = None,
        host: str | None = None,
        event_broker: Any = None,
        **kwargs: Any,
    ) -> None:
        url = host or load_settings().database_url
        super().__init__(domain, url, event_broker, **kwargs)


class ConfiguredLockStore(BacklineLockStore):
    """Keeps locks in the Redis of `REDIS_URL`."""

    def __init__(self, endpoint_config: Any = None) -> None:
        url = load_settings().redis_url
        if url is None:
            raise SettingsError("REDIS_URL must be set for the lock store")
        super().__init__(url)


class ConfiguredResponses(ClinicResponses):
    """Fills responses with the words of clinic.yml."""

    def __init__(self, endpoint_config: Any = None, domain: Any = None) -> None:
        super().__init__(load_settings().clinic, domain.responses if domain else {})
