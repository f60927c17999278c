"""What endpoints.yml names can be made by Rasa, with the settings of the environment."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa.core.brokers.broker import EventBroker
from rasa.core.lock_store import LockStore
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.utils.endpoints import EndpointConfig

from backline.runtime.event_broker import BacklineEventBroker
from backline.runtime.lock_store import BacklineLockStore
from backline.runtime.rasa_run import ConfiguredResponses, ConfiguredTrackerStore
from backline.settings import SettingsError, load_clinic

PROJECT = Path(__file__).resolve().parents[3]
DOMAIN = Domain.from_dict({"responses": {"utter_call": [{"text": "Call {clinic_phone}."}]}})


def endpoint(name: str) -> EndpointConfig:
    """One of endpoints.yml, also where it is there as a comment."""
    text = (PROJECT / "endpoints.yml").read_text(encoding="utf-8")
    endpoints: dict[str, Any] = yaml.safe_load(re.sub(r"^# (?=\w+:$|  )", "", text, flags=re.M))
    return EndpointConfig.from_dict(endpoints[name])


def test_conversations_are_kept_in_the_database_of_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'backline.db'}")
    made = TrackerStore.create(endpoint("tracker_store"), DOMAIN)
    assert isinstance(made, ConfiguredTrackerStore)
    assert (tmp_path / "backline.db").exists()


async def test_responses_have_the_words_of_the_clinic() -> None:
    made = NaturalLanguageGenerator.create(endpoint("nlg"), DOMAIN)
    assert isinstance(made, ConfiguredResponses)
    phone = load_clinic(PROJECT / "clinic.yml").phone
    response = {"text": "Call {clinic_phone}."}
    assert made._fill_response(response)["text"] == f"Call {phone}."


def test_locks_are_kept_in_the_redis_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1")
    assert isinstance(LockStore.create(endpoint("lock_store")), BacklineLockStore)


async def test_events_go_to_the_rabbitmq_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:1/")
    made = await EventBroker.create(endpoint("event_broker"))
    assert isinstance(made, BacklineEventBroker)


async def test_what_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("REDIS_URL", "RABBITMQ_URL"):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(SettingsError, match="REDIS_URL"):
        LockStore.create(endpoint("lock_store"))
    with pytest.raises(SettingsError, match="RABBITMQ_URL"):
        await EventBroker.create(endpoint("event_broker"))
