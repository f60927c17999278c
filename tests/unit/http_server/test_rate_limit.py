"""Whose request it is: what the limits count by."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from sanic.compat import Header

from backline.http_server.rate_limit import BY_A_PROXY, address_of, is_this_machine
from backline.settings import SettingsError, load_settings


def request(ip: str, *forwarded: str, proxies: int = 0) -> Any:
    headers = Header([("X-Forwarded-For", one) for one in forwarded])
    app = SimpleNamespace(ctx=SimpleNamespace(proxies=proxies))
    return SimpleNamespace(ip=ip, headers=headers, app=app)


def test_without_proxies_a_request_counts_for_its_sender_whatever_it_says() -> None:
    assert address_of(request("203.0.113.7", "198.51.100.1")) == "203.0.113.7"


@pytest.mark.parametrize("forwarded", [("198.51.100.1",), ("1.1.1.1, 198.51.100.1",)])
def test_behind_a_proxy_it_counts_for_whom_the_proxy_saw(forwarded: tuple[str, ...]) -> None:
    assert address_of(request("10.0.0.2", *forwarded, proxies=1)) == "198.51.100.1"


def test_behind_two_proxies_it_counts_for_whom_the_outer_one_saw() -> None:
    told = ("6.6.6.6, 198.51.100.1", "10.0.0.3")
    assert address_of(request("10.0.0.2", *told, proxies=2)) == "198.51.100.1"


def test_what_came_past_a_proxy_counts_for_its_sender() -> None:
    assert address_of(request("10.0.0.9", proxies=1)) == "10.0.0.9"
    assert address_of(request("10.0.0.9", "1.1.1.1", proxies=2)) == "10.0.0.9"


@pytest.mark.parametrize("ip", ["127.0.0.1", "127.8.0.1", "::1", "::ffff:127.0.0.1"])
def test_this_machines_own_programs_count_for_nobody(ip: str) -> None:
    assert address_of(request(ip)) is None


def test_all_addresses_of_an_ipv6_network_are_one() -> None:
    one, other = (address_of(request(f"2001:db8:1:2::{n}")) for n in (1, 99))
    assert one == other == "2001:db8:1:2::/64"


def test_an_ipv4_address_is_the_same_one_in_either_writing() -> None:
    assert address_of(request("::ffff:203.0.113.7")) == "203.0.113.7"


@pytest.mark.parametrize("junk", ["", "unknown", "'; --", "1" * 9000])
def test_what_is_no_address_counts_as_one_all_the_same(junk: str) -> None:
    counted = address_of(request("10.0.0.2", junk, proxies=1))
    assert counted is not None
    assert len(counted) <= 64


@pytest.mark.parametrize("wrong", ["yes", "-1", "1.5", "12", "10.0.0.1"])
def test_a_wrong_number_of_proxies_stops_the_start_and_is_named(wrong: str) -> None:
    with pytest.raises(SettingsError, match="BACKLINE_PROXIES must be the number of proxies"):
        load_settings({"BACKLINE_PROXIES": wrong})


def asked(ip: str, host: str, proxies: int = 0, **headers: str) -> Any:
    given = {"host": host, **{name.replace("_", "-"): value for name, value in headers.items()}}
    app = SimpleNamespace(ctx=SimpleNamespace(proxies=proxies))
    return SimpleNamespace(ip=ip, headers=Header(given), app=app)


@pytest.mark.parametrize(
    ("ip", "host"),
    [
        ("127.0.0.1", "127.0.0.1:5005"),
        ("127.0.0.1", "localhost"),
        ("::1", "[::1]:5005"),
        ("::ffff:127.0.0.1", "LOCALHOST:80"),
    ],
)
def test_a_program_of_this_machine_that_asks_it_by_name_is_this_machine(ip: str, host: str) -> None:
    assert is_this_machine(asked(ip, host))


@pytest.mark.parametrize("proxies", [0, 1, 2])
@pytest.mark.parametrize("header", BY_A_PROXY)
@pytest.mark.parametrize("value", ["198.51.100.1", "127.0.0.1", "127.0.0.1, 127.0.0.1", ""])
def test_whatever_came_through_a_proxy_of_this_machine_is_not_it(
    proxies: int, header: str, value: str
) -> None:
    assert not is_this_machine(asked("127.0.0.1", "localhost", proxies, **{header: value}))


@pytest.mark.parametrize(
    "host", ["bot.clinic.example", "localhost.evil.example", "", "[::", "10.0.0.1"]
)
def test_who_asks_for_another_name_than_this_machines_came_through_a_proxy(host: str) -> None:
    assert not is_this_machine(asked("127.0.0.1", host))


@pytest.mark.parametrize("ip", ["10.0.0.2", "198.51.100.1", "2001:db8::1", ""])
@pytest.mark.parametrize("proxies", [0, 1])
def test_another_machine_is_never_this_one(ip: str, proxies: int) -> None:
    assert not is_this_machine(asked(ip, "localhost", proxies))
    assert not is_this_machine(asked(ip, "localhost", proxies, x_forwarded_for="127.0.0.1"))


@pytest.mark.parametrize("token", ["short", "x" * 31, "with a space in it, though long enough"])
def test_a_token_of_the_metrics_that_is_none_stops_the_start(token: str) -> None:
    with pytest.raises(SettingsError, match="BACKLINE_METRICS_TOKEN"):
        load_settings({"BACKLINE_METRICS_TOKEN": token})
