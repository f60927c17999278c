"""The messaging services that are configured."""

from __future__ import annotations

from backline.channels.credentials import Messaging
from backline.channels.service import Service
from backline.channels.telegram import TelegramService
from backline.channels.twilio import TwilioService
from backline.channels.whatsapp import WhatsAppService


def services_of(messaging: Messaging) -> list[Service]:
    """The service behind each configured channel."""
    services: list[Service] = []
    if messaging.telegram is not None:
        services.append(TelegramService(messaging.telegram, messaging.public_url))
    if messaging.whatsapp is not None:
        services.append(WhatsAppService(messaging.whatsapp, messaging.seal))
    if messaging.twilio is not None:
        services.append(TwilioService(messaging.twilio, messaging.public_url))
    return services
