"""Known advisories against decisions about them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.advisories import (
    PAGE,
    PROJECT,
    Advisory,
    Decision,
    problems,
    read_decisions,
    read_report,
    table,
)

REPORT = {
    "dependencies": [
        {"name": "good", "version": "1.0", "vulns": []},
        {
            "name": "old",
            "version": "1.0",
            "vulns": [{"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["2.0"]}],
        },
        {"name": "hidden", "skip_reason": "not found"},
    ]
}
OLD = Advisory("old", "1.0", frozenset({"PYSEC-1", "CVE-1"}), ("2.0",))


def decision(package: str, advisory: str) -> Decision:
    return Decision(package, advisory, "no", "it is not called", "2026-11-27")


def test_a_report_tells_advisories_and_what_could_not_be_asked() -> None:
    assert read_report(REPORT) == ([OLD], ["hidden"])


def test_an_advisory_without_a_decision_is_told_with_its_fix() -> None:
    assert problems([OLD], [], []) == ["not decided: old 1.0: CVE-1, PYSEC-1 (fixed in 2.0)"]


@pytest.mark.parametrize("by", ["CVE-1", "PYSEC-1"])
def test_any_of_its_ids_decides(by: str) -> None:
    assert problems([OLD], [], [decision("old", by)]) == []


def test_a_decision_about_another_package_decides_nothing() -> None:
    assert len(problems([OLD], [], [decision("other", "CVE-1")])) == 2


def test_a_decision_without_an_advisory_is_to_be_taken_away() -> None:
    assert problems([], [], [decision("old", "CVE-1")]) == ["no longer known: old CVE-1"]


def test_what_could_not_be_asked_is_a_problem_and_says_nothing_of_its_decisions() -> None:
    assert problems([], ["old"], [decision("old", "CVE-1")]) == ["not asked about: old"]


@pytest.mark.parametrize(
    "text",
    [
        "- {package: a, advisory: b}",
        "- {package: a, advisory: b, reachable: '', because: c, decided: d}",
        "- {package: a, advisory: b, reachable: x, because: c, decided: d, more: e}",
    ],
)
def test_a_decision_that_lacks_a_part_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "advisories.yml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"advisories\.yml: each entry has"):
        read_decisions(file)


def test_the_page_shows_the_decisions_as_they_are() -> None:
    assert table(read_decisions()) in PAGE.read_text(encoding="utf-8")


def test_every_decision_is_about_a_package_that_is_locked() -> None:
    locked = (PROJECT / "requirements" / "runtime.txt").read_text(encoding="utf-8")
    for one in read_decisions():
        assert f"\n{one.package}==" in locked, one.package
