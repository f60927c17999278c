"""The disks of the fault `disk-full`: SQLite is refused as long as they are full, and no longer."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench.faults.disk import Disk, Quota, disk

WRITER = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("PRAGMA journal_mode=WAL")
database.execute("CREATE TABLE said (what)")
for _ in sys.stdin:
    try:
        database.execute("INSERT INTO said VALUES (randomblob(100000))")
        print("stored", flush=True)
    except sqlite3.OperationalError:
        print("refused", flush=True)
"""


@pytest.fixture(params=[disk, Quota], ids=["the most real", "quota"])
def small(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    make: Callable[[Path], Disk] = request.param
    made = make(tmp_path / "disk")
    yield made
    made.remove()


def test_a_full_disk_refuses_until_there_is_room(small: Disk) -> None:
    command = [sys.executable, "-c", WRITER, str(small.folder / "said.db")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writer:
        question, answer = writer.stdin, writer.stdout
        assert question is not None
        assert answer is not None

        def write() -> str:
            print(file=question, flush=True)
            return answer.readline().strip()

        assert write() == "stored"
        small.fill(writer.pid)
        assert [write() for _ in range(3)] == ["refused"] * 3
        small.make_room(writer.pid)
        assert write() == "stored"
        question.close()
