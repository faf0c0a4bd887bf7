"""Idempotency-Key: the same request twice has one effect (draft-ietf-httpapi-idempotency-key-header-07, a draft)."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from services.chassis.errors import BadRequest, IdempotencyKeyReused, RequestInProgress
from services.chassis.identity import Principal
from services.chassis.tables import idempotency_record
from services.chassis.types import VISIBLE_ASCII

KEPT_FAILURES = frozenset({400, 404, 409, 410, 422})
KEPT_HEADERS = ("content-type", "location", "etag")
REPLAYED = "Idempotency-Replayed"


class Replay(Exception):
    """The effect happened before; this is the answer it got."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        super().__init__(status)
        self.response = Response(body, status, headers | {REPLAYED: "true"})


@dataclass(frozen=True)
class IdempotencyScope:
    """Whose key it is, and for which route."""

    workspace_id: UUID
    principal_id: str
    method: str
    route: str
    key: str

    @property
    def lock(self) -> int:
        """A 64-bit advisory lock number; two scopes share one with negligible chance, and then only wait."""
        text = "\n".join((str(self.workspace_id), self.principal_id, self.method, self.route, self.key))
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)

    def columns(self) -> dict[str, Any]:
        return {
            "workspace_id": self.workspace_id,
            "principal_id": self.principal_id,
            "method": self.method,
            "route": self.route,
            "key": self.key,
        }

    def matches(self) -> ColumnElement[bool]:
        return and_(*(idempotency_record.c[name] == value for name, value in self.columns().items()))


class IdempotencyGuard:
    """Claims a key as the transaction begins, and keeps the answer with the effect."""

    def __init__(self, scope: IdempotencyScope, fingerprint: bytes, *, now: datetime, lifetime: timedelta) -> None:
        self.scope = scope
        self.fingerprint = fingerprint
        self.now = now
        self.oldest = now - lifetime

    def claim(self, connection: Connection) -> None:
        """Raises Replay, RequestInProgress or IdempotencyKeyReused; else the key is ours until the transaction ends.

        The look-up is a statement of its own: its snapshot must be younger than the lock.
        """
        if not connection.scalar(select(func.pg_try_advisory_xact_lock(self.scope.lock))):
            raise RequestInProgress
        record = idempotency_record.c
        known = connection.execute(
            select(record.fingerprint, record.status, record.headers, record.body).where(
                self.scope.matches(), record.created_at >= self.oldest
            )
        ).first()
        if known is None:
            return
        if known.fingerprint != self.fingerprint:
            raise IdempotencyKeyReused
        raise Replay(known.status, known.headers, known.body)

    async def keep(self, session: AsyncSession, response: Response) -> None:
        """Writes the answer, replacing one that has expired."""
        values = {
            "fingerprint": self.fingerprint,
            "status": response.status_code,
            "headers": kept_headers(response),
            "body": bytes(getattr(response, "kept_body", response.body)),
            "created_at": self.now,
        }
        statement = insert(idempotency_record).values(**self.scope.columns(), **values)
        await session.execute(statement.on_conflict_do_update(constraint=idempotency_record.primary_key, set_=values))


def kept_headers(response: Response) -> dict[str, str]:
    return {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}


def read_key(request: Request) -> str | None:
    """The Idempotency-Key, without the quotes that the draft's structured field has."""
    sent = request.headers.get("idempotency-key")
    if sent is None:
        return None
    key = sent[1:-1] if len(sent) > 2 and sent[0] == sent[-1] == '"' else sent
    if not VISIBLE_ASCII.match(key):
        raise BadRequest("Idempotency-Key takes 1 to 255 visible ASCII characters.")
    return key


def fingerprint_of(request: Request, body: bytes) -> bytes:
    """SHA-256 over method, path, content type, query and body, each with its length."""
    digest = hashlib.sha256()
    # From the scope itself: making a URL of it is a fifteenth of what a small request costs.
    where = (request.method, request.scope["path"], request.headers.get("content-type", ""))
    for part in (*(text.encode() for text in where), request.scope["query_string"], body):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()


def guard_for(
    request: Request, principal: Principal, *, route: str, body: bytes, now: datetime, lifetime: timedelta
) -> IdempotencyGuard | None:
    """The guard for a request that carries a key."""
    key = read_key(request)
    if key is None:
        return None
    scope = IdempotencyScope(principal.workspace, principal.id, request.method, route, key)
    return IdempotencyGuard(scope, fingerprint_of(request, body), now=now, lifetime=lifetime)
