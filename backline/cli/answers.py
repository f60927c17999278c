"""Shows staff what people asked and nothing could answer, and keeps that they looked."""

from __future__ import annotations

import datetime as dt

import typer

from backline.cli.console import Commands, ready_store
from backline.cli.looks import keep_look
from backline.clock import utcnow
from backline.settings import load_settings
from backline.store import Store, UnansweredQuestion

ACTION = "questions_shown"
COMMAND = "backline answers unanswered"

answers = Commands(help="Answers to what people ask (data/answers).", no_args_is_help=True)


@answers.command()
def unanswered(
    last: int = typer.Option(50, min=1, max=10_000, help="So many of the latest."),
    by: str | None = typer.Option(None, help="Your name; your user's name is kept anyway."),
) -> None:
    """List questions that nothing could answer, the latest first.

    An answer to those that come again belongs into data/answers/clinic.yml. Who looked is kept
    (`backline audit`).
    """
    found = shown(ready_store(load_settings()), last, by, utcnow())
    for asked in found:
        when = "after a result" if asked.after_result else "in between"
        typer.echo(f"{asked.at:%Y-%m-%d}  {when:14}  {asked.question}")
    if not found:
        typer.echo("No question stayed without an answer.")


def shown(store: Store, last: int, by: str | None, now: dt.datetime) -> list[UnansweredQuestion]:
    """Give the latest questions, once the audit table has who looked at which conversations.

    Raises:
        RevealError: it is not known who looks.
        Unreadable: none of the keys opens what was kept.
        StoreUnavailable: the database does not answer; nothing is shown.
    """
    found = store.unanswered_questions.latest(last)
    keep_look(store, by, ACTION, COMMAND, (asked.conversation_id for asked in found), now)
    return found
