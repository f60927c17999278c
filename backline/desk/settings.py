"""Where staff reach the desk.

Environment: `BACKLINE_DESK_URL`.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from pydantic import Field, validator

from backline.environment import Environment

PORT = 5006
INVITATION = "/desk/invitation"
"""Where who was invited chooses a password."""
LOOPBACK = ("localhost", "127.0.0.1")


class DeskSettings(Environment):
    """Settings of the desk.

    Attributes:
        url: where staff reach it, without a path; https, but on this machine itself.
    """

    url: str = Field(f"http://localhost:{PORT}", env="BACKLINE_DESK_URL")

    @validator("url")
    def _an_origin(cls, given: str) -> str:
        url = given.strip().rstrip("/").lower()
        if not re.fullmatch(r"https?://[a-z0-9.-]+(:\d{1,5})?", url):
            raise ValueError(f"is written like https://desk.clinic.example; got {given!r}")
        if url.startswith("http://") and urlsplit(url).hostname not in LOOPBACK:
            raise ValueError("must start with https://, but for localhost: passwords go over it")
        return url

    @property
    def secure(self) -> bool:
        """Tell whether browsers reach it by TLS."""
        return self.url.startswith("https://")

    @property
    def host(self) -> str:
        """Give the host and port that browsers ask for."""
        return urlsplit(self.url).netloc
