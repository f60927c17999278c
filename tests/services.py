"""What a test needs beside Python: skip with a sentence without it, or fail where all must run."""

from __future__ import annotations

import os

import pytest


def require_or_skip(available: bool, how: str) -> None:
    """Go on if `available`; else skip, saying how to enable it.

    With `BACKLINE_REQUIRE_SERVICES=1` a test that cannot run fails instead.
    """
    if available:
        return
    if os.environ.get("BACKLINE_REQUIRE_SERVICES") == "1":
        pytest.fail(how, pytrace=False)
    pytest.skip(how)
