"""Who writes through a messaging service is called back, where the number is known by that one."""

from __future__ import annotations

from backline.clock import utcnow
from backline.store import By, WhomToCall, create_store
from tests.conftest import Server
from tests.messaging.person import Person
from tests.messaging.telegram import TelegramPerson


def to_call(server: Server) -> WhomToCall | None:
    """Whom the clinic is to call: the latest who asked."""
    store = create_store(server.database_url)
    try:
        task = store.call_backs.waiting(99)[-1]
        return store.call_backs.show(task.conversation_id, By("Robin", "test", utcnow()))
    finally:
        store.close()


def test_a_number_that_is_written_is_called(person: Person, messaging_server: Server) -> None:
    person.say("sore back")
    heard = person.say("I want to talk to a person")
    assert any("Shall the clinic call you" in message.text for message in heard)
    heard = person.say("Tom 0400 123 456")
    assert any("ends in 456" in message.text for message in heard)
    assert to_call(messaging_server) == WhomToCall("Tom", "+61400123456")


def test_the_number_that_they_write_from_is_offered_and_called(
    person: Person, messaging_server: Server
) -> None:
    person.say("sore back")
    heard = person.say("can somebody ring me")
    offered = any("on this number" in message.text for message in heard)
    assert offered is not isinstance(person, TelegramPerson)
    if not offered:
        return
    heard = person.say("call me, my name is Tom")
    assert any("the number you write from" in message.text for message in heard)
    whom = to_call(messaging_server)
    assert whom is not None and whom.name == "Tom"
    assert whom.number == f"+{person.address.removeprefix('whatsapp:').removeprefix('+')}"
