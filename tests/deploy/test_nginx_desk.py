"""The clinic's desk behind nginx, with the files that deploy/nginx ships."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
import requests

from backline.clock import utcnow
from backline.desk.app import application, server_of
from backline.desk.settings import DeskSettings
from backline.desk.visits import Desk
from backline.desk.words import load_words
from backline.settings import load_settings
from backline.store import create_store
from tests.conftest import free_port
from tests.deploy.nginx import HOW, Nginx, program
from tests.desk.browser import QUICK, add_member, begin_session
from tests.services import require_or_skip


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[Nginx]:
    require_or_skip(program() is not None, HOW)
    store = create_store(f"sqlite:///{tmp_path / 'backline.db'}")
    store.upgrade()
    add_member(store)
    port = free_port()
    nginx = Nginx(tmp_path / "nginx", [1, 2], desk=port)
    settings = load_settings({"BACKLINE_PROXIES": "1"})
    own = DeskSettings(url=nginx.desk_url)
    desk = Desk(settings, own, store, load_words(settings), QUICK)
    server = server_of(application(desk), "127.0.0.1", port)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    nginx.start()
    yield nginx
    nginx.stop()
    server.should_exit = True
    thread.join(10)
    store.close()


@pytest.fixture
def token(nginx: Nginx, tmp_path: Path) -> str:
    """Of a browser in which somebody is signed in."""
    store = create_store(f"sqlite:///{tmp_path / 'backline.db'}")
    token = begin_session(store, add_member(store), utcnow())
    store.close()
    return token


def test_the_desk_has_a_server_of_its_own_and_the_chat_none_of_its_pages(nginx: Nginx) -> None:
    page = requests.get(f"{nginx.desk_url}/", timeout=10)
    assert "Sign in" in page.text and page.url.endswith("/desk/sign-in")
    for path in ("/webhooks/rest/webhook", "/metrics", "/health/live", "/deskx/../socket.io/"):
        assert requests.get(f"{nginx.desk_url}{path}", timeout=10).status_code == 404
    assert requests.get(f"{nginx.url}/desk/sign-in", timeout=10).status_code == 502


def test_many_sign_ins_of_one_client_are_refused_before_they_cost_the_desk_anything(
    nginx: Nginx,
) -> None:
    address = f"{nginx.desk_url}/desk/sign-in"
    answers = [requests.post(address, data={"a": "b"}, timeout=10) for _ in range(30)]
    assert [answer.status_code for answer in answers].count(429) >= 5
    assert requests.get(f"{nginx.desk_url}/desk/static/desk.css", timeout=10).status_code == 200


def test_a_stream_comes_through_nginx_event_by_event(nginx: Nginx, token: str) -> None:
    cookie = {"Cookie": f"desk={token}"}
    address = f"{nginx.desk_url}/desk/events"
    with requests.get(address, headers=cookie, stream=True, timeout=10) as answer:
        assert answer.status_code == 200
        lines = answer.iter_lines(chunk_size=1)
        # It has not ended: held back, nothing would come within the time.
        assert next(line for line in lines if line.startswith(b"event")) == b"event: news"


def test_no_reference_of_a_person_gets_into_the_log(nginx: Nginx) -> None:
    requests.get(f"{nginx.desk_url}/desk/person/ABCDEFGHIJ", timeout=10)
    assert "ABCDEFGHIJ" not in nginx.log
