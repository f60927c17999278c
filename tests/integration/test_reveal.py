"""Staff see the number of whom they have to call, and that they looked is kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from backline.cli.main import app
from backline.cli.reveal import RevealError, reveal
from backline.phone.dialogue.state import AnswerEffect, CallState, PendingConfirmation
from backline.phone.events import BotTurn
from backline.privacy import Privacy, Undecryptable, new_encryption_key, new_pseudonym_key
from backline.store import Audit, InboundMessage, Look, OutboundMessage, Store, create_store
from tests.conftest import ENCRYPTION_KEY

NOW = dt.datetime(2026, 11, 27, 9, 0, tzinfo=dt.timezone.utc)
NUMBER = "61491570156"
PSEUDONYM, KEY = new_pseudonym_key(), new_encryption_key()
PRIVACY = Privacy.by(PSEUDONYM, [KEY])
ALARM = PendingConfirmation(
    AnswerEffect("chest pain", 0.5), "I heard chest pain. Is that right?", alarm=True
)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = create_store(database_url)
    store.upgrade()
    yield store
    store.close()


def undelivered(store: Store, channel: str = "whatsapp", address: str = NUMBER) -> str:
    """Somebody to whom an emergency message could not be delivered; their reference."""
    reference = PRIVACY.pseudonymizer.conversation_of(channel, address)
    delivery = InboundMessage(
        channel,
        reference[:60],
        reference,
        PRIVACY.encryptor.encrypt(address),
        PRIVACY.encryptor.encrypt("hm"),
    )
    store.inbox.accept([delivery], NOW)
    store.outbox.add(
        reference, channel, [OutboundMessage(PRIVACY.encryptor.encrypt("call"), urgent=True)], NOW
    )
    store.outbox.mark_failed(store.queues.load(reference, NOW).due[0], "blocked")
    return reference


def broken_call(store: Store, *, danger: bool, hung_up: bool = True) -> str:
    reference = PRIVACY.pseudonymizer.conversation_of("phone", f"call-{danger}")
    talk = CallState(pending=ALARM if danger else None)
    state = {"talk": talk.to_json(), "turn": BotTurn(1, ()).to_json()}
    store.calls.begin(
        reference, "twilio", None, state, NOW, PRIVACY.encryptor.encrypt(f"+{NUMBER}")
    )
    if hung_up:
        store.calls.end(reference, None, None, call_back=danger)
    return reference


def show(store: Store, reference: str, by: str | None = "Robin") -> str:
    return reveal(store, PRIVACY, reference, by, NOW)


@pytest.mark.parametrize(
    ("channel", "address", "shown"),
    [
        ("whatsapp", NUMBER, f"+{NUMBER}"),
        ("twilio", f"whatsapp:+{NUMBER}", f"+{NUMBER}"),
        ("telegram", "5550100", "Telegram id 5550100 "),
    ],
)
def test_whom_a_message_did_not_reach_can_be_called(
    store: Store, channel: str, address: str, shown: str
) -> None:
    assert show(store, undelivered(store, channel, address)).startswith(shown)


def test_who_broke_off_at_a_danger_sign_can_be_called_back(store: Store) -> None:
    assert show(store, broken_call(store, danger=True)) == f"+{NUMBER}"


def test_that_somebody_looked_is_kept_without_number_and_reference(store: Store) -> None:
    reference = undelivered(store)
    show(store, reference)
    (look,) = store.audit.all()
    assert (look.at, look.action, look.why) == (NOW, "number_shown", "backline reveal")
    assert look.who.startswith("Robin (as ")
    assert NUMBER not in repr(look)
    assert reference not in repr(look)


def test_nothing_is_shown_that_is_not_kept(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    reference = undelivered(store)

    def refuse(_self: Audit, _look: Look) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Audit, "add", refuse)
    with pytest.raises(OSError, match="disk full"):
        show(store, reference)


@pytest.mark.parametrize("change", ["UPDATE audit SET who = 'nobody'", "DELETE FROM audit"])
def test_what_is_kept_of_looks_cannot_be_changed(
    store: Store, database_url: str, change: str
) -> None:
    show(store, undelivered(store))
    engine = sa.create_engine(database_url, future=True)
    with pytest.raises(sa.exc.DBAPIError, match="only added to"), engine.begin() as connection:
        connection.exec_driver_sql(change)
    engine.dispose()
    assert len(store.audit.all()) == 1


def test_it_outlives_who_is_erased_and_what_was_shown_does_not(store: Store) -> None:
    for reference in (undelivered(store), broken_call(store, danger=True)):
        show(store, reference)
        assert store.erase(reference)
        with pytest.raises(RevealError):
            show(store, reference)
    assert len(store.audit.all()) == 2


@pytest.mark.parametrize("reference", ["nobody", "", "phone-x", f"+{NUMBER}"])
def test_of_who_need_not_be_called_nothing_is_shown_or_kept(store: Store, reference: str) -> None:
    undelivered(store)
    with pytest.raises(RevealError, match="nobody has to be called"):
        show(store, reference)
    assert store.audit.all() == []


def test_a_delivered_conversations_number_stays_sealed(store: Store) -> None:
    reference = PRIVACY.pseudonymizer.conversation_of("whatsapp", NUMBER)
    sealed = PRIVACY.encryptor.encrypt(NUMBER)
    store.inbox.accept([InboundMessage("whatsapp", "1", reference, sealed, sealed)], NOW)
    with pytest.raises(RevealError):
        show(store, reference)


def test_a_call_without_a_danger_sign_leaves_no_number(store: Store) -> None:
    reference = broken_call(store, danger=False)
    assert store.calls.number_of(reference) is None
    with pytest.raises(RevealError):
        show(store, reference)


def test_a_finished_call_leaves_no_number(store: Store) -> None:
    reference = broken_call(store, danger=True, hung_up=False)
    assert store.calls.number_of(reference) is not None
    store.calls.go_on(reference, 2, {}, [], "finished", NOW)
    assert store.calls.number_of(reference) is None


def test_a_number_that_no_key_opens_is_told_and_not_noted_as_seen(store: Store) -> None:
    reference = undelivered(store)
    other = Privacy.by(PSEUDONYM, [new_encryption_key()])
    with pytest.raises(Undecryptable):
        reveal(store, other, reference, "Robin", NOW)
    assert store.audit.all() == []


def test_a_callers_number_is_sealed_anew_with_new_keys(store: Store) -> None:
    reference = broken_call(store, danger=True)
    new = new_encryption_key()
    assert store.calls.rotate(Privacy.by(PSEUDONYM, [new, KEY]).encryptor.rotate) == 1
    assert reveal(store, Privacy.by(PSEUDONYM, [new]), reference, None, NOW) == f"+{NUMBER}"


def test_the_command_prints_the_number_and_the_other_who_looked(
    store: Store, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("BACKLINE_PSEUDONYM_KEY", PSEUDONYM)
    # The database's own key, too: a command stops where it is not there.
    monkeypatch.setenv("BACKLINE_ENCRYPTION_KEYS", f"{KEY},{ENCRYPTION_KEY}")
    reference = undelivered(store)
    done = CliRunner().invoke(app, ["reveal", reference, "--by", "Robin"])
    assert (done.exit_code, done.output) == (0, f"+{NUMBER}\n")
    listed = CliRunner().invoke(app, ["audit"]).output
    assert "Robin (as " in listed
    assert NUMBER not in listed
    assert CliRunner().invoke(app, ["reveal", "nobody"]).exit_code == 1
