"""PostgreSQL, Redis, RabbitMQ and nginx of our own, on ports of their own, made to be broken."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psycopg2
import redis

START_S = 60.0
STOP_S = 20.0
POSTGRES_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin")
RABBITMQ_PLACES = ("/usr/lib/rabbitmq/lib/*/sbin", "/opt/rabbitmq/sbin")
"""Behind the distribution's wrappers, which would run the node as another user."""


class Missing(RuntimeError):
    """A program that is needed is not installed; the text names its package."""


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _program(name: str, package: str, places: Sequence[str] = ()) -> str:
    for place in places:
        for found in sorted(Path("/").glob(f"{place.lstrip('/')}/{name}"), reverse=True):
            return str(found)
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if path is None:
        raise Missing(f"{name} is not installed; apt-get install {package}")
    return path


class Part(ABC):
    """A program that runs in a folder of its own until it is stopped."""

    name: str

    def __init__(self, folder: Path) -> None:
        self.folder = folder / self.name
        self.folder.mkdir()
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def command(self) -> Sequence[str]:
        """How it is run in the foreground."""

    def answers(self) -> bool:
        """Whether it does its work; as far as is known here, whether it listens."""
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    def options(self) -> dict[str, Any]:
        """More for the process, as `subprocess.Popen` takes it."""
        return {}

    def start(self) -> None:
        """Run it, and return when it answers."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **self.options(),
            )
        wait_until(self.answers, f"{self.name} to answer", self._fail_if_ended)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Send it that signal, and return when it has ended, with all that it started."""
        if self.process is None:
            return
        self.process.send_signal(how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_S)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def _fail_if_ended(self) -> None:
        if self.process is None or self.process.poll() is not None:
            end = (self.folder / "log").read_text(errors="replace")[-2000:]
            raise RuntimeError(f"{self.name} ended at its start:\n{end}")


def wait_until(
    condition: Callable[[], bool], what: str, each_time: Callable[[], None] = lambda: None
) -> None:
    """Look until it holds.

    Raises:
        TimeoutError: it did not within a minute.
    """
    limit = time.monotonic() + START_S
    while not condition():
        each_time()
        if time.monotonic() > limit:
            raise TimeoutError(f"waited {START_S:.0f} s for {what}")
        time.sleep(0.05)


class PostgreSQL(Part):
    """A cluster with one database. SIGINT lets nobody finish, SIGQUIT is a crash."""

    name = "postgresql"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._programs = Path(_program("initdb", "postgresql", POSTGRES_PLACES)).parent
        # The server refuses to run as root.
        self._user = {"user": "postgres"} if os.geteuid() == 0 else {}
        if self._user:
            os.chown(self.folder, pwd.getpwnam("postgres").pw_uid, -1)
        self._data = self.folder / "data"
        subprocess.run(
            [
                *(str(self._programs / "initdb"), "--pgdata", str(self._data)),
                *("--username", "backline", "--auth", "trust", "--encoding", "UTF8"),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self.folder,
            **self._user,
        )

    @property
    def url(self) -> str:
        return self.url_at(self.port)

    @staticmethod
    def url_at(port: int) -> str:
        """The database's URL by another port that leads there."""
        return f"postgresql://backline@127.0.0.1:{port}/postgres"

    def command(self) -> Sequence[str]:
        return [
            *(str(self._programs / "postgres"), "-D", str(self._data), "-p", str(self.port)),
            *("-k", str(self.folder), "-c", "listen_addresses=127.0.0.1"),
        ]

    def options(self) -> dict[str, Any]:
        return {"cwd": self.folder, **self._user}

    def answers(self) -> bool:
        try:
            psycopg2.connect(self.url, connect_timeout=2).close()
        except psycopg2.OperationalError:
            return False
        return True


class Redis(Part):
    """Keeps nothing: what it held is gone when it comes back."""

    name = "redis"

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> Sequence[str]:
        return [
            *(_program("redis-server", "redis-server"), "--port", str(self.port)),
            *("--bind", "127.0.0.1", "--save", "", "--appendonly", "no"),
            *("--dir", str(self.folder)),
        ]

    def answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url, socket_connect_timeout=1) as client:
                return bool(client.ping())
        except redis.exceptions.RedisError:
            return False


class RabbitMQ(Part):
    """One node with a name, a cookie and data of its own."""

    name = "rabbitmq"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        (self.folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self.port}\n", encoding="utf-8"
        )
        self._environment = {
            **os.environ,
            "HOME": str(self.folder),
            "RABBITMQ_NODENAME": f"backline{self.port}@localhost",
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.folder / "none.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_LOG_BASE": str(self.folder),
            "RABBITMQ_PID_FILE": str(self.folder / "pid"),
            # One scheduler does for a test, and leaves the processor to the others.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1",
        }

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}/"

    def command(self) -> Sequence[str]:
        return [_program("rabbitmq-server", "rabbitmq-server", RABBITMQ_PLACES)]

    def options(self) -> dict[str, Any]:
        return {"env": self._environment, "cwd": self.folder}

    def block_publishers(self) -> None:
        """Let it think that its disk is full: it takes no message any more."""
        self._control("set_disk_free_limit", "1000000GB")

    def let_publish(self) -> None:
        """Give it its disk back."""
        self._control("set_disk_free_limit", "1MB")

    def _control(self, *command: str) -> None:
        subprocess.run(
            [_program("rabbitmqctl", "rabbitmq-server", RABBITMQ_PLACES), *command],
            check=True,
            env=self._environment,
            stdout=subprocess.DEVNULL,
        )


class Nginx(Part):
    """In front of the servers, as in `deploy/`: the next one is asked where one is gone."""

    name = "nginx"

    def __init__(self, folder: Path, servers: Sequence[int]) -> None:
        super().__init__(folder)
        upstream = "\n".join(
            f"    server 127.0.0.1:{port} max_fails=1 fail_timeout=2s;" for port in servers
        )
        (self.folder / "nginx.conf").write_text(
            _NGINX.format(folder=self.folder, port=self.port, upstream=upstream), encoding="utf-8"
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def command(self) -> Sequence[str]:
        config = str(self.folder / "nginx.conf")
        return [_program("nginx", "nginx"), "-e", str(self.folder / "errors"), "-c", config]


_NGINX = """\
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/errors;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  map $http_upgrade $connection_upgrade {{ default upgrade; "" ""; }}
  upstream backline {{
{upstream}
    keepalive 16;
    keepalive_timeout 4s;
  }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://backline;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_connect_timeout 1s;
      proxy_read_timeout 20s;
      proxy_next_upstream error http_502 non_idempotent;
      proxy_next_upstream_tries 2;
    }}
  }}
}}
"""
