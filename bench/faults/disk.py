"""A disk that runs full."""

from __future__ import annotations

import errno
import resource
import subprocess
from abc import ABC, abstractmethod
from pathlib import Path

SIZE_MB = 16
PORTION = bytes(64 * 1024)
UNLIMITED = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


class Disk(ABC):
    """Where a server has its database.

    Attributes:
        folder: where its files are.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    @abstractmethod
    def fill(self, user: int) -> None:
        """Leave no room to the process of that id, which writes there."""

    @abstractmethod
    def make_room(self, user: int) -> None:
        """Give the room back."""

    def remove(self) -> None:  # noqa: B027 - not all have something to do
        """Let go of it, with all that it holds."""


class SmallDisk(Disk):
    """A file system of its own (tmpfs). Mounting it takes root's rights.

    Raises:
        PermissionError: it may not be mounted here.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "tmpfs", str(folder)]
        if subprocess.run(command, capture_output=True).returncode:
            folder.rmdir()
            raise PermissionError("a file system may not be mounted here")
        self._filling = folder / "filling"

    def fill(self, user: int) -> None:
        with self._filling.open("wb", buffering=0) as filling:
            for portion in (PORTION, b"\0"):
                try:
                    while True:
                        filling.write(portion)
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise

    def make_room(self, user: int) -> None:
        self._filling.unlink()

    def remove(self) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True)


class Quota(Disk):
    """The limit of the kernel to the size of a process's files; takes no rights.

    What is refused is told otherwise than by a full disk, and what a file has may be written anew.
    """

    def fill(self, user: int) -> None:
        largest = max(file.stat().st_size for file in self.folder.iterdir())
        resource.prlimit(user, resource.RLIMIT_FSIZE, (largest, UNLIMITED[1]))

    def make_room(self, user: int) -> None:
        resource.prlimit(user, resource.RLIMIT_FSIZE, UNLIMITED)


def disk(folder: Path) -> Disk:
    """The most real one that can be had here."""
    try:
        return SmallDisk(folder)
    except PermissionError:
        return Quota(folder)
