"""Which web pages may call the API from a browser (the Fetch standard's CORS protocol).

A preflight carries no key, so it is answered for any origin that some workspace or key lets in. The answer to the call
itself can be read by the page only when *its* key or workspace allows the page's origin.
"""

import time
from collections.abc import Awaitable, Callable

from gateway.proxy.exchange import Headers

MAX_ORIGINS = 10_000
MAX_AGE_S = 600
METHODS = b"GET, POST, PUT, PATCH, DELETE"
REQUEST_HEADERS = (
    b"authorization, content-type, fullcircle-workspace, idempotency-key, if-match, if-none-match, prefer, "
    b"last-event-id, traceparent, x-request-id"
)
EXPOSED = (
    b"ETag, Location, Link, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id, Idempotency-Replayed, Deprecation, "
    b"Sunset, Content-Disposition"
)


class OriginDesk:
    """Remembers for a minute which origins are allowed at all."""

    def __init__(
        self,
        is_allowed: Callable[[str], Awaitable[bool]],
        *,
        cache_s: float,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = is_allowed
        self._cache_s = cache_s
        self._now = now
        self._known: dict[bytes, tuple[bool, float]] = {}

    def forget(self) -> None:
        """A workspace or key has changed."""
        self._known.clear()

    async def is_allowed(self, origin: bytes) -> bool:
        """Whether any workspace or key lets this origin in."""
        known = self._known.get(origin)
        if known is not None and known[1] > self._now():
            return known[0]
        is_allowed = await self._ask(origin.decode("latin-1"))
        if len(self._known) >= MAX_ORIGINS:
            self._known.clear()
        self._known[origin] = (is_allowed, self._now() + self._cache_s)
        return is_allowed


def answer_headers(origin: bytes, *, is_allowed: bool) -> Headers:
    """What makes an answer readable for a page of this origin."""
    if not is_allowed:
        return [(b"vary", b"Origin")]
    return [
        (b"vary", b"Origin"),
        (b"access-control-allow-origin", origin),
        (b"access-control-expose-headers", EXPOSED),
    ]


def preflight_headers(origin: bytes, *, is_allowed: bool) -> Headers:
    """The answer to a preflight: what such a page may send."""
    headers: Headers = [(b"vary", b"Origin, Access-Control-Request-Method, Access-Control-Request-Headers")]
    if is_allowed:
        headers += [
            (b"access-control-allow-origin", origin),
            (b"access-control-allow-methods", METHODS),
            (b"access-control-allow-headers", REQUEST_HEADERS),
            (b"access-control-max-age", b"%d" % MAX_AGE_S),
        ]
    return headers
