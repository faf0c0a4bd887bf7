"""Calls to addresses that others have chosen: webhooks, issuers, imports. No redirects, no proxies, no surprises."""

import asyncio
import functools
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpcore

from services.chassis.outbound.connecting import GuardedBackend, Resolve, system_resolver
from services.chassis.outbound.destination import Destination, Rules, rules_for
from services.chassis.outbound.errors import BrokenAnswer, OutboundError, TooSlow, Unreachable

DEFAULT_TIMEOUT_S = 15.0
DEFAULT_MAX_BYTES = 1024 * 1024
MAX_CONNECTIONS = 100
KEEP_ALIVE_S = 5.0


@functools.cache
def _trusted() -> ssl.SSLContext:
    """The machine's authorities, which take a while to read."""
    return httpcore.default_ssl_context()


@dataclass(frozen=True)
class OutboundAnswer:
    """What came back, read up to the size that was asked for; a redirect is an answer like any other."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_cut: bool = False

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body as JSON; raises BrokenAnswer."""
        if self.is_cut:
            raise BrokenAnswer("The answer is larger than what is read.")
        try:
            return json.loads(self.body)
        except ValueError:
            raise BrokenAnswer("The answer is not JSON.") from None


class OutboundClient:
    """The guarded client; one per process, for every call to an address that is not our own.

    It is built on httpcore rather than httpx, because that knows nothing of redirects, cookies, proxies from the
    environment or compressed bodies: what is not there needs no switching off.
    """

    def __init__(
        self,
        rules: Rules,
        *,
        resolve: Resolve = system_resolver,
        ssl_context: ssl.SSLContext | None = None,
        network: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        """`resolve` and `network` are other name servers and other wires than the system's."""
        self._rules = rules
        self._backend = GuardedBackend(rules, resolve=resolve, network=network or httpcore.AnyIOBackend())
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl_context or _trusted(),
            network_backend=self._backend,
            max_connections=MAX_CONNECTIONS,
            keepalive_expiry=KEEP_ALIVE_S,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._pool.aclose()
        self._backend.close()

    def check(self, url: str) -> None:
        """What can be said of a URL without calling it, for whoever is about to keep it. Raises AddressRefused."""
        self._rules.check(Destination.parse(url))

    async def get(self, url: str, **more: Any) -> OutboundAnswer:
        """See `request`."""
        return await self.request("GET", url, **more)

    async def post(self, url: str, **more: Any) -> OutboundAnswer:
        """See `request`."""
        return await self.request("POST", url, **more)

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        max_bytes: int = DEFAULT_MAX_BYTES,
    ) -> OutboundAnswer:
        """One exchange, from the look-up of the name to the last byte within `timeout_s`.

        Of the body at most `max_bytes` are read; then the connection is closed. Raises OutboundError.
        """
        destination = Destination.parse(url)
        self._rules.check(destination)
        try:
            async with asyncio.timeout(timeout_s):
                return await self._exchange(method, destination, headers or {}, content, max_bytes)
        except TimeoutError:
            raise TooSlow(f"There was no whole answer within {timeout_s:g} seconds.") from None
        except OutboundError:
            raise
        except (httpcore.TimeoutException, httpcore.PoolTimeout):
            raise TooSlow("There was no answer in time.") from None
        except (httpcore.ProtocolError, httpcore.ReadError, httpcore.WriteError) as fault:
            raise BrokenAnswer("The answer is not proper HTTP, or was cut off.") from fault
        except (httpcore.NetworkError, ssl.SSLError, OSError) as fault:
            raise Unreachable(_reason(fault)) from fault

    async def _exchange(
        self, method: str, destination: Destination, headers: Mapping[str, str], content: bytes | None, max_bytes: int
    ) -> OutboundAnswer:
        url = httpcore.URL(
            scheme=destination.scheme, host=destination.host, port=destination.port, target=destination.target
        )
        sent = [("Host", destination.authority), ("Accept-Encoding", "identity"), *headers.items()]
        async with self._pool.stream(method, url, headers=sent, content=content) as answer:
            body = bytearray()
            async for part in answer.aiter_stream():
                body += part
                if len(body) > max_bytes:
                    break
            return OutboundAnswer(
                status=answer.status,
                headers={name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers},
                body=bytes(body[:max_bytes]),
                is_cut=len(body) > max_bytes,
            )


def _reason(fault: Exception) -> str:
    """TLS faults are worth telling apart: the receiver's admin can mend them."""
    cause = fault.__cause__ or fault.__context__
    if isinstance(fault, ssl.SSLCertVerificationError) or isinstance(cause, ssl.SSLCertVerificationError):
        return "The certificate cannot be trusted."
    if isinstance(fault, ssl.SSLError) or isinstance(cause, ssl.SSLError):
        return "No TLS connection could be made."
    return "No connection could be made."


def outbound_client(*, environment: str) -> OutboundClient:
    """The client for this environment; see `rules_for`."""
    return OutboundClient(rules_for(environment))
