"""Call-backs at the desk: on the list, the number on press, and done with a note."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from backline.desk import inbox
from backline.store import Store, create_store
from tests.desk.browser import Browser
from tests.desk.people import NOW, SPASM, VIOLENCE, add_person

NUMBER = "+61400123456"
SHOWN = "0400 123 456"
WORDS = "I am Tom, call me on 0400 123 456"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = create_store(f"sqlite:///{tmp_path / 'backline.db'}")
    made.upgrade()
    add_person(made, "tom", SPASM, words=(WORDS,))
    made.call_backs.ask("tom", "socketio", "Tom Smith", NUMBER, NOW)
    yield made
    made.close()


@pytest.fixture
def browser(store: Store) -> Browser:
    return Browser.signed_in(store)


def page_of(store: Store) -> str:
    return f"/desk/person/{store.cases.reference_of('tom')}"


def actions(store: Store) -> list[str]:
    return [look.action for look in store.audit.all()]


def test_who_waits_for_a_call_stands_on_the_list_without_name_and_number(
    store: Store, browser: Browser
) -> None:
    inbox = browser.get("/desk")
    assert f"{page_of(store)}#call-back" in inbox and "Asked to be called" in inbox
    assert "Tom" not in inbox and "456" not in inbox


def test_somebody_who_was_never_listed_can_be_opened_from_there(
    store: Store, browser: Browser
) -> None:
    store.call_backs.ask("new", "socketio", None, NUMBER, NOW)
    browser.get("/desk/inbox/rows")
    assert "Asked to be called" in browser.person(store, "new")


def test_call_backs_that_are_too_many_to_list_are_counted(
    store: Store, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "MOST_TASKS", 2)
    for number in range(3):
        assert "wait for a call" not in browser.get("/desk")
        store.call_backs.ask(f"new {number}", "socketio", None, NUMBER, NOW)
    assert "2 more wait for a call" in browser.get("/desk")


def test_the_list_changes_when_somebody_wants_a_call(store: Store, browser: Browser) -> None:
    version = browser.get("/desk").partition("version=")[2][:16]
    rows = f"/desk/inbox/rows?version={version}"
    browser.get(rows, status=204)
    store.call_backs.ask("new", "socketio", None, NUMBER, NOW)
    assert store.cases.reference_of("new") in browser.get(rows)


def test_the_number_is_shown_on_press_and_the_look_is_kept(store: Store, browser: Browser) -> None:
    page = browser.person(store, "tom")
    assert "Tom Smith" not in page and SHOWN not in page
    assert "number_shown" not in actions(store)
    shown = browser.send(f"{page_of(store)}/call-back/number", status=200)
    assert "Tom Smith" in shown and SHOWN in shown
    assert actions(store)[:2] == ["person_shown", "number_shown"]


def test_what_was_said_is_shown_without_the_digits_of_numbers(
    store: Store, browser: Browser
) -> None:
    assert "call me on •••• ••• •••" in browser.person(store, "tom")


def test_where_violence_was_told_whoever_calls_is_warned(store: Store, browser: Browser) -> None:
    assert "Somebody else may answer" not in browser.person(store, "tom")
    add_person(store, "vera", VIOLENCE)
    store.call_backs.ask("vera", "socketio", None, NUMBER, NOW)
    assert "Somebody else may answer" in browser.person(store, "vera")


def test_it_is_done_with_a_note_and_the_number_is_gone(store: Store, browser: Browser) -> None:
    browser.person(store, "tom")
    browser.send(f"{page_of(store)}/call-back/done", note="Comes on Monday.")
    page = browser.get(page_of(store))
    assert "Comes on Monday." in page and "Show name and number" not in page
    assert page_of(store) + "#call-back" not in browser.get("/desk")
    assert "call_back_done" in actions(store)


@pytest.mark.parametrize("note", ["", "  ", "x" * 2001])
def test_a_note_that_cannot_be_kept_stays_in_its_field(
    store: Store, browser: Browser, note: str
) -> None:
    browser.person(store, "tom")
    page = browser.send(f"{page_of(store)}/call-back/done", status=422, note=note)
    assert f">{note.strip()}</textarea>" in page
    assert store.call_backs.waits("tom")


def test_of_two_who_call_the_second_is_told_and_keeps_the_note(
    store: Store, browser: Browser
) -> None:
    browser.person(store, "tom")
    browser.send(f"{page_of(store)}/call-back/done", note="Comes on Monday.")
    page = browser.send(f"{page_of(store)}/call-back/done", status=409, note="No answer.")
    assert "Nobody is to be called here any more" in page and "No answer." in page
    page = browser.send(f"{page_of(store)}/call-back/number", status=409)
    assert SHOWN not in page


def test_what_is_written_into_a_name_is_text_alone(store: Store, browser: Browser) -> None:
    store.call_backs.ask("tom", "socketio", "<b>Tom</b>", NUMBER, NOW)
    browser.person(store, "tom")
    shown = browser.send(f"{page_of(store)}/call-back/number", status=200)
    assert "&lt;b&gt;Tom" in shown and "<b>Tom" not in shown
