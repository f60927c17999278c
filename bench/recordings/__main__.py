"""Records what the product does, and compares two recordings; `make recordings`.

usage: python -m bench.recordings make FOLDER [--only NAME] [--people N]
       python -m bench.recordings compare FOLDER_A FOLDER_B
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from bench.recordings.comparing import SHOWN, compare

NAMES = ("findings", "rest", "telegram", "whatsapp", "phone", "calls")


def main(arguments: list[str]) -> int:
    """Record or compare; 1 if something differs."""
    parser = argparse.ArgumentParser(prog="python -m bench.recordings")
    does = parser.add_subparsers(dest="does", required=True)
    making = does.add_parser("make", help="record into a folder")
    making.add_argument("folder", type=Path)
    making.add_argument("--only", choices=NAMES, help="one of the recordings")
    making.add_argument("--people", type=int, help="so many people on each channel")
    comparing = does.add_parser("compare", help="compare what two folders hold")
    comparing.add_argument("before", type=Path)
    comparing.add_argument("after", type=Path)
    options = parser.parse_args(arguments)
    if options.does == "compare":
        return _compare(options.before, options.after)
    return _make(options)


def _make(options: argparse.Namespace) -> int:
    # Loads the product, which comparing does not need.
    from bench.recordings.making import make

    begun = time.monotonic()
    options.folder.mkdir(parents=True, exist_ok=True)
    names = [options.only] if options.only else list(NAMES)
    for name, lines, seconds in make(options.folder, names, options.people):
        print(f"{name}: {lines} lines, {seconds:.0f} s", flush=True)
    print(f"Recorded into {options.folder} in {time.monotonic() - begun:.0f} s.")
    return 0


def _compare(before: Path, after: Path) -> int:
    try:
        differences = compare(before, after)
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 1
    for difference in differences[:SHOWN]:
        print(difference.shown())
    if len(differences) > SHOWN:
        print(f"... and {len(differences) - SHOWN} more")
    print(f"{len(differences)} records differ." if differences else "Nothing differs.")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
