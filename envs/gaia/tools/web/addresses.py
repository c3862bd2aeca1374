"""Which hosts may be visited: public ones only, so that no page or redirect leads an agent into the machine's own network."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence

from envs.toolbox import ToolError

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""From a host and a port to its IP addresses."""

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


async def resolve(host: str, port: int) -> Sequence[str]:
    """Ask the system. Raises ToolError for a host that there is not."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ToolError(f"The host {host!r} can't be found.") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


async def public_address(host: str, port: int, resolver: Resolve = resolve) -> str:
    """An IP address to connect to. All that the host has must be public. Raises ToolError.

    Connect to what this returns and nothing else: a second look-up might answer with another address.
    """
    addresses = await resolver(host, port)
    if not addresses:
        raise ToolError(f"The host {host!r} can't be found.")
    if not all(is_public(address) for address in addresses):
        raise ToolError(f"The host {host!r} is not on the public web, so it can't be visited.")
    return addresses[0]


def is_public(address: str) -> bool:
    """Whether an address, and each that is wrapped in it, belongs to the public internet."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(one.is_global and not one.is_multicast and not one.is_reserved for one in _unwrapped(parsed))


def _unwrapped(address: Address) -> list[Address]:
    """The IPv4 addresses that an IPv6 address stands for; itself where it stands for none."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    if address.ipv4_mapped:
        return [address.ipv4_mapped]
    if address in _NAT64:
        return [ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)]
    return [address, *filter(None, (address.sixtofour, *(address.teredo or ())))]
