"""What the commands share."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, NoReturn

import click
import typer
from typer.core import TyperGroup

from backline.failures import Told, describe
from backline.settings import Settings
from backline.store import Store, create_store

SAY_AFTER_S = 5.0


def count_aloud(portions: Iterable[int]) -> int:
    """Sum up how many rows each portion changed, and say every few seconds how far it is."""
    count, said = 0, time.monotonic()
    for rows in portions:
        count += rows
        if time.monotonic() - said > SAY_AFTER_S:
            typer.echo(f"{count} rows ...")
            said = time.monotonic()
    return count


def fail(sentence: object) -> NoReturn:
    """End the command with a sentence, in one line, and exit code 1."""
    line = " ".join(str(sentence).split())
    typer.secho(f"backline: {line}", fg=typer.colors.RED, err=True)
    raise typer.Exit(1)


class Commands(TyperGroup):
    """Ends each of its commands with a sentence and exit code 1, whatever it raises."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, EOFError):
            raise
        except BrokenPipeError:
            # Who reads has seen enough; click ends quietly.
            raise
        except Told as error:
            fail(error)
        except OSError as error:
            fail(_of_file(error))
        except Exception as error:  # noqa: BLE001 - its text may quote what a patient said
            fail(f"this is a fault of Backline's own; please report it ({describe(error)})")


def _of_file(error: OSError) -> str:
    name = error.filename2 or error.filename
    if name is None or error.strerror is None:
        return f"the system refused something ({describe(error)})"
    return f"{name} cannot be read or written ({error.strerror})"


def ready_store(settings: Settings) -> Store:
    """The store behind the settings, seen to fit: the database, its tables and its keys.

    Raises:
        backline.store.StoreError: it does not; the text says what to do.
    """
    store = create_store(settings.database_url)
    store.check_ready()
    return store
