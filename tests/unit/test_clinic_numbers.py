"""The numbers that patients are given to call, by the clinic's country."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from backline.responses import clinic_words
from backline.settings import PUBLIC_NUMBERS, Clinic, SettingsError, load_clinic

CLINIC_FILE = Path(__file__).parents[2] / "clinic.yml"
LINES = ("poisons_line", "violence_line", "child_line")


def written(folder: Path, **changes: str) -> Path:
    data = yaml.safe_load(CLINIC_FILE.read_text(encoding="utf-8"))
    path = folder / "clinic.yml"
    path.write_text(yaml.safe_dump({**data, **changes}), encoding="utf-8")
    return path


@pytest.mark.parametrize("country", PUBLIC_NUMBERS)
def test_each_country_has_all_numbers(tmp_path: Path, country: str) -> None:
    words = clinic_words(load_clinic(written(tmp_path, country=country)))
    numbers = PUBLIC_NUMBERS[country]
    assert {name: words[name] for name in numbers} == numbers
    assert numbers.keys() >= set(LINES)


@pytest.mark.parametrize("line", LINES)
def test_a_clinic_may_name_a_line_of_its_own(tmp_path: Path, line: str) -> None:
    clinic: Clinic = load_clinic(written(tmp_path, **{line: "0800 000 000"}))
    assert clinic_words(clinic)[line] == "0800 000 000"


@pytest.mark.parametrize("line", LINES)
def test_an_empty_line_stops_the_start_and_is_named(tmp_path: Path, line: str) -> None:
    with pytest.raises(SettingsError, match=line):
        load_clinic(written(tmp_path, **{line: " "}))
