"""After a restore nobody is signed in, and no link of the time of the backup opens an account."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

from backline.desk.browsers import IDLE
from backline.desk.tokens import hash_of
from backline.settings import load_settings
from backline.store import By, Client, Invitation, Scope, create_store
from backline.store.backup import back_up, restore
from tests.conftest import PROJECT
from tests.desk.browser import add_member, begin_session
from tests.desk.people import NOW


def test_sessions_links_and_tokens_of_the_time_of_the_backup_are_void(
    database_url: str, tmp_path: Path
) -> None:
    store = create_store(database_url)
    store.upgrade()
    token = begin_session(store, add_member(store), NOW)
    link = Invitation(hash_of("link"), NOW + dt.timedelta(days=3))
    invited = add_member(store)
    store.staff.invite(invited.email, link, By("test", "test", NOW))
    program, browser = hash_of("program"), hash_of("browser")
    by = By("test", "test", NOW)
    store.api_tokens.add("Records", program, list(Scope), NOW + dt.timedelta(days=9), by)
    store.staff.know_browser(invited.id, browser, NOW)
    clinic = tmp_path / "clinic.yml"
    shutil.copy(PROJECT / "clinic.yml", clinic)
    environment = {"DATABASE_URL": database_url, "BACKLINE_CLINIC": str(clinic)}
    settings = load_settings({**environment, "BACKLINE_MODELS": str(tmp_path / "models")})
    back_up(settings, tmp_path / "b.backup")
    assert store.staff_sessions.use(hash_of(token), NOW, IDLE, active=False) is not None
    store.close()

    restore(settings, tmp_path / "b.backup", overwrite=True)
    store = create_store(database_url)
    assert len(store.staff.all()) == 2
    assert store.staff_sessions.use(hash_of(token), NOW, IDLE, active=False) is None
    assert store.staff.invited(hash_of("link"), NOW) is None
    assert store.api_tokens.use(program, "test", NOW) is None
    # One that no browser is known by has the tries of a stranger.
    tries = [store.staff.begin_try(invited.email, Client("here", browser), NOW) for _ in range(6)]
    store.staff.begin_try(invited.email, Client("here"), NOW)
    assert tries[-1] is not None
    assert tries[-1].locked_until is not None
    store.close()
