"""What patients read is plain: short sentences, short lines, words that a child of 12 reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import textstat
import yaml

from backline.persons import person_words
from backline.responses import fill
from backline.written_answers import FILES, FOLDER
from tests.conftest import PROJECT

HIGHEST_GRADE = 6
"""Of the Flesch-Kincaid scale, in school years."""
LONGEST_SENTENCE, LONGEST_LINE = 20, 12
"""Words of a sentence, and of a line of a list."""
FEWEST_WORDS = 8
"""Shorter texts have no grade that means anything."""
_ENDS = re.compile(r"(?<=[.!?:;])\s+|\n+")


def responses() -> dict[str, list[dict[str, Any]]]:
    domain = yaml.safe_load((PROJECT / "domain.yml").read_text(encoding="utf-8"))
    found: dict[str, list[dict[str, Any]]] = domain["responses"]
    return found


def texts() -> Iterator[str]:
    """All that is said to patients, with plain words for what is filled in."""
    for variants in responses().values():
        yield from (plain(variant["text"]) for variant in variants if variant.get("text"))
    for name in FILES:
        for answer in yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))["answers"]:
            yield from (
                plain(said)
                for key, said in answer.items()
                if isinstance(said, str) and key not in ("name", "source")
            )


def plain(text: str) -> str:
    return re.sub(r"\{\w+\}", "it", fill(text, person_words(None)))


def test_no_text_needs_more_than_six_years_of_school() -> None:
    long_enough = [text for text in texts() if len(text.split()) >= FEWEST_WORDS]
    grades = {text: textstat.flesch_kincaid_grade(text) for text in long_enough}
    assert len(grades) > 250
    assert {text: grade for text, grade in grades.items() if grade > HIGHEST_GRADE} == {}


def test_no_sentence_is_longer_than_twenty_words() -> None:
    sentences = [part for text in texts() for part in _ENDS.split(text)]
    assert [s for s in sentences if len(s.split()) > LONGEST_SENTENCE] == []


def test_no_line_of_a_list_is_longer_than_twelve_words() -> None:
    markers = [v.get("custom") or {} for variants in responses().values() for v in variants]
    titles = [
        option["title"]
        for marker in markers
        for option in (marker.get("input") or {}).get("options") or []
    ]
    assert titles
    assert [title for title in titles if len(title.split()) > LONGEST_LINE] == []
