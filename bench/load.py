"""How many people one server carries; `make load`.

usage: python -m bench.load [--shares 0.25 0.6 0.85 1.3] [--seconds S]

Locust plays the people of bench/locustfile.py: first a few, to know what a turn costs on this
machine, then as many as ask for these shares of a core. Writes the measured part of
docs/capacity.md.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bench.play import PAUSE_S, TURNS
from bench.report import fill, measured_by
from bench.systems import PROJECT, System, backline

CAPACITY = PROJECT / "docs" / "capacity.md"
LOCUSTFILE = PROJECT / "bench" / "locustfile.py"
FEW, FEW_SECONDS = 40, 30
"""People who show what a turn costs, without a wait for each other."""
SHARES = (0.25, 0.6, 0.85, 1.3)
"""Of what a core can do, how much people ask for in each step; in the last one more than it can."""
SECONDS = 60
RISE_S = 15
"""How long it takes until all people of a step are there; not measured."""

PLANNED = 0.6
"""Share of a core that is planned with."""
BUSIEST_HOUR = 0.15
"""Share of a day's triages that its busiest hour sees."""
DEMAND = {
    "one clinic": 40,
    "a chain of 200 clinics": 8_000,
    "a health insurer, 0.1 % of 10 million members a day": 10_000,
    "a country of 27 million, 1 % of them on one day": 270_000,
}

GOAL_P95_MS = 300
"""Below what people notice as waiting, up to the share that is planned with."""


@dataclass(frozen=True)
class Step:
    """What came of so many people at once.

    Attributes:
        share: how much of a core they ask for.
        turns_s: turns a second.
        cores: processor time that the server used, in cores.
    """

    people: int
    share: float
    turns: int
    failed: int
    turns_s: float
    median_ms: float
    p95_ms: float
    p99_ms: float
    cores: float

    @property
    def row(self) -> str:
        return (
            f"| {self.people} | {self.share:.0%} | {self.turns} | {self.failed} "
            f"| {self.turns_s:.1f} | {self.median_ms:.0f} ms | {self.p95_ms:.0f} ms "
            f"| {self.p99_ms:.0f} ms | {self.cores:.2f} "
            f"| {self.cores / self.turns_s * 1000:.1f} ms |"
        )


HEAD = (
    "| people at once | of a core they ask for | turns | failed | turns a second | median | 95 % "
    "| 99 % | cores used | processor time a turn |\n|---|---|---|---|---|---|---|---|---|---|"
)


def main() -> None:
    """Measure, print, write; exit code 1 when a turn failed or the goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.load")
    parser.add_argument("--shares", type=float, nargs="+", default=SHARES)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        system = backline(Path(folder), name="Backline", train=False)
        try:
            few = _step(system, FEW, 0, FEW_SECONDS)
            per_person = few.cores / few.turns_s / statistics.mean(PAUSE_S)
            steps = [
                _step(system, math.ceil(share / per_person), share, options.seconds)
                for share in options.shares
            ]
        finally:
            system.stop()
    table = "\n".join([HEAD, *(step.row for step in steps)])
    print(table)
    missed = goals_missed(steps)
    if tuple(options.shares) == SHARES and options.seconds == SECONDS:
        fill(CAPACITY, "measured", f"{measured_by('make load')}\n\n{table}")
        fill(CAPACITY, "calculated", _calculated(steps))
    for goal in missed:
        print(f"missed: {goal}", file=sys.stderr)
    sys.exit(1 if missed else 0)


def goals_missed(steps: Iterable[Step]) -> list[str]:
    """The goals that are not reached, as sentences."""
    missed = []
    for step in steps:
        if step.failed:
            missed.append(f"no turn fails ({step.failed} did with {step.people} people)")
        if step.share <= PLANNED and step.p95_ms > GOAL_P95_MS:
            missed.append(f"{GOAL_P95_MS} ms for 95 % of the turns with {step.people} people")
    return missed


def _step(system: System, people: int, share: float, seconds: int) -> Step:
    print(f"{people} people ...", file=sys.stderr, flush=True)
    command = [
        *(sys.executable, "-m", "locust", "--locustfile", str(LOCUSTFILE), "--headless"),
        *("--host", system.url, "--users", str(people), "--spawn-rate", f"{people / RISE_S}"),
        *("--run-time", f"{RISE_S + seconds}s", "--stop-timeout", "5", "--reset-stats"),
        *("--json", "--loglevel", "ERROR", "--exit-code-on-error", "0"),
    ]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as locust:
        time.sleep(RISE_S + 1)
        used, begun = system.processor_s(), time.monotonic()
        time.sleep(seconds - 2)
        cores = (system.processor_s() - used) / (time.monotonic() - begun)
        output, _ = locust.communicate(timeout=120)
    (turn,) = (entry for entry in json.loads(output) if entry["name"] == "turn")
    took = sorted(float(ms) for ms, count in turn["response_times"].items() for _ in range(count))
    cuts = statistics.quantiles(took, n=100, method="inclusive")
    return Step(
        people=people,
        share=share,
        turns=turn["num_requests"],
        failed=turn["num_failures"],
        turns_s=turn["num_requests"] / (turn["last_request_timestamp"] - turn["start_time"]),
        median_ms=cuts[49],
        p95_ms=cuts[94],
        p99_ms=cuts[98],
        cores=cores,
    )


def _calculated(steps: list[Step]) -> str:
    """What others need, from the dearest turn that was measured."""
    turn_s = max(step.cores / step.turns_s for step in steps if step.share < 1)
    core = PLANNED / turn_s
    rows = [
        "| who | triages a day | in the busiest hour | turns a second then | cores |",
        "|---|---|---|---|---|",
    ]
    for who, a_day in DEMAND.items():
        hour = a_day * BUSIEST_HOUR
        turns = hour * TURNS / 3600
        cores = f"{turns / core:.1f}" if turns >= core else "less than 1"
        rows.append(f"| {who} | {a_day:,} | {hour:,.0f} | {turns:,.1f} | {cores} |")
    return (
        f"A turn costs at most {turn_s * 1000:.1f} ms of one core. Planned at {PLANNED:.0%}, so\n"
        f"that peaks and a lost server are borne, one core carries **{core:.0f} turns a second**, "
        f"{core * 3600 / TURNS:,.0f} triages of {TURNS} turns an hour.\n\n" + "\n".join(rows)
    )


if __name__ == "__main__":
    main()
