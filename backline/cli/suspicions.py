"""Shows staff what was suspected and asked about, and keeps that they looked."""

from __future__ import annotations

import datetime as dt

import typer

from backline.cli.console import ready_store
from backline.cli.looks import keep_look
from backline.clock import utcnow
from backline.settings import load_settings
from backline.store import Store, SuspicionRecord

ACTION = "suspicions_shown"
COMMAND = "backline lexicon suspicions"


def suspicions(
    last: int = typer.Option(50, min=1, max=10_000, help="So many of the latest."),
    by: str | None = typer.Option(None, help="Your name; your user's name is kept anyway."),
) -> None:
    """List words that may have been of a danger, and what came of asking, the latest first.

    Those that were a danger belong into the lexicon. Who looked is kept (`backline audit`).
    """
    found = shown(ready_store(load_settings()), last, by, utcnow())
    for s in found:
        typer.echo(f'{s.at:%Y-%m-%d}  {s.answer:7}  {s.score:.2f}  {s.code}  "{s.quote}"')
        typer.echo(f"    in: {s.clause}")
        if s.nearest:
            typer.echo(f"    nearest: {s.nearest}")
    if not found:
        typer.echo("Nothing was suspected.")


def shown(store: Store, last: int, by: str | None, now: dt.datetime) -> list[SuspicionRecord]:
    """Give the latest suspicions, once the audit table has who looked at which conversations.

    Raises:
        RevealError: it is not known who looks.
        Unreadable: none of the keys opens what was kept.
        StoreUnavailable: the database does not answer; nothing is shown.
    """
    found = store.suspicions.latest(last)
    keep_look(store, by, ACTION, COMMAND, (s.conversation_id for s in found), now)
    return found
