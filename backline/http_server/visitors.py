"""Whose a request is: the address that it counts for."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from functools import lru_cache

MOST_ADDRESS_CHARACTERS = 64


def visitor_of(peer: str, forwarded: Sequence[str], proxies: int) -> str | None:
    """Tell what a request counts for: its address, or None for this machine's own.

    Behind proxies it is what the outermost of them saw.

    Args:
        peer: who opened the connection.
        forwarded: the values of X-Forwarded-For, in their order.
        proxies: how many proxies stand in front of this server.
    """
    told = ",".join(forwarded).split(",") if forwarded else []
    address = told[-proxies].strip() if 0 < proxies <= len(told) else peer
    return counted_as(address[:MOST_ADDRESS_CHARACTERS])


@lru_cache(maxsize=4096)
def counted_as(address: str) -> str | None:
    """Tell what an address counts for; None for this machine's own."""
    try:
        known = ipaddress.ip_address(address.strip("[]"))
    except ValueError:
        return address
    known = getattr(known, "ipv4_mapped", None) or known
    if known.is_loopback:
        return None
    if isinstance(known, ipaddress.IPv6Address):
        # Whoever has one address of these has all of them.
        return str(ipaddress.ip_network((known, 64), strict=False))
    return str(known)
