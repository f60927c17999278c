"""Whom the clinic is to call: kept encrypted, shown once it is noted, and gone when it is done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from backline.phone.dialogue.state import AnswerEffect, CallState, PendingConfirmation
from backline.phone.events import BotTurn
from backline.privacy import Privacy, new_pseudonym_key
from backline.store import By, InboundMessage, OutboundMessage, Store, WhomToCall, create_store
from tests.conftest import ENCRYPTION_KEY
from tests.desk.browser import add_member
from tests.desk.people import EMERGENCY, NOW, SPASM, URGENT, add_person

NUMBER = "+61400123456"
PRIVACY = Privacy.by(new_pseudonym_key(), [ENCRYPTION_KEY])
BY = By("Robin", "test", NOW)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    made = create_store(database_url)
    made.upgrade()
    yield made
    made.close()


def raw(store: Store) -> str:
    with store._engine.connect() as connection:
        return str(connection.execute(sa.text("SELECT * FROM call_backs")).all())


def looks(store: Store) -> list[str]:
    return [look.action for look in store.audit.all()]


def contact(store: Store, conversation: str, channel: str, address: str) -> None:
    """Somebody who wrote through a messaging service, and got one message that waits."""
    sealed = PRIVACY.encryptor.encrypt
    delivery = InboundMessage(channel, conversation, conversation, sealed(address), sealed("hm"))
    store.inbox.accept([delivery], NOW)
    store.outbox.add(conversation, channel, [OutboundMessage(sealed("result"))], NOW)


def test_name_and_number_are_kept_encrypted_and_shown_with_a_look(store: Store) -> None:
    store.call_backs.ask("tom", "socketio", "Tom", NUMBER, NOW)
    assert "Tom" not in raw(store) and NUMBER not in raw(store)
    assert store.call_backs.show("tom", BY) == WhomToCall("Tom", NUMBER)
    assert looks(store) == ["number_shown"]
    assert store.audit.about("tom") == next(iter(store.audit.all())).about


def test_who_asks_again_is_called_once_by_what_they_gave_last(store: Store) -> None:
    store.call_backs.ask("tom", "socketio", "Tom", "+61291234567", NOW)
    store.call_backs.ask("tom", "socketio", None, NUMBER, NOW)
    assert [task.conversation_id for task in store.call_backs.waiting(9)] == ["tom"]
    assert store.call_backs.show("tom", BY) == WhomToCall("Tom", NUMBER)
    assert store.call_backs.add_name("tom", "Tom Smith")
    assert store.call_backs.show("tom", BY) == WhomToCall("Tom Smith", NUMBER)


def test_once_somebody_was_called_name_and_number_are_gone_and_the_note_stays(
    store: Store,
) -> None:
    member = add_member(store)
    store.call_backs.ask("tom", "socketio", "Tom", NUMBER, NOW)
    assert store.call_backs.finish("tom", member.id, "Comes on Monday.", BY)
    assert not store.call_backs.finish("tom", member.id, "Again.", BY)
    assert not store.call_backs.waits("tom")
    assert store.call_backs.show("tom", BY) is None
    (done,) = store.call_backs.of("tom")
    assert (done.done_by, done.note, done.reachable) == (member.name, "Comes on Monday.", False)
    assert "Monday" not in raw(store)
    assert looks(store)[0] == "call_back_done"
    # They may ask once more.
    store.call_backs.ask("tom", "socketio", "Tom", NUMBER, NOW)
    assert store.call_backs.waits("tom")


@pytest.mark.parametrize(
    ("channel", "address", "shown"),
    [
        ("whatsapp", "61400123456", NUMBER),
        ("twilio", f"whatsapp:{NUMBER}", NUMBER),
        ("telegram", "4711", "Telegram id 4711 (Telegram tells no number; write to them there)"),
    ],
)
def test_without_a_number_of_their_own_it_is_that_of_their_messages(
    store: Store, channel: str, address: str, shown: str
) -> None:
    contact(store, "tom", channel, address)
    store.call_backs.ask("tom", channel, "Tom", None, NOW)
    assert store.call_backs.show("tom", BY) == WhomToCall("Tom", shown)


@pytest.mark.parametrize(
    ("facts", "why"), [(EMERGENCY, ["undelivered"]), (URGENT, ["undelivered"]), (SPASM, [])]
)
def test_whom_a_result_in_danger_does_not_reach_is_to_be_called(
    store: Store, facts: dict[str, object], why: list[str]
) -> None:
    contact(store, "tom", "whatsapp", "61400123456")
    add_person(store, "tom", facts, channel="whatsapp")
    store.outbox.mark_failed(store.queues.load("tom", NOW).due[0], "blocked")
    assert [task.why for task in store.call_backs.waiting(9)] == why


def test_also_where_it_is_held_tried_in_vain_or_reported_later(store: Store) -> None:
    for who in ("held", "tried", "reported"):
        contact(store, who, "whatsapp", "61400123456")
        add_person(store, who, EMERGENCY, channel="whatsapp")
    store.outbox.hold(store.queues.load("held", NOW).due[0], "window_closed")
    for _ in range(3):
        assert not store.call_backs.waits("tried")
        store.outbox.retry_later(store.queues.load("tried", NOW).due[0], "500", NOW, refused=True)
    store.outbox.mark_sent(store.queues.load("reported", NOW).due[0], "wamid", NOW)
    assert not store.call_backs.waits("reported")
    store.delivery_reports.record("whatsapp", [("wamid", "failed", "131026")], NOW)
    waiting = {task.conversation_id for task in store.call_backs.waiting(9)}
    assert waiting == {"held", "tried", "reported"}


def broken_call(store: Store, *, danger: bool) -> str:
    alarm = PendingConfirmation(AnswerEffect("chest pain", 0.5), "Is that right?", alarm=True)
    talk = CallState(pending=alarm if danger else None)
    state = {"talk": talk.to_json(), "turn": BotTurn(1, ()).to_json()}
    reference = f"phone-{danger}"
    sealed = PRIVACY.encryptor.encrypt(NUMBER)
    store.calls.begin(reference, "twilio", None, state, NOW, sealed)
    store.calls.end(reference, None, None, call_back=danger)
    return reference


def test_a_call_that_broke_off_at_a_danger_sign_is_called_back_by_its_own_number(
    store: Store,
) -> None:
    broken_call(store, danger=False)
    danger = broken_call(store, danger=True)
    (task,) = store.call_backs.waiting(9)
    assert (task.conversation_id, task.why, task.reachable) == (danger, "broke_off", True)
    assert store.call_backs.show(danger, BY) == WhomToCall(None, NUMBER)
    assert store.call_backs.finish(danger, add_member(store).id, "Is at the hospital.", BY)
    assert store.calls.number_of(danger) is None


def test_erasing_and_retention_take_it_along(store: Store) -> None:
    for who in ("erased", "old"):
        store.call_backs.ask(who, "socketio", "Tom", NUMBER, NOW)
    store.erase("erased")
    assert [task.conversation_id for task in store.call_backs.waiting(9)] == ["old"]
    store.purge(dt.timedelta(days=1), NOW + dt.timedelta(days=2))
    assert raw(store) == "[]"


def test_a_new_key_takes_names_and_numbers_along(store: Store) -> None:
    store.call_backs.ask("tom", "socketio", "Tom", NUMBER, NOW)
    assert sum(store.reencryption.portions(anew=True)) == 0
    assert store.call_backs.show("tom", BY) == WhomToCall("Tom", NUMBER)
