"""Where a call comes from: the networks that a key may be used from, and what counts as one place in a limit."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from services.chassis.errors import Forbidden

Network = IPv4Network | IPv6Network

# One subscriber's share of IPv6 (RFC 6177): who has one address of it has 2^64 of them.
SUBSCRIBER_PREFIX = 64
REMEMBERED = 4096


class NetworkNotAllowed(Forbidden):
    code, title = "network_not_allowed", "This key may not be used from here"


def networks_of(texts: Iterable[str]) -> tuple[Network, ...]:
    return tuple(ip_network(text) for text in texts)


def require_within(networks: tuple[Network, ...], address: str) -> None:
    """Raises NetworkNotAllowed unless the address is in one of the networks; without any, all are fine."""
    if networks and not _is_within(networks, address):
        raise NetworkNotAllowed("The key is bound to networks, and your address is in none of them.")


@lru_cache(maxsize=REMEMBERED)
def _is_within(networks: tuple[Network, ...], address: str) -> bool:
    known = _parsed(address)
    return known is not None and any(known in network for network in networks)


@lru_cache(maxsize=REMEMBERED)
def place_of(address: str) -> str:
    """The address, or of an IPv6 one the network that belongs to one subscriber."""
    known = _parsed(address)
    if isinstance(known, IPv6Address):
        return str(IPv6Network((known, SUBSCRIBER_PREFIX), strict=False))
    return address


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    """An IPv4 address that a socket for both families shows as `::ffff:203.0.113.7` is that IPv4 address."""
    try:
        known = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return (known.ipv4_mapped or known) if isinstance(known, IPv6Address) else known
