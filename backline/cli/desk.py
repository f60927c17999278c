"""The clinic's desk: serves it, and makes, renews and closes the accounts of its staff."""

from __future__ import annotations

import datetime as dt
import sys
from typing import Any

import typer

from backline.cli.console import Commands, fail, ready_store
from backline.cli.reveal import who_looks
from backline.clock import utcnow
from backline.desk.passwords import Passwords, check_password
from backline.desk.settings import INVITATION, PORT, DeskSettings
from backline.desk.tokens import hash_of, new_token
from backline.observability import logs
from backline.settings import Settings, load_settings
from backline.store import By, Invitation, Role, Store, create_store
from backline.store.policy_signatures import tell_policy_state

INVITATION_LASTS = dt.timedelta(days=3)
OFF = (
    "The desk is off: nobody has an account yet. `backline desk create-account` makes the first "
    "one, an administrator's; the desk then opens by itself."
)
MOST_NAME, MOST_EMAIL = 80, 254
BY: Any = typer.Option(None, help="Your name; your user's name is kept anyway.")

desk = Commands(help="The clinic's desk: staff see the people who wrote.", no_args_is_help=True)


@desk.command()
def serve(
    host: str = typer.Option("127.0.0.1", help="Address to listen on; 0.0.0.0 for all."),
    port: int = typer.Option(PORT, min=1, max=65535, help="Port to listen on."),
) -> None:
    """Serve the desk. It is off until the first account exists."""
    settings = load_settings()
    logs.configure(logs.load_log_settings(level="info"))
    store = create_store(settings.database_url)
    store.upgrade()
    tell_policy_state(store.policy_signatures)
    from backline.desk.app import serve as run

    url = DeskSettings.read(url=f"http://localhost:{port}").url
    if not store.staff.any():
        typer.echo(OFF)
    if sys.stdout.isatty():
        typer.echo(f"The desk is ready: {url}/desk   (Ctrl-C stops it)")
    run(settings, store, host, port)


@desk.command(name="create-account")
def create_account(
    name: str = typer.Option(..., prompt="Name", help="As colleagues know them."),
    email: str = typer.Option(..., prompt="E-mail address", help="They sign in with it."),
    role: Role = typer.Option(
        Role.ADMINISTRATOR, help="What they do; the first account is an administrator's."
    ),
    invite: bool = typer.Option(
        False, "--invite", help="Print a link by which they choose a password, and ask for none."
    ),
    by: str | None = BY,
) -> None:
    """Make an account, with a password that is asked for, or a link to choose one."""
    settings = load_settings()
    store = ready_store(settings)
    _check(name, email)
    doing = _doing("create-account", by)
    if invite:
        token = new_token()
        member = store.staff.add(name, email, role, doing, invitation=_invitation(token, doing.at))
    else:
        kept = Passwords().hash(_ask_password(settings, name, email))
        member = store.staff.add(name, email, role, doing, password_hash=kept)
    typer.echo(f"{member.name} has an account as {member.email} ({member.role.value}).")
    if invite:
        _tell(token)
    else:
        typer.echo("The first sign-in sets up their authenticator app.")


@desk.command(name="invite")
def invite_again(
    email: str = typer.Argument(..., help="Of somebody who lost the password or the phone."),
    by: str | None = BY,
) -> None:
    """Print a new link for an account: for a new password and a new authenticator app.

    It signs them out everywhere; the old password and codes are good no more.
    """
    store = ready_store(load_settings())
    token, doing = new_token(), _doing("invite", by)
    member = store.staff.invite(email, _invitation(token, doing.at), doing)
    typer.echo(f"{member.name} begins anew.")
    _tell(token)


@desk.command(name="close-account")
def close_account(
    email: str = typer.Argument(..., help="Of somebody who left."), by: str | None = BY
) -> None:
    """Close an account: nobody signs in by it any more, and who is signed in no longer is."""
    member = _store().staff.close(email, _doing("close-account", by))
    typer.echo(f"{member.name} has no account any more.")


@desk.command()
def accounts() -> None:
    """List who has an account."""
    known = _store().staff.all()
    for member in known:
        state = "" if member.has_code else "  (has not signed in yet)"
        typer.echo(f"{member.email}  {member.role.value}  {member.name}{state}")
    if not known:
        typer.echo(OFF)


def _store() -> Store:
    return ready_store(load_settings())


def _doing(command: str, by: str | None) -> By:
    return By(who_looks(by), f"backline desk {command}", utcnow())


def _check(name: str, email: str) -> None:
    if not name.strip() or len(name) > MOST_NAME or not name.isprintable():
        fail(f"a name has 1 to {MOST_NAME} characters")
    local, _, domain = email.strip().partition("@")
    if not local or "." not in domain or " " in email.strip() or len(email) > MOST_EMAIL:
        fail("an e-mail address is written like robin@clinic.example")


def _ask_password(settings: Settings, name: str, email: str) -> str:
    password: str = typer.prompt(
        "Password (12 characters or more)", hide_input=True, confirmation_prompt=True
    )
    check_password(password, name, email, settings.clinic.name)
    return password


def _invitation(token: str, now: dt.datetime) -> Invitation:
    return Invitation(hash_of(token), now + INVITATION_LASTS)


def _tell(token: str) -> None:
    url = DeskSettings.read().url
    typer.echo(f"They choose a password here, once and within {INVITATION_LASTS.days} days:")
    typer.echo(f"{url}{INVITATION}?token={token}")
