"""From a name to a connection: every address is checked, and the one that was checked is the one connected to."""

import asyncio
import socket
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address

import httpcore

from services.chassis.outbound.addresses import Address
from services.chassis.outbound.destination import Destination, Rules
from services.chassis.outbound.errors import AddressRefused, Unreachable

RESOLVER_THREADS = 8
MAX_ADDRESSES = 16
ATTEMPT_S = 4.0

Resolve = Callable[[str, int], Sequence[str]]


def system_resolver(host: str, port: int) -> Sequence[str]:
    """What the operating system says the name stands for; blocks. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return [str(entry[4][0]) for entry in found]


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Opens connections for the pool. TLS and the Host header keep the name: the pool adds them above this."""

    def __init__(self, rules: Rules, *, resolve: Resolve, network: httpcore.AsyncNetworkBackend) -> None:
        self._rules = rules
        self._resolve = resolve
        self._network = network
        # Threads of its own: a name server that never answers must not hold up what else the process does in threads.
        self._threads = ThreadPoolExecutor(RESOLVER_THREADS, thread_name_prefix="resolve")

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 -- the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        destination = _of_origin(host, port)
        fault: Exception | None = None
        for address in await self.addresses(destination):
            try:
                return await self._network.connect_tcp(
                    str(address), port, min(timeout or ATTEMPT_S, ATTEMPT_S), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                fault = failed
        raise Unreachable("No connection could be made.") from fault

    async def addresses(self, destination: Destination) -> Sequence[Address]:
        """What the host stands for now. Raises AddressRefused when any of it may not be called, and Unreachable."""
        if destination.address is not None:
            found: list[Address] = [destination.address]
        else:
            found = await self._look_up(destination)
        for address in found:
            self._rules.check_address(destination, address)
        return found[:MAX_ADDRESSES]

    async def _look_up(self, destination: Destination) -> list[Address]:
        loop = asyncio.get_running_loop()
        try:
            texts = await loop.run_in_executor(self._threads, self._resolve, destination.host, destination.port)
            found = [ip_address(text) for text in dict.fromkeys(texts)]
        except (OSError, ValueError) as fault:
            raise Unreachable("The host name cannot be resolved.") from fault
        if not found:
            raise Unreachable("The host name stands for no address.")
        return found

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _of_origin(host: str, port: int) -> Destination:
    """The pool asks by host and port alone; read them as strictly as the URL was read."""
    bracketed = f"[{host}]" if ":" in host else host
    try:
        return Destination.parse(f"https://{bracketed}:{port}/")
    except AddressRefused as refused:  # cannot happen for what `Destination.parse` has let through
        raise Unreachable("Not a host.") from refused
