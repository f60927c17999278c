"""The `backline` command."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import re
import sys
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from backline.cli import policy_page, policy_trace
from backline.cli.answers import answers
from backline.cli.api_tokens import create_token, revoke_token, tokens
from backline.cli.audit import audit
from backline.cli.console import Commands, count_aloud, fail, ready_store
from backline.cli.desk import desk
from backline.cli.export import export
from backline.cli.lexicon import lexicon
from backline.cli.messaging import channels, conversations_of, keys, telegram
from backline.cli.phone import phone
from backline.cli.signed_off import as_signed
from backline.cli.suspicions import suspicions
from backline.clock import utcnow
from backline.facts import Facts, FactsError
from backline.observability import logs
from backline.policy import RULES, Undecided, decide
from backline.responses import Responses
from backline.settings import load_settings
from backline.yaml_text import read_words

if TYPE_CHECKING:
    from backline.store import Store

app = Commands(
    help="Backline: conversational triage for back pain.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
db = Commands(help="The database of conversations and assessments.", no_args_is_help=True)
app.add_typer(db, name="db")
app.add_typer(channels, name="channels")
app.add_typer(telegram, name="telegram")
app.add_typer(keys, name="keys")
app.add_typer(phone, name="phone")
app.add_typer(answers, name="answers")
app.add_typer(audit, name="audit")
desk.command()(create_token)
desk.command()(tokens)
desk.command()(revoke_token)
app.add_typer(desk, name="desk")
lexicon.command()(suspicions)
app.command()(export)
app.add_typer(lexicon, name="lexicon")

_PERIODS = {"d": 1, "w": 7, "m": 30, "y": 365}


def _drop_warning(*_args: object, **_kwargs: object) -> None:
    """Takes the place of `warnings.showwarning`."""


def _set_up_logging(level: str) -> None:
    """Log from `level` on, if none is set. Rasa's pins are old and warn at length: not here."""
    # TensorFlow and others put their own filters in front of one set here.
    warnings.showwarning = _drop_warning
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    # Rasa shows progress bars below that, whatever is logged.
    os.environ["LOG_LEVEL"] = "ERROR"
    logs.configure(logs.load_log_settings(level=level))


@app.command()
def serve(
    host: str = typer.Option("127.0.0.1", help="Address to listen on; 0.0.0.0 for all."),
    port: int = typer.Option(5005, min=1, max=65535, help="Port to listen on."),
) -> None:
    """Serve the bot and its chat page, with everything in one process."""
    settings = load_settings()
    _set_up_logging("info")
    if sys.stdout.isatty():
        typer.echo("Starting Backline ...")
    from backline.runtime.tensorflow_stub import leave_out

    leave_out(settings.models)
    from backline.app import serve as run

    run(settings, host, port)


@app.command()
def train(
    if_changed: bool = typer.Option(
        False, "--if-changed", help="Only if the data, the configuration or the code changed."
    ),
) -> None:
    """Train the model from domain.yml, config.yml and data/."""
    settings = load_settings()
    _set_up_logging("error")
    from backline.runtime.training import is_current, train_model

    if if_changed and is_current(settings):
        typer.echo("The model is up to date.")
        return
    typer.echo("Training the model (one or two minutes) ...")
    typer.echo(f"Trained {train_model(settings)}")


@app.command()
def chat() -> None:
    """Talk to Backline here in the terminal, without a server. Ctrl-D ends it."""
    settings = load_settings()
    _set_up_logging("error")
    from backline.runtime.tensorflow_stub import leave_out

    leave_out(settings.models)
    from backline.cli.chat import talk

    typer.echo("Loading ...")
    talk(settings)


@app.command()
def parse(
    texts: list[str] | None = typer.Argument(
        None, help="Messages; without any, one a line from standard input."
    ),
) -> None:
    """Show what is understood in a message, one JSON object a line, and what is set aside."""
    settings = load_settings()
    from backline.nlu import Understander

    understander = Understander(lambda: dt.datetime.now(settings.clinic.zone).date())
    for text in texts or (line.rstrip("\n") for line in sys.stdin):
        findings = understander.read(text)
        found: dict[str, Any] = {
            "text": text,
            "facts": [f.to_json() for f in findings if f.holds],
            "set_aside": [f.to_json() for f in findings if not f.holds],
        }
        typer.echo(json.dumps(found, ensure_ascii=False))


