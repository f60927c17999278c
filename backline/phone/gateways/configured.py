"""Put the configured entrances of the phone line together."""

from __future__ import annotations

import os
from collections.abc import Mapping

from rasa.core.agent import Agent
from sanic import Blueprint

from backline.credentials import load_privacy
from backline.phone.calls import CallService
from backline.phone.credentials import load_phone_secrets
from backline.phone.gateways.media_stream_setup import audio_stream, load_stream_settings
from backline.phone.gateways.transcript_webhook import transcript_blueprint
from backline.phone.gateways.twilio_voice import voice_blueprint
from backline.settings import Settings
from backline.store import Store


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
    line = CallService(agent, store, settings.clinic, load_privacy(env))
    blueprints = []
    if secrets.twilio is not None:
        blueprints.append(voice_blueprint(line, secrets, settings))
    stream = load_stream_settings(secrets.token, env)
    if stream is not None:
        blueprints.append(audio_stream(line, settings.clinic.phone_line, stream))
    if secrets.token is not None:
        blueprints.append(transcript_blueprint(line, secrets.token))
    return blueprints
