"""What people said is unreadable without its key, in another place, or changed."""

from __future__ import annotations

import time

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from backline.store.cipher import FORMAT, Cipher, is_encrypted, keyed_hash
from backline.store.errors import Unreadable

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
TURN_OF_EVENTS = 20
PLACE = ("events.data", "ada")


@given(st.text())
def test_what_was_closed_is_opened(text: str) -> None:
    closed = Cipher([NEW]).encrypt(text, *PLACE)
    assert Cipher([NEW]).decrypt(closed, *PLACE) == text


@given(st.text(min_size=4))
def test_nothing_of_a_text_shows(text: str) -> None:
    assert text not in Cipher([NEW]).encrypt(text, *PLACE)


def test_the_same_text_never_looks_the_same() -> None:
    cipher = Cipher([NEW])
    assert cipher.encrypt("yes", *PLACE) != cipher.encrypt("yes", *PLACE)


def test_an_older_key_opens_and_the_newest_closes() -> None:
    before, after = Cipher([OLD]), Cipher([NEW, OLD])
    assert after.decrypt(before.encrypt("it aches", *PLACE), *PLACE) == "it aches"
    closed = after.encrypt("it aches", *PLACE)
    assert closed.startswith(after.newest_prefix)
    with pytest.raises(Unreadable):
        before.decrypt(closed, *PLACE)


def test_without_its_key_a_text_is_unreadable() -> None:
    closed = Cipher([OLD]).encrypt("it aches", *PLACE)
    with pytest.raises(Unreadable):
        Cipher([NEW]).decrypt(closed, *PLACE)


@pytest.mark.parametrize("place", [("events.data", "bob"), ("hearings.heard", "ada"), ()])
def test_moved_to_another_place_a_text_is_unreadable(place: tuple[str, ...]) -> None:
    cipher = Cipher([NEW])
    with pytest.raises(Unreadable):
        cipher.decrypt(cipher.encrypt("it aches", *PLACE), *place)


@given(st.integers(min_value=0), st.characters(min_codepoint=33, max_codepoint=126))
def test_a_changed_text_never_becomes_another(at: int, other: str) -> None:
    cipher = Cipher([NEW])
    closed = cipher.encrypt("it aches", *PLACE)
    at = len(FORMAT) + at % (len(closed) - len(FORMAT))
    try:
        opened = cipher.decrypt(closed[:at] + other + closed[at + 1 :], *PLACE)
    except Unreadable:
        return
    assert opened == "it aches"


def test_what_is_unreadable_is_not_quoted() -> None:
    closed = Cipher([OLD]).encrypt("it aches", *PLACE)
    with pytest.raises(Unreadable) as caught:
        Cipher([NEW]).decrypt(closed, *PLACE)
    assert caught.value.__cause__ is None
    assert closed not in str(caught.value)


@pytest.mark.parametrize("plain", ["", '{"event": "user", "text": "hi"}', "it aches"])
def test_what_was_never_encrypted_is_given_as_it_is(plain: str) -> None:
    assert not is_encrypted(plain)
    assert Cipher([NEW]).decrypt(plain, *PLACE) == plain


@pytest.mark.parametrize("keys", [[], ["short"], [NEW, "no key"], [NEW[:-1]]])
def test_what_is_no_key_is_refused(keys: list[str]) -> None:
    with pytest.raises(ValueError):
        Cipher(keys)


def test_a_hash_takes_its_key() -> None:
    assert keyed_hash(b"one", "ada") == keyed_hash(b"one", "ada")
    assert len({keyed_hash(b"one", "ada"), keyed_hash(b"two", "ada"), keyed_hash(b"one", "b")}) == 3


def test_a_turn_is_encrypted_well_within_a_millisecond() -> None:
    cipher, event = Cipher([NEW]), "x" * 3000

    def turn() -> float:
        begun = time.perf_counter()
        for _ in range(TURN_OF_EVENTS):
            cipher.encrypt(event, *PLACE)
        return time.perf_counter() - begun

    # The best of many: others may use the machine, too.
    assert min(turn() for _ in range(50)) < 0.001