@app.command(name="decide")
def decide_command(
    facts: str | None = typer.Argument(
        None, help="Facts as JSON, for example '{\"pain_severity\": 8}'; else standard input."
    ),
) -> None:
    """Show what the clinic recommends for facts, or which questions are still open."""
    try:
        data = json.loads(facts if facts is not None else sys.stdin.read())
        if not isinstance(data, dict):
            raise FactsError("facts are a JSON object, one value a fact")
        decided = as_signed(decide(Facts.from_json(data)), load_settings())
        typer.echo(json.dumps(decided.to_json(), indent=2))
    except json.JSONDecodeError as error:
        fail(f"that is not JSON: {error}")
    except RecursionError:
        fail("that is JSON in too many layers; facts have one")
    except Undecided as undecided:
        still = sorted(slot.value for slot in undecided.slots)
        typer.echo(json.dumps({"outcome": None, "still_to_ask": still}, indent=2))


@app.command()
def policy(
    markdown: bool = typer.Option(False, "--markdown", help="As a Markdown table."),
    page: Path | None = typer.Option(
        None, "--write", help="Renew the table in this file instead, such as docs/policy.md."
    ),
    trace: bool = typer.Option(
        False, "--trace", help="Each rule with its source, plan, words for patients and tests."
    ),
) -> None:
    """Print the rules in order: the first that holds decides."""
    if page is not None:
        try:
            policy_page.write(page)
        except (OSError, ValueError) as error:
            fail(f"{page}: {error}")
        typer.echo(f"{page} has the {len(RULES)} rules of the code.")
        return
    if trace:
        settings = load_settings()
        texts = read_words(settings.project / "domain.yml")["responses"]
        for line in policy_trace.trace(Responses(texts, settings.clinic)):
            typer.echo(line)
        return
    if markdown:
        typer.echo(policy_page.table())
        return
    for rule in RULES:
        result = f"{rule.outcome.value} / {rule.urgency.value}"
        typer.echo(f"{rule.id}  {result:24} {rule.summary}\n{'':30}[{rule.source}]")


@db.command()
def upgrade() -> None:
    """Create the tables or bring them up to this version. Safe to run again."""
    settings = load_settings()
    from backline.store import create_store

    create_store(settings.database_url).upgrade()
    typer.echo("The database is up to date.")


@db.command()
def encrypt() -> None:
    """Encrypt what earlier versions stored. A server does it by itself; safe to run again."""
    store = ready_store(load_settings())
    if waiting := store.field_encryption.begins_in:
        fail(
            f"nothing is encrypted for the next {waiting.total_seconds() / 60:.0f} minutes, "
            "since servers of the version before may still run"
        )
    count = count_aloud(store.reencryption.portions())
    typer.echo(f"Encrypted {count} rows; all that people wrote is encrypted now.")


@app.command()
def widget(
    address: str = typer.Argument(..., help="Where visitors reach the server, with https://."),
) -> None:
    """Print the line that shows the chat on a website, plain and with an integrity hash."""
    from backline.web.embedding import lines_to_paste

    if not re.fullmatch(r"https?://[^\s/\"<>]+/?", address):
        fail("the address is written like https://bot.clinic.example")
    for line in lines_to_paste(address):
        typer.echo(line)


@app.command()
def backup(
    file: Path = typer.Argument(..., help="Where to write it, such as backline.store.backup."),
) -> None:
    """Write the database, the models and clinic.yml into one file. Servers may go on."""
    from backline.store.backup import back_up

    back_up(load_settings(), file)
    typer.echo(
        f"Wrote {file} ({file.stat().st_size / 1e6:.1f} MB), encrypted. Without the key of the "
        "database nobody can restore it: keep that elsewhere."
    )


