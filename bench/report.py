"""What all reports share: where and when they were measured, and their place in a page."""

from __future__ import annotations

import datetime as dt
import os
import platform
import re
from pathlib import Path


def measured_by(command: str) -> str:
    """A sentence with the command, the day (UTC) and the machine."""
    today = dt.datetime.now(dt.timezone.utc).date()
    return (
        f"Written by `{command}` on {today}, on a machine with {os.cpu_count()} cores, "
        f"{platform.machine()}, Python {platform.python_version()}."
    )


def fill(page: Path, name: str, text: str) -> None:
    """Put the text between the page's marks `<!-- name -->` and `<!-- /name -->`.

    Raises:
        ValueError: the page has no such marks.
    """
    marks = re.compile(f"(<!-- {name} -->\n).*?(\n<!-- /{name} -->)", re.DOTALL)
    filled, found = marks.subn(
        lambda m: f"{m[1]}\n{text}\n{m[2]}", page.read_text(encoding="utf-8")
    )
    if not found:
        raise ValueError(f"{page.name} has no part <!-- {name} -->")
    page.write_text(filled, encoding="utf-8")
