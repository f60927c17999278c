"""Throws all kinds of input at a server of its own; `make fuzz`.

usage: python -m bench.fuzz [--cases N] [--seed N] [--only WORD] [--workers N]

Fails on a text that takes long to understand or holds up others, an answer of 5xx, a hang of ten
seconds, a traceback or the name of an exception in an answer, a server that ended, and an error in
the log. Writes the measured part of docs/security.md after a whole run.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from bench.fuzz.run import Tally, read_long, run_all
from bench.report import fill, measured_by
from tests.conftest import PROJECT

PAGE = PROJECT / "docs" / "security.md"
CASES = 100_000
FEWEST_LONG, LONG_SHARE = 250, 100
"""One long text for so many cases: each takes a hundred times as long as another case."""
READING = "reading long texts"
WORKERS = 3


def main() -> None:
    """Run, print, write; exit code 1 when something was wrong."""
    parser = argparse.ArgumentParser(prog="python -m bench.fuzz")
    parser.add_argument("--cases", type=int, default=CASES, help="how many cases altogether")
    parser.add_argument("--seed", type=int, default=0, help="another one makes other cases")
    parser.add_argument("--only", default="", help="inputs whose name has this word")
    parser.add_argument("--workers", type=int, default=WORKERS, help="servers at the same time")
    options = parser.parse_args()
    tallies = run_all(options.cases, options.seed, options.only, options.workers)
    if not options.only or options.only in READING:
        tallies += read_long(max(FEWEST_LONG, options.cases // LONG_SHARE), options.seed)
    for tally in tallies:
        if tally.wrong:
            print(f"wrong: {tally.name}\n{tally.wrong}\n", file=sys.stderr, flush=True)
    print(table(tallies))
    wrong = any(tally.wrong for tally in tallies)
    if not wrong and not options.only and options.cases >= CASES:
        fill(PAGE, "fuzzed", f"{measured_by('make fuzz')}\n\n{table(tallies)}")
    sys.exit(1 if wrong else 0)


def table(tallies: Sequence[Tally]) -> str:
    """One row an input, and one for all of them."""
    rows = ["| input | cases | answers | seconds | wrong |", "|---|---|---|---|---|"]
    for tally in tallies:
        statuses = ", ".join(f"{status}: {n:,}" for status, n in sorted(tally.statuses.items()))
        rows.append(
            f"| {tally.name} | {tally.cases:,} | {statuses} | {tally.seconds:.0f} "
            f"| {'yes' if tally.wrong else 'none'} |"
        )
    cases = sum(tally.cases for tally in tallies)
    seconds = sum(tally.seconds for tally in tallies)
    wrong = sum(bool(tally.wrong) for tally in tallies)
    rows.append(f"| **all** | **{cases:,}** | | {seconds:.0f} | {wrong or 'none'} |")
    return "\n".join(rows)


if __name__ == "__main__":
    main()
