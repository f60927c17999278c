"""Where somebody says that they are, and the numbers that help there."""

from __future__ import annotations

import pytest

from backline.countries import (
    ELSEWHERE,
    SETTINGS,
    Whereabouts,
    common_numbers,
    countries,
    dialled,
    numbers_there,
    whereabouts_in,
)
from backline.responses import clinic_words
from backline.settings import load_settings
from backline.yaml_text import read_words
from tests.conftest import PROJECT

CLINIC = load_settings().clinic
DATA = read_words(PROJECT / "data" / "countries.yml")


def there(text: str, *, in_emergency: bool = False) -> str | None:
    where = whereabouts_in(text, "AU", in_emergency=in_emergency)
    return where.code if where and where.sure else None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Which number in South Africa?", "ZA"),
        ("I am in Durban", "ZA"),
        ("000 it does not go through. I am in Cape Town!! Which number", "ZA"),
        ("I'm in Leeds love, it's 999 here", "GB"),
        ("which number do i ring in england?", "GB"),
        ("im in manchester not sydney lol", "GB"),
        ("we live near Galway", "IE"),
        ("And I am in Pune, what is this 1800 number", "IN"),
        ("Toronto", "CA"),
        ("South Africa!", "ZA"),
        ("it's Auckland", "NZ"),
        ("I am on holiday in Bali", "ID"),
        ("ambulance number Germany", "DE"),
    ],
)
def test_a_place_that_is_named_tells_the_country(text: str, code: str) -> None:
    assert there(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("sure. it's 911 here though", "US"),
        ("000? we dial 999 here", "GB"),
        ("nah surely not 000, its 111 here anyway", "NZ"),
        ("our number is 10177", "ZA"),
        ("over here the number is 995", "SG"),
    ],
)
def test_so_does_the_number_that_is_called_here(text: str, code: str) -> None:
    assert there(text) == code


@pytest.mark.parametrize(
    "text", ["ok. 911 i guess", "Which number's that, 911?", "my daughter says it is 911"]
)
def test_in_an_emergency_a_number_alone_may_tell_it(text: str) -> None:
    assert whereabouts_in(text, "AU") is None
    told = whereabouts_in(text, "AU", in_emergency=True)
    assert told == Whereabouts("US", sure=False, named=False)


@pytest.mark.parametrize(
    "text", ["is it 000 or 911, yes or no", "not 911 but the triple zero, 000", "000 then"]
)
def test_who_names_the_clinics_number_too_is_not_elsewhere(text: str) -> None:
    assert whereabouts_in(text, "AU", in_emergency=True) is None


@pytest.mark.parametrize("text", ["Australia. I done told you Sydney", "no I am in Sydney"])
def test_who_names_the_clinics_country_is_at_home(text: str) -> None:
    assert there(text, in_emergency=True) == "AU"


def test_a_health_line_of_that_number_is_not_taken_for_it() -> None:
    assert there("can I call 111 first?", in_emergency=True) is None


@pytest.mark.parametrize(
    "text",
    [
        "I flew back from Bali on Saturday",
        "I was in London last week when it began",
        "I had a fall in Spain",
        "I hurt it in a china shop",
        "call us back in an hour",
        "my uncle in Dublin had the same",
        "the pain is 9 out of 10",
        "I can reach 112 kg on the bench",
        "I hurt my back in Japan skiing",
        "It started in Bali two weeks ago",
        "I got the massage in Thailand",
        "My boss in London keeps calling",
        "my wife's in New Zealand with the kids",
        "my surgeon in Auckland fused it",
        "I'm in Wellington NSW",
        "I'm not from Australia",
        "we're not in Sydney but in Dubbo",
        "I live in Australia but I'm in Bali now",
        "we have 111 steps here",
        "it's 999 dollars here",
        "call an ambulance, my husband's from Ireland",
    ],
)
def test_what_only_names_a_place_or_a_number_tells_nothing_for_sure(text: str) -> None:
    assert there(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "I'm not in Australia",
        "we are overseas",
        "I am in another country",
        "I don't live in Australia",
    ],
)
def test_who_is_elsewhere_and_does_not_say_where_is_elsewhere(text: str) -> None:
    assert there(text) == ELSEWHERE


def test_where_somebody_comes_from_they_may_not_be() -> None:
    assert whereabouts_in("71, from Leeds", "AU") == Whereabouts("GB", sure=False)


def test_who_may_be_in_either_country_gets_both_numbers() -> None:
    told = numbers_there(Whereabouts("GB", sure=False), "AU", clinic_words(CLINIC))
    assert told["emergency_number"] == "000 (in the United Kingdom 999)"
    assert told["crisis_line"] == "13 11 14 (in the United Kingdom 116 123)"


def test_who_is_there_gets_no_number_of_the_clinics_country() -> None:
    told = numbers_there(Whereabouts("ZA"), "AU", clinic_words(CLINIC))
    assert told.keys() == set(SETTINGS.values())
    assert not set(told.values()) & set(clinic_words(CLINIC).values())


@pytest.mark.parametrize(
    ("code", "emergency", "crisis"),
    [
        ("AU", "000", "13 11 14"),
        ("GB", "999", "116 123"),
        ("IE", "112", "116 123"),
        ("US", "911", "988"),
        ("CA", "911", "988"),
        ("NZ", "111", "1737"),
        ("ZA", "10177", "0800 567 567"),
        ("IN", "112", "14416"),
        ("PT", "112", None),
    ],
)
def test_a_country_has_its_numbers(code: str, emergency: str, crisis: str | None) -> None:
    country = countries()[code]
    assert country.emergency == emergency
    assert country.numbers.get("crisis_line") == crisis


def test_a_number_with_words_is_dialled_without_them() -> None:
    assert dialled("10177 (or 112 from a mobile phone)") == "10177"
    assert dialled("1-800-222-1222") == "1-800-222-1222"


def test_the_clinics_own_country_is_none_of_the_common_ones() -> None:
    assert "999 in the United Kingdom" in common_numbers("AU")
    assert not any("the United Kingdom" in said for said in common_numbers("GB"))


def test_no_place_is_of_two_countries() -> None:
    names = [n for c in DATA["countries"].values() for n in (*c["called"], *c.get("cities", ()))]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("code", countries())
def test_every_number_can_be_dialled(code: str) -> None:
    assert any(character.isdigit() for character in countries()[code].emergency)
