"""The systems that are measured: stock Rasa, Backline as it is served, and Backline on memory."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import yaml

PROJECT = Path(__file__).resolve().parent.parent
START_SECONDS = 300

STOCK_CONFIG = {
    "recipe": "default.v1",
    "language": "en",
    "assistant_id": "stock",
    # What `rasa init` writes, with what reads the facts behind it: the actions need them.
    "pipeline": [
        {"name": "WhitespaceTokenizer"},
        {"name": "RegexFeaturizer"},
        {"name": "LexicalSyntacticFeaturizer"},
        {"name": "CountVectorsFeaturizer"},
        {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
        {"name": "DIETClassifier", "epochs": 100, "constrain_similarities": True},
        {"name": "EntitySynonymMapper"},
        {"name": "ResponseSelector", "epochs": 100, "constrain_similarities": True},
        {"name": "backline.nlu.rasa_components.BacklineUnderstanding"},
    ],
    "policies": [
        {"name": "MemoizationPolicy"},
        {"name": "RulePolicy"},
        {
            "name": "TEDPolicy",
            "max_history": 5,
            "epochs": 100,
            "constrain_similarities": True,
        },
    ],
}


@dataclass
class System:
    """A system under measurement.

    Attributes:
        url: where it answers on Rasa's REST channel.
        ready_s: seconds from its start to its first answer.
        train_s: seconds to train its model; None where it uses another's.
        database: its SQLite file.
    """

    name: str
    url: str
    database: Path
    ready_s: float = 0.0
    train_s: float | None = None
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def memory_mb(self) -> float:
        """Resident memory of all its processes."""
        return sum(_status_kb(process.pid) for process in self.processes) / 1024

    def processor_s(self) -> float:
        """Processor time that all its processes have used, in seconds."""
        return sum(_processor_s(process.pid) for process in self.processes)

    def disk_bytes(self) -> int:
        """What all its processes have handed to the disk."""
        return sum(_written(process.pid) for process in self.processes)

    def stop(self) -> None:
        """End all its processes."""
        for process in self.processes:
            process.send_signal(signal.SIGINT)
        for process in self.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def backline(folder: Path, *, name: str, train: bool) -> System:
    """Backline as `make run` serves it, on a database in that folder."""
    models = folder / "models"
    environment = _environment(folder, BACKLINE_MODELS=str(models))
    train_s = None
    if train:
        train_s = _timed([sys.executable, "-m", "backline.cli", "train"], PROJECT, environment)
    else:
        models = PROJECT / "models"
        environment["BACKLINE_MODELS"] = str(models)
    port = _free_port()
    system = System(name, f"http://127.0.0.1:{port}", folder / "bench.db", train_s=train_s)
    command = [sys.executable, "-m", "backline.cli", "serve", "--port", str(port)]
    _start(system, {"serve": command}, PROJECT, environment, "/health/ready")
    return system


def stock(folder: Path) -> System:
    """Rasa with its default pipeline and policies, an action server over HTTP, SQLite.

    Domain, stories, rules and actions are this project's.
    """
    for part in ("domain.yml", "clinic.yml"):
        shutil.copy(PROJECT / part, folder)
    shutil.copytree(PROJECT / "data", folder / "data")
    shutil.copytree(PROJECT / "actions", folder / "actions")
    actions_port, port = _free_port(), _free_port()
    _write(folder / "config.yml", STOCK_CONFIG)
    _write(folder / "credentials.yml", {"rest": None})
    _write(
        folder / "endpoints.yml",
        {
            "action_endpoint": {"url": f"http://127.0.0.1:{actions_port}/webhook"},
            "tracker_store": {"type": "SQL", "dialect": "sqlite", "db": str(folder / "bench.db")},
        },
    )
    environment = _environment(folder, PYTHONPATH=str(PROJECT))
    subprocess.run(
        [sys.executable, "-m", "backline.cli", "db", "upgrade"],
        cwd=PROJECT,
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    rasa = [sys.executable, "-m", "rasa"]
    data = [str(folder / "data" / part) for part in ("nlu", "rules", "stories")]
    train_s = _timed([*rasa, "train", "--data", *data], folder, environment)
    system = System("stock Rasa", f"http://127.0.0.1:{port}", folder / "bench.db", train_s=train_s)
    commands = {
        "actions": [*rasa, "run", "actions", "-p", str(actions_port)],
        "server": [*rasa, "run", "-p", str(port), "-i", "127.0.0.1"],
    }
    _start(system, commands, folder, environment, "/webhooks/rest/")
    return system


def _environment(folder: Path, **more: str) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{folder / 'bench.db'}",
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "LOG_LEVEL": "ERROR",
        "PYTHONWARNINGS": "ignore",
        **more,
    }


def _timed(command: list[str], folder: Path, environment: dict[str, str]) -> float:
    begun = time.perf_counter()
    with (Path(environment["DATABASE_URL"].removeprefix("sqlite:///")).parent / "train.log").open(
        "wb"
    ) as log:
        subprocess.run(
            command, cwd=folder, env=environment, check=True, stdout=log, stderr=subprocess.STDOUT
        )
    return time.perf_counter() - begun


def _start(
    system: System,
    commands: dict[str, list[str]],
    folder: Path,
    environment: dict[str, str],
    ready: str,
) -> None:
    begun = time.perf_counter()
    for name, command in commands.items():
        with (system.database.parent / f"{name}.log").open("wb") as log:
            system.processes.append(
                subprocess.Popen(
                    command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT
                )
            )
    while time.perf_counter() - begun < START_SECONDS:
        if any(process.poll() is not None for process in system.processes):
            break
        try:
            urllib.request.urlopen(system.url + ready, timeout=5)  # noqa: S310 - our own server
            system.ready_s = time.perf_counter() - begun
            return
        except OSError:
            time.sleep(0.1)
    system.stop()
    raise SystemExit(f"{system.name} did not start; its logs were in {system.database.parent}")


def _write(path: Path, data: object) -> None:
    path.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _status_kb(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1])
    return 0


def _processor_s(pid: int) -> float:
    # The name, the second field, is in brackets and may hold spaces.
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    user, system = fields[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _written(pid: int) -> int:
    for line in Path(f"/proc/{pid}/io").read_text(encoding="utf-8").splitlines():
        if line.startswith("write_bytes"):
            return int(line.split()[1])
    return 0
