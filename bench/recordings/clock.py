"""One day and one order of hashing for every recording."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from tests.services import FAKETIME_HOW, faketime

MOMENT = "@2026-11-23 02:00:00"
"""A Monday, and still so hours later both in UTC and at the clinic."""
_ENTERED = "BACKLINE_RECORDING"


def on_the_day(module: str, arguments: Sequence[str]) -> None:
    """Return if this process lives on the day of the recordings; else run the module again there.

    The library moves the wall clock alone: what is waited for and measured is not touched.

    Raises:
        SystemExit: libfaketime is not installed.
    """
    if _ENTERED in os.environ:
        return
    library = faketime()
    if library is None:
        raise SystemExit(FAKETIME_HOW)
    environment = {
        **os.environ,
        _ENTERED: "1",
        "LD_PRELOAD": str(library),
        "FAKETIME": MOMENT,
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
        "TZ": "UTC",
        "PYTHONHASHSEED": os.environ.get("PYTHONHASHSEED", "0"),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "RASA_TELEMETRY_ENABLED": "false",
    }
    os.execve(  # noqa: S606 - this very program
        sys.executable, [sys.executable, "-m", module, *arguments], environment
    )
