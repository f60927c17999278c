"""Websites of clinics, each at an origin of its own, that carry the one line."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGE = """<!doctype html>
<html lang="{language}">
<head><meta charset="utf-8"><title>A clinic's website</title>{head}</head>
<body><h1>A clinic's website</h1><p><a href="/other">Another page</a></p>{body}</body>
</html>"""


@dataclass
class Website:
    """A running website.

    Attributes:
        head, body: what its pages hold; the line that shows the chat among it.
        policy: its Content-Security-Policy; empty for none.
    """

    head: str = ""
    body: str = ""
    policy: str = ""
    language: str = "en"
    server: ThreadingHTTPServer = field(init=False)

    def __post_init__(self) -> None:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                page = PAGE.format(head=site.head, body=site.body, language=site.language)
                found = self.path != "/favicon.ico"
                self.send_response(200 if found else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                if site.policy:
                    self.send_header("Content-Security-Policy", site.policy)
                self.end_headers()
                self.wfile.write(page.encode() if found else b"")

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
