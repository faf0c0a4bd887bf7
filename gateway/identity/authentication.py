"""From an Authorization header to a caller: cache, then what the credential itself says, then the database."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Protocol

from gateway.identity.caller import Caller
from gateway.identity.key_format import digest_of, is_well_formed
from gateway.identity.oidc.tokens import looks_like_token
from services.chassis.clock import Clock
from services.chassis.errors import Unauthenticated

MAX_CACHED = 50_000
BEARER_LENGTH = len(b"Bearer ")


class ChangeFeed(Protocol):
    """Says whether a revocation elsewhere would be heard at once."""

    @property
    def is_connected(self) -> bool: ...


class Authenticator:
    """Knows who is behind a key or a person's token, and forgets it the moment anything about keys or members changes.

    A caller is remembered for `cache_s`, but only while changes are heard: without the connection that carries them
    every request asks the database, so that a revoked key is refused within a second, on every replica.
    """

    def __init__(
        self,
        find: Callable[[bytes], Awaitable[Caller | None]],
        *,
        pepper: bytes,
        changes: ChangeFeed,
        clock: Clock,
        cache_s: float,
        find_person: Callable[[bytes, bytes], Awaitable[Caller]] | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._find = find
        self._find_person = find_person
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

    def recall(self, authorization: bytes, workspace: bytes = b"") -> Caller | None:
        """The caller, when nobody needs to be asked; raises Unauthenticated when what they showed has expired."""
        known = self._known.get(self._name(authorization[BEARER_LENGTH:], workspace))
        if known is None or known[1] < self._now() or not self.changes.is_connected:
            return None
        return self._unexpired(known[0])

    async def look_up(self, authorization: bytes, workspace: bytes = b"") -> Caller:
        """The caller as the database knows them, in `workspace` if a person names one; raises Unauthenticated."""
        credential = _credential(authorization)
        name = self._name(credential, workspace)
        asking = self._asking.get(name)
        if asking is None:
            # A herd of requests with one new key is one question to the database.
            question = self._ask(name, self._question(credential, workspace))
            asking = self._asking[name] = asyncio.get_running_loop().create_task(question)
            asking.add_done_callback(lambda task: self._answered(name, task))
        caller = await asyncio.shield(asking)
        if caller is None:
            raise Unauthenticated("This API key is unknown, revoked or expired.")
        return self._unexpired(caller)

    def _question(self, credential: bytes, workspace: bytes) -> Awaitable[Caller | None]:
        """Whom to ask about it; raises Unauthenticated for what is neither a key nor, where people sign in, a token."""
        if is_well_formed(credential):
            return self._find(digest_of(credential, pepper=self._pepper))
        if self._find_person is not None and looks_like_token(credential):
            return self._find_person(credential, workspace)
        raise Unauthenticated("This is not an API key: its form or its checksum is wrong.")

    def _name(self, credential: bytes, workspace: bytes) -> bytes:
        """What the caller is remembered under: never the credential itself."""
        return digest_of(credential + b"\0" + workspace if workspace else credential, pepper=self._pepper)

    async def _ask(self, name: bytes, question: Awaitable[Caller | None]) -> Caller | None:
        generation = self._generation
        caller = await question
        if caller is not None and generation == self._generation and self.changes.is_connected:
            self._known[name] = (caller, self._now() + self._cache_s)
            if len(self._known) > MAX_CACHED:
                self._known.popitem(last=False)
        return caller

    def _answered(self, name: bytes, task: "asyncio.Task[Caller | None]") -> None:
        if self._asking.get(name) is task:
            del self._asking[name]
        if not task.cancelled():
            task.exception()  # whoever asked has it; when all have left, nobody needs to be warned of it

    def _unexpired(self, caller: Caller) -> Caller:
        if caller.expires_at is not None and caller.expires_at <= self._clock.now():
            raise Unauthenticated("This API key or token has expired.")
        return caller


def _credential(authorization: bytes) -> bytes:
    if authorization[:BEARER_LENGTH].lower() != b"bearer ":
        raise Unauthenticated("Send your API key as `Authorization: Bearer fc_live_...`.")
    return authorization[BEARER_LENGTH:]
