"""The outermost layer: one raw ASGI application that every request passes, lean because all of them do.

Head inspected, route found, caller known, limit counted, then either to a service as a stream or to the gateway's own
application. Whatever goes wrong here is told as a problem document.
"""

import json
import time
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

import structlog
from fastapi import FastAPI
from starlette.types import Message, Receive, Scope, Send

from gateway.documents.security import SECURITY_TXT
from gateway.events.log.tickets import StreamTickets, ticket_in
from gateway.identity.authentication import Authenticator
from gateway.identity.basic import bearer_of
from gateway.identity.caller import Caller
from gateway.identity.last_used import LastUsed
from gateway.identity.networks import place_of, require_within
from gateway.identity.oidc.people import NotAMember
from gateway.identity.tokens import TokenDesk
from gateway.limits.origins import OriginDesk, answer_headers, preflight_headers
from gateway.limits.rate_limit import Allowance, RateLimiter
from gateway.limits.tally import RequestTally
from gateway.observation import Observer
from gateway.proxy.body import RequestBody
from gateway.proxy.exchange import Headers
from gateway.proxy.forwarder import Errand, body_limit, forward
from gateway.proxy.headers import RequestHead, headers_within, identify, inspect_head, refuse_ambiguous_path
from gateway.proxy.route_table import RouteTable
from gateway.proxy.upstream import Upstream
from services.chassis.errors import (
    PROBLEM_JSON,
    MethodNotAllowed,
    NotFound,
    Problem,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)
from services.chassis.problems import problem_of

OWN = "gateway"
UNROUTED = "unmatched"
# Answered without a key. Figures and internal paths are not among them: they are not reachable from outside at all.
HEALTH_PATHS = frozenset({"/livez", "/readyz"})
PUBLIC_PATHS = HEALTH_PATHS | {"/version", "/openapi.json", "/docs", SECURITY_TXT}
PUBLIC_PREFIX = "/docs/"
SECURITY_HEADERS: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
TRANSPORT_SECURITY = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Gatehouse:
    """Everyone whom the edge asks on the way."""

    authenticator: Authenticator
    tickets: StreamTickets
    tokens: TokenDesk
    last_used: LastUsed
    tally: RequestTally
    limiter: RateLimiter
    failures: RateLimiter
    forms: RateLimiter
    strangers: RateLimiter
    origins: OriginDesk
    routes: RouteTable
    upstreams: Mapping[str, Upstream]
    observer: Observer
    timeout_s: float
    concurrent_requests: int


