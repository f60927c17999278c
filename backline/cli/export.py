"""Takes out assessments and dates of review, into a file or to standard output."""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import typer

from backline.cli.console import fail, ready_store
from backline.cli.reveal import who_looks
from backline.clock import utcnow
from backline.desk.exports import Export, ExportKind, begin_export, begin_of_day
from backline.desk.words import load_words
from backline.settings import load_settings
from backline.store import By


def export(
    kind: ExportKind = typer.Argument(..., help="csv, fhir (R4, JSON) or ical (dates of review)."),
    output: Path | None = typer.Option(
        None, help="A new file, for its owner alone; else standard output."
    ),
    since: str | None = typer.Option(None, help="Only from this day on, such as 2026-12-31."),
    by: str | None = typer.Option(None, help="Your name; your user's name is kept anyway."),
) -> None:
    """Take out all assessments, or their dates of review. Who did is kept (`backline audit`)."""
    settings = load_settings()
    try:
        first = begin_of_day(dt.date.fromisoformat(since), settings.clinic) if since else None
    except (ValueError, OverflowError):
        fail(f"--since takes a day such as 2026-12-31; got {since!r}")
    store, words = ready_store(settings), load_words(settings)
    doing = By(who_looks(by), f"backline export {kind.value}", utcnow())
    wanted = Export(kind, first, doing)
    if output is None:
        sys.stdout.buffer.writelines(begin_export(store, settings.clinic, words, wanted))
        return
    # Opened before anything is kept of it: a file that is there already is never written over.
    with os.fdopen(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        _write(lambda: begin_export(store, settings.clinic, words, wanted), file, output)
    typer.echo(f"Wrote {output}. It has health data; it is not encrypted.")


def _write(begin: Callable[[], Iterator[bytes]], file: BinaryIO, output: Path) -> None:
    try:
        file.writelines(begin())
    except BaseException:
        # A part of an export looks like a whole one.
        output.unlink()
        raise
