"""Plays whole triages against a server of its own and prints what a turn costs.

usage: python -m bench [--triages N]
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from tests.talking import Patient

ANSWERS = {
    "consent": "yes",
    "emergency_signs": "none of these",
    "pain_duration": "3 weeks",
    "pain_severity": "4, how many massages would I need?",
    "recent_injury": "no",
    "health_conditions": "none",
    "muscle_spasm": "no",
    "massage_response": "not yet",
    "age": "40",
}


def start(folder: Path) -> tuple[subprocess.Popen[bytes], str, float]:
    """Start a server on a free port; returns it, its address, and the seconds until ready."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "backline.cli", "serve", "--port", str(port)],
        env={**os.environ, "DATABASE_URL": f"sqlite:///{folder / 'bench.db'}"},
        stdout=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    while process.poll() is None:
        try:
            urllib.request.urlopen(f"{url}/health/ready", timeout=5)  # noqa: S310 - our own server
            return process, url, time.perf_counter() - begun
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not start; try `make run`")


def memory_mb(pid: int) -> float:
    """Resident memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--triages", type=int, default=40, help="how many to play (default 40)")
    count = parser.parse_args().triages
    with tempfile.TemporaryDirectory() as folder:
        process, url, seconds = start(Path(folder))
        try:
            turns: list[float] = []
            for _ in range(count):
                patient, text = Patient(url), "my back has been sore"
                while patient.result is None:
                    begun = time.perf_counter()
                    patient.say(text)
                    turns.append((time.perf_counter() - begun) * 1000)
                    text = ANSWERS[patient.asked] if patient.asked else "hello"
            memory = memory_mb(process.pid)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)
    turns.sort()
    rows = [
        ("start to ready", f"{seconds:.1f} s"),
        ("turns played", f"{len(turns)}"),
        ("a turn, median", f"{statistics.median(turns):.1f} ms"),
        ("a turn, 95th percentile", f"{turns[int(len(turns) * 0.95)]:.1f} ms"),
        ("memory after", f"{memory:.0f} MB"),
    ]
    for name, value in rows:
        print(f"{name:26}{value:>12}")


if __name__ == "__main__":
    main()
