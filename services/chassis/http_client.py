"""How one service asks another: within the caller's remaining time, repeating only what is safe, and not for ever."""

import asyncio
import ssl
from collections.abc import Mapping
from typing import Any, TypeVar

import httpx
import stamina
from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import OpenedState
from pydantic import TypeAdapter, ValidationError

from services.chassis.deadline import deadline_header, remaining_s
from services.chassis.errors import BadGateway, Invalid, NotFound, Problem, Unavailable
from services.chassis.identity import Principal, TokenSigner
from services.chassis.tracing import current_trace

ATTEMPTS = 3
FAILURES_TO_OPEN = 5
OPEN_S = 5.0

Content = TypeVar("Content")


class NeighbourDown(Unavailable):
    """A service that is needed for this answer cannot be reached, or says so itself."""

    code, title = "neighbour_unavailable", "A service that this needs cannot answer just now"


class ServiceClient:
    """The base of typed clients; a subclass has a method per question, and models with only the fields it reads."""

    def __init__(self, base_url: str, *, audience: str, signer: TokenSigner, timeout_s: float = 5.0) -> None:
        self._audience = audience
        self._signer = signer
        self._timeout_s = timeout_s
        self._http = new_http(base_url)
        self._breakers = AsyncCircuitBreakerFactory(
            default_threshold=FAILURES_TO_OPEN, default_ttl=OPEN_S, exclude=[(Problem, _is_answer)]
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def get(
        self, path: str, *, on_behalf_of: Principal, model: type[Content], params: Mapping[str, Any] | None = None
    ) -> Content:
        """Ask, again when the neighbour did not answer. Raises NotFound, NeighbourDown, BadGateway."""
        attempts = stamina.retry_context(
            on=NeighbourDown,
            attempts=ATTEMPTS,
            timeout=remaining_s(self._timeout_s),
            wait_initial=0.05,
            wait_max=0.5,
            wait_jitter=0.05,
        )
        async for attempt in attempts:
            with attempt:
                answer = await self._send("GET", path, on_behalf_of, params=params)
        return _read(answer, model)

    async def post(self, path: str, *, on_behalf_of: Principal, json: Any, model: type[Content]) -> Content:
        """Tell once. Raises Invalid, NotFound, NeighbourDown, BadGateway."""
        return _read(await self._send("POST", path, on_behalf_of, json=json), model)

    async def put(self, path: str, *, on_behalf_of: Principal, json: Any, model: type[Content]) -> Content:
        """Tell by an id of one's own; said twice it has been said once. Raises as `post` does."""
        return _read(await self._send("PUT", path, on_behalf_of, json=json), model)

    async def _send(self, method: str, path: str, principal: Principal, **content: Any) -> httpx.Response:
        try:
            async with await self._breakers.get_breaker(self._audience):
                return await self._exchange(method, path, principal, content)
        except OpenedState:
            raise NeighbourDown(f"{self._audience} has not answered lately.") from None

    async def _exchange(
        self, method: str, path: str, principal: Principal, content: Mapping[str, Any]
    ) -> httpx.Response:
        timeout_s = remaining_s(self._timeout_s)
        headers = {
            "Authorization": f"Bearer {self._signer.sign(principal, audience=self._audience)}",
            "traceparent": current_trace().traceparent,
            **deadline_header(self._timeout_s),
        }
        try:
            async with asyncio.timeout(timeout_s):  # httpx's own limit starts anew with every byte that drips in
                answer = await self._http.request(method, path, headers=headers, timeout=timeout_s, **content)
        except (httpx.TransportError, TimeoutError) as fault:
            raise NeighbourDown(f"{self._audience} did not answer.") from fault
        if answer.status_code >= 500:
            raise NeighbourDown(f"{self._audience} answered {answer.status_code}.")
        return answer


def new_http(base_url: str) -> httpx.AsyncClient:
    """A client of one neighbour: no proxies of the environment, no redirects."""
    # Reading the certificate authorities costs 0.1 s and megabytes, for addresses that are plain http.
    tls = ssl.create_default_context() if base_url.startswith("https:") else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx.AsyncClient(base_url=base_url, trust_env=False, follow_redirects=False, verify=tls)


def _read(answer: httpx.Response, model: type[Content]) -> Content:
    if answer.is_error:
        raise _problem(answer)
    try:
        return TypeAdapter(model).validate_json(answer.content)
    except ValidationError as fault:
        raise BadGateway("A neighbour's answer cannot be read.") from fault


def _problem(answer: httpx.Response) -> Problem:
    try:
        detail = str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        detail = None
    if answer.status_code == 404:
        return NotFound(detail)
    if answer.status_code in {400, 409, 422}:
        return Invalid(detail)
    return BadGateway(f"A neighbour refused with {answer.status_code}.")


def _is_answer(fault: Exception) -> bool:
    """An answer that says no is no sign of a neighbour in trouble."""
    return not isinstance(fault, NeighbourDown)
