"""How the page's files and the widget are served, and to whom."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest
import requests

from backline.web.embedding import lines_to_paste, versioned_name
from backline.web.files import load_assets
from tests.browser.stand_in import CLINIC, StandIn

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


@pytest.mark.parametrize("path", ["/", "/embed-test", "/static/site.js", "/static/site.css"])
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
        ("/static/site.js", "text/javascript; charset=utf-8"),
        ("/static/site.css", "text/css; charset=utf-8"),
        ("/static/favicon.svg", "image/svg+xml"),
    ],
)
def test_files_have_their_content_type(stand_in: StandIn, path: str, kind: str) -> None:
    assert requests.get(stand_in.url + path, timeout=10).headers["Content-Type"] == kind


def test_an_unchanged_file_is_not_sent_again(stand_in: StandIn) -> None:
    address = f"{stand_in.url}/static/site.css"
    etag = requests.get(address, timeout=10).headers["ETag"]
    again = requests.get(address, headers={"If-None-Match": f'"other", {etag}'}, timeout=10)
    assert (again.status_code, again.content) == (304, b"")


def test_head_tells_the_length_without_the_body(stand_in: StandIn) -> None:
    whole = requests.get(stand_in.url, headers={"Accept-Encoding": "identity"}, timeout=10)
    head = requests.head(stand_in.url, headers={"Accept-Encoding": "identity"}, timeout=10)
    assert head.status_code == 200
    assert head.headers["Content-Length"] == str(len(whole.content))


@pytest.mark.parametrize(
    "path", ["/static/none.js", "/static/..%2Fpages.py", "/static/%2e%2e/pages.py", "/static/"]
)
def test_nothing_else_can_be_read(stand_in: StandIn, path: str) -> None:
    assert requests.get(stand_in.url + path, timeout=10).status_code == 404


def test_the_clinic_is_told_by_the_widgets_configuration(stand_in: StandIn) -> None:
    config = requests.get(f"{stand_in.url}/widget/config", timeout=10).json()
    assert config["clinic_name"] == CLINIC.name
    assert config["phone"] == CLINIC.phone
    assert config["emergency_number"] == CLINIC.emergency_number
    assert config["language"] == "en"
    assert CLINIC.emergency_number in config["opening"]


def test_the_widget_is_kept_for_minutes_and_its_versioned_file_for_ever(stand_in: StandIn) -> None:
    newest = requests.get(f"{stand_in.url}/widget.js", timeout=10)
    assert newest.headers["Cache-Control"] == "public, max-age=600, stale-while-revalidate=86400"
    assert newest.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    name = versioned_name(load_assets()["widget.js"])
    versioned = requests.get(f"{stand_in.url}/{name}", timeout=10)
    assert versioned.content == newest.content
    assert versioned.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_the_widget_is_sent_compressed(stand_in: StandIn) -> None:
    address = f"{stand_in.url}/widget.js"
    compressed = requests.get(address, headers={"Accept-Encoding": "gzip"}, timeout=10)
    plain = requests.get(address, headers={"Accept-Encoding": "identity"}, timeout=10)
    assert compressed.content == plain.content
    assert int(compressed.headers["Content-Length"]) <= 45 * 1024
    assert "Content-Encoding" not in plain.headers


def test_the_line_to_paste_carries_the_scripts_integrity(stand_in: StandIn) -> None:
    plain, guarded = lines_to_paste("https://bot.clinic.example/")
    assert plain == '<script src="https://bot.clinic.example/widget.js" defer></script>'
    found = re.search(r'example(/widget\.\w+\.js)" integrity="sha384-([^"]+)"', guarded)
    assert found
    body = requests.get(stand_in.url + found[1], timeout=10).content
    assert base64.b64encode(hashlib.sha384(body).digest()).decode() == found[2]


SITE = "https://www.clinic.example"


def ask_as(
    stand_in: StandIn, origin: str, method: str = "GET", **headers: str
) -> requests.Response:
    return requests.request(
        method,
        f"{stand_in.url}/widget/config",
        headers={"Origin": origin, **headers},
        timeout=10,
    )


def test_a_listed_site_may_read_the_answers(stand_in: StandIn) -> None:
    stand_in.sites.append(SITE)
    answer = ask_as(stand_in, SITE)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == SITE
    assert "Origin" in answer.headers["Vary"]


def test_a_listed_site_may_post_json(stand_in: StandIn) -> None:
    stand_in.sites.append(SITE)
    wish = {"Access-Control-Request-Method": "POST"}
    preflight = ask_as(stand_in, SITE, "OPTIONS", **wish)
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == SITE
    assert "Content-Type" in preflight.headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", f"{SITE}.evil.example", "http://www.clinic.example"]
)
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_any_other_site_is_refused(stand_in: StandIn, origin: str, method: str) -> None:
    stand_in.sites.append(SITE)
    answer = ask_as(stand_in, origin, method, **{"Access-Control-Request-Method": "POST"})
    assert answer.status_code == 403
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_message_from_another_site_is_not_heard(stand_in: StandIn) -> None:
    answer = requests.post(
        f"{stand_in.url}/webhooks/rest/webhook",
        json={"sender": "x" * 40, "message": "my back hurts"},
        headers={"Origin": "https://evil.example"},
        timeout=10,
    )
    assert answer.status_code == 403
    assert stand_in.received == []
