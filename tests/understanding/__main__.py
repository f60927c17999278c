"""`make eval`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.understanding.report import (
    REPORT,
    external,
    markdown,
    measure,
    mistakes,
    shortfalls,
    summary,
)


def main() -> int:
    """Measure, print, write the report; 1 if something lies below its floor."""
    parser = argparse.ArgumentParser(prog="make eval", description="Measures understanding.")
    parser.add_argument(
        "--mistakes", action="store_true", help="list those of the development half"
    )
    parser.add_argument("--quick", action="store_true", help="without intents and report")
    parser.add_argument("--texts", type=Path, help="JSON lines with text and safe_outcomes, too")
    options = parser.parse_args()
    print("Measuring (the intents take some minutes) ..." if not options.quick else "Measuring ...")
    measures = measure(with_intents=not options.quick)
    if options.mistakes:
        print("\n".join(mistakes(measures.facts["dev"])))
    print("\n".join(summary(measures)))
    if options.texts:
        print(external(options.texts))
    if not options.quick:
        REPORT.write_text(markdown(measures), encoding="utf-8")
        print(f"Wrote {REPORT.name}")
    below = shortfalls(measures)
    for sentence in below:
        print(f"below the floor: {sentence}", file=sys.stderr)
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
