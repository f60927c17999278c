"""Known advisories of the locked packages, and whether each was decided about; `make audit`.

usage: python -m bench.advisories REPORT

REPORT is the JSON of pip-audit, which asks the Python package index. Fails when an advisory has no
decision in docs/advisories.yml, when a decision has no advisory any more, and when a package could
not be asked about. Writes the decisions into docs/security.md.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bench.report import fill

PROJECT = Path(__file__).resolve().parent.parent
DECISIONS = PROJECT / "docs" / "advisories.yml"
PAGE = PROJECT / "docs" / "security.md"
FIELDS = frozenset({"package", "advisory", "reachable", "because", "decided"})


@dataclass(frozen=True)
class Decision:
    """What was decided about one advisory: whether a stranger reaches it, and why that is so."""

    package: str
    advisory: str
    reachable: str
    because: str
    decided: str


@dataclass(frozen=True)
class Advisory:
    """One that the index knows, under all of its ids, for a locked version."""

    package: str
    version: str
    ids: frozenset[str]
    fixed_in: tuple[str, ...]

    def __str__(self) -> str:
        fixed = f"fixed in {', '.join(self.fixed_in)}" if self.fixed_in else "not fixed"
        return f"{self.package} {self.version}: {', '.join(sorted(self.ids))} ({fixed})"


def read_decisions(path: Path = DECISIONS) -> list[Decision]:
    """The decisions.

    Raises:
        ValueError: one of them lacks a part; the text says which.
    """
    decisions = []
    for entry in yaml.safe_load(path.read_text(encoding="utf-8")) or []:
        if set(entry) != FIELDS or not all(str(part).strip() for part in entry.values()):
            raise ValueError(
                f"{path.name}: each entry has {', '.join(sorted(FIELDS))}; got {entry}"
            )
        decisions.append(Decision(**{name: str(part) for name, part in entry.items()}))
    return decisions


def read_report(report: Mapping[str, Any]) -> tuple[list[Advisory], list[str]]:
    """The advisories of a report by pip-audit, and the packages that could not be asked about."""
    known, unasked = [], []
    for package in report["dependencies"]:
        if "skip_reason" in package:
            unasked.append(package["name"])
            continue
        for found in package["vulns"]:
            ids = frozenset({found["id"], *found.get("aliases", [])})
            fixed = tuple(found.get("fix_versions", []))
            known.append(Advisory(package["name"], package["version"], ids, fixed))
    return known, unasked


def problems(
    known: Collection[Advisory], unasked: Collection[str], decisions: Collection[Decision]
) -> list[str]:
    """What is to be done, as sentences; none if everything was decided."""
    found = [f"not asked about: {name}" for name in unasked]
    decided = {(decision.package, decision.advisory) for decision in decisions}
    matched = set()
    for advisory in known:
        matching = decided & {(advisory.package, one) for one in advisory.ids}
        matched |= matching
        if not matching:
            found.append(f"not decided: {advisory}")
    for decision in decisions:
        if (decision.package, decision.advisory) not in matched and decision.package not in unasked:
            found.append(f"no longer known: {decision.package} {decision.advisory}")
    return found


def table(decisions: Collection[Decision]) -> str:
    """The decisions for the page."""
    rows = [
        "| package | advisory | reached by strangers | why | decided |",
        "|---|---|---|---|---|",
    ]
    for one in sorted(decisions, key=lambda decision: (decision.package, decision.advisory)):
        rows.append(
            f"| {one.package} | {one.advisory} | {one.reachable} | {one.because} | {one.decided} |"
        )
    return "\n".join(rows)


def main() -> None:
    """Compare and write; exit code 1 when something is to be done."""
    decisions = read_decisions()
    fill(PAGE, "advisories", table(decisions))
    try:
        report = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    except ValueError:
        sys.exit("error: pip-audit wrote no report; does this machine reach the package index?")
    known, unasked = read_report(report)
    found = problems(known, unasked, decisions)
    for problem in found:
        print(problem, file=sys.stderr)
    packages = len(report["dependencies"]) - len(unasked)
    print(
        f"{packages} packages were asked about; {len(known)} advisories, {len(found)} to look at."
    )
    sys.exit(1 if found or not packages else 0)


if __name__ == "__main__":
    main()
