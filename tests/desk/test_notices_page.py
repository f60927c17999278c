"""The notices at the desk: what went out, and what did not."""

from __future__ import annotations

from pathlib import Path

from backline.store import create_store
from tests.desk.browser import Browser
from tests.desk.people import EMERGENCY, NOW, add_person

TARGET = "email desk@clinic.example"


def test_what_did_not_go_out_is_told_on_the_list_and_named_on_its_page(tmp_path: Path) -> None:
    store = create_store(f"sqlite:///{tmp_path / 'backline.db'}")
    store.upgrade()
    browser = Browser.signed_in(store)
    assert "There are none." in browser.get("/desk/notices")
    add_person(store, "e", EMERGENCY)
    store.notices.find(["U0b"], {"emergency": [TARGET]}, {"emergency": NOW}, NOW)
    (due,) = store.notices.take(9, NOW)
    assert "gone out" not in browser.get("/desk")
    store.notices.retry_later(due, "SMTP 550", NOW)
    assert "1 notice has not gone out" in browser.get("/desk")
    page = " ".join(browser.get("/desk/notices").split())
    assert TARGET in page and "Waits: SMTP 550, tried once" in page
    assert store.cases.reference_of("e") in page
    store.notices.mark_sent(due, NOW)
    assert "gone out" not in browser.get("/desk")
    assert "Sent" in browser.get("/desk/notices")
    store.close()
