"""A messaging service is known wherever one has to be."""

from __future__ import annotations

import importlib
import pkgutil

from backline.channels.messaging import providers
from backline.channels.messaging.capabilities import CAPABILITIES
from backline.channels.messaging.providers.base import Service
from tests.messaging.conftest import CHANNELS


def test_every_service_has_its_limits() -> None:
    for module in pkgutil.iter_modules(providers.__path__, f"{providers.__name__}."):
        importlib.import_module(module.name)
    assert {service.name for service in Service.__subclasses__()} == CAPABILITIES.keys()


def test_what_is_tested_of_every_channel_is_tested_of_each() -> None:
    assert CHANNELS.keys() == CAPABILITIES.keys()
