"""Staff answer people on messaging services: by the outbox, in order, and the bot goes on after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from backline.store import By, StaffMember, Store, create_store
from backline.store.tables import Contact, OutgoingMessage
from tests.conftest import Server
from tests.desk.browser import add_member
from tests.messaging.conftest import Services
from tests.messaging.person import Person, nothing_comes, texts

BY = By("Robin (account-1)", "test", dt.datetime(2026, 11, 30, 9, tzinfo=dt.timezone.utc))
ASIDE = "she said it is a bit better when I walk"
DANGER = "I can't feel it when I wipe"
HERE = "A person of the clinic is here."


@pytest.fixture
def store(messaging_server: Server) -> Iterator[Store]:
    made = create_store(messaging_server.database_url)
    yield made
    made.close()


@pytest.fixture
def robin(store: Store) -> StaffMember:
    return add_member(store)


@pytest.fixture
def conversation(person: Person, services: Services, channel: str) -> str:
    """Somebody who agreed to storing, and is asked the first list."""
    person.say("my back hurts")
    person.answer_until("emergency_signs")
    return services.privacy.pseudonymizer.conversation_of(channel, person.address)


@pytest.fixture
def taken(store: Store, robin: StaffMember, conversation: str, person: Person) -> str:
    """Staff have taken the conversation over, and the person has been told."""
    before = len(person.screen)
    assert store.takeovers.take(conversation, robin.id, HERE, BY, None)
    person.read(before)
    assert texts(person)[before:] == [HERE]
    return conversation


def write(store: Store, robin: StaffMember, conversation: str, text: str) -> None:
    assert store.takeovers.write(conversation, robin.id, "Anna, from the clinic", text, text, BY)


def test_what_staff_write_comes_in_order_under_their_name(
    store: Store, robin: StaffMember, taken: str, person: Person
) -> None:
    before = len(person.screen)
    for text in ("One.", "Two.", "Three."):
        write(store, robin, taken, text)
    person.wait_for(lambda: len(person.screen) == before + 3, "three messages")
    shown = [text.replace("*", "") for text in texts(person)[before:]]
    assert [text.split("\n\n")[1] for text in shown] == ["One.", "Two.", "Three."]
    assert all("Anna, from the clinic:" in text for text in shown)
    # The person sees a message a moment before the sender has written down that it was sent.
    person.wait_for(
        lambda: [m.state for m in store.takeovers.messages(taken)] == ["sent"] * 4, "four sent"
    )


def test_what_the_person_writes_is_kept_and_not_answered(
    store: Store, taken: str, person: Person
) -> None:
    nothing_comes(person, person.write(ASIDE))
    assert store.takeovers.messages(taken)[-1].text == ASIDE


def test_an_emergency_is_met_at_once(
    store: Store, robin: StaffMember, taken: str, person: Person
) -> None:
    write(store, robin, taken, "How are you?")
    person.say(DANGER)
    assert person.outcome == "doctor_first/emergency"
    nothing_comes(person, person.write(ASIDE))


def test_handed_back_the_bot_asks_its_question_again(
    store: Store, robin: StaffMember, taken: str, person: Person
) -> None:
    write(store, robin, taken, "How are you?")
    before = len(person.screen)
    assert store.takeovers.hand_back(taken, robin.id, "The clinic: see you.", BY)
    person.wait_for(lambda: person.asked == "emergency_signs", "the question")
    person.read(before)
    assert any("The clinic: see you." in text for text in texts(person)[before:])
    person.say("none of these")
    assert person.asked not in (None, "emergency_signs")


def test_who_stops_messages_gets_none_of_staff(
    store: Store, robin: StaffMember, taken: str, person: Person
) -> None:
    person.say("stop")
    before = len(person.screen)
    write(store, robin, taken, "How are you?")
    person.wait_for(
        lambda: store.takeovers.messages(taken)[-1].state == "failed", "a refusal to send"
    )
    assert len(person.screen) == before


@pytest.mark.parametrize("channel", ["whatsapp", "twilio"])
def test_outside_the_window_it_waits_until_they_write_again(
    store: Store, robin: StaffMember, taken: str, person: Person
) -> None:
    earlier = dt.datetime.now(dt.timezone.utc) - dt.timedelta(hours=25)
    with store._engine.begin() as connection:
        mine = sa.update(Contact.__table__).where(Contact.conversation_id == taken)
        connection.execute(mine.values(last_message_at=earlier))
    write(store, robin, taken, "How are you?")
    person.wait_for(lambda: store.takeovers.messages(taken)[-1].state == "held", "it to be held")
    before = len(person.screen)
    person.deliver(person.write(ASIDE))
    person.wait_for(lambda: len(person.screen) == before + 1, "what was held")
    assert "How are you?" in texts(person)[-1]


def test_what_staff_write_is_sealed_until_it_is_sent_and_gone_then(
    store: Store, robin: StaffMember, taken: str, person: Person
) -> None:
    before = len(person.screen)
    write(store, robin, taken, "my very own words")
    person.wait_for(lambda: len(person.screen) > before, "the message")
    person.wait_for(person.is_at_rest, "an end")
    with store._engine.connect() as connection:
        kept = connection.execute(
            sa.select(OutgoingMessage.__table__).where(OutgoingMessage.conversation_id == taken)
        ).all()
        said = connection.execute(sa.text("SELECT text FROM takeover_messages")).all()
    assert "my very own words" not in f"{kept}{said}"
