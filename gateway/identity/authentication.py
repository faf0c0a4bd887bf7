"""From an Authorization header to a caller: checksum, cache, database, in this order."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Protocol

from gateway.identity.caller import Caller
from gateway.identity.key_format import digest_of, is_well_formed
from services.chassis.clock import Clock
from services.chassis.errors import Unauthenticated

MAX_CACHED = 50_000
BEARER_LENGTH = len(b"Bearer ")


class ChangeFeed(Protocol):
    """Says whether a revocation elsewhere would be heard at once."""

    @property
    def is_connected(self) -> bool: ...


class Authenticator:
    """Knows who is behind a key, and forgets it the moment anything about keys changes.

    A key is remembered for `cache_s`, but only while changes are heard: without the connection that carries them every
    request asks the database, so that a revoked key is refused within a second, on every replica.
    """

    def __init__(
        self,
        find: Callable[[bytes], Awaitable[Caller | None]],
        *,
        pepper: bytes,
        changes: ChangeFeed,
        clock: Clock,
        cache_s: float,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._find = find
        self._pepper = pepper
        self.changes = changes
        self._clock = clock
        self._cache_s = cache_s
        self._now = now
        self._known: OrderedDict[bytes, tuple[Caller, float]] = OrderedDict()
        self._asking: dict[bytes, asyncio.Task[Caller | None]] = {}
        self._generation = 0

    def forget(self) -> None:
        """Something about keys has changed; also an answer that is on its way from the database is too old now."""
        self._generation += 1
        self._known.clear()
        self._asking.clear()

    def recall(self, authorization: bytes) -> Caller | None:
        """The caller, when nobody needs to be asked; raises Unauthenticated when the key has expired meanwhile."""
        known = self._known.get(digest_of(authorization[BEARER_LENGTH:], pepper=self._pepper))
        if known is None or known[1] < self._now() or not self.changes.is_connected:
            return None
        return self._unexpired(known[0])

    async def look_up(self, authorization: bytes) -> Caller:
        """The caller as the database knows them; raises Unauthenticated."""
        digest = digest_of(_key_in(authorization), pepper=self._pepper)
        asking = self._asking.get(digest)
        if asking is None:
            # A herd of requests with one new key is one question to the database.
            asking = self._asking[digest] = asyncio.get_running_loop().create_task(self._ask(digest))
            asking.add_done_callback(lambda task: self._answered(digest, task))
        caller = await asyncio.shield(asking)
        if caller is None:
            raise Unauthenticated("This API key is unknown, revoked or expired.")
        return self._unexpired(caller)

    async def _ask(self, digest: bytes) -> Caller | None:
        generation = self._generation
        caller = await self._find(digest)
        if caller is not None and generation == self._generation and self.changes.is_connected:
            self._known[digest] = (caller, self._now() + self._cache_s)
            if len(self._known) > MAX_CACHED:
                self._known.popitem(last=False)
        return caller

    def _answered(self, digest: bytes, task: "asyncio.Task[Caller | None]") -> None:
        if self._asking.get(digest) is task:
            del self._asking[digest]
        if not task.cancelled():
            task.exception()  # whoever asked has it; when all have left, nobody needs to be warned of it

    def _unexpired(self, caller: Caller) -> Caller:
        if caller.expires_at is not None and caller.expires_at <= self._clock.now():
            raise Unauthenticated("This API key is unknown, revoked or expired.")
        return caller


def _key_in(authorization: bytes) -> bytes:
    if authorization[:BEARER_LENGTH].lower() != b"bearer ":
        raise Unauthenticated("Send your API key as `Authorization: Bearer fc_live_...`.")
    key = authorization[BEARER_LENGTH:]
    if not is_well_formed(key):
        raise Unauthenticated("This is not an API key: its form or its checksum is wrong.")
    return key
