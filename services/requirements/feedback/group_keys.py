"""Idempotency-Key for a whole group of requests at once: three statements, not three per request."""

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
import msgspec
from starlette.responses import Response

from services.chassis.errors import IdempotencyKeyReused, RequestInProgress
from services.chassis.idempotency import IdempotencyGuard, Replay, kept_headers

TRY_LOCKS = """
SELECT pg_try_advisory_xact_lock(lock) FROM unnest($1::bigint[]) WITH ORDINALITY AS each (lock, place) ORDER BY place
"""

# In a statement of its own: its snapshot must be younger than the locks. One look-up per key, by the primary key: as a
# plain join the planner would read the whole table, whose size it does not know while it grows.
KNOWN_KEYS = """
SELECT asked.place, record.fingerprint, record.status, record.headers::text AS headers, record.body
FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])
     WITH ORDINALITY AS asked (principal_id, method, route, key, oldest, place)
CROSS JOIN LATERAL (
    SELECT fingerprint, status, headers, body FROM idempotency_record AS known
    WHERE known.workspace_id = $1 AND known.principal_id = asked.principal_id AND known.method = asked.method
      AND known.route = asked.route AND known.key = asked.key AND known.created_at >= asked.oldest
    LIMIT 1
) AS record
"""

KEEP = """
INSERT INTO idempotency_record (workspace_id, principal_id, method, route, key, fingerprint, status, headers, body,
                                created_at)
SELECT $1, principal_id, method, route, key, fingerprint, status, headers::jsonb, body, created_at
FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::bytea[], $8::smallint[],
            $9::text[], $10::bytea[])
     AS kept (principal_id, method, route, key, created_at, fingerprint, status, headers, body)
ORDER BY principal_id, method, route, key
ON CONFLICT (workspace_id, principal_id, method, route, key) DO UPDATE SET
    fingerprint = excluded.fingerprint, status = excluded.status, headers = excluded.headers, body = excluded.body,
    created_at = excluded.created_at
"""


async def claim_keys(
    connection: asyncpg.Connection, guards: Sequence[IdempotencyGuard | None]
) -> Mapping[int, Exception]:
    """By place in the group, why a request is not to be carried out: Replay, RequestInProgress, IdempotencyKeyReused.

    A key that stands twice in the group belongs to the first: the lock would let its own transaction in again.
    """
    refused: dict[int, Exception] = {}
    asked: dict[Any, int] = {}
    for place, guard in enumerate(guards):
        if guard is not None:
            if guard.scope in asked:
                refused[place] = RequestInProgress()
            else:
                asked[guard.scope] = place
    held = [(place, guard) for place, guard in enumerate(guards) if guard is not None and place not in refused]
    if not held:
        return refused
    locks = await connection.fetch(TRY_LOCKS, [guard.scope.lock for _, guard in held])
    free = []
    for (place, guard), (is_ours,) in zip(held, locks, strict=True):
        if is_ours:
            free.append((place, guard))
        else:
            refused[place] = RequestInProgress()
    return refused | await _known(connection, free)


async def _known(connection: asyncpg.Connection, held: Sequence[tuple[int, IdempotencyGuard]]) -> dict[int, Exception]:
    if not held:
        return {}
    guards = [guard for _, guard in held]
    rows = await connection.fetch(KNOWN_KEYS, *_scope_columns(guards), [guard.oldest for guard in guards])
    known: dict[int, Exception] = {}
    for row in rows:
        place, guard = held[row["place"] - 1]
        is_same = row["fingerprint"] == guard.fingerprint
        headers = msgspec.json.decode(row["headers"])
        known[place] = Replay(row["status"], headers, row["body"]) if is_same else IdempotencyKeyReused()
    return known


async def keep_answers(connection: asyncpg.Connection, answers: Sequence[tuple[IdempotencyGuard, Response]]) -> None:
    """Writes the answers beside their effects, replacing those that have expired."""
    if not answers:
        return
    guards = [guard for guard, _ in answers]
    responses = [response for _, response in answers]
    await connection.execute(
        KEEP,
        *_scope_columns(guards),
        [guard.now for guard in guards],
        [guard.fingerprint for guard in guards],
        [response.status_code for response in responses],
        [msgspec.json.encode(kept_headers(response)).decode() for response in responses],
        [bytes(response.body) for response in responses],
    )


def _scope_columns(guards: Sequence[IdempotencyGuard]) -> tuple[Any, ...]:
    """The workspace, then the other columns of the key."""
    scopes = [guard.scope for guard in guards]
    return (
        scopes[0].workspace_id,
        [scope.principal_id for scope in scopes],
        [scope.method for scope in scopes],
        [scope.route for scope in scopes],
        [scope.key for scope in scopes],
    )
