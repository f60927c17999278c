"""The messaging services that are configured."""

from __future__ import annotations

from backline.channels.messaging.providers.base import Service
from backline.channels.messaging.providers.telegram import TelegramService
from backline.channels.messaging.providers.twilio import TwilioService
from backline.channels.messaging.providers.whatsapp import WhatsAppService
from backline.credentials import Messaging


def services_of(messaging: Messaging) -> list[Service]:
    """The service behind each configured channel."""
    services: list[Service] = []
    if messaging.telegram is not None:
        services.append(TelegramService(messaging.telegram, messaging.public_url))
    if messaging.whatsapp is not None:
        services.append(WhatsAppService(messaging.whatsapp, messaging.privacy.pseudonymizer))
    if messaging.twilio is not None:
        services.append(TwilioService(messaging.twilio, messaging.public_url))
    return services
