"""Lists who of the staff saw or changed what, and follows the chain of that log."""

from __future__ import annotations

import typer

from backline.cli.console import Commands, fail, ready_store
from backline.settings import load_settings

audit = Commands(help="Who of the staff saw or changed what.")


@audit.callback(invoke_without_command=True)
def listing(context: typer.Context) -> None:
    """List who of the staff saw or changed what, and when, the latest first."""
    if context.invoked_subcommand is not None:
        return
    for look in ready_store(load_settings()).audit.all():
        typer.echo(f"{look.at:%Y-%m-%d %H:%M}Z  {look.action}  {look.about}  {look.who}")


@audit.command()
def verify() -> None:
    """Follow the chain of the log, and name the first row that was changed, taken out or put in."""
    report = ready_store(load_settings()).audit.verify()
    if report.broken is not None:
        fail(
            f"the audit log is broken at row {report.broken}: it, or one before it, was changed, "
            "taken out or put in by hand, or it was added by a server of an earlier version that "
            "ran beside this one"
        )
    typer.echo(f"The audit log is whole: {report.rows} row{'' if report.rows == 1 else 's'}.")
    if report.unsealed:
        typer.echo("They were added by an earlier version; the next row seals them.")
    else:
        typer.echo(f"Hash of the last row, to be kept elsewhere: {report.head}")
