"""Measures stock Rasa, Backline, and Backline on memory side by side; `make bench`.

usage: python -m bench [--turns N] [--without-stock]
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.play import long_talk, play
from bench.report import measured_by
from bench.systems import PROJECT, System, backline, stock

REPORT = PROJECT / "docs" / "performance.md"
ALONE_TRIAGES = 20
TOGETHER = 50
LONG = 200
LONG_TALKS = 3
EARLY = slice(2, 8)
"""The turns around the 5th, counted from 0."""
MEMORY_DISK = Path("/dev/shm")  # noqa: S108 - a folder of its own is made there


@dataclass
class Figures:
    """What was measured of one system."""

    name: str
    train_s: float | None
    ready_s: float
    memory_mb: float
    median_ms: float = 0.0
    p95_ms: float = 0.0
    p99_ms: float = 0.0
    together_median_ms: float = 0.0
    together_p95_ms: float = 0.0
    together_p99_ms: float = 0.0
    per_second: float = 0.0
    fifth_ms: float = 0.0
    last_ms: float = 0.0
    disk_kb: float = 0.0
    memory_after_mb: float = 0.0


def main() -> None:
    """Measure, print, write the report; exit code 1 below a goal."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument(
        "--turns", type=int, default=10_000, help="turns before memory is looked at again"
    )
    parser.add_argument(
        "--without-stock", action="store_true", help="only Backline; writes no report"
    )
    options = parser.parse_args()
    figures = []
    if not options.without_stock:
        with tempfile.TemporaryDirectory() as folder:
            _say("Stock Rasa: training (minutes) ...")
            # Stock Rasa grows and slows with turns; a tenth of them shows it in bearable time.
            figures.append(_measure(stock(Path(folder)), options.turns // 10))
    with tempfile.TemporaryDirectory() as folder:
        _say("Backline: training ...")
        system = backline(Path(folder), name="Backline", train=True)
        figures.append(_measure(system, options.turns))
    with tempfile.TemporaryDirectory(dir=MEMORY_DISK) as folder:
        system = backline(Path(folder), name="Backline on memory", train=False)
        figures.append(_measure(system, options.turns // 10))
    table = _table(figures, options.turns)
    print("\n".join(table))
    if options.without_stock:
        return
    missed = goals_missed(figures[0], figures[1])
    _write_report(table, missed)
    for goal in missed:
        _say(f"missed: {goal}")
    sys.exit(1 if missed else 0)


def _measure(system: System, turns: int) -> Figures:
    try:
        out = Figures(system.name, system.train_s, system.ready_s, system.memory_mb())
        _say(f"{system.name}: one patient ...")
        asyncio.run(play(system.url, 1, 2))
        alone = asyncio.run(play(system.url, 1, ALONE_TRIAGES))
        out.median_ms, out.p95_ms, out.p99_ms = (alone.ms(p) for p in (50, 95, 99))
        _say(f"{system.name}: one long conversation ...")
        talks = [asyncio.run(long_talk(system.url, LONG)) for _ in range(LONG_TALKS)]
        out.fifth_ms, out.last_ms = early_and_late_ms(talks)
        _say(f"{system.name}: {TOGETHER} patients at once, {turns} turns ...")
        before = system.disk_bytes()
        per_triage = len(alone.turns) / alone.triages
        together = asyncio.run(play(system.url, TOGETHER, max(TOGETHER, int(turns / per_triage))))
        out.together_median_ms, out.together_p95_ms, out.together_p99_ms = (
            together.ms(p) for p in (50, 95, 99)
        )
        out.per_second = together.per_second
        out.disk_kb = (system.disk_bytes() - before) / together.triages / 1024
        out.memory_after_mb = system.memory_mb()
        return out
    finally:
        system.stop()


def early_and_late_ms(talks: list[list[tuple[str, float]]]) -> tuple[float, float]:
    """Median milliseconds of the turns around the 5th, and of the last turns that said the same.

    What is said decides most of what a turn costs, so only the same is compared.
    """
    early, late = [], []
    for talk in talks:
        last = dict(talk)
        for text, seconds in talk[EARLY]:
            early.append(seconds)
            late.append(last[text])
    return statistics.median(early) * 1000, statistics.median(late) * 1000


def goals_missed(stock_rasa: Figures, ours: Figures) -> list[str]:
    """The goals against stock Rasa that are not reached, as sentences."""
    goals = [
        ("a turn at the median, at most 1/8", ours.median_ms <= stock_rasa.median_ms / 8),
        ("turns a second, at least 8 times", ours.per_second >= 8 * stock_rasa.per_second),
        ("memory after the start, at most 1/2", ours.memory_mb <= stock_rasa.memory_mb / 2),
        ("start to ready, at most 1/3", ours.ready_s <= stock_rasa.ready_s / 3),
        (
            "training, at most 1/4",
            (ours.train_s or 0) <= (stock_rasa.train_s or 0) / 4,
        ),
        (f"the {LONG}th turn, at most 1.3 times the 5th", ours.last_ms <= 1.3 * ours.fifth_ms),
        ("memory flat over the turns (10 %)", ours.memory_after_mb <= 1.1 * ours.memory_mb),
    ]
    return [sentence for sentence, reached in goals if not reached]


def _table(figures: list[Figures], turns: int) -> list[str]:
    rows: list[tuple[str, str, str]] = [
        ("train", "train_s", "{:.0f} s"),
        ("start to ready", "ready_s", "{:.1f} s"),
        ("a turn, one patient: median", "median_ms", "{:.1f} ms"),
        ("95th percentile", "p95_ms", "{:.1f} ms"),
        ("99th percentile", "p99_ms", "{:.1f} ms"),
        (f"a turn, {TOGETHER} patients at once: median", "together_median_ms", "{:.0f} ms"),
        ("95th percentile", "together_p95_ms", "{:.0f} ms"),
        ("99th percentile", "together_p99_ms", "{:.0f} ms"),
        ("turns a second at saturation", "per_second", "{:.1f}"),
        ("the 5th turn of a conversation", "fifth_ms", "{:.1f} ms"),
        (f"the {LONG}th turn", "last_ms", "{:.1f} ms"),
        ("memory after the start", "memory_mb", "{:.0f} MB"),
        (f"memory after {turns} turns (*)", "memory_after_mb", "{:.0f} MB"),
        ("written to disk a triage", "disk_kb", "{:.0f} KB"),
    ]
    compared = len(figures) > 2
    head = ["what", *(f.name for f in figures), *(["Backline / stock"] if compared else [])]
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for name, attribute, form in rows:
        values = [getattr(f, attribute) for f in figures]
        cells = [form.format(v) if v is not None else "as Backline" for v in values]
        if compared:
            cells.append(f"{values[1] / values[0]:.2f}" if values[0] else "")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def _write_report(table: list[str], missed: list[str]) -> None:
    goals = "All goals are reached." if not missed else f"Not reached: {'; '.join(missed)}."
    REPORT.write_text(
        "# Performance\n\n"
        f"{measured_by('make bench')}\n"
        "The patients run on the same machine. Everybody plays the same triage: a greeting, the\n"
        "complaint, every question, a digression, a correction, the result.\n\n"
        "- **Stock Rasa**: the same domain, rules, stories and actions with Rasa's default\n"
        "  pipeline and policies (and what reads the facts, which the actions need),\n"
        "  `rasa run` and `rasa run actions` over HTTP, its SQLite tracker store.\n"
        "  Memory is of both processes.\n"
        "- **Backline**: as `make run` serves it, on SQLite.\n"
        "- **Backline on memory**: the same with its database on a memory disk, as the floor.\n\n"
        + "\n".join(table)
        + "\n\n(*) Backline after the turns named; the other two after a tenth of them.\n\n"
        + f"{goals}\n",
        encoding="utf-8",
    )


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
