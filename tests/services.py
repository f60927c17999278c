"""What a test needs beside Python: skip with a sentence without it, or fail where all must run."""

from __future__ import annotations

import os
import shutil
from functools import lru_cache
from pathlib import Path

import pytest
import redis
import sqlalchemy as sa

POSTGRES_URL = os.environ.get(
    "BACKLINE_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres"
)
"""A role that may create databases; each test that needs one makes its own and drops it."""
POSTGRES_HOW = (
    "PostgreSQL does not answer on 127.0.0.1:5432 for user postgres; start one there, or set "
    "BACKLINE_TEST_POSTGRES_URL to a server and a role that may create databases."
)
REDIS_URL = os.environ.get("BACKLINE_TEST_REDIS_URL", "redis://127.0.0.1:6379/0")
REDIS_HOW = (
    "Redis does not answer on 127.0.0.1:6379; start one there with `redis-server`, or set "
    "BACKLINE_TEST_REDIS_URL."
)
PROMTOOL_HOW = "promtool is not installed; it comes with `apt-get install prometheus`."
CHROMIUM_HOW = (
    "Chromium is not installed; enable the browser tests with `apt-get install chromium`."
)


FAKETIME_HOW = (
    "libfaketime is not installed; move a server's clock with `apt-get install faketime`."
)


def require_or_skip(available: bool, how: str) -> None:
    """Go on if `available`; else skip, saying how to enable it.

    With `BACKLINE_REQUIRE_SERVICES=1` a test that cannot run fails instead.
    """
    if available:
        return
    if os.environ.get("BACKLINE_REQUIRE_SERVICES") == "1":
        pytest.fail(how, pytrace=False)
    pytest.skip(how)


@lru_cache(maxsize=1)
def postgres_available() -> bool:
    """Whether PostgreSQL answers at `POSTGRES_URL` to a role that may create databases."""
    engine = sa.create_engine(POSTGRES_URL, future=True, connect_args={"connect_timeout": 2})
    may_create = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
    try:
        with engine.connect() as connection:
            return bool(connection.execute(sa.text(may_create)).scalar_one())
    except sa.exc.OperationalError:
        return False
    finally:
        engine.dispose()


@lru_cache(maxsize=1)
def redis_available() -> bool:
    """Whether Redis answers at `REDIS_URL`."""
    client = redis.Redis.from_url(REDIS_URL, socket_connect_timeout=2)
    try:
        return bool(client.ping())
    except redis.exceptions.RedisError:
        return False
    finally:
        client.close()


def chromium() -> str | None:
    """The path of the system's Chromium, or None."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


def faketime() -> Path | None:
    """The library that moves the clock of a process, or None."""
    return next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


def promtool() -> str | None:
    """The path of Prometheus's own tool that checks rules, or None."""
    return shutil.which("promtool")
