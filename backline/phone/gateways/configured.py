"""Put the configured entrances of the phone line together."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from typing import Any

from rasa.core.agent import Agent
from sanic import Blueprint, Sanic

from backline.credentials import load_privacy
from backline.environment import SettingsError
from backline.phone.calls import CallService
from backline.phone.credentials import PhoneSecrets, load_phone_secrets
from backline.phone.gateways.media_stream_setup import audio_stream, load_stream_settings
from backline.phone.gateways.transcript_webhook import transcript_blueprint
from backline.phone.gateways.twilio_voice import voice_blueprint
from backline.phone.text_messages import TextMessages
from backline.privacy import Privacy
from backline.settings import PhoneSettings, Settings
from backline.store import Store
from backline.twilio_api import TwilioAccess


def phone_blueprints(
    agent: Agent, store: Store, settings: Settings, environ: Mapping[str, str] | None = None
) -> list[Blueprint]:
    """Return the blueprints that answer calls; none without `phone_line` in clinic.yml.

    Raises:
        SettingsError: a setting of the phone line is missing or wrong; the text names it.
    """
    if settings.clinic.phone_line is None:
        return []
    env = os.environ if environ is None else environ
    secrets = load_phone_secrets(env)
    privacy = load_privacy(env)
    texts = _text_messages(agent, store, settings.clinic.phone_line, privacy, secrets)
    line = CallService(agent, store, settings.clinic, privacy, texts)
    blueprints = [] if texts is None else [_sending(texts)]
    if secrets.twilio is not None:
        blueprints.append(voice_blueprint(line, secrets, settings))
    stream = load_stream_settings(secrets.token, env)
    if stream is not None:
        blueprints.append(audio_stream(line, settings.clinic.phone_line, stream))
    if secrets.token is not None:
        blueprints.append(transcript_blueprint(line, secrets.token))
    return blueprints


def _text_messages(
    agent: Agent, store: Store, phone: PhoneSettings, privacy: Privacy, secrets: PhoneSecrets
) -> TextMessages | None:
    if phone.text_from is None:
        return None
    if secrets.twilio is None:
        raise SettingsError(
            "text_from in clinic.yml needs BACKLINE_TWILIO_ACCOUNT_SID and "
            "BACKLINE_TWILIO_AUTH_TOKEN (docs/phone.md)"
        )
    access = TwilioAccess(secrets.twilio, secrets.public_url or "")
    return TextMessages(store, privacy, access, agent.lock_store, phone.text_from)


def _sending(texts: TextMessages) -> Blueprint:
    """Give what sends text messages for as long as the server runs."""
    blueprint = Blueprint("backline_text_messages")
    at_work: list[asyncio.Task[None]] = []

    @blueprint.listener("before_server_start")
    async def begin(_app: Sanic, _loop: Any) -> None:
        at_work.append(asyncio.create_task(texts.run()))

    @blueprint.listener("before_server_stop")
    async def end(_app: Sanic, _loop: Any) -> None:
        for task in at_work:
            task.cancel()
        await asyncio.gather(*at_work, return_exceptions=True)

    return blueprint
