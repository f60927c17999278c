"""Conversations in which staff answer: who has one, what is kept of it, and in which order."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from backline.clock import utcnow
from backline.store import Author, By, Filters, OutboundMessage, StaffMember, Store, create_store
from backline.store.consents import forgetting
from tests.desk.browser import add_member
from tests.desk.people import EMERGENCY, NOW, SPASM, add_person

BY = By("Robin (account-1)", "test", NOW)
LATER = NOW + dt.timedelta(minutes=30)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    made = create_store(database_url)
    made.upgrade()
    add_person(made, "ada", SPASM, channel="telegram")
    yield made
    made.close()


@pytest.fixture
def robin(store: Store) -> StaffMember:
    return add_member(store)


def take(store: Store, member: StaffMember, instead_of: int | None = None) -> bool:
    return store.takeovers.take("ada", member.id, "Somebody is here.", BY, instead_of)


def write(store: Store, member: StaffMember, text: str, form: str | None = None) -> bool:
    form = text if form is None else form
    return store.takeovers.write("ada", member.id, "A person", text, form, BY)


def said(store: Store) -> list[tuple[str, str]]:
    return [(one.author.value, one.text) for one in store.takeovers.messages("ada")]


def raw(store: Store, table: str) -> str:
    with store._engine.connect() as connection:
        everything = sa.select(sa.table(table, sa.column("*", is_literal=True)))
        return str(connection.execute(everything).all())


def test_what_is_said_stands_in_the_order_in_which_it_was_said(
    store: Store, robin: StaffMember
) -> None:
    assert take(store, robin)
    assert store.takeovers.keep("ada", "telegram", "Hello?", "m1")
    assert write(store, robin, "How are you?")
    assert store.takeovers.hand_back("ada", robin.id, "I go on.", BY)
    assert said(store) == [
        ("bot", "Somebody is here."),
        ("person", "Hello?"),
        ("staff", "How are you?"),
        ("bot", "I go on."),
    ]
    assert [one.asks_again for one in store.takeovers.messages("ada")] == [False] * 3 + [True]


def test_of_two_who_take_a_conversation_at_once_one_does(store: Store) -> None:
    members = [add_member(store) for _ in range(4)]
    won: list[bool] = []
    at_once = threading.Barrier(len(members))

    def try_it(member: StaffMember) -> None:
        at_once.wait()
        won.append(take(store, member))

    threads = [threading.Thread(target=try_it, args=(member,)) for member in members]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False, False, False, True]
    assert len(said(store)) == 1, "the person is told once"


def test_a_colleague_takes_it_from_who_has_it_and_from_nobody_else(store: Store) -> None:
    robin, kim, jo = (add_member(store) for _ in range(3))
    take(store, robin)
    assert not take(store, kim)
    assert take(store, kim, instead_of=robin.id)
    assert not take(store, jo, instead_of=robin.id), "Kim was faster"
    assert not write(store, robin, "still me")
    assert write(store, kim, "now me")


def test_what_is_sent_twice_is_said_once(store: Store, robin: StaffMember) -> None:
    take(store, robin)
    for _ in range(2):
        assert write(store, robin, "How are you?", form="one")
        assert store.takeovers.keep("ada", "telegram", "Fine", "m1")
    assert said(store)[1:] == [("staff", "How are you?"), ("person", "Fine")]


def test_other_words_from_the_same_form_are_another_message(
    store: Store, robin: StaffMember
) -> None:
    take(store, robin)
    assert write(store, robin, "Which leg is it?", form="f1")
    # The browser's "back" shows the form again, as it was.
    assert write(store, robin, "And does it tingle?", form="f1")
    assert said(store)[-2:] == [("staff", "Which leg is it?"), ("staff", "And does it tingle?")]


def test_nobody_hands_back_what_a_colleague_has_by_now(store: Store) -> None:
    robin, kim = add_member(store), add_member(store)
    take(store, robin)
    assert take(store, kim, instead_of=robin.id)
    assert not store.takeovers.hand_back("ada", robin.id, "I go on.", BY)
    now = store.takeovers.of("ada")
    assert now is not None
    assert now.taken_by == kim.id
    assert ("bot", "I go on.") not in said(store)


def test_the_latest_of_a_long_talk_are_read_in_their_order(
    store: Store, robin: StaffMember
) -> None:
    take(store, robin)
    for number in range(5):
        write(store, robin, f"word {number}")
    latest = store.takeovers.messages("ada", most=2)
    assert [one.text for one in latest] == ["word 3", "word 4"]


def test_what_is_written_once_it_was_handed_back_is_the_bots_to_answer(
    store: Store, robin: StaffMember
) -> None:
    take(store, robin)
    store.takeovers.hand_back("ada", robin.id, "I go on.", BY)
    assert not store.takeovers.keep("ada", "telegram", "Fine", "m1")
    assert not write(store, robin, "wait")
    assert not store.takeovers.hand_back("ada", robin.id, "again", BY)


def test_who_asked_is_told_when_nobody_came_and_only_once(store: Store) -> None:
    store.takeovers.ask("ada", "telegram", NOW)
    store.takeovers.ask("ada", "telegram", LATER)
    came = store.takeovers.nobody_came
    assert came(NOW - dt.timedelta(minutes=1), "Please call.", LATER) == 0
    assert came(NOW, "Please call.", LATER) == 1
    assert came(NOW, "Please call.", LATER) == 0
    assert said(store) == [("bot", "Please call.")]
    assert store.takeovers.of("ada") is None


def test_who_is_answered_is_not_told_that_nobody_came(store: Store, robin: StaffMember) -> None:
    store.takeovers.ask("ada", "telegram", NOW)
    take(store, robin)
    assert store.takeovers.nobody_came(LATER, "Please call.", LATER) == 0


def test_whom_staff_left_waiting_the_bot_takes_back_and_goes_on(
    store: Store, robin: StaffMember
) -> None:
    there = store.takeovers.nobody_is_there
    long_ago, now = utcnow() - dt.timedelta(minutes=9), utcnow() + dt.timedelta(minutes=9)
    take(store, robin)
    assert there(now, "They left.", now) == 0, "nobody waits for words"
    store.takeovers.keep("ada", "telegram", "Hello?", "m1")
    assert there(long_ago, "They left.", now) == 0, "not for long"
    write(store, robin, "Hello!")
    assert there(now, "They left.", now) == 0, "they are there"
    store.takeovers.keep("ada", "telegram", "Are you there?", "m2")
    assert there(now, "They left.", now) == 1
    assert there(now, "They left.", now) == 0
    last = store.takeovers.messages("ada")[-1]
    assert (last.text, last.asks_again) == ("They left.", True)
    assert store.takeovers.of("ada") is None


def test_each_message_goes_into_the_outbox_once(store: Store, robin: StaffMember) -> None:
    take(store, robin)
    write(store, robin, "How are you?")
    store.takeovers.keep("ada", "telegram", "Fine", "m1")
    assert store.takeovers.waiting_on("telegram") == ["ada"]
    carried = [(one.id, [OutboundMessage(one.text)]) for one in store.takeovers.to_pass_on("ada")]
    for _ in range(2):
        store.takeovers.pass_on("ada", "telegram", carried)
    due = store.queues.load("ada", NOW).due
    assert [message.body for message in due] == ["Somebody is here.", "How are you?"]
    assert store.takeovers.waiting_on("telegram") == []
    assert [one.state for one in store.takeovers.messages("ada")] == ["waiting", "waiting", None]


def test_an_emergency_that_staff_had_closed_stands_on_top_when_it_is_told_again(
    store: Store, robin: StaffMember
) -> None:
    add_person(store, "eve", EMERGENCY)
    (case,) = store.cases.page(robin.id, Filters(["emergency"]), 0, 9)
    store.cases.take(case, robin.id, BY)
    store.cases.close("eve", case.latest_assessment or 0, robin.id, "rang", BY)
    assert store.cases.count_alarms() == 0
    store.takeovers.bot_spoke("eve", asked=False, emergency=True)
    assert store.cases.count_alarms() == 1
    store.takeovers.bot_spoke("eve", asked=False, emergency=True)
    assert len(store.cases.assessments("eve")) == 2, "once for each time that it was closed"


def test_what_is_said_is_encrypted(store: Store, robin: StaffMember) -> None:
    take(store, robin)
    write(store, robin, "gave her my word")
    assert "gave her my word" not in raw(store, "takeover_messages")


def test_all_of_it_goes_with_the_person(store: Store, robin: StaffMember) -> None:
    take(store, robin)
    write(store, robin, "How are you?")
    store.erase("ada")
    assert (raw(store, "takeovers"), raw(store, "takeover_messages")) == ("[]", "[]")
    assert not write(store, robin, "Hello?")


def test_a_no_to_storing_takes_the_words_away(store: Store, robin: StaffMember) -> None:
    take(store, robin)
    with store._engine.begin() as connection:
        for statement in forgetting():
            connection.execute(sa.text(statement), {"sender_id": "ada"})
    assert said(store) == []


def test_what_staff_do_is_in_the_audit_log(store: Store, robin: StaffMember) -> None:
    take(store, robin)
    write(store, robin, "How are you?")
    store.takeovers.hand_back("ada", robin.id, "I go on.", BY)
    about = store.audit.about("ada")
    assert [look.action for look in store.audit.all() if look.about == about] == [
        "talk_handed_back",
        "talk_written",
        "talk_taken",
    ]
    assert store.audit.verify().broken is None


def test_an_id_is_never_given_again(store: Store, robin: StaffMember) -> None:
    take(store, robin)
    last = store.takeovers.messages("ada")[-1].id
    with store._engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM takeover_messages"))
    write(store, robin, "How are you?")
    assert [one.author for one in store.takeovers.news("ada", last)] == [Author.STAFF]