@app.command()
def restore(
    file: Path = typer.Argument(..., help="What `backline backup` wrote."),
    overwrite: bool = typer.Option(
        False, "--overwrite", help="Replace what the database holds, and clinic.yml."
    ),
    erasures: Path | None = typer.Option(
        None, help="What `backline erasures` wrote, where the present database is gone."
    ),
) -> None:
    """Bring back what a backup holds, without those who were deleted since. Stop servers before."""
    from backline.store.backup import restore as bring_back

    done = bring_back(load_settings(), file, overwrite=overwrite, erasures=erasures)
    typer.echo(f"Restored as it was at {done.made_at}.")
    if done.new_key is not None:
        typer.echo(f"The database has a new key, in {done.new_key}. Keep a copy of it elsewhere.")
    if done.knows_erasures:
        typer.echo(f"Deleted since then, and deleted again: {done.erased}.")
    else:
        typer.echo(
            "There was no list of who was deleted since then. Restore again with --erasures and "
            "what `backline erasures` wrote, or delete them again with `backline erase`."
        )


@app.command(name="erasures")
def erasures_command(
    file: Path = typer.Argument(..., help="Where to write it, such as backline.erasures."),
) -> None:
    """Write the list of deleted conversations, as hashes, for a restore without this database."""
    from backline.store.backup import write_erasures

    count = write_erasures(load_settings(), file)
    typer.echo(f"Wrote {file}: {count} deletion{'' if count == 1 else 's'}, as hashes.")


@app.command()
def purge(
    older_than: str | None = typer.Option(
        None, help="Age such as 90d, 12w, 6m or 1y; retention_days of clinic.yml if not given."
    ),
) -> None:
    """Delete conversations without a message for that long, with all that was stored of them.

    Words whose writer was asked for consent and gave no answer go a day after the last of them.
    """
    settings = load_settings()
    days = settings.clinic.retention_days
    if older_than is not None:
        match = re.fullmatch(r"(\d{1,6})\s*([dwmy]?)", older_than.strip().lower())
        if match is None:
            fail("--older-than takes an age such as 90d, 12w, 6m or 1y")
        days = int(match[1]) * _PERIODS[match[2] or "d"]
    count = ready_store(settings).purge(dt.timedelta(days=days), utcnow())
    typer.echo(f"Deleted {count} conversation{'' if count == 1 else 's'} older than {days} days.")


@app.command()
def erase(
    who: str = typer.Argument(
        ..., help="The conversation's id, or the phone number or Telegram id of the person."
    ),
) -> None:
    """Delete a conversation, or all of a person, and all that was stored of it."""
    settings = load_settings()
    from backline.phone.callers import calls_of

    store = ready_store(settings)
    if not asyncio.run(_erase_all(store, [who])):
        ids = conversations_of(who, settings.clinic.country)
        ids += calls_of(who, settings.clinic.country, store)
        if not asyncio.run(_erase_all(store, ids)):
            fail("there is no such conversation")
    typer.echo("Deleted.")


async def _erase_all(store: Store, conversations: Iterable[str]) -> bool:
    from backline.conversation.erasure import Eraser

    eraser = Eraser(store)
    return any([await eraser.erase(conversation) for conversation in conversations])


@app.command()
def reveal(
    reference: str = typer.Argument(
        ..., help="As `backline channels undelivered` or `backline phone calls` lists it."
    ),
    by: str | None = typer.Option(None, help="Your name; your user's name is kept anyway."),
) -> None:
    """Show the number of somebody who has to be called. Who looked is kept (`backline audit`)."""
    from backline.cli.reveal import reveal as show
    from backline.credentials import load_privacy

    store = ready_store(load_settings())
    typer.echo(show(store, load_privacy(), reference, by, utcnow()))


def main() -> None:
    """The entry point; finds the project's own modules when run from its folder."""
    project = Path(os.environ.get("BACKLINE_PROJECT", ".")).resolve()
    if str(project) not in sys.path:
        sys.path.insert(0, str(project))
    app()
