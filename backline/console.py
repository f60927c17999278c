"""What the commands share."""

from __future__ import annotations

from typing import NoReturn

import typer


def fail(sentence: object) -> NoReturn:
    """End the command with a sentence and exit code 1."""
    typer.secho(f"backline: {sentence}", fg=typer.colors.RED, err=True)
    raise typer.Exit(1)
