"""What is stored of messages, on both databases: order, once only, and nothing for longer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from backline.store import Store, create_store
from backline.store.mail import Delivery, Draft, Heard, Mail
from backline.store.mailbox import Due, Received

NOW = dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.timezone.utc)
SECOND = dt.timedelta(seconds=1)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = create_store(database_url)
    store.upgrade()
    yield store
    store.close()


@pytest.fixture
def mail(store: Store) -> Mail:
    return store.mail


def delivery(key: str, order: int | None = None, who: str = "ada") -> Delivery:
    return Delivery("telegram", key, who, "sealed address", f"body of {key}", order)


def hear(mail: Mail, *drafts: Draft, who: str = "ada", **more: Any) -> Heard:
    (message,) = mail.look(who, NOW).unheard
    return mail.heard(message, "telegram", "sealed address", drafts, NOW, **more)


def unheard(mail: Mail, now: dt.datetime = NOW) -> list[Received]:
    return mail.look("ada", now).unheard


def due(mail: Mail, now: dt.datetime = NOW) -> list[Due]:
    return mail.look("ada", now).due


def bodies(mail: Mail, now: dt.datetime = NOW) -> list[str]:
    return [message.body for message in due(mail, now)]


def test_a_delivery_is_taken_once(mail: Mail) -> None:
    assert mail.accept([delivery("1"), delivery("2")], NOW) == [delivery("1"), delivery("2")]
    assert mail.accept([delivery("2"), delivery("3")], NOW) == [delivery("3")]
    assert [m.key for m in unheard(mail)] == ["1", "2", "3"]
    assert mail.knows("telegram", "1")
    assert not mail.knows("whatsapp", "1")


def test_messages_are_heard_in_the_services_order_whatever_came_first(mail: Mail) -> None:
    mail.accept([delivery("late", 7)], NOW)
    mail.accept([delivery("early", 5)], NOW)
    assert [m.key for m in unheard(mail)] == ["early", "late"]


def test_a_message_that_waits_for_another_try_is_not_overtaken(mail: Mail) -> None:
    mail.accept([delivery("1"), delivery("2")], NOW)
    mail.begin_again(unheard(mail)[0], NOW + 5 * SECOND)
    assert unheard(mail) == []
    assert [(m.key, m.attempts) for m in unheard(mail, NOW + 5 * SECOND)] == [
        ("1", 1),
        ("2", 0),
    ]


def test_once_heard_only_the_key_is_left(mail: Mail, store: Store) -> None:
    mail.accept([delivery("1")], NOW)
    hear(mail, Draft("reply"))
    with store._transactions.reading() as session:
        row = session.execute(
            sa.text("SELECT key, conversation_id, body FROM received_messages")
        ).one()
    assert tuple(row) == ("1", None, None)
    assert mail.accept([delivery("1")], NOW) == []


def test_replies_are_due_in_order_and_what_is_urgent_first(mail: Mail) -> None:
    mail.accept([delivery("1")], NOW)
    hear(mail, Draft("a"), Draft("b"), Draft("call 000", urgent=True))
    assert bodies(mail) == ["call 000", "a", "b"]


def test_what_waits_for_another_try_holds_up_the_rest_but_nothing_urgent(mail: Mail) -> None:
    mail.accept([delivery("1")], NOW)
    hear(mail, Draft("a"), Draft("b"))
    mail.later(due(mail)[0], "429", NOW + 9 * SECOND)
    assert bodies(mail) == []
    mail.say("ada", "telegram", [Draft("call 000", urgent=True)], NOW)
    assert bodies(mail) == ["call 000"]
    assert bodies(mail, now=NOW + 9 * SECOND) == ["call 000", "a", "b"]


def test_what_was_sent_keeps_no_text(mail: Mail, store: Store) -> None:
    mail.accept([delivery("1")], NOW)
    hear(mail, Draft("a", slot="age"))
    mail.sent(due(mail)[0], "17", NOW)
    assert bodies(mail) == []
    (question,) = mail.look("ada", NOW).questions
    assert (question.slot, question.sent_at, question.service_id) == ("age", NOW, "17")
    with store._transactions.reading() as session:
        assert session.execute(sa.text("SELECT body FROM outgoing_messages")).scalar() is None


def test_whether_a_message_came_after_a_question_is_told_without_a_clock(mail: Mail) -> None:
    mail.accept([delivery("1")], NOW)
    hear(mail, Draft("how old are you?", slot="age"))
    (question,) = mail.look("ada", NOW).questions
    assert question.sent_after is None
    mail.accept([delivery("2")], NOW)
    mail.sent(due(mail)[0], "17", NOW + HOUR)
    mail.accept([delivery("3")], NOW - HOUR)
    (question,) = mail.look("ada", NOW).questions
    before, after = unheard(mail)
    assert before.id <= question.sent_after < after.id


def test_a_question_that_is_sent_at_once_was_certainly_not_seen_before(mail: Mail) -> None:
    mail.accept([delivery("1")], NOW)
    (message,) = hear(mail, Draft("how old are you?", slot="age")).due
    assert message.unseen
    mail.sent(message, "17", NOW)
    assert mail.look("ada", NOW).questions[0].certain


def test_a_question_whose_sender_may_have_died_may_have_been_seen(mail: Mail) -> None:
    mail.accept([delivery("1")], NOW)
    hear(mail, Draft("how old are you?", slot="age"))
    box = mail.look("ada", NOW)
    assert not box.due[0].unseen
    assert not box.questions[0].certain
    mail.sent(box.due[0], "17", NOW, certain=False)
    assert not mail.look("ada", NOW).questions[0].certain


def test_a_question_that_the_service_refused_was_certainly_not_seen(mail: Mail) -> None:
    mail.accept([delivery("1")], NOW)
    (message,) = hear(mail, Draft("how old are you?", slot="age")).due
    mail.later(message, "429", NOW)
    assert mail.look("ada", NOW).questions[0].certain


def test_what_is_written_while_a_question_is_on_its_way_may_be_for_it_or_not(mail: Mail) -> None:
    mail.accept([delivery("1")], NOW)
    (message,) = hear(mail, Draft("how old are you?", slot="age")).due
    mail.accept([delivery("2")], NOW)
    mail.sent(message, "17", NOW)
    assert not mail.look("ada", NOW).questions[0].certain


def test_what_others_write_meanwhile_makes_no_difference(mail: Mail) -> None:
    mail.accept([delivery("1")], NOW)
    (message,) = hear(mail, Draft("how old are you?", slot="age")).due
    mail.accept([delivery("2", who="bob")], NOW)
    mail.sent(message, "17", NOW)
    assert mail.look("ada", NOW).questions[0].certain


def test_a_question_whose_service_gave_no_answer_may_have_been_seen(mail: Mail) -> None:
    mail.accept([delivery("1")], NOW)
    (message,) = hear(mail, Draft("how old are you?", slot="age")).due
    mail.later(message, "no_answer", NOW)
    box = mail.look("ada", NOW)
    assert not box.due[0].unseen
    assert not box.questions[0].certain


def test_a_question_behind_one_that_waits_was_certainly_not_seen(mail: Mail) -> None:
    mail.accept([delivery("1")], NOW)
    first, _ = hear(mail, Draft("noted"), Draft("how old are you?", slot="age")).due
    mail.later(first, "429", NOW + HOUR)
    assert mail.look("ada", NOW).questions[0].certain


def test_an_erased_message_does_not_leave_its_place_to_the_next(mail: Mail, store: Store) -> None:
    mail.accept([delivery("1"), delivery("2", who="bob")], NOW)
    hear(mail, Draft("how old are you?", slot="age"))
    mail.sent(due(mail)[0], "17", NOW)
    store.erase("bob")
    mail.accept([delivery("3")], NOW)
    (question,) = mail.look("ada", NOW).questions
    assert question.sent_after < unheard(mail)[0].id


def test_no_wrong_clock_puts_a_reply_off_for_long(mail: Mail) -> None:
    mail.accept([delivery("1")], NOW)
    hear(mail, Draft("a"))
    mail.later(due(mail)[0], "429", NOW + HOUR)
    assert bodies(mail) == ["a"]
    assert mail.pending("telegram", NOW) == ["ada"]


def test_what_is_held_goes_out_when_the_person_writes_again(mail: Mail) -> None:
    mail.accept([delivery("1")], NOW)
    hear(mail, Draft("a"))
    mail.hold(due(mail)[0], "window_closed")
    assert bodies(mail, now=NOW + 99 * SECOND) == []
    assert [u.state for u in mail.undelivered()] == ["held"]
    mail.accept([delivery("2")], NOW)
    assert bodies(mail) == ["a"]


def test_what_is_given_up_is_kept_and_listed(mail: Mail) -> None:
    mail.accept([delivery("1")], NOW)
    hear(mail, Draft("call 000", urgent=True))
    mail.give_up(due(mail)[0], "403")
    (lost,) = mail.undelivered()
    assert (lost.state, lost.error, lost.urgent, lost.attempts) == ("failed", "403", True, 1)
    assert mail.counts("telegram") == {"unheard": 0, "waiting": 0, "held": 0, "failed": 1}


def test_of_what_is_called_off_an_emergency_is_sent_all_the_same(mail: Mail) -> None:
    mail.accept([delivery("1")], NOW)
    hear(mail, Draft("a"), Draft("call 000", urgent=True))
    mail.accept([delivery("stop")], NOW)
    heard = hear(mail, Draft("stopped"), called_off="opted_out")
    assert [message.body for message in heard.due] == ["call 000", "stopped"]
    assert [lost.error for lost in mail.undelivered()] == ["opted_out"]


def test_a_report_of_failure_counts_as_undelivered_even_if_it_came_first(mail: Mail) -> None:
    mail.accept([delivery("1")], NOW)
    hear(mail, Draft("a"))
    for _ in range(2):
        mail.report("telegram", [("17", "failed", "131026")], NOW)
    mail.sent(due(mail)[0], "17", NOW)
    assert [(u.state, u.error) for u in mail.undelivered()] == [("failed", "131026")]


HOUR = 3600 * SECOND
FINE = {"late": 0, "held": 0, "failed": 0}


def emergencies(mail: Mail, now: dt.datetime = NOW) -> dict[str, int]:
    return mail.undelivered_emergencies("telegram", now)


def test_an_emergency_message_is_late_after_half_a_minute(mail: Mail) -> None:
    mail.accept([delivery("1")], NOW)
    hear(mail, Draft("urgent", urgent=True), Draft("not urgent"))
    assert emergencies(mail) == FINE
    assert emergencies(mail, NOW + 31 * SECOND) == {**FINE, "late": 1}


def test_an_emergency_message_that_is_held_is_told_until_it_goes_out(mail: Mail) -> None:
    mail.accept([delivery("1")], NOW)
    (message,) = hear(mail, Draft("urgent", urgent=True)).due
    mail.hold(message, "window_closed")
    assert emergencies(mail) == {**FINE, "held": 1}


def test_an_emergency_message_that_was_given_up_is_told_for_a_day(mail: Mail) -> None:
    mail.accept([delivery("1")], NOW)
    (message,) = hear(mail, Draft("urgent", urgent=True)).due
    mail.give_up(message, "403")
    assert emergencies(mail, NOW + 23 * HOUR) == {**FINE, "failed": 1}
    assert emergencies(mail, NOW + 25 * HOUR) == FINE


def test_an_emergency_message_that_is_reported_as_failed_is_told_for_a_day(mail: Mail) -> None:
    mail.accept([delivery("1")], NOW)
    (message,) = hear(mail, Draft("urgent", urgent=True)).due
    mail.sent(message, "their-id", NOW)
    assert emergencies(mail) == FINE
    mail.report("telegram", [("their-id", "failed", "131026")], NOW)
    assert emergencies(mail, NOW + 23 * HOUR) == {**FINE, "failed": 1}
    assert emergencies(mail, NOW + 25 * HOUR) == FINE


def test_controls_are_told_once(mail: Mail) -> None:
    mail.accept([delivery("1")], NOW)
    hear(mail, Draft("a", controls=True))
    mail.accept([delivery("2")], NOW)
    assert hear(mail, used_up=True).controls == []
    mail.sent(due(mail)[0], "17", NOW)
    for key, told in (("3", ["17"]), ("4", [])):
        mail.accept([delivery(key)], NOW)
        assert hear(mail, used_up=True).controls == told


def test_what_is_pending_is_found_by_another_process(mail: Mail) -> None:
    mail.accept([delivery("1", who="ada"), delivery("2", who="bob")], NOW)
    hear(mail, Draft("a"), who="bob")
    assert mail.pending("telegram", NOW) == ["bob"]
    later = NOW + 3 * SECOND
    assert mail.pending("telegram", later) == ["ada", "bob"]
    assert mail.pending("whatsapp", later) == []


def test_erasing_takes_everything_but_the_key(mail: Mail, store: Store) -> None:
    mail.accept([delivery("1")], NOW)
    hear(mail, Draft("a"), contact={"opted_out_at": NOW})
    mail.accept([delivery("2")], NOW)
    assert store.erase("ada")
    assert mail.look("ada", NOW).person is None
    assert unheard(mail) == []
    assert bodies(mail) == []
    assert mail.accept([delivery("1")], NOW) == []
    assert not store.erase("ada")


def test_ones_own_word_to_delete_leaves_what_was_written_after_it(mail: Mail, store: Store) -> None:
    mail.accept([delivery("delete my data"), delivery("help, my legs are numb")], NOW)
    store.erase("ada", unread=False)
    assert len(unheard(mail)) == 2


def test_who_has_been_silent_too_long_is_purged(mail: Mail, store: Store) -> None:
    mail.accept([delivery("1", who="ada")], NOW - dt.timedelta(days=91))
    mail.accept([delivery("2", who="bob")], NOW)
    hear(mail, Draft("a"), who="ada")
    hear(mail, Draft("b"), who="bob")
    # Hearing is no sign of life of the person.
    assert store.purge(dt.timedelta(days=90), NOW) == 1
    assert mail.look("ada", NOW).person is None
    assert mail.look("bob", NOW).person is not None


def test_all_that_is_sealed_can_be_sealed_anew(mail: Mail) -> None:
    mail.accept([delivery("1")], NOW)
    hear(mail, Draft("a"))
    mail.accept([delivery("2")], NOW)
    assert mail.seal_anew(lambda sealed: f"new {sealed}") == 3
    assert bodies(mail) == ["new a"]
    assert unheard(mail)[0].body == "new body of 2"
    person = mail.look("ada", NOW).person
    assert person is not None
    assert person.address == "new sealed address"


HOUR = dt.timedelta(hours=1)


def test_what_a_clock_an_hour_ahead_left_does_not_wait_for_that_hour(mail: Mail) -> None:
    mail.accept([delivery("1")], NOW + HOUR)
    assert mail.pending("telegram", NOW) == ["ada"]
    (message,) = mail.look("ada", NOW).unheard
    mail.begin_again(message, NOW + HOUR)
    (message,) = mail.look("ada", NOW).unheard
    mail.heard(message, "telegram", "sealed address", [Draft("a reply")], NOW + HOUR)
    assert mail.pending("telegram", NOW) == ["ada"]
    assert [due.body for due in mail.look("ada", NOW).due] == ["a reply"]


def test_a_message_that_is_put_off_waits(mail: Mail) -> None:
    mail.accept([delivery("1")], NOW)
    (message,) = mail.look("ada", NOW).unheard
    mail.begin_again(message, NOW + 5 * SECOND)
    assert mail.look("ada", NOW + SECOND).unheard == []
    assert len(mail.look("ada", NOW + 6 * SECOND).unheard) == 1
