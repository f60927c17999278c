"""The parts of the `backline` command that are about messaging channels and their keys."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import typer

from backline.cli.console import Commands, count_aloud, fail, ready_store
from backline.settings import load_settings
from backline.store import StoreError

telegram = Commands(help="Telegram's side of the bot.", no_args_is_help=True)
channels = Commands(help="The messaging channels.", no_args_is_help=True)
keys = Commands(help="The keys that hide who writes and what.", no_args_is_help=True)

T = TypeVar("T")


def _with_http(work: Callable[[Any], Awaitable[T]]) -> T:
    import aiohttp

    async def run() -> T:
        async with aiohttp.ClientSession() as http:
            return await work(http)

    return asyncio.run(run())


def _telegram() -> Any:
    from backline.channels.messaging.providers.telegram import TelegramService
    from backline.credentials import load_messaging

    # WhatsApp by Twilio is no matter of these commands.
    messaging = load_messaging(calls=True)
    if messaging is None or messaging.telegram is None:
        fail("BACKLINE_TELEGRAM_TOKEN and BACKLINE_TELEGRAM_SECRET are not set")
    return TelegramService(messaging.telegram, messaging.public_url)


def _ask_telegram(method: Callable[[Any, Any], Awaitable[T]]) -> T:
    from backline.delivery_errors import Undelivered

    service = _telegram()
    try:
        return _with_http(lambda http: method(service, http))
    except Undelivered as error:
        fail(f"Telegram refused, or did not answer ({error.code})")


@telegram.command("set-webhook")
def set_webhook() -> None:
    """Tell Telegram to deliver to BACKLINE_PUBLIC_URL, and what commands there are."""
    _ask_telegram(lambda service, http: service.set_webhook(http))
    typer.echo(f"Telegram delivers to {_telegram().webhook_url}")


@telegram.command("delete-webhook")
def delete_webhook() -> None:
    """Tell Telegram to deliver nothing more. What people write waits there for a day."""
    _ask_telegram(lambda service, http: service.delete_webhook(http))
    typer.echo("Telegram delivers nothing more.")


@telegram.command()
def info() -> None:
    """Print what Telegram knows of the bot and its webhook."""
    typer.echo(json.dumps(_ask_telegram(lambda service, http: service.info(http)), indent=2))


@channels.command()
def check() -> None:
    """Say for each messaging channel whether it is ready. Sends nothing to anybody."""
    from backline.channels.messaging.providers.configured import services_of
    from backline.credentials import load_messaging

    settings = load_settings()
    messaging = load_messaging(calls=settings.clinic.phone_line is not None)
    if messaging is None:
        typer.echo("No messaging channel is configured (docs/channels.md).")
        return
    wrong = False
    try:
        ready_store(settings)
    except StoreError as error:
        wrong = True
        typer.echo(f"database: {error}")
    for service in services_of(messaging):
        problems = _with_http(service.check)
        wrong = wrong or bool(problems)
        for line in problems or ["ready"]:
            typer.echo(f"{service.name}: {line}")
    if wrong:
        raise typer.Exit(1)


@channels.command()
def undelivered() -> None:
    """List messages that did not arrive, or do not yet; without texts and numbers.

    `backline reveal` shows the number of one whom you have to call.
    """
    found = ready_store(load_settings()).delivery_reports.undelivered()
    for message in found:
        what = f"{message.state:8}{message.error or '-':16}{message.attempts:3} tries"
        urgent = "  EMERGENCY" if message.urgent else ""
        typer.echo(
            f"{message.created_at:%Y-%m-%d %H:%M}Z  {what}  {message.conversation_id}{urgent}"
        )
    typer.echo(f"{len(found)} message{'' if len(found) == 1 else 's'} not delivered.")


@keys.command()
def new() -> None:
    """Print new keys, for the first start."""
    from backline.privacy import new_encryption_key, new_pseudonym_key

    typer.echo(f"BACKLINE_PSEUDONYM_KEY={new_pseudonym_key()}")
    typer.echo(f"BACKLINE_ENCRYPTION_KEYS={new_encryption_key()}")


@keys.command()
def rotate() -> None:
    """Encrypt all that is stored with the first of BACKLINE_ENCRYPTION_KEYS; then drop the others.

    Servers may go on; give them both keys before.
    """
    from backline.privacy import Encryptor

    store = ready_store(load_settings())
    renew = Encryptor(store.field_encryption.keys()).rotate
    count = store.queues.rotate(renew) + store.calls.rotate(renew)
    count += count_aloud(store.reencryption.portions(anew=True))
    typer.echo(f"Encrypted {count} texts anew; the older keys are no longer needed.")


def conversations_of(who: str, country: str) -> list[str]:
    """The ids that somebody's conversations would have, by their number as people write it.

    Args:
        who: a phone number, with or without its country, or an id of Telegram.
        country: whose numbers are written without a country, such as "AU".
    """
    import phonenumbers

    from backline.credentials import load_privacy

    digits = "".join(c for c in who if c.isdigit())
    if not digits or not set(who) <= set("0123456789 +-()./"):
        return []
    addresses = {("telegram", digits), ("telegram", f"-{digits}")}
    try:
        number = phonenumbers.parse(who, country)
        e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        addresses |= {("whatsapp", e164.removeprefix("+")), ("twilio", f"whatsapp:{e164}")}
    except phonenumbers.NumberParseException:
        # Then it can only be an id of Telegram.
        pass
    privacy = load_privacy()
    return sorted(
        privacy.pseudonymizer.conversation_of(channel, address) for channel, address in addresses
    )
