"""The part of the `backline` command that is about the phone line."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import typer

from backline.console import fail
from backline.settings import PhoneSettings, SettingsError, load_settings
from backline.store import StoreError, create_store

phone = typer.Typer(help="The clinic's phone line.", no_args_is_help=True)

T = TypeVar("T")


def _phone_line() -> PhoneSettings:
    try:
        settings = load_settings().clinic.phone_line
    except SettingsError as error:
        fail(error)
    if settings is None:
        fail("clinic.yml has no phone_line, so no calls are answered (docs/phone.md)")
    return settings


def _with_twilio(work: Callable[[Any, Any], Awaitable[T]]) -> T:
    """Do something with the numbers at Twilio and an HTTP client."""
    import aiohttp

    from backline.channels.twilio_access import TwilioRefusal
    from backline.phone.credentials import load_phone_secrets
    from backline.phone.twilio_numbers import TwilioNumbers

    async def run() -> T:
        async with aiohttp.ClientSession() as http:
            return await work(TwilioNumbers(secrets), http)

    try:
        secrets = load_phone_secrets()
        if secrets.twilio is None:
            fail("BACKLINE_TWILIO_ACCOUNT_SID and BACKLINE_TWILIO_AUTH_TOKEN are not set")
        return asyncio.run(run())
    except (SettingsError, TwilioRefusal) as error:
        fail(error)


@phone.command()
def check() -> None:
    """Say whether calls come here, and what is wrong if not. Calls nobody."""
    from backline.phone.credentials import load_phone_secrets

    settings = _phone_line()
    problems = _database_problems()
    try:
        secrets = load_phone_secrets()
    except SettingsError as error:
        fail(error)
    if secrets.twilio is None:
        typer.echo("Twilio is not configured; calls come by the audio stream or as transcripts.")
    else:
        problems += _twilio_problems(settings)
    if settings.transfer_to is None:
        typer.echo("Callers who want a person are told the clinic's number: no transfer_to is set.")
    for problem in problems:
        typer.echo(problem)
    if problems:
        raise typer.Exit(1)
    typer.echo("The phone line is ready.")


def _database_problems() -> list[str]:
    try:
        create_store(load_settings().database_url).check_schema()
    except (SettingsError, StoreError) as error:
        return [f"database: {error}"]
    return []


def _twilio_problems(settings: PhoneSettings) -> list[str]:
    from backline.phone.twilio_numbers import Number, TwilioNumbers, transfer_problems

    async def look(twilio: TwilioNumbers, http: Any) -> tuple[list[str], list[Number]]:
        wrong = await twilio.account_problems(http)
        return wrong, [] if wrong else await twilio.all(http)

    wrong, numbers = _with_twilio(look)
    if wrong:
        return [f"twilio: {problem}" for problem in wrong]
    here = [number for number in numbers if number.here]
    if not here:
        wrong = [f"{number.number}: {number.problems[-1]}" for number in numbers]
        wrong.append(
            "No number brings its calls here: `backline phone set-webhook NUMBER` does it."
        )
    for number in here:
        wrong += [f"{number.number}: {problem}" for problem in number.problems]
        if not number.problems:
            typer.echo(f"{number.number}: its calls come here.")
        if not number.fallback:
            typer.echo(
                f"{number.number}: callers hear an error of Twilio's when this server is away; "
                "docs/phone.md says how to have the clinic's number told instead."
            )
    return wrong + transfer_problems(settings, numbers)


@phone.command()
def calls() -> None:
    """List calls that broke off before a result: when, what was known, what was still to ask."""
    try:
        found = create_store(load_settings().database_url).calls.unfinished(
            dt.datetime.now(dt.timezone.utc)
        )
    except (SettingsError, StoreError) as error:
        fail(error)
    for call in found:
        typer.echo(f"{call.started_at:%Y-%m-%d %H:%M}Z  {call.entrance:10}  {call.conversation_id}")
        if call.facts is None:
            typer.echo("    The caller did not agree to storing, so nothing is known.")
            continue
        known = [f"{name}: {_shown(value)}" for name, value in call.facts.items()]
        typer.echo(f"    known        {'; '.join(known) or 'nothing'}")
        typer.echo(f"    still to ask {', '.join(call.still_to_ask or []) or 'nothing'}")
    typer.echo(f"{len(found)} call{'' if len(found) == 1 else 's'} without a result.")


def _shown(value: object) -> str:
    return (", ".join(map(str, value)) or "none") if isinstance(value, list) else str(value)


@phone.command("set-webhook")
def set_webhook(
    number: str = typer.Argument(..., help="The number rented from Twilio, as +61255500100."),
) -> None:
    """Tell Twilio to bring the calls of a number to BACKLINE_PUBLIC_URL."""
    plain = re.sub(r"[\s().-]", "", number)
    if not re.fullmatch(r"\+[1-9]\d{6,14}", plain):
        fail("the number is written with its country, as +61255500100")
    _phone_line()

    async def point(twilio: Any, http: Any) -> str:
        await twilio.point_here(http, plain)
        return str(twilio.voice_url)

    typer.echo(f"Calls to {plain} come to {_with_twilio(point)}")
