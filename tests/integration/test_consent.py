"""What is kept before consent, after a yes and after a no, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from backline.store import create_store
from backline.store.reencryption import EVENT_DATA
from tests.conftest import Server, start_server
from tests.plain import PLAIN
from tests.services import postgres_available, require_or_skip
from tests.talking import FIRST, Patient

OPENING = "Kunigunde here, since the harvest my back aches, eleven weeks, I take warfarin"
AFTERWARDS = "I forgot to say that I am Kunigunde of the mill and have osteoporosis"
DANGER = "Kunigunde again: I have no feeling between my legs"
NAMES = ("kunigunde", "harvest", "mill")
TELLING = (*NAMES, "warfarin", "osteoporosis", "numb", "saddle", "eleven")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("consent")
    if request.param == "sqlite":
        url = f"sqlite:///{folder / 'backline.db'}"
    else:
        from tests.conftest import postgres_database

        require_or_skip(postgres_available(), "PostgreSQL does not answer")
        database = postgres_database()
        url = database.__enter__()
        request.addfinalizer(lambda: database.__exit__(None, None, None))
    server = start_server(url, folder / "log")
    yield server
    server.stop()


class Talker(Patient):
    """A patient, and what is kept of what they say."""

    def __init__(self, server: Server) -> None:
        super().__init__(server.url)
        self._database = server.database_url

    def kept(self, query: str) -> list[tuple[Any, ...]]:
        engine = sa.create_engine(self._database, future=True)
        with engine.connect() as connection:
            found = connection.execute(sa.text(query), {"me": self.id})
            rows = [tuple(row) for row in found]
        engine.dispose()
        return rows

    @property
    def consents(self) -> list[tuple[Any, ...]]:
        query = "SELECT given, channel FROM consents WHERE conversation_id = :me ORDER BY id"
        return [(bool(given), channel) for given, channel in self.kept(query)]

    @property
    def record(self) -> str:
        """What is kept of what was said, decrypted."""
        rows = self.kept("SELECT data FROM events WHERE sender_id = :me ORDER BY id")
        field_encryption = create_store(self._database).field_encryption
        return " ".join(
            field_encryption.decrypt(row[0], *EVENT_DATA, self.id) for row in rows
        ).lower()

    @property
    def results(self) -> list[tuple[Any, ...]]:
        return self.kept("SELECT urgency FROM assessments WHERE conversation_id = :me ORDER BY id")


@pytest.fixture
def person(server: Server) -> Talker:
    return Talker(server)


def test_a_yes_is_kept_when_it_is_given(person: Talker) -> None:
    person.say(OPENING)
    assert person.consents == []
    person.say("yes")
    assert person.consents == [(True, "rest")]


def test_consent_tells_which_policy_and_which_wording_was_agreed_to(person: Talker) -> None:
    person.talk("sore back", "yes")
    ((version,),) = person.kept("SELECT text_version FROM consents WHERE conversation_id = :me")
    policy, wording = version.split("/")
    assert policy
    assert len(wording) == 12


def test_one_yes_is_kept_once_through_a_whole_triage(person: Talker) -> None:
    person.say("sore back")
    person.answer_all(PLAIN)
    assert person.consents == [(True, "rest")]


def test_a_no_is_kept_when_it_is_given_and_takes_with_it_what_was_written_before(
    person: Talker,
) -> None:
    person.talk(OPENING, "no thanks")
    assert person.consents == [(False, "rest")]
    assert [word for word in TELLING if word in person.record] == []


def test_nothing_that_is_written_after_a_no_is_kept(person: Talker) -> None:
    person.talk(OPENING, "no thanks", AFTERWARDS, "no", "how much is a massage?", AFTERWARDS)
    assert [word for word in TELLING if word in person.record] == []
    assert person.consents == [(False, "rest")]


def test_an_emergency_after_a_no_is_told_and_not_kept(person: Talker) -> None:
    person.talk(OPENING, "no thanks", DANGER)
    assert person.result is not None
    assert person.result["urgency"] == "emergency"
    assert [word for word in TELLING if word in person.record] == []
    assert person.results == []


def test_an_emergency_is_told_and_not_kept_while_consent_is_asked_for_again_after_a_no(
    person: Talker,
) -> None:
    person.talk(OPENING, "no thanks", AFTERWARDS)
    assert person.asked == "consent"
    person.say(DANGER)
    assert person.result is not None
    assert person.result["urgency"] == "emergency"
    assert [word for word in TELLING if word in person.record] == []
    assert person.results == []


def test_an_emergency_after_a_no_is_told_again_if_the_message_comes_again(person: Talker) -> None:
    person.talk(OPENING, "no thanks")
    told = person.say(DANGER, "danger")
    again = person.say(DANGER, "danger")
    assert [m.get("text") for m in again] == [m.get("text") for m in told]


def test_after_a_change_of_mind_what_is_told_from_then_on_is_kept(person: Talker) -> None:
    person.talk(OPENING, "no thanks", "yes")
    assert person.asked == "consent"
    person.say("yes")
    assert person.consents == [(False, "rest"), (True, "rest")]
    assert person.answer_all(PLAIN)["outcome"] == "massage"
    assert person.results == [("none",)]
    assert [word for word in NAMES if word in person.record] == []
    assert PLAIN["pain_duration"] in person.record


def test_messages_from_before_and_after_a_no_are_heard_once_all_the_same(person: Talker) -> None:
    person.say(OPENING, "opening")
    no = person.say("no thanks", "no")
    assert [m.get("text") for m in person.say("no thanks", "no")] == [m.get("text") for m in no]
    person.talk("yes", "yes")
    assert person.asked == FIRST
    person.say("no thanks", "no")
    person.say(OPENING, "opening")
    checked = "SELECT 1 FROM events WHERE sender_id = :me AND action_name = 'checked'"
    assert person.kept(checked) == []


def test_a_long_talk_before_a_no_is_taken_away_whole(person: Talker) -> None:
    person.talk(OPENING, *["how much is a massage?"] * 5)
    person.talk("no thanks")
    assert [word for word in TELLING if word in person.record] == []
    heard = person.kept("SELECT id FROM events WHERE sender_id = :me AND type_name = 'user'")
    assert len(heard) == 7


def test_deleting_after_a_no_leaves_nothing(person: Talker) -> None:
    person.talk(OPENING, "no thanks", "delete my data", "yes")
    assert person.consents == []
    assert person.record == ""


def test_the_files_of_sqlite_hold_no_word_from_before_or_after_a_no(tmp_path: Path) -> None:
    server = start_server(f"sqlite:///{tmp_path / 'backline.db'}", tmp_path / "log")
    person = Talker(server)
    person.talk(OPENING, "no thanks", AFTERWARDS, DANGER)
    server.stop()
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("backline.db*"))
    assert b"unigunde" not in kept
