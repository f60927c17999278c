"""Breaks one part after the other under load; `make faults`.

usage: python -m bench.faults [FAULT ...]
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import tempfile
from pathlib import Path

from bench.faults.faults import FAULTS
from bench.faults.patients import Crowd
from bench.faults.run import Figures, calm, run
from bench.faults.system import System
from bench.report import fill, measured_by
from bench.systems import PROJECT

CALM_S = 15.0
RELIABILITY = PROJECT / "docs" / "reliability.md"
HEAD = (
    "| fault | turns | apologies | errors | longest wait | emergencies told | triages finished "
    "| said twice | healed after | all that must hold |\n|---|---|---|---|---|---|---|---|---|---|"
)


def main() -> None:
    """Run, print, write the report; exit code 1 when something that must hold did not."""
    names = [fault.name for fault in FAULTS]
    parser = argparse.ArgumentParser(prog="python -m bench.faults")
    parser.add_argument("faults", nargs="*", metavar="FAULT", help=", ".join(names))
    options = parser.parse_args()
    unknown = set(options.faults) - set(names)
    if unknown:
        parser.error(f"no such fault: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    # What was started is stopped also when this is.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="backline-faults-") as folder:
        system = System(Path(folder))
        try:
            _say("starting PostgreSQL, Redis, RabbitMQ, nginx and two servers ...")
            system.start()
            figures = asyncio.run(_all(system, options.faults or names))
        finally:
            system.stop()
    wrong = [f"{f.fault.name}: {sentence}" for f in figures for sentence in f.wrong]
    table = "\n".join([HEAD, *(f.row for f in figures)])
    print(table)
    if not options.faults:
        told = [f"- **{fault.name}**: {fault.what}" for fault in FAULTS]
        fill(RELIABILITY, "faults", "\n".join(told))
        fill(RELIABILITY, "measured", f"{measured_by('make faults')}\n\n{table}")
    for sentence in wrong:
        print(f"broken: {sentence}", file=sys.stderr)
    sys.exit(1 if wrong else 0)


async def _all(system: System, names: list[str]) -> list[Figures]:
    crowd = Crowd()
    _say("nothing broken ...")
    expected, diary = await calm(system, crowd, CALM_S)
    _say(f"  {len(diary.waits)} turns, longest {max(diary.waits):.2f} s, {len(diary.emergencies)}")
    figures = []
    for fault in FAULTS:
        if fault.name in names:
            _say(f"{fault.name} ...")
            figures.append(await run(system, fault, crowd, expected))
            _say(f"  {figures[-1].row}")
    return figures


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
