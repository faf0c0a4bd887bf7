"""Carries one request to a service and its answer back: the hot path, raw ASGI, streaming both ways."""

import asyncio
from dataclasses import dataclass

import structlog
from starlette.types import Scope, Send

from gateway.errors import CallerGone
from gateway.proxy.body import RequestBody
from gateway.proxy.errors import UpstreamError
from gateway.proxy.exchange import Exchange, Headers
from gateway.proxy.headers import RequestHead, onward_headers
from gateway.proxy.upstream import Upstream, UpstreamRequest
from services.chassis.deadline import HEADER

BODY_LIMIT = 1024 * 1024
BULK_BODY_LIMIT = 10 * 1024 * 1024
LARGE = (b"application/x-ndjson", b"application/octet-stream", b"message/rfc822", b"text/csv")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_DEADLINE = HEADER.encode("ascii")
# Two policies would both be kept by the browser: of a service that knows its page, the edge's own is not added.
_POLICY = b"content-security-policy"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Errand:
    """What the gateway adds to a request on its way in, and to the answer on its way out."""

    upstream: Upstream
    timeout_s: float
    token_line: bytes = b""
    answer_headers: Headers | tuple[()] = ()


class Hangup:
    """Notices when the caller goes away; only worth a task when an answer takes its time."""

    def __init__(self, body: RequestBody) -> None:
        self.has_happened = False
        self.is_answered = False
        self._body = body
        self._task: asyncio.Task[None] | None = None

    def watch(self, exchange: Exchange) -> None:
        """From now on give the exchange up when the caller does; while the body is read, its reader notices."""
        if self._task is None and self._body.is_ended:
            self._task = asyncio.get_running_loop().create_task(self._wait(exchange))

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _wait(self, exchange: Exchange) -> None:
        await self._body.hangup()
        self.has_happened = not exchange.complete
        exchange.abort()


def body_limit(path: str, head: RequestHead) -> int:
    """Bulk intake, parts of a file and messages may be ten times as large as any other body; services say how large."""
    is_bulk = head.content_type.startswith(LARGE) or path.endswith("/bulk")
    return BULK_BODY_LIMIT if is_bulk else BODY_LIMIT


async def forward(scope: Scope, send: Send, head: RequestHead, body: RequestBody, errand: Errand) -> None:
    """Ask the service and stream its answer; raises Problem while no byte of an answer has been sent."""
    hangup = Hangup(body)
    try:
        exchange = await errand.upstream.send(await _request(scope, head, body, hangup, errand))
        try:
            await _answer(exchange, send, hangup, errand, is_closing=not body.is_ended)
        finally:
            exchange.abort()
    except CallerGone:
        return
    except UpstreamError as error:
        _explain(error, hangup)
    finally:
        hangup.stop()


def _explain(error: UpstreamError, hangup: Hangup) -> None:
    """Raises the problem; once the head is out, an answer that ends without its end is how the caller learns of it."""
    if hangup.has_happened:
        return
    log.warning("upstream_failed", service=error.service, reason=error.reason, kind=type(error).__name__)
    if not hangup.is_answered:
        raise error.as_problem() from error


async def _request(
    scope: Scope, head: RequestHead, body: RequestBody, hangup: Hangup, errand: Errand
) -> UpstreamRequest:
    first = await body.first()
    parts = [_request_line(scope), b"host: ", errand.upstream.authority, b"\r\n", *head.lines, errand.token_line]
    parts.append(_forwarded_lines(scope, head, timeout_ms=int(errand.timeout_s * 1000)))
    if body.is_ended:
        if head.has_body or scope["method"] in {"POST", "PUT", "PATCH"}:
            parts.append(b"content-length: %d\r\n" % len(first))
        parts += [b"\r\n", first]
    elif head.is_chunked:
        parts += [b"transfer-encoding: chunked\r\n\r\n", body.framed(first)]
    else:
        parts += [b"content-length: %d\r\n\r\n" % (head.content_length or 0), first]
    return UpstreamRequest(
        payload=b"".join(parts),
        timeout_s=errand.timeout_s,
        is_head=scope["method"] == "HEAD",
        is_repeatable=scope["method"] in _SAFE or bool(head.idempotency_key),
        when_slow=hangup.watch,
        rest=None if body.is_ended else body.rest(),
        last=b"0\r\n\r\n" if head.is_chunked else b"",
    )


def _request_line(scope: Scope) -> bytes:
    query: bytes = scope["query_string"]
    target = b"%s?%s" % (scope["raw_path"], query) if query else scope["raw_path"]
    return b"%s %s HTTP/1.1\r\n" % (scope["method"].encode("ascii"), target)


def _forwarded_lines(scope: Scope, head: RequestHead, *, timeout_ms: int) -> bytes:
    client = scope.get("client")
    return b"x-forwarded-for: %s\r\nx-forwarded-proto: %s\r\nx-forwarded-host: %s\r\n%s: %d\r\n%s" % (
        client[0].encode("ascii") if client else b"unknown",
        scope["scheme"].encode("ascii"),
        head.host,
        _DEADLINE,
        timeout_ms,
        b"x-request-id: %s\r\ntraceparent: %s\r\n" % (head.request_id, head.traceparent),
    )


async def _answer(exchange: Exchange, send: Send, hangup: Hangup, errand: Errand, *, is_closing: bool) -> None:
    headers = onward_headers(exchange.headers, status=exchange.status)
    has_policy = any(name == _POLICY for name, _ in headers)
    headers += [pair for pair in errand.answer_headers if not (has_policy and pair[0] == _POLICY)]
    if is_closing:
        headers.append((b"connection", b"close"))
    hangup.is_answered = True
    await send({"type": "http.response.start", "status": exchange.status, "headers": headers})
    while not exchange.complete:
        hangup.watch(exchange)
        data = await exchange.read()
        if data:
            await send({"type": "http.response.body", "body": data, "more_body": True})
    await send({"type": "http.response.body", "body": await exchange.read(), "more_body": False})
