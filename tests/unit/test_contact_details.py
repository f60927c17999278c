"""The name and the number of somebody who wants to be called."""

from __future__ import annotations

import re
import time

import pytest

from backline.contact_details import as_dialled, hide_numbers, read_details

TOM = ("+61400123456", "Tom")


@pytest.mark.parametrize(
    ("text", "number", "name"),
    [
        ("My name is Tom, number 0400 123 456, please call me", *TOM),
        ("Tom 0400 123 456", *TOM),
        ("0400123456 Tom", *TOM),
        ("tom, 0400-123-456", "+61400123456", "tom"),
        ("I'm Tom, +61 400 123 456", *TOM),
        ("my name's Tom Smith and my number is 0400 123 456", "+61400123456", "Tom Smith"),
        ("yes please call me, Jo, (02) 9555 1234", "+61295551234", "Jo"),
        ("Anne-Marie O'Brien 02 9555 1234", "+61295551234", "Anne-Marie O'Brien"),
        ("please ring me on 0400 123 456", "+61400123456", None),
        ("i am worried, call me on 0400 123 456", "+61400123456", None),
        ("I am in pain since Monday. Ring me: 0400 123 456", "+61400123456", None),
        ("Rangi: +64 21 123 4567", "+64211234567", "Rangi"),
    ],
)
def test_a_number_is_read_with_the_name_beside_it(text: str, number: str, name: str | None) -> None:
    found = read_details(text, "AU")
    assert (found.number, found.name) == (number, name)


@pytest.mark.parametrize(
    "text",
    ["0400 123", "9555 1234", "call 13 11 14", "000", "since 2019", "7", "0412 345 67 is it"],
)
def test_what_nobody_has_as_a_number_is_none(text: str) -> None:
    assert read_details(text, "AU").number is None


def test_the_clinics_own_number_is_nobodys() -> None:
    assert read_details("I called 02 5550 0100", "AU", ["02 5550 0100"]).number is None


def test_digits_that_are_no_number_are_seen_as_a_try() -> None:
    assert read_details("my number is 0400 123 4", "AU").tried
    assert not read_details("7 out of 10 for 3 weeks", "AU").tried


def test_each_country_writes_its_own_numbers() -> None:
    assert read_details("(212) 555-0123", "US").number == "+12125550123"
    assert read_details("021 123 4567", "NZ").number == "+64211234567"


@pytest.mark.parametrize(
    ("text", "wishes"),
    [
        ("call me on 0400 123 456", True),
        ("my number's 0400 123 456", True),
        ("0400 123 456", False),
        ("the doctor gave me 0400 123 456", False),
        ("the hospital's number is 0400 123 456", False),
        ("I rang 0400 123 456, they said they call back", False),
        ("please arrange a callback, 0400 123 456", True),
    ],
)
def test_who_asks_for_a_call_beside_a_number_is_seen(text: str, wishes: bool) -> None:
    assert read_details(text, "AU").wishes is wishes


def test_a_long_message_is_read_in_its_beginning() -> None:
    found = read_details("x" * 100_000 + " 0400 123 456", "AU")
    assert found.number is None


def test_a_number_is_shown_as_it_is_dialled() -> None:
    assert as_dialled("+61400123456", "AU") == "0400 123 456"
    assert as_dialled("+61400123456", "GB") == "+61 400 123 456"
    assert as_dialled("Telegram id 4", "AU") == "Telegram id 4"


def test_digits_of_numbers_are_hidden_and_others_stay() -> None:
    text = "Tom, 0400 123 456, since 2019, 7 of 10"
    hidden = hide_numbers(text, "AU")
    assert hidden == "Tom, •••• ••• •••, since 2019, 7 of 10"
    assert len(hidden) == len(text)


def test_a_text_full_of_digits_shows_none_of_them_and_takes_no_time() -> None:
    text = "/12 １２３４５ 1234567 12345//" * 150
    begun = time.process_time()
    hidden = hide_numbers(text, "AU")
    assert time.process_time() - begun < 0.05
    assert not re.search(r"\d", hidden)
    assert len(hidden) == len(text)
