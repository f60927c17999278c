"""The part of the `backline` command that is about the phone line."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import re
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import typer

from backline.cli.console import Commands, fail, ready_store
from backline.cli.signed_off import as_signed
from backline.cli.speech_models import MODELS, fetch
from backline.clock import utcnow
from backline.settings import PhoneSettings, load_settings
from backline.store import StoreError

phone = Commands(help="The clinic's phone line.", no_args_is_help=True)

T = TypeVar("T")
CALLER_HELP = (
    "The label of the caller among the speakers, where it is guessed wrongly or not at all."
)
DAY = typer.Option(
    None,
    "--date",
    formats=["%Y-%m-%d"],
    metavar="DAY",
    help='The day of the call, such as 2026-11-25, from which "since Monday" counts; else today.',
)


def _phone_line() -> PhoneSettings:
    settings = load_settings().clinic.phone_line
    if settings is None:
        fail("clinic.yml has no phone_line, so no calls are answered (docs/phone.md)")
    return settings


def _with_twilio(work: Callable[[Any, Any], Awaitable[T]]) -> T:
    """Do something with the numbers at Twilio and an HTTP client."""
    import aiohttp

    from backline.phone.credentials import load_phone_secrets
    from backline.phone.gateways.twilio_numbers import TwilioNumbers

    async def run() -> T:
        async with aiohttp.ClientSession() as http:
            return await work(TwilioNumbers(secrets), http)

    secrets = load_phone_secrets()
    if secrets.twilio is None:
        fail("BACKLINE_TWILIO_ACCOUNT_SID and BACKLINE_TWILIO_AUTH_TOKEN are not set")
    return asyncio.run(run())


@phone.command()
def check() -> None:
    """Say whether calls come here, and what is wrong if not. Calls nobody."""
    from backline.phone.credentials import load_phone_secrets

    settings = _phone_line()
    problems = _database_problems()
    secrets = load_phone_secrets()
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
        ready_store(load_settings())
    except StoreError as error:
        return [f"database: {error}"]
    return []


def _twilio_problems(settings: PhoneSettings) -> list[str]:
    from backline.phone.gateways.twilio_numbers import Number, TwilioNumbers, transfer_problems

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
    """List calls that broke off, before a result or at a danger sign: what was known, and not."""
    from backline.phone.dialogue.state import left_open

    found = ready_store(load_settings()).calls.unfinished(utcnow())
    for call in found:
        typer.echo(f"{call.started_at:%Y-%m-%d %H:%M}Z  {call.entrance:10}  {call.conversation_id}")
        if left_open(call.state):
            typer.echo("    A DANGER SIGN MAY HAVE BEEN TOLD and was not settled: call back.")
            typer.echo(f"    `backline reveal {call.conversation_id}` shows the number, if known.")
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


@phone.command("learn-confidence")
def learn_confidence(
    write: bool = typer.Option(False, help="Let calls go by it from the next start on."),
) -> None:
    """Learn how sure each recogniser has to be, from what callers said to what was read back."""
    from backline.phone.dialogue.wording import FOLDER, LEARNT, usual_thresholds
    from backline.phone.learning import ENOUGH, Judged, learn
    from backline.store.calls import DENIED

    calls, (usual, least) = ready_store(load_settings()).calls, usual_thresholds()
    rows = []
    for entrance, limits in usual.items():
        judged = [Judged(sure, how != DENIED) for sure, how in calls.judged(entrance)]
        learnt = learn(judged, limits, least)
        if learnt is None:
            typer.echo(f"{entrance}: {len(judged)} answers were judged, {ENOUGH} are needed.")
            continue
        rows.append(
            f"{entrance}: {{floor: {learnt.floor}, fair: {learnt.fair}, sure: {learnt.sure}}}"
        )
        typer.echo(f"{rows[-1]}  # of {len(judged)} answers that were judged")
    if write and rows:
        told = "# Learnt by `backline phone learn-confidence --write` (docs/phone.md)."
        (FOLDER / LEARNT).write_text("\n".join([told, *rows, ""]), encoding="utf-8")
        typer.echo(f"Wrote {FOLDER / LEARNT}.")


@phone.command()
def transcript(
    file: Path = typer.Argument(..., help="The file, of any of these forms; - is standard input."),
    caller: str | None = typer.Option(None, metavar="LABEL", help=CALLER_HELP),
    day: dt.datetime | None = DAY,
    as_json: bool = typer.Option(False, "--json", help="For programs."),
) -> None:
    """Say what a finished call between a caller and a receptionist established, and what not.

    The form is found out by the content, not by the name of the file:

    * plain text with a label before each line, or as Otter and Teams write it

    * WebVTT, SRT, CSV, CTM, STM, Praat's TextGrid

    * JSON of Amazon Transcribe and Contact Lens, AssemblyAI, Azure, Deepgram,
    Genesys, Gladia, Google, Retell, Rev.ai, Speechmatics, Twilio, Vapi, whisperX

    * a JSON list of objects with "speaker" and "text"

    Who is the caller is told by the labels, or else guessed from what is said;
    the answer shows who was taken for whom, and how sure that is.
    """
    name = "standard input" if str(file) == "-" else str(file)
    data = _bytes_of(file)
    _review(lambda read: _read_call(data, name, read, caller), day, as_json)


def _bytes_of(file: Path) -> bytes:
    from backline.phone.review.formats.registry import MOST_CHARACTERS

    # No character takes more than four bytes.
    most = 4 * MOST_CHARACTERS + 4
    if str(file) == "-":
        return sys.stdin.buffer.read(most)
    with file.open("rb") as opened:
        return opened.read(most)


def _read_call(data: bytes, name: str, read: Any, caller: str | None) -> Any:
    from backline.phone.review.transcripts import TranscriptError, read_call

    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    try:
        return read_call(data.decode(encoding), read, caller)
    except UnicodeDecodeError:
        fail(f"{name} is no text in UTF-8")
    except TranscriptError as error:
        fail(f"{name} is no transcript that can be read: {error}")


def _review(call: Callable[[Any], Any], day: dt.datetime | None, as_json: bool) -> None:
    from backline.nlu import Understander
    from backline.phone.review.report import told
    from backline.phone.review.review import review
    from backline.phone.text.birth_dates import calendar_of

    settings = load_settings()
    clinic = settings.clinic
    today = dt.datetime.now(clinic.zone).date()
    held = day.date() if day else today
    if held > today:
        fail(f"--date is the day of the call, and {held} is yet to come")
    read = Understander(lambda: held).read
    utterances, who = call(read)
    came_to = review(utterances, read, calendar_of(clinic.country, held))
    if came_to.recommendation is not None:
        signed = as_signed(came_to.recommendation, settings)
        came_to = replace(came_to, recommendation=signed)
    if as_json:
        known = {"speakers": [speaker.to_json() for speaker in who.speakers], "date": str(held)}
        found = {"caller": who.caller, **known, **came_to.to_json()}
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        speakers = who.speakers if len(who.speakers) > 1 else ()
        typer.echo(told(came_to, who.caller, speakers), nl=False)


@phone.command()
def audio(
    file: Path = typer.Argument(..., help="A WAV file with one channel, or one for each speaker."),
    caller: str | None = typer.Option(
        None, help='Which is the caller, if it cannot be told: "channel 1" or "channel 2".'
    ),
    day: dt.datetime | None = DAY,
    as_json: bool = typer.Option(False, "--json", help="For programs."),
) -> None:
    """Do as `transcript` with a recording, by the recogniser of BACKLINE_SPEECH_MODEL."""
    from backline.phone.review.recordings import load_model, read_recording
    from backline.phone.review.transcripts import TranscriptError

    said = asyncio.run(read_recording(file, load_model()))

    def call(read: Any) -> Any:
        from backline.phone.review.recordings import call_of

        try:
            return call_of(said, read, caller)
        except TranscriptError as error:
            fail(f"{file} cannot be read: {error}")

    _review(call, day, as_json)


@phone.command("fetch-model")
def fetch_model(
    folder: Path = typer.Argument(..., help="Where to put it, such as models/whisper."),
    name: str = typer.Option("base.en", help=f"One of {', '.join(MODELS)}."),
) -> None:
    """Download a model that recognises speech, for the audio stream (75 MB to 1.5 GB)."""
    if name not in MODELS:
        fail(f"--name takes one of {', '.join(MODELS)}")
    fetch(name, folder)
    typer.echo(f"Wrote {folder}. Set BACKLINE_SPEECH_MODEL={folder.resolve()}")
