"""What is stored of messages, on both databases: order, once only, and nothing for longer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from backline.store import (
    DueMessage,
    InboundMessage,
    OutboundMessage,
    PendingMessage,
    Processed,
    Store,
    create_store,
    schema,
)
from backline.store.engine import create_engine

NOW = dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.timezone.utc)
SECOND = dt.timedelta(seconds=1)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = create_store(database_url)
    store.upgrade()
    yield store
    store.close()


def delivery(key: str, order: int | None = None, who: str = "ada") -> InboundMessage:
    return InboundMessage("telegram", key, who, "sealed address", f"body of {key}", order)


def hear(store: Store, *replies: OutboundMessage, who: str = "ada", **more: Any) -> Processed:
    (message,) = store.queues.load(who, NOW).pending
    return store.inbox.mark_processed(message, "telegram", "sealed address", replies, NOW, **more)


def pending(store: Store, now: dt.datetime = NOW) -> list[PendingMessage]:
    return store.queues.load("ada", now).pending


def due(store: Store, now: dt.datetime = NOW) -> list[DueMessage]:
    return store.queues.load("ada", now).due


def bodies(store: Store, now: dt.datetime = NOW) -> list[str]:
    return [message.body for message in due(store, now)]


def test_a_delivery_is_taken_once(store: Store) -> None:
    assert store.inbox.accept([delivery("1"), delivery("2")], NOW) == [delivery("1"), delivery("2")]
    assert store.inbox.accept([delivery("2"), delivery("3")], NOW) == [delivery("3")]
    assert [m.key for m in pending(store)] == ["1", "2", "3"]
    assert store.inbox.contains("telegram", "1")
    assert not store.inbox.contains("whatsapp", "1")


def test_messages_are_heard_in_the_services_order_whatever_came_first(store: Store) -> None:
    store.inbox.accept([delivery("late", 7)], NOW)
    store.inbox.accept([delivery("early", 5)], NOW)
    assert [m.key for m in pending(store)] == ["early", "late"]


def test_a_message_that_waits_for_another_try_is_not_overtaken(store: Store) -> None:
    store.inbox.accept([delivery("1"), delivery("2")], NOW)
    store.inbox.retry_later(pending(store)[0], NOW + 5 * SECOND)
    assert pending(store) == []
    assert [(m.key, m.attempts) for m in pending(store, NOW + 5 * SECOND)] == [
        ("1", 1),
        ("2", 0),
    ]


def test_once_heard_only_the_key_is_left(store: Store) -> None:
    store.inbox.accept([delivery("1")], NOW)
    hear(store, OutboundMessage("reply"))
    with store._transactions.reading() as session:
        row = session.execute(
            sa.text("SELECT key, conversation_id, body FROM received_messages")
        ).one()
    assert tuple(row) == ("1", None, None)
    assert store.inbox.accept([delivery("1")], NOW) == []


def test_replies_are_due_in_order_and_what_is_urgent_first(store: Store) -> None:
    store.inbox.accept([delivery("1")], NOW)
    hear(
        store, OutboundMessage("a"), OutboundMessage("b"), OutboundMessage("call 000", urgent=True)
    )
    assert bodies(store) == ["call 000", "a", "b"]


def test_what_waits_for_another_try_holds_up_the_rest_but_nothing_urgent(store: Store) -> None:
    store.inbox.accept([delivery("1")], NOW)
    hear(store, OutboundMessage("a"), OutboundMessage("b"))
    store.outbox.retry_later(due(store)[0], "429", NOW + 9 * SECOND, refused=True)
    assert bodies(store) == []
    store.outbox.add("ada", "telegram", [OutboundMessage("call 000", urgent=True)], NOW)
    assert bodies(store) == ["call 000"]
    assert bodies(store, now=NOW + 9 * SECOND) == ["call 000", "a", "b"]


def test_what_was_sent_keeps_no_text(store: Store) -> None:
    store.inbox.accept([delivery("1")], NOW)
    hear(store, OutboundMessage("a", slot="age"))
    store.outbox.mark_sent(due(store)[0], "17", NOW)
    assert bodies(store) == []
    (question,) = store.queues.load("ada", NOW).questions
    assert (question.slot, question.sent_at, question.service_id) == ("age", NOW, "17")
    with store._transactions.reading() as session:
        assert session.execute(sa.text("SELECT body FROM outgoing_messages")).scalar() is None


def test_whether_a_message_came_after_a_question_is_told_without_a_clock(store: Store) -> None:
    store.inbox.accept([delivery("1")], NOW)
    hear(store, OutboundMessage("how old are you?", slot="age"))
    (question,) = store.queues.load("ada", NOW).questions
    assert question.sent_after is None
    store.inbox.accept([delivery("2")], NOW)
    store.outbox.mark_sent(due(store)[0], "17", NOW + HOUR)
    store.inbox.accept([delivery("3")], NOW - HOUR)
    (question,) = store.queues.load("ada", NOW).questions
    before, after = pending(store)
    assert before.id <= question.sent_after < after.id


def test_a_question_that_is_sent_at_once_was_certainly_not_seen_before(store: Store) -> None:
    store.inbox.accept([delivery("1")], NOW)
    (message,) = hear(store, OutboundMessage("how old are you?", slot="age")).due
    assert message.never_taken
    store.outbox.mark_sent(message, "17", NOW)
    assert store.queues.load("ada", NOW).questions[0].certain


def test_a_question_whose_sender_may_have_died_may_have_been_seen(store: Store) -> None:
    store.inbox.accept([delivery("1")], NOW)
    hear(store, OutboundMessage("how old are you?", slot="age"))
    box = store.queues.load("ada", NOW)
    assert not box.due[0].never_taken
    assert not box.questions[0].certain
    store.outbox.mark_sent(box.due[0], "17", NOW, certain=False)
    assert not store.queues.load("ada", NOW).questions[0].certain


def test_a_question_that_the_service_refused_was_certainly_not_seen(store: Store) -> None:
    store.inbox.accept([delivery("1")], NOW)
    (message,) = hear(store, OutboundMessage("how old are you?", slot="age")).due
    store.outbox.retry_later(message, "429", NOW, refused=True)
    assert store.queues.load("ada", NOW).questions[0].certain


def test_what_is_written_while_a_question_is_on_its_way_may_be_for_it_or_not(store: Store) -> None:
    store.inbox.accept([delivery("1")], NOW)
    (message,) = hear(store, OutboundMessage("how old are you?", slot="age")).due
    store.inbox.accept([delivery("2")], NOW)
    store.outbox.mark_sent(message, "17", NOW)
    assert not store.queues.load("ada", NOW).questions[0].certain


def test_what_others_write_meanwhile_makes_no_difference(store: Store) -> None:
    store.inbox.accept([delivery("1")], NOW)
    (message,) = hear(store, OutboundMessage("how old are you?", slot="age")).due
    store.inbox.accept([delivery("2", who="bob")], NOW)
    store.outbox.mark_sent(message, "17", NOW)
    assert store.queues.load("ada", NOW).questions[0].certain


def test_a_question_whose_service_gave_no_answer_may_have_been_seen(store: Store) -> None:
    store.inbox.accept([delivery("1")], NOW)
    (message,) = hear(store, OutboundMessage("how old are you?", slot="age")).due
    store.outbox.retry_later(message, "no_answer", NOW, refused=False)
    box = store.queues.load("ada", NOW)
    assert not box.due[0].never_taken
    assert not box.questions[0].certain


def test_a_question_behind_one_that_waits_was_certainly_not_seen(store: Store) -> None:
    store.inbox.accept([delivery("1")], NOW)
    first, _ = hear(
        store, OutboundMessage("noted"), OutboundMessage("how old are you?", slot="age")
    ).due
    store.outbox.retry_later(first, "429", NOW + HOUR, refused=True)
    assert store.queues.load("ada", NOW).questions[0].certain


def test_an_erased_message_does_not_leave_its_place_to_the_next(store: Store) -> None:
    store.inbox.accept([delivery("1"), delivery("2", who="bob")], NOW)
    hear(store, OutboundMessage("how old are you?", slot="age"))
    store.outbox.mark_sent(due(store)[0], "17", NOW)
    store.erase("bob")
    store.inbox.accept([delivery("3")], NOW)
    (question,) = store.queues.load("ada", NOW).questions
    assert question.sent_after < pending(store)[0].id


def test_no_wrong_clock_puts_a_reply_off_for_long(store: Store) -> None:
    store.inbox.accept([delivery("1")], NOW)
    hear(store, OutboundMessage("a"))
    store.outbox.retry_later(due(store)[0], "429", NOW + HOUR, refused=True)
    assert bodies(store) == ["a"]
    assert store.queues.with_work("telegram", NOW) == ["ada"]


def test_what_is_held_goes_out_when_the_person_writes_again(store: Store) -> None:
    store.inbox.accept([delivery("1")], NOW)
    hear(store, OutboundMessage("a"))
    store.outbox.hold(due(store)[0], "window_closed")
    assert bodies(store, now=NOW + 99 * SECOND) == []
    assert [u.state for u in store.delivery_reports.undelivered()] == ["held"]
    store.inbox.accept([delivery("2")], NOW)
    assert bodies(store) == ["a"]


def test_what_is_given_up_is_kept_and_listed(store: Store) -> None:
    store.inbox.accept([delivery("1")], NOW)
    hear(store, OutboundMessage("call 000", urgent=True))
    store.outbox.mark_failed(due(store)[0], "403")
    (lost,) = store.delivery_reports.undelivered()
    assert (lost.state, lost.error, lost.urgent, lost.attempts) == ("failed", "403", True, 1)
    assert store.delivery_reports.counts("telegram") == {
        "unheard": 0,
        "waiting": 0,
        "held": 0,
        "failed": 1,
    }


def test_of_what_is_called_off_an_emergency_is_sent_all_the_same(store: Store) -> None:
    store.inbox.accept([delivery("1")], NOW)
    hear(store, OutboundMessage("a"), OutboundMessage("call 000", urgent=True))
    store.inbox.accept([delivery("stop")], NOW)
    heard = hear(store, OutboundMessage("stopped"), cancelled="opted_out")
    assert [message.body for message in heard.due] == ["call 000", "stopped"]
    assert [lost.error for lost in store.delivery_reports.undelivered()] == ["opted_out"]


def test_a_report_of_failure_counts_as_undelivered_even_if_it_came_first(store: Store) -> None:
    store.inbox.accept([delivery("1")], NOW)
    hear(store, OutboundMessage("a"))
    for _ in range(2):
        store.delivery_reports.record("telegram", [("17", "failed", "131026")], NOW)
    store.outbox.mark_sent(due(store)[0], "17", NOW)
    assert [(u.state, u.error) for u in store.delivery_reports.undelivered()] == [
        ("failed", "131026")
    ]


FINE = {"late": 0, "held": 0, "failed": 0}


def emergencies(store: Store, now: dt.datetime = NOW) -> dict[str, int]:
    return store.delivery_reports.undelivered_emergencies("telegram", now)


def test_an_emergency_message_is_late_after_half_a_minute(store: Store) -> None:
    store.inbox.accept([delivery("1")], NOW)
    hear(store, OutboundMessage("urgent", urgent=True), OutboundMessage("not urgent"))
    assert emergencies(store) == FINE
    assert emergencies(store, NOW + 31 * SECOND) == {**FINE, "late": 1}


def test_an_emergency_message_that_is_held_is_told_until_it_goes_out(store: Store) -> None:
    store.inbox.accept([delivery("1")], NOW)
    (message,) = hear(store, OutboundMessage("urgent", urgent=True)).due
    store.outbox.hold(message, "window_closed")
    assert emergencies(store) == {**FINE, "held": 1}


def test_an_emergency_message_that_was_given_up_is_told_for_a_day(store: Store) -> None:
    store.inbox.accept([delivery("1")], NOW)
    (message,) = hear(store, OutboundMessage("urgent", urgent=True)).due
    store.outbox.mark_failed(message, "403")
    assert emergencies(store, NOW + 23 * HOUR) == {**FINE, "failed": 1}
    assert emergencies(store, NOW + 25 * HOUR) == FINE


def test_an_emergency_message_that_is_reported_as_failed_is_told_for_a_day(store: Store) -> None:
    store.inbox.accept([delivery("1")], NOW)
    (message,) = hear(store, OutboundMessage("urgent", urgent=True)).due
    store.outbox.mark_sent(message, "their-id", NOW)
    assert emergencies(store) == FINE
    store.delivery_reports.record("telegram", [("their-id", "failed", "131026")], NOW)
    assert emergencies(store, NOW + 23 * HOUR) == {**FINE, "failed": 1}
    assert emergencies(store, NOW + 25 * HOUR) == FINE


def test_controls_are_told_once(store: Store) -> None:
    store.inbox.accept([delivery("1")], NOW)
    hear(store, OutboundMessage("a", controls=True))
    store.inbox.accept([delivery("2")], NOW)
    assert hear(store, used_up=True).controls == []
    store.outbox.mark_sent(due(store)[0], "17", NOW)
    for key, told in (("3", ["17"]), ("4", [])):
        store.inbox.accept([delivery(key)], NOW)
        assert hear(store, used_up=True).controls == told


def test_what_is_pending_is_found_by_another_process(store: Store) -> None:
    store.inbox.accept([delivery("1", who="ada"), delivery("2", who="bob")], NOW)
    hear(store, OutboundMessage("a"), who="bob")
    assert store.queues.with_work("telegram", NOW) == ["bob"]
    later = NOW + 3 * SECOND
    assert store.queues.with_work("telegram", later) == ["ada", "bob"]
    assert store.queues.with_work("whatsapp", later) == []


def test_erasing_takes_everything_but_the_key(store: Store) -> None:
    store.inbox.accept([delivery("1")], NOW)
    hear(store, OutboundMessage("a"), contact={"opted_out_at": NOW})
    store.inbox.accept([delivery("2")], NOW)
    assert store.erase("ada")
    assert store.queues.load("ada", NOW).person is None
    assert pending(store) == []
    assert bodies(store) == []
    assert store.inbox.accept([delivery("1")], NOW) == []
    assert not store.erase("ada")


def test_ones_own_word_to_delete_leaves_what_was_written_after_it(store: Store) -> None:
    store.inbox.accept([delivery("delete my data"), delivery("help, my legs are numb")], NOW)
    store.erase("ada", unread=False)
    assert len(pending(store)) == 2


def test_who_has_been_silent_too_long_is_purged(store: Store) -> None:
    store.inbox.accept([delivery("1", who="ada")], NOW - dt.timedelta(days=91))
    store.inbox.accept([delivery("2", who="bob")], NOW)
    hear(store, OutboundMessage("a"), who="ada")
    hear(store, OutboundMessage("b"), who="bob")
    # Hearing is no sign of life of the person.
    assert store.purge(dt.timedelta(days=90), NOW) == 1
    assert store.queues.load("ada", NOW).person is None
    assert store.queues.load("bob", NOW).person is not None


def test_all_that_is_sealed_can_be_sealed_anew(store: Store) -> None:
    store.inbox.accept([delivery("1")], NOW)
    hear(store, OutboundMessage("a"))
    store.inbox.accept([delivery("2")], NOW)
    assert store.queues.rotate(lambda sealed: f"new {sealed}") == 3
    assert bodies(store) == ["new a"]
    assert pending(store)[0].body == "new body of 2"
    person = store.queues.load("ada", NOW).person
    assert person is not None
    assert person.address == "new sealed address"


def test_what_a_clock_an_hour_ahead_left_does_not_wait_for_that_hour(store: Store) -> None:
    store.inbox.accept([delivery("1")], NOW + HOUR)
    assert store.queues.with_work("telegram", NOW) == ["ada"]
    (message,) = store.queues.load("ada", NOW).pending
    store.inbox.retry_later(message, NOW + HOUR)
    (message,) = store.queues.load("ada", NOW).pending
    store.inbox.mark_processed(
        message, "telegram", "sealed address", [OutboundMessage("a reply")], NOW + HOUR
    )
    assert store.queues.with_work("telegram", NOW) == ["ada"]
    assert [due.body for due in store.queues.load("ada", NOW).due] == ["a reply"]


def test_a_message_that_is_put_off_waits(store: Store) -> None:
    store.inbox.accept([delivery("1")], NOW)
    (message,) = store.queues.load("ada", NOW).pending
    store.inbox.retry_later(message, NOW + 5 * SECOND)
    assert store.queues.load("ada", NOW + SECOND).pending == []
    assert len(store.queues.load("ada", NOW + 6 * SECOND).pending) == 1


# ---- Beside a server of the version before, which tells all of it by the error ------------------


def old_version(store: Store, changes: str) -> None:
    """Change what goes out as the version before does, which knows none of the new columns."""
    with store._transactions.writing() as session:
        session.execute(sa.text(f"UPDATE outgoing_messages SET {changes}"))  # noqa: S608


def asked(store: Store) -> DueMessage:
    """A question that is to be sent."""
    store.inbox.accept([delivery("1")], NOW)
    (message,) = hear(store, OutboundMessage("how old are you?", slot="age")).due
    return message


def is_certain(store: Store) -> bool:
    (question,) = store.queues.load("ada", NOW).questions
    return question.certain


@pytest.mark.parametrize(
    ("changes", "certain"),
    [
        ("attempts = 1, error = '429'", True),
        ("attempts = 1, error = 'ServerTimeoutError'", False),
        ("error = 'window_closed'", True),
        ("attempts = 0", False),
        ("state = 'sent', error = 'when_uncertain'", False),
        ("state = 'sent'", True),
    ],
)
def test_what_the_version_before_noted_of_a_question_counts(
    store: Store, changes: str, certain: bool
) -> None:
    asked(store)
    old_version(store, changes)
    assert is_certain(store) is certain


def test_a_try_of_the_version_before_after_a_refusal_makes_it_uncertain(store: Store) -> None:
    store.outbox.retry_later(asked(store), "429", NOW, refused=True)
    assert is_certain(store)
    old_version(store, "attempts = 2, error = 'ServerTimeoutError'")
    assert not is_certain(store)


def test_a_refusal_after_one_that_the_version_before_noted_leaves_it_certain(store: Store) -> None:
    asked(store)
    old_version(store, "attempts = 1, error = '429'")
    store.outbox.retry_later(due(store)[0], "500", NOW, refused=True)
    assert is_certain(store)


def test_a_refusal_after_a_try_without_an_answer_leaves_it_uncertain(store: Store) -> None:
    store.outbox.retry_later(asked(store), "ServerTimeoutError", NOW, refused=False)
    store.outbox.retry_later(due(store)[0], "429", NOW, refused=True)
    assert not is_certain(store)


def test_what_is_held_after_a_try_without_an_answer_stays_uncertain(store: Store) -> None:
    store.outbox.retry_later(asked(store), "ServerTimeoutError", NOW, refused=False)
    store.outbox.hold(due(store)[0], "131047")
    store.inbox.accept([delivery("2")], NOW)
    assert not is_certain(store)


@pytest.mark.parametrize(("certain", "error"), [(True, None), (False, "when_uncertain")])
def test_the_version_before_reads_what_is_certain_of_a_sent_message(
    store: Store, certain: bool, error: str | None
) -> None:
    store.outbox.mark_sent(asked(store), "17", NOW, certain)
    with store._transactions.reading() as session:
        kept = session.execute(sa.text("SELECT error FROM outgoing_messages")).scalar()
    assert kept == error


def test_what_is_certain_of_a_message_outlives_the_way_back_and_forth(
    store: Store, database_url: str
) -> None:
    store.outbox.retry_later(asked(store), "429", NOW, refused=True)
    engine = create_engine(database_url)
    schema.downgrade(engine, "0008")
    schema.upgrade(engine)
    engine.dispose()
    assert is_certain(store)