@dataclass(slots=True)
class Visit:
    """One request on its way through the edge."""

    scope: Scope
    receive: Receive
    send: Send
    head: RequestHead
    answer_headers: Headers
    body: RequestBody | None = None
    route: str = UNROUTED
    status: int = 0
    caller: Caller | None = None
    is_answered_here: bool = False
    takes_basic: bool = False

    async def send_counted(self, message: Message) -> None:
        """Send, remembering the status."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self.send(message)


class Edge:
    """The gateway as the server runs it; `inner` answers what the gateway answers itself."""

    def __init__(self, inner: FastAPI, gatehouse: Gatehouse) -> None:
        self._inner = inner
        self.house = gatehouse
        self._inside = 0
        self._policy_header = (b"ratelimit-policy", gatehouse.limiter.policy.field)

    def lifespan(self) -> AbstractAsyncContextManager[object]:
        """From start-up to shutdown, for whoever runs the application without a server."""
        return self._inner.router.lifespan_context(self._inner)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        started = time.perf_counter()
        visit = Visit(scope, receive, send, RequestHead(), [*SECURITY_HEADERS])
        trace = None
        self._inside += 1
        try:
            visit.head = inspect_head(scope["headers"], http_version=scope["http_version"])
            trace = self.house.observer.begin(visit.head, scope["method"])
            visit.body = RequestBody(receive, visit.head, limit=body_limit(scope["path"], visit.head))
            if self._inside > self.house.concurrent_requests and scope["path"] not in HEALTH_PATHS:
                raise Unavailable("More requests are being answered than there is room for.")
            await self._admit(visit, visit.body)
        except Exception as fault:  # noqa: BLE001 -- the wall: whatever it is, the caller gets a problem document
            await self._refuse(visit, problem_of(fault))
        finally:
            self._inside -= 1
            if visit.caller is not None and visit.caller.principal.workspace_id is not None:
                self.house.tally.note(visit.caller.principal.workspace_id, visit.status)
            if not visit.is_answered_here:
                self.house.observer.end(
                    trace,
                    visit.head,
                    method=scope["method"],
                    route=visit.route,
                    status=visit.status,
                    seconds=time.perf_counter() - started,
                )

    async def _admit(self, visit: Visit, body: RequestBody) -> None:
        scope, head = visit.scope, visit.head
        path: str = scope["path"]
        visit.answer_headers.append((b"x-request-id", head.request_id))
        if scope["scheme"] == "https":
            visit.answer_headers.append(TRANSPORT_SECURITY)
        refuse_ambiguous_path(path)
        if path in PUBLIC_PATHS or path.startswith(PUBLIC_PREFIX):
            visit.route = path
            await self._answer_here(visit, body, token=None)
            return
        if scope["method"] == "OPTIONS" and head.origin:
            await self._answer_preflight(visit)
            return
        service, is_public = self._find(visit, path)
        if is_public:
            await self._let_in(visit, body, service)
            return
        caller = await self._identify(visit)
        visit.caller = caller
        require_within(caller.allowed_networks, _address(scope))
        self._count(visit, caller)
        self.house.last_used.note(caller.principal.workspace, caller.id)
        if head.origin:
            visit.answer_headers += answer_headers(head.origin, is_allowed=_lets_in(caller, head.origin))
        token = self.house.tokens.header_value(caller, service)
        if service == OWN:
            await self._answer_here(visit, body, token=token)
            return
        errand = Errand(
            self.house.upstreams[service],
            self.house.timeout_s,
            b"authorization: %s\r\n" % token,
            visit.answer_headers,
        )
        await forward(scope, visit.send_counted, head, body, errand)

    async def _let_in(self, visit: Visit, body: RequestBody, service: str) -> None:
        """Whoever it is: the service knows them by other means, or need not know them. They are counted by place."""
        again = self.house.strangers.take(place_of(_address(visit.scope))).retry_after_s
        if again:
            raise TooManyRequests("Too many requests came from here.", headers={"Retry-After": str(again)})
        errand = Errand(self.house.upstreams[service], self.house.timeout_s, b"", visit.answer_headers)
        await forward(visit.scope, visit.send_counted, visit.head, body, errand)

    def _find(self, visit: Visit, path: str) -> tuple[str, bool]:
        """The service that answers, and whether it does so for anybody."""
        found = self.house.routes.match(path)
        if found is None:
            raise NotFound("There is nothing at this address.")
        route, service = found
        visit.route, visit.takes_basic = route.template, route.takes_basic
        if visit.scope["method"] not in route.methods[service]:
            allowed = ", ".join(sorted(route.methods[service]))
            raise MethodNotAllowed(f"This address takes {allowed}.", headers={"Allow": allowed})
        return service, visit.scope["method"] in route.public

    async def _identify(self, visit: Visit) -> Caller:
        authorization, workspace = visit.head.authorization, visit.head.workspace
        if visit.takes_basic:
            authorization = bearer_of(authorization)
        if not authorization:
            ticket = ticket_in(visit.scope["path"], visit.scope["query_string"])
            if ticket is not None:
                return self.house.tickets.redeem(ticket)
            raise Unauthenticated("Send your API key as `Authorization: Bearer fc_live_...`.")
        caller = self.house.authenticator.recall(authorization, workspace)
        if caller is not None:
            return caller
        place = place_of(_address(visit.scope))
        if self.house.failures.is_exhausted(place):
            raise TooManyRequests("Too many unknown keys and tokens from this address.", headers={"Retry-After": "60"})
        try:
            return await self.house.authenticator.look_up(authorization, workspace)
        except (Unauthenticated, NotAMember):
            self.house.failures.take(place)
            raise

    def _count(self, visit: Visit, caller: Caller) -> None:
        limiter = self.house.limiter
        allowance: Allowance = limiter.take(caller.id)
        visit.answer_headers += (self._policy_header, (b"ratelimit", allowance.field(limiter.policy)))
        if allowance.retry_after_s:
            raise TooManyRequests(
                f"More than {limiter.policy.requests} requests in {limiter.policy.window_s} seconds.",
                headers={"Retry-After": str(allowance.retry_after_s)},
            )
        if caller.is_form:
            self._count_form(visit, caller)

    def _count_form(self, visit: Visit, caller: Caller) -> None:
        """Everybody who sees the page has its key: what each of them may send is counted by where they are."""
        again = self.house.forms.take((caller.id, place_of(_address(visit.scope)))).retry_after_s
        if again:
            raise TooManyRequests("Too many forms were sent from here.", headers={"Retry-After": str(again)})

    async def _answer_here(self, visit: Visit, body: RequestBody, *, token: bytes | None) -> None:
        """Hand over to the gateway's own application, which is shown the same token as any service would be."""
        visit.is_answered_here = True
        kept = headers_within(visit.scope["headers"], visit.head, client=_address(visit.scope))
        if token is not None:
            kept.append((b"authorization", token))

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = dict(message.get("headers", ()))
                added = [pair for pair in visit.answer_headers if pair[0] not in own]
                if not body.is_ended:
                    await body.linger()  # as for a service's answer: closed on, a caller who still writes sees none
                if not body.is_ended:
                    added.append((b"connection", b"close"))
                message = {**message, "headers": [*message.get("headers", ()), *added]}
            await visit.send_counted(message)

        await self._inner({**visit.scope, "headers": kept}, body.receive, send)

    async def _answer_preflight(self, visit: Visit) -> None:
        origin = visit.head.origin
        headers = preflight_headers(origin, is_allowed=await self.house.origins.is_allowed(origin))
        visit.route = "preflight"
        await visit.send_counted(
            {"type": "http.response.start", "status": 204, "headers": [*visit.answer_headers, *headers]}
        )
        await visit.send({"type": "http.response.body", "body": b""})

    async def _refuse(self, visit: Visit, problem: Problem) -> None:
        if visit.status:
            raise problem
        if visit.body is not None:
            await visit.body.linger()
        headers = [*visit.answer_headers]
        if visit.caller is None and visit.head.origin:
            headers += answer_headers(visit.head.origin, is_allowed=await self._is_known_origin(visit.head.origin))
        if not visit.head.traceparent:
            identify(visit.head)
            headers.append((b"x-request-id", visit.head.request_id))
        document = problem.document(instance=visit.scope["path"], trace_id=visit.head.trace_id)
        body = json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
        headers += [(name.lower().encode(), value.encode("latin-1")) for name, value in problem.headers.items()]
        headers += [(b"content-type", PROBLEM_JSON.encode()), (b"content-length", b"%d" % len(body))]
        if visit.body is None or not visit.body.is_ended:
            headers.append((b"connection", b"close"))
        await visit.send_counted({"type": "http.response.start", "status": problem.status, "headers": headers})
        await visit.send({"type": "http.response.body", "body": body if visit.scope["method"] != "HEAD" else b""})

    async def _is_known_origin(self, origin: bytes) -> bool:
        try:
            return await self.house.origins.is_allowed(origin)
        except Exception as fault:  # noqa: BLE001 -- a refusal must reach the caller even when the database is away
            log.warning("origin_not_checked", error=type(fault).__name__)
            return False


def _address(scope: Scope) -> str:
    address: str = (scope.get("client") or ("unknown",))[0]
    return address


def _lets_in(caller: Caller, origin: bytes) -> bool:
    return origin.decode("latin-1") in caller.allowed_origins
