"""The hazard log is whole, its scales hold, and every test that it names is there."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.docs.named_tests import PROJECT, is_there

LOG = PROJECT / "docs" / "hazards.yml"
TEXTS = ("id", "hazard", "effect", "residual", "owner")
RISKS = ("before", "after")
SCALES = ("severity", "likelihood")
NEEDED = {*TEXTS, *RISKS, "causes", "controls"}
FEWEST = 25

# By likelihood, then by severity, from 1 on; the comment at the top of the log has the same.
MATRIX = (
    (1, 1, 2, 2, 3),
    (1, 2, 2, 3, 4),
    (2, 2, 3, 3, 4),
    (2, 3, 3, 4, 5),
    (3, 4, 4, 5, 5),
)
NOT_ACCEPTABLE = 4

Hazard = dict[str, Any]
HAZARDS: list[Hazard] = yaml.safe_load(LOG.read_text(encoding="utf-8"))["hazards"]

each_hazard = pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: str(hazard.get("id")))


def is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def are_texts(values: object) -> bool:
    return isinstance(values, list) and bool(values) and all(map(is_text, values))


def rating(risk: dict[str, int]) -> int:
    return MATRIX[risk["likelihood"] - 1][risk["severity"] - 1]


def shown_by(hazard: Hazard) -> list[str]:
    return [test for control in hazard["controls"] for test in control["tests"]]


def test_there_are_enough_hazards() -> None:
    assert len(HAZARDS) >= FEWEST


def test_ids_are_unique_and_in_order() -> None:
    expected = [f"H{number:02}" for number in range(1, len(HAZARDS) + 1)]
    assert [hazard["id"] for hazard in HAZARDS] == expected


@each_hazard
def test_an_entry_has_every_field_and_no_other(hazard: Hazard) -> None:
    assert hazard.keys() - {"open"} == NEEDED
    assert all(is_text(hazard[name]) for name in TEXTS)
    assert are_texts(hazard["causes"])
    assert "open" not in hazard or are_texts(hazard["open"])


@each_hazard
def test_a_control_says_what_is_done_and_names_tests(hazard: Hazard) -> None:
    for control in hazard["controls"]:
        assert control.keys() == {"what", "tests"}
        assert is_text(control["what"])
        assert are_texts(control["tests"]), control["what"]


@each_hazard
@pytest.mark.parametrize("risk", RISKS)
def test_severity_and_likelihood_are_on_their_scales(hazard: Hazard, risk: str) -> None:
    assert hazard[risk].keys() == set(SCALES)
    assert all(type(value) is int and 1 <= value <= 5 for value in hazard[risk].values())


@each_hazard
def test_controls_make_nothing_worse(hazard: Hazard) -> None:
    assert all(hazard["after"][scale] <= hazard["before"][scale] for scale in SCALES)


@each_hazard
def test_what_is_still_not_acceptable_says_what_is_missing(hazard: Hazard) -> None:
    assert rating(hazard["after"]) < NOT_ACCEPTABLE or hazard.get("open")


@each_hazard
def test_a_hazard_has_a_control_with_a_test_or_says_what_is_not_shown(hazard: Hazard) -> None:
    assert shown_by(hazard) or hazard.get("open")


@each_hazard
def test_every_test_that_is_named_is_there(hazard: Hazard) -> None:
    assert [test for test in shown_by(hazard) if not is_there(test)] == []


@each_hazard
def test_no_control_names_a_test_twice(hazard: Hazard) -> None:
    for control in hazard["controls"]:
        assert len(set(control["tests"])) == len(control["tests"])


def test_the_comment_has_the_matrix_of_the_ratings() -> None:
    comment = LOG.read_text(encoding="utf-8").partition("\nhazards:")[0]
    for likelihood, row in enumerate(MATRIX, start=1):
        (line,) = (one for one in comment.splitlines() if f"likelihood {likelihood} " in one)
        assert [int(word) for word in line.split()[3:]] == list(row)


@pytest.mark.parametrize(
    ("test", "there"),
    [
        ("tests/docs/test_hazards.py", True),
        ("tests/docs/test_hazards.py::test_there_are_enough_hazards", True),
        ("tests/docs/test_site.py::Page", True),
        ("tests/docs/test_site.py::Page::handle_starttag", True),
        ("tests/docs/test_site.py::handle_starttag", False),
        ("tests/docs/test_site.py::test_that_nobody_wrote", False),
        ("tests/docs/test_nothing.py", False),
        ("tests/docs", False),
        ("docs/hazards.yml", False),
    ],
)
def test_a_test_is_found_by_its_file_and_its_name(test: str, there: bool) -> None:
    assert is_there(test) is there
