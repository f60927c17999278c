"""Servers that are killed: nothing is lost, and nothing is heard twice."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from backline.channels.messaging.messages import Incoming, Kind
from tests.conftest import Server, start_server
from tests.messaging.conftest import CHANNELS, Services
from tests.messaging.person import nothing_comes, slot_of, texts
from tests.messaging.telegram import TelegramPerson
from tests.plain import PLAIN
from tests.talking import FIRST

TO_THE_SIGNS = ("sore back", PLAIN["consent"], PLAIN[FIRST])
"""What is said until the first list is asked. A "none" heard twice answers two lists."""


@pytest.fixture
def mortal(services: Services, tmp_path: Path) -> Iterator[Callable[[], Server]]:
    """Starts a server on one database, again if it was killed."""
    running: list[Server] = []

    def start() -> Server:
        port = int(running[-1].url.rsplit(":", 1)[1]) if running else None
        server = start_server(
            f"sqlite:///{tmp_path / 'backline.db'}",
            tmp_path / "log",
            port=port,
            **services.environment,
        )
        running.append(server)
        services.databases[server.url] = server.database_url
        return server

    yield start
    running[-1].stop()


def kill(server: Server) -> None:
    server.process.kill()
    server.process.wait()


def once(said: list[str]) -> list[str]:
    """What was said, without what was said again at once."""
    return [text for text, _ in itertools.groupby(said)]


def undisturbed(services: Services, channel: str, server: Server, *said: str) -> list[str]:
    """What somebody gets who says the same while nothing breaks."""
    other = services.someone(channel, server.url)
    other.talk(*said)
    return texts(other)


def test_a_reply_under_way_when_its_server_is_killed_comes_twice_and_nothing_is_lost(
    services: Services, mortal: Callable[[], Server]
) -> None:
    """The service took it, and the server died before it could know."""
    server = mortal()
    people = {channel: services.someone(channel, server.url) for channel in CHANNELS}
    expected = {c: undisturbed(services, c, server, *TO_THE_SIGNS) for c in CHANNELS}
    answers = {}
    for channel, person in people.items():
        person.talk(*TO_THE_SIGNS[:-1])
        before = len(person.screen)
        person.service.unanswered.add(person.address)
        answers[channel] = person.write(TO_THE_SIGNS[-1])
        person.deliver(answers[channel])
        person.wait_for(lambda: len(person.screen) > before, "the reply")  # noqa: B023
    kill(server)
    mortal()
    for channel, person in people.items():
        person.wait_for(person.is_at_rest, "the rest of the reply")
        assert once(texts(person)) == expected[channel]
        assert len(person.screen) == len(expected[channel]) + 1
        # What they say then is heard once, and what was heard before is not heard again.
        person.say("none of these")
        assert person.asked == "danger_signs"
        nothing_comes(person, answers[channel])
        assert person.answer_all(PLAIN) == "massage/none"


def test_whenever_a_server_is_killed_each_message_is_heard_and_answered_in_order(
    services: Services, mortal: Callable[[], Server]
) -> None:
    """It may have heard nothing of it, all, or a part, and have sent the reply or not."""
    said = (*TO_THE_SIGNS, "none of these")
    server = mortal()
    people = {channel: services.someone(channel, server.url) for channel in CHANNELS}
    expected = {c: undisturbed(services, c, server, *said) for c in CHANNELS}
    for person in people.values():
        person.talk(*said[:-1])
    answers = {channel: person.write(said[-1]) for channel, person in people.items()}
    for channel, person in people.items():
        assert person.deliver(answers[channel]).status_code == 200
    kill(server)
    mortal()
    for channel, person in people.items():
        person.wait_for(person.is_at_rest, "the rest of the reply")
        assert once(texts(person)) == expected[channel]
        assert len(person.screen) - len(expected[channel]) in (0, 1)
        # The service did not see the 200 of a server that died, and delivers again.
        nothing_comes(person, answers[channel])
        assert person.answer_all(PLAIN) == "massage/none"


def test_a_message_that_was_heard_when_its_server_was_killed_is_not_heard_again(
    services: Services, mortal: Callable[[], Server]
) -> None:
    server = mortal()
    person = cast(TelegramPerson, services.someone("telegram", server.url))
    person.talk(*TO_THE_SIGNS)
    none = person.write("none of these")
    person.do(none)
    kill(server)
    undo_hearing(services, server, person, none)
    told_before = len(person.screen)
    mortal()
    person.read(told_before)
    assert person.screen[-1].text == person.screen[told_before - 1].text
    assert slot_of(person.screen[-1].text) == "danger_signs"
    assert person.answer_all(PLAIN) == "massage/none"


def undo_hearing(
    services: Services, server: Server, person: TelegramPerson, update: dict[str, Any]
) -> None:
    """Make it as if the server had died after Rasa's turn and before that was noted."""
    privacy = services.privacy
    number, message = update["update_id"], update["message"]["message_id"]
    key = f"update:{number}:{update['message']['date']}"
    text = update["message"]["text"]
    incoming = Incoming(f"update:{number}", person.address, Kind.TEXT, text, str(message), number)
    conversation = privacy.pseudonymizer.conversation_of("telegram", person.address)
    with sqlite3.connect(server.database_url.removeprefix("sqlite:///")) as connection:
        undone = connection.execute(
            "UPDATE received_messages SET body = ?, conversation_id = ? WHERE key = ?",
            (
                privacy.encryptor.encrypt(incoming.to_json()),
                conversation,
                privacy.pseudonymizer.digest("telegram", key),
            ),
        )
        assert undone.rowcount == 1
        connection.execute(
            "DELETE FROM outgoing_messages WHERE id = "
            "(SELECT max(id) FROM outgoing_messages WHERE conversation_id = ?)",
            (conversation,),
        )
