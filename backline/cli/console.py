"""What the commands share."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, NoReturn, TypeVar

import typer

from backline.failures import Told, describe
from backline.settings import Settings
from backline.store import Store, create_store

SAY_AFTER_S = 5.0
Work = TypeVar("Work", bound=Callable[..., Any])


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


class Commands(typer.Typer):
    """Commands that end with a sentence and exit code 1, whatever they raise."""

    def command(self, *arguments: Any, **named: Any) -> Callable[[Work], Work]:
        """Register a function as a command, as `typer.Typer.command` does."""
        register = super().command(*arguments, **named)

        def registered(work: Work) -> Work:
            register(_ending_in_a_sentence(work))
            return work

        return registered

    def callback(self, *arguments: Any, **named: Any) -> Callable[[Work], Work]:
        """Register what runs before a command, or without one, as `typer.Typer.callback` does."""
        register = super().callback(*arguments, **named)

        def registered(work: Work) -> Work:
            register(_ending_in_a_sentence(work))
            return work

        return registered


def _ending_in_a_sentence(work: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(work)
    def run(*arguments: Any, **named: Any) -> Any:
        try:
            return work(*arguments, **named)
        except (typer.Exit, typer.Abort, EOFError, BrokenPipeError):
            # Typer ends quietly at these.
            raise
        except Told as error:
            fail(error)
        except OSError as error:
            fail(_of_file(error))
        except Exception as error:  # noqa: BLE001 - its text may quote what a patient said
            fail(f"this is a fault of Backline's own; please report it ({describe(error)})")

    return run


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
