"""Which lines of two recordings differ."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench.recordings.__main__ import main
from bench.recordings.comparing import compare
from bench.recordings.lines import line_of, write

HELLO = {"person": "ada", "turns": [{"said": "hello", "reply": "hi"}]}
SORE = {"person": "bob", "turns": [{"said": "sore back", "reply": "since when?"}]}


def recorded(folder: Path, *records: dict[str, Any], name: str = "rest") -> Path:
    folder.mkdir(exist_ok=True)
    write(folder, name, records)
    return folder


@pytest.fixture
def before(tmp_path: Path) -> Path:
    return recorded(tmp_path / "before", HELLO, SORE)


def test_the_same_records_in_another_order_do_not_differ(before: Path, tmp_path: Path) -> None:
    assert compare(before, recorded(tmp_path / "after", SORE, HELLO)) == []


def test_what_changed_is_shown_with_its_place_in_the_record(before: Path, tmp_path: Path) -> None:
    changed = {"person": "ada", "turns": [{"said": "hello", "reply": "good day"}]}
    (difference,) = compare(before, recorded(tmp_path / "after", changed, SORE))
    assert difference.shown().splitlines() == [
        "rest: person ada",
        "  /turns/0/reply",
        '    - "hi"',
        '    + "good day"',
    ]


def test_what_only_one_of_them_has_is_shown_alone(before: Path, tmp_path: Path) -> None:
    longer = {"person": "ada", "turns": [*HELLO["turns"], "bye"]}
    (difference,) = compare(before, recorded(tmp_path / "after", longer, SORE))
    assert difference.shown().splitlines() == ["rest: person ada", "  /turns/1", '    + "bye"']


def test_a_record_of_one_folder_alone_differs(before: Path, tmp_path: Path) -> None:
    (difference,) = compare(before, recorded(tmp_path / "after", HELLO))
    assert difference.after is None
    assert difference.shown().startswith("rest: - ")


def test_a_recording_of_one_folder_alone_differs(before: Path, tmp_path: Path) -> None:
    after = recorded(tmp_path / "after", HELLO, SORE)
    recorded(after, HELLO, name="phone")
    assert [(d.name, d.before) for d in compare(before, after)] == [("phone", None)]


def test_a_folder_without_a_recording_is_not_taken_for_an_equal_one(
    before: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match="no recording"):
        compare(before, tmp_path / "empty")
    assert main(["compare", str(before), str(tmp_path / "empty")]) == 1


def test_a_text_with_separators_of_lines_stays_one_record(tmp_path: Path) -> None:
    odd = {"text": "a\u2028b\x85c\nd"}
    one, other = recorded(tmp_path / "one", odd), recorded(tmp_path / "other", odd)
    assert compare(one, other) == []


def test_numbers_count_to_six_decimal_places() -> None:
    assert line_of({"confidence": 0.12345678}) == line_of({"confidence": 0.12345699})
    assert line_of({"confidence": 0.123456}) != line_of({"confidence": 0.123466})


def test_the_command_ends_with_1_where_something_differs(
    before: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", str(before), str(before)]) == 0
    assert main(["compare", str(before), str(recorded(tmp_path / "after", SORE))]) == 1
    assert "1 records differ" in capsys.readouterr().out


def test_no_more_than_twenty_differences_are_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = recorded(tmp_path / "before", *({"text": str(n), "of": 1} for n in range(25)))
    after = recorded(tmp_path / "after", *({"text": str(n), "of": 2} for n in range(25)))
    assert main(["compare", str(before), str(after)]) == 1
    told = capsys.readouterr().out
    assert told.count("rest: text") == 20
    assert "... and 5 more" in told
