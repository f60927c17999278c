"""Tokens by which programs of the clinic read at the desk: made, listed and revoked."""

from __future__ import annotations

import datetime as dt

import typer

from backline.cli.console import fail, ready_store
from backline.cli.reveal import who_looks
from backline.clock import utcnow
from backline.desk.tokens import hash_of, new_token
from backline.settings import load_settings
from backline.store import By, Scope

MARK = "backline_"
"""Before each token, so that programs which look for lost secrets know it."""
MOST_NAME = 60


def create_token(
    name: str = typer.Option(..., prompt="Name", help="Of the program that will have it."),
    scope: list[Scope] = typer.Option(..., help="What it may read; give it again for more."),
    days: int = typer.Option(365, min=1, max=3650, help="After how many days it ends."),
    by: str | None = typer.Option(None, help="Your name; your user's name is kept anyway."),
) -> None:
    """Make a token for the read API. It is shown once, and kept as a hash alone."""
    store = ready_store(load_settings())
    if not name.strip() or len(name) > MOST_NAME or not name.isprintable():
        fail(f"a name has 1 to {MOST_NAME} characters")
    doing = _doing("create-token", by)
    token = f"{MARK}{new_token()}"
    ends_at = doing.at + dt.timedelta(days=days)
    made = store.api_tokens.add(name.strip(), hash_of(token), scope, ends_at, doing)
    typer.echo(f"{made.name} may read until {ends_at:%Y-%m-%d}. This is shown once:")
    typer.echo(token)


def tokens() -> None:
    """List the tokens that are good, without what they are."""
    for token in ready_store(load_settings()).api_tokens.all(utcnow()):
        used = f"{token.last_used_at:%Y-%m-%d %H:%M}Z" if token.last_used_at else "never"
        scopes = " ".join(sorted(scope.value for scope in token.scopes))
        typer.echo(
            f"{token.id}  {token.name}  {scopes}  until {token.ends_at:%Y-%m-%d}  used {used}"
        )


def revoke_token(
    number: int = typer.Argument(..., help="As `backline desk tokens` lists it."),
    by: str | None = typer.Option(None, help="Your name; your user's name is kept anyway."),
) -> None:
    """Make a token good no more, from its next request on."""
    store = ready_store(load_settings())
    revoked = store.api_tokens.revoke(number, _doing("revoke-token", by))
    typer.echo(f"The token of {revoked.name} is good no more.")


def _doing(command: str, by: str | None) -> By:
    return By(who_looks(by), f"backline desk {command}", utcnow())
