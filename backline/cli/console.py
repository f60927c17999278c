"""What the commands share."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import NoReturn

import typer

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
    """End the command with a sentence and exit code 1."""
    typer.secho(f"backline: {sentence}", fg=typer.colors.RED, err=True)
    raise typer.Exit(1)
