"""The answers that were written beforehand: complete, in known words, and in order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from backline.persons import person_words
from backline.responses import clinic_words
from backline.settings import load_settings
from backline.written_answers import (
    FILES,
    FOLDER,
    WrittenAnswersError,
    read_answers_of,
    written_answers,
)
from backline.yaml_text import read_words
from tests.conftest import PROJECT

ANSWERS = written_answers()
BRACES = {"reasons", "noted", *person_words(None), *clinic_words(load_settings().clinic)}
OF_A_PLAN = {"course", "review"}
"""Known where a programme was recommended, alone."""
RESPONSES = set(read_words(PROJECT / "domain.yml")["responses"])
GOOD = "answers:\n  - name: parking\n    examples: [a, b, c]\n    says: In the yard.\n"


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_an_answer_has_words_that_can_be_filled(name: str) -> None:
    answer = ANSWERS[name]
    of_a_programme = [answer.otherwise.get(key) for key in ("programme", "no_massage")]
    for text in (answer.says, *answer.otherwise.values()):
        named = set(re.findall(r"\{(\w+)\}", text))
        of_a_plan = OF_A_PLAN if text in of_a_programme else set()
        assert named <= BRACES | RESPONSES | of_a_plan


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_reasons_are_given_only_where_there_is_a_result(name: str) -> None:
    assert "{reasons}" not in ANSWERS[name].says


def test_no_example_stands_for_two_answers() -> None:
    told = [example.casefold() for answer in ANSWERS.values() for example in answer.examples]
    assert len(told) == len(set(told))


@pytest.mark.parametrize(
    ("standing", "says"), [(None, "now"), ("soon", "later"), ("urgent", "now"), ("none", "now")]
)
def test_the_result_chooses_the_words(tmp_path: Path, standing: str | None, says: str) -> None:
    file = tmp_path / "a.yml"
    file.write_text(GOOD.replace("In the yard.", "now\n    soon: later"), encoding="utf-8")
    (answer,) = read_answers_of(file)
    assert answer.words(standing) == says


def test_the_clinics_file_comes_last_and_so_counts() -> None:
    assert FILES[-1] == "clinic.yml"
    assert all((FOLDER / file).is_file() for file in FILES)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (GOOD.replace("says", "say"), "'parking' has 'say', which is no part of one"),
        (GOOD.replace("says: In the yard.", ""), "'parking' needs `name` and `says`"),
        ("answers:\n  - examples: [a, b, c]\n    says: In the yard.\n", "an answer without name"),
        (GOOD.replace("[a, b, c]", "[a]"), "'parking' needs at least 3 `examples`"),
    ],
)
def test_what_is_missing_is_named_with_its_file(tmp_path: Path, wrong: str, told: str) -> None:
    file = tmp_path / "clinic.yml"
    file.write_text(wrong, encoding="utf-8")
    with pytest.raises(WrittenAnswersError, match=r"clinic\.yml") as error:
        list(read_answers_of(file))
    assert told in str(error.value)
