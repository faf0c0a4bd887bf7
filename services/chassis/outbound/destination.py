"""A URL that somebody gave us, read once and strictly: what no two parsers agree on is refused, not interpreted."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from services.chassis.outbound.addresses import Address, is_loopback, is_public
from services.chassis.outbound.errors import AddressRefused

LONGEST_URL = 2_000
DEFAULT_PORTS = {"https": 443, "http": 80}

# Visible ASCII only, no backslash; the authority holds no `@`, so there is no userinfo to hide a host in.
_URL = re.compile(
    r"(?P<scheme>https?)://(?:\[(?P<v6>[0-9a-f:.]+)\]|(?P<name>[a-z0-9._-]+))(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/[!-\[\]-~]*)?(?P<query>\?[!-\[\]-~]*)?",
    re.IGNORECASE,
)
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMERIC_LABEL = re.compile(r"[0-9]+|0x[0-9a-f]*")


@dataclass(frozen=True)
class Destination:
    """Where a call goes; `address` is there when the host is an address and needs no resolving."""

    scheme: str
    host: str
    port: int
    target: str
    address: Address | None = None

    @classmethod
    def parse(cls, url: str) -> "Destination":
        """Raises AddressRefused for everything but a plain http or https URL."""
        parts = _URL.fullmatch(url) if len(url) <= LONGEST_URL else None
        if parts is None or "#" in url:
            raise AddressRefused(
                "Not a plain URL: https://host/path, in ASCII, at most 2000 characters, without user, spaces or '#'."
            )
        scheme = parts["scheme"].lower()
        port = int(parts["port"]) if parts["port"] else DEFAULT_PORTS[scheme]
        if not 1 <= port <= 65_535:
            raise AddressRefused("There is no such port.")
        host, address = _v6(parts["v6"]) if parts["v6"] else _name(parts["name"].lower())
        return cls(scheme, host, port, (parts["path"] or "/") + (parts["query"] or ""), address)

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def is_named_loopback(self) -> bool:
        """Whether the URL says in so many words that it means this very machine."""
        if self.address is not None:
            return is_loopback(self.address)
        return self.host == "localhost" or self.host.endswith(".localhost")


def _v6(text: str) -> tuple[str, Address]:
    try:
        address = IPv6Address(text)
    except ValueError:
        raise AddressRefused("This is not an IPv6 address.") from None
    return address.compressed, address


def _name(text: str) -> tuple[str, Address | None]:
    """A host that ends in a number is an IPv4 address (WHATWG URL, section 3.5), and only in its usual form."""
    labels = text.split(".")
    if _NUMERIC_LABEL.fullmatch(labels[-1]):
        try:
            return text, IPv4Address(text)
        except ValueError:
            raise AddressRefused("Write an IPv4 address as four decimal numbers.") from None
    if len(text) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise AddressRefused("This is not a host name; write an international one in its ASCII form (xn--...).")
    return text, None


@dataclass(frozen=True)
class Rules:
    """What may be called. Loopback, also without TLS, is for development: a receiver on the same laptop."""

    is_loopback_allowed: bool = False

    def check(self, destination: Destination) -> None:
        """What can be said without resolving the name. Raises AddressRefused."""
        if destination.scheme != "https" and not self._is_own_machine(destination):
            raise AddressRefused("Only https is called.")
        if destination.address is not None:
            self.check_address(destination, destination.address)

    def check_address(self, destination: Destination, address: Address) -> None:
        """Whether this, which the host stands for, may be connected to. Raises AddressRefused."""
        is_allowed = is_loopback(address) if self._is_own_machine(destination) else is_public(address)
        if not is_allowed:
            raise AddressRefused("The host is not on the public Internet.")

    def _is_own_machine(self, destination: Destination) -> bool:
        return self.is_loopback_allowed and destination.is_named_loopback


def rules_for(environment: str) -> Rules:
    """In development the same machine may be called, also without TLS; elsewhere only the public Internet."""
    return Rules(is_loopback_allowed=environment == "development")
