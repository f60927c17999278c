"""Streams of the desk: pages hear that something is new, whichever server it came by."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from unittest import mock

import pytest

from backline.clock import utcnow
from backline.desk import live
from backline.desk.streams import MOST_OF_ONE
from backline.desk.tokens import hash_of
from backline.desk.visits import Desk
from backline.store import By, Role, Store, StoreUnavailable, create_store
from tests.desk.browser import Browser, add_member, begin_session
from tests.desk.people import EMERGENCY, NOW, SPASM, URGENT, add_person, assessment, say
from tests.desk.serving import Stream, open_stream, served_desk, until

BY = By("Robin (account-1)", "test", NOW)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    made = create_store(database_url)
    made.upgrade()
    add_person(made, "ada", SPASM, words=("hello",))
    yield made
    made.close()


@pytest.fixture
def desk(store: Store) -> Iterator[Desk]:
    with served_desk(store) as desk:
        yield desk


@pytest.fixture
def token(store: Store) -> str:
    return begin_session(store, add_member(store), utcnow())


def opened(desk: Desk, token: str, path: str = "/desk/events") -> Stream:
    """A stream that has told what it tells at first."""
    stream = open_stream(desk, token, path)
    assert stream.answer.status_code == 200
    until(lambda: stream.count() == 1, "the first news")
    return stream


def person_path(store: Store, name: str) -> str:
    return f"/desk/person/{store.cases.reference_of(name)}/events"


def test_the_list_hears_of_everything_that_it_shows(store: Store, desk: Desk, token: str) -> None:
    store.cases.name(["ada"])
    member = add_member(store).id
    stream = opened(desk, token)

    def take() -> None:
        case = store.cases.find(store.cases.reference_of("ada"), member)
        assert case is not None
        assert store.cases.take(case, member, BY)

    happens = {
        "an emergency": lambda: add_person(store, "bob", EMERGENCY),
        "a message": lambda: say(store, "ada", "it still hurts", NOW),
        "a wish for a call": lambda: store.call_backs.ask("bob", "rest", "Bob", "+61", NOW),
        "a wish for a person": lambda: store.takeovers.ask("ada", "rest", NOW),
        "somebody taken in hand": take,
        "an erasure": lambda: store.erase("bob"),
    }
    for what, happen in happens.items():
        told = stream.count()
        happen()
        until(partial(stream.has_more_than, told), what)


def test_a_person_s_page_hears_of_this_person_alone(store: Store, desk: Desk, token: str) -> None:
    add_person(store, "bob", URGENT)
    store.cases.name(["ada", "bob"])
    stream = opened(desk, token, person_path(store, "ada"))
    of_all = opened(desk, token)
    say(store, "bob", "hello", NOW)
    until(lambda: of_all.count() > 1, "Bob's message in the list")
    say(store, "ada", "hello again", NOW)
    until(lambda: stream.count() > 1, "Ada's message on her page")
    assert stream.count() == 2


def test_what_comes_by_another_server_is_heard(
    store: Store, database_url: str, desk: Desk, token: str
) -> None:
    stream = opened(desk, token)
    other = create_store(database_url)
    add_person(other, "bob", EMERGENCY)
    until(lambda: stream.count() > 1, "what another server stored")
    other.close()


def test_a_browser_goes_on_at_another_server(store: Store, desk: Desk, token: str) -> None:
    opened(desk, token)
    with served_desk(store) as other:
        stream = opened(other, token)
        add_person(store, "bob", EMERGENCY)
        until(lambda: stream.count() > 1, "the news at the other server")


def test_a_stream_says_nothing_of_anybody(store: Store, desk: Desk, token: str) -> None:
    stream = opened(desk, token)
    add_person(store, "bob", EMERGENCY, words=("I can't feel it when I wipe",))
    until(lambda: stream.count() > 1, "the emergency")
    assert set(stream.events) == {"news"}


def test_a_session_that_ended_ends_its_stream(store: Store, desk: Desk, token: str) -> None:
    with mock.patch.object(live, "CHECK_EVERY_S", 0.0):
        stream = opened(desk, token)
        store.staff_sessions.end(hash_of(token))
        until(stream.ended.is_set, "the end of the stream")
    assert stream.count() == 2, "the page asks once more, and hears that it was signed out"


def test_who_was_signed_out_is_told_nothing_that_came_after(
    store: Store, desk: Desk, token: str
) -> None:
    stream = opened(desk, token)
    store.staff_sessions.end(hash_of(token))
    add_person(store, "bob", EMERGENCY)
    until(stream.ended.is_set, "the end of the stream")
    assert open_stream(desk, token).answer.status_code == 401


def test_a_closed_account_has_no_stream(store: Store, desk: Desk) -> None:
    member = add_member(store, Role.THERAPIST)
    stream = opened(desk, begin_session(store, member, utcnow()))
    store.staff.close(member.email, BY)
    add_person(store, "bob", EMERGENCY)
    until(stream.ended.is_set, "the end of the stream")
    assert stream.count() == 2


def test_a_stream_keeps_nobody_signed_in(store: Store, desk: Desk, token: str) -> None:
    with mock.patch.object(store.staff_sessions, "use", wraps=store.staff_sessions.use) as use:
        stream = opened(desk, token)
        add_person(store, "bob", EMERGENCY)
        until(lambda: stream.count() > 1, "the emergency")
    assert {call.kwargs["active"] for call in use.call_args_list} == {False}


def test_of_one_browser_there_are_a_few_streams_and_then_none(desk: Desk, token: str) -> None:
    streams = [opened(desk, token) for _ in range(MOST_OF_ONE)]
    refused = open_stream(desk, token).answer
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "60")
    # A browser that went away is noticed when something is sent to it.
    streams[0].answer.close()
    with mock.patch.object(live, "BEAT_EVERY_S", 0.1):
        until(lambda: desk.streams.has_room(token), "room for another one")


def test_a_stream_outlasts_a_database_that_is_away(store: Store, desk: Desk, token: str) -> None:
    stream = opened(desk, token)
    with mock.patch.object(store.changes, "_read", side_effect=StoreUnavailable("away")) as away:
        until(lambda: away.call_count > 2, "looks in vain")
    add_person(store, "bob", EMERGENCY)
    until(lambda: stream.count() > 1, "the news afterwards")


def test_a_stream_beats_while_nothing_happens(desk: Desk, token: str) -> None:
    with mock.patch.object(live, "BEAT_EVERY_S", 0.1):
        stream = opened(desk, token)
        until(lambda: stream.count("beat") > 2, "beats")


def test_a_proxy_is_told_to_hold_nothing_back(desk: Desk, token: str) -> None:
    headers = opened(desk, token).answer.headers
    assert headers["Content-Type"].startswith("text/event-stream")
    assert (headers["X-Accel-Buffering"], headers["Cache-Control"]) == ("no", "no-store")
    assert "script-src 'self'" in headers["Content-Security-Policy"]


def test_of_somebody_who_is_not_there_is_no_stream(desk: Desk, token: str) -> None:
    answer = open_stream(desk, token, "/desk/person/AAAAAAAAAA/events").answer
    assert answer.status_code == 204


def test_a_person_s_page_says_that_there_is_something_new(store: Store) -> None:
    browser = Browser.signed_in(store)
    page = browser.person(store, "ada")
    (address,) = [part for part in page.split('"') if "/news?version=" in part]
    assert browser.get(address, status=204) == ""
    store.record_assessment("ada", "socketio", assessment(EMERGENCY))
    assert "There is something new here" in browser.get(address)
