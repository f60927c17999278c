"""The table of rules as Markdown, and writing it into docs/policy.md."""

from __future__ import annotations

from pathlib import Path

from backline.policy import RULES

HEAD = ("| id | when | outcome / urgency | from |", "|---|---|---|---|")


def table() -> str:
    """Return the rules in order, as a Markdown table."""
    rows = (
        f"| {rule.id} | {rule.summary} | {rule.outcome.value} / {rule.urgency.value} "
        f"| {rule.source} |"
        for rule in RULES
    )
    return "\n".join((*HEAD, *rows))


def renewed(page: str) -> str:
    """Return a page with the table of rules renewed; all around it stays.

    Raises:
        ValueError: the page has no such table.
    """
    lines = page.split("\n")
    if HEAD[0] not in lines:
        raise ValueError(f"it has no table that begins with {HEAD[0]}")
    begin = end = lines.index(HEAD[0])
    while end < len(lines) and lines[end].startswith("|"):
        end += 1
    return "\n".join((*lines[:begin], table(), *lines[end:]))


def write(page: Path) -> None:
    """Renew the table of rules in a file.

    Raises:
        OSError: the file cannot be read or written.
        ValueError: it has no such table.
    """
    page.write_text(renewed(page.read_text(encoding="utf-8")), encoding="utf-8")
