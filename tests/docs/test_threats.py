"""Every test that the threat model and the page about security name is there."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.docs.named_tests import PROJECT, is_there

MODEL = PROJECT / "docs" / "threat-model.md"
SECURITY = PROJECT / "docs" / "security.md"
NAMED = re.compile(r"tests/[\w/]+\.py(?:::\w+)*")
COLUMNS = ("what they try", "what holds", "shown by", "what remains")
FEWEST = 100


def entrances() -> Iterator[tuple[str, list[list[str]]]]:
    """Each section of the threat model that has a table of attacks, with its rows."""
    for section in MODEL.read_text(encoding="utf-8").split("\n## ")[1:]:
        title, _, body = section.partition("\n")
        lines = [line for line in body.splitlines() if line.startswith("|")]
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
        if rows and tuple(rows[0]) == COLUMNS:
            yield title, rows[2:]


ENTRANCES = dict(entrances())
each_entrance = pytest.mark.parametrize("entrance", ENTRANCES)


def test_the_model_has_its_entrances_and_many_tests() -> None:
    assert len(ENTRANCES) >= 14
    assert len(set(NAMED.findall(MODEL.read_text(encoding="utf-8")))) >= FEWEST


@each_entrance
def test_a_row_says_what_holds_and_what_remains(entrance: str) -> None:
    for row in ENTRANCES[entrance]:
        assert len(row) == len(COLUMNS), row
        tried, holds, _, remains = row
        assert tried and holds and remains, row


@each_entrance
def test_what_holds_is_shown_by_a_test_or_is_nothing(entrance: str) -> None:
    unshown = [row for row in ENTRANCES[entrance] if not NAMED.search(row[2])]
    assert all(row[1].startswith("nothing") for row in unshown), unshown


@pytest.mark.parametrize("page", [MODEL, SECURITY], ids=lambda page: page.name)
def test_every_test_that_a_page_names_is_there(page: object) -> None:
    named = set(NAMED.findall(PROJECT.joinpath(str(page)).read_text(encoding="utf-8")))
    assert named
    assert sorted(test for test in named if not is_there(test)) == []
