"""nginx with the files of deploy/nginx, on a free port, in front of servers of a test."""

from __future__ import annotations

import shutil
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.conftest import PROJECT, free_port

HOW = "nginx is not installed; enable these tests with `apt-get install nginx`."


def program() -> str | None:
    """The path of nginx, or None."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/sbin")


class Nginx:
    """A running nginx.

    Attributes:
        url: where it answers.
        desk_url: where it answers for the clinic's desk.

    Args:
        desk: the port of the desk, where there is one.
    """

    def __init__(self, folder: Path, ports: list[int], desk: int = 1) -> None:
        self._folder = folder
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        shutil.copytree(PROJECT / "deploy" / "nginx", folder, dirs_exist_ok=True)
        # What a place changes, and where the container has its writable folder.
        servers = [f"server 127.0.0.1:{port} max_fails=2 fail_timeout=10s;" for port in ports]
        (folder / "servers.conf").write_text("\n".join(servers), encoding="utf-8")
        (folder / "listen.conf").write_text(f"listen 127.0.0.1:{self._port};", encoding="utf-8")
        desk_port = free_port()
        self.desk_url = f"http://localhost:{desk_port}"
        (folder / "desk-servers.conf").write_text(f"server 127.0.0.1:{desk};", encoding="utf-8")
        (folder / "desk-listen.conf").write_text(f"listen {desk_port};", encoding="utf-8")
        main = folder / "nginx.conf"
        text = main.read_text(encoding="utf-8").replace("/tmp/nginx", f"{folder}/nginx")  # noqa: S108
        # As root it would run its workers as somebody who may not write there.
        main.write_text(f"user root;\n{text}", encoding="utf-8")
        self._command = [str(program()), "-c", str(main)]
        self._process: subprocess.Popen[bytes] | None = None

    def check(self) -> str:
        """What `nginx -t` says of the files."""
        done = subprocess.run(
            [*self._command, "-t"], capture_output=True, text=True, check=False, timeout=30
        )
        return done.stderr

    @property
    def log(self) -> str:
        """All that it wrote."""
        return (self._folder / "log").read_text(encoding="utf-8")

    def start(self) -> None:
        """Run it until `stop`."""
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [*self._command, "-g", "daemon off;"], stdout=log, stderr=subprocess.STDOUT
            )
        for _ in range(100):
            try:
                urllib.request.urlopen(f"{self.url}/health/live", timeout=5)
                return
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.1)
        self.stop()
        raise AssertionError(f"nginx did not start:\n{self.log}")

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
