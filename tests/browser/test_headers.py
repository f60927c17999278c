"""How the page's files are served."""

from __future__ import annotations

import pytest
import requests

from tests.browser.stand_in import CLINIC, StandIn

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


@pytest.mark.parametrize("path", ["/", "/static/chat.js", "/static/chat.css", "/page-config"])
def test_every_answer_carries_the_strict_headers(stand_in: StandIn, path: str) -> None:
    answer = requests.get(stand_in.url + path, timeout=10)
    assert answer.status_code == 200
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/static/chat.js", "text/javascript; charset=utf-8"),
        ("/static/chat.css", "text/css; charset=utf-8"),
        ("/static/favicon.svg", "image/svg+xml"),
    ],
)
def test_files_have_their_content_type(stand_in: StandIn, path: str, kind: str) -> None:
    assert requests.get(stand_in.url + path, timeout=10).headers["Content-Type"] == kind


def test_an_unchanged_file_is_not_sent_again(stand_in: StandIn) -> None:
    address = f"{stand_in.url}/static/chat.css"
    etag = requests.get(address, timeout=10).headers["ETag"]
    again = requests.get(address, headers={"If-None-Match": f'"other", {etag}'}, timeout=10)
    assert (again.status_code, again.content) == (304, b"")


def test_head_tells_the_length_without_the_body(stand_in: StandIn) -> None:
    whole = requests.get(stand_in.url, headers={"Accept-Encoding": "identity"}, timeout=10)
    head = requests.head(stand_in.url, timeout=10)
    assert head.status_code == 200
    assert head.headers["Content-Length"] == str(len(whole.content))


@pytest.mark.parametrize(
    "path", ["/static/none.js", "/static/..%2Fpages.py", "/static/%2e%2e/pages.py", "/static/"]
)
def test_nothing_else_can_be_read(stand_in: StandIn, path: str) -> None:
    assert requests.get(stand_in.url + path, timeout=10).status_code == 404


def test_the_clinic_is_told_by_page_config(stand_in: StandIn) -> None:
    config = requests.get(f"{stand_in.url}/page-config", timeout=10).json()
    assert config["clinic_name"] == CLINIC.name
    assert config["phone"] == CLINIC.phone
    assert config["emergency_number"] == CLINIC.emergency_number
    assert config["language"] == "en"
    assert CLINIC.name in config["title"]
    assert CLINIC.emergency_number in config["opening"]
