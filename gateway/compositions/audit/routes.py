"""Routes under /v1/audit-log."""

import json
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request

from gateway.compositions.audit.schemas import AuditEntry, AuditPage, AuditVerification, ChainVerification, Keeper
from gateway.compositions.audit.service import AuditService, Kept
from services.chassis.audit_reading import AuditQuery, ChainPlace
from services.chassis.audit_routes import VerificationRead
from services.chassis.context import ServiceContext
from services.chassis.cursors import binding_of
from services.chassis.pagination import MAX_LIMIT
from services.chassis.routing import Router
from services.chassis.types import Text, Timestamp
from services.chassis.unit_of_work import Me, context_of

Cursor = Annotated[str | None, Query(max_length=2_000, description="`next_cursor` of the previous answer.")]
Actor = Annotated[
    Text | None,
    Query(
        max_length=200,
        description="Only what this key, person or system did.",
        examples=["key:019c0d8e-7f2a-7c61-9d35-0b2f4c1a8e77"],
    ),
]
Action = Annotated[
    Text | None, Query(max_length=100, description="Only acts of this kind.", examples=["feature.updated"])
]
Subject = Annotated[UUID | None, Query(description="Only what was done to what has this id.")]
SubjectType = Annotated[
    Text | None, Query(max_length=100, description="Only what was done to things of this kind.", examples=["feature"])
]


def audit_router(audit: AuditService) -> Router:
    """`GET /v1/audit-log` and `/v1/audit-log/verify`, composed by this service."""
    router = Router(prefix="/v1/audit-log", tags=["Audit"])

    @router.get("", scope="admin:read", unit_of_work=False)
    async def list_audit_entries(
        request: Request,
        me: Me,
        *,
        actor: Actor = None,
        action: Action = None,
        subject: Subject = None,
        subject_type: SubjectType = None,
        since: Annotated[Timestamp | None, Query(description="Only what was done then or later.")] = None,
        until: Annotated[Timestamp | None, Query(description="Only what was done before then.")] = None,
        service: Annotated[Keeper | None, Query(description="Only what this service keeps.")] = None,
        cursor: Cursor = None,
        limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="How many entries at most.")] = 50,
    ) -> AuditPage:
        """Read who did what.

        Every change to your workspace, the newest first: who made it, what was there before and what after, and where
        the request came from. Each service keeps its own chain; this is all of them, merged by time. While one cannot
        be asked the answer is 503, because a log with a hole in it is none; `service` asks one alone. Feedback that is
        collected is told in the event log and not here.
        """
        query = AuditQuery(
            limit=limit,
            actor_id=actor,
            action=action,
            subject_type=subject_type,
            subject_id=subject,
            since=since,
            until=until,
        )
        cursors = _Cursors(context_of(request), binding_of(me.workspace, "audit", vars(query) | {"limit": 0}, service))
        found = await audit.newest(query, cursors.open(cursor), keeper=service, by=me)
        return AuditPage(items=[_shown(kept) for kept in found.entries], next_cursor=cursors.seal(found.reached))

    @router.get("/verify", scope="admin:read", unit_of_work=False)
    async def verify_audit_log(request: Request, me: Me, cursor: Cursor = None) -> AuditVerification:
        """Check that nobody has altered the log.

        Recomputes each service's chain of digests and names the first entry that does not hold: altered, missing or
        out of place. A long chain takes several calls: go on with `next_cursor` until it is null. To be sure that not
        even a whole chain was written anew, keep the `digest` of an entry elsewhere and compare it later.
        """
        cursors = _Cursors(context_of(request), binding_of(me.workspace, "audit verification"))
        places = {name: ChainPlace(at, bytes.fromhex(digest)) for name, (at, digest) in cursors.open(cursor).items()}
        checks = await audit.verify(places, by=me)
        is_ended = checks.is_complete or not checks.is_intact
        reached = {name: (place.position, place.digest.hex()) for name, place in checks.places.items()}
        return AuditVerification(
            is_intact=checks.is_intact,
            chains=[_checked(name, found) for name, found in checks.found.items()],
            next_cursor=None if is_ended else cursors.seal(reached),
        )

    return router


class _Cursors:
    """Seals where each chain has been reached, for this workspace and these filters alone."""

    def __init__(self, context: ServiceContext, binding: str) -> None:
        self._signer = context.cursors
        self._binding = binding

    def open(self, cursor: str | None) -> dict[str, Any]:
        if cursor is None:
            return {}
        places: dict[str, Any] = self._signer.open_bound("cursor", cursor, binding=self._binding)
        return places

    def seal(self, places: Any) -> str | None:
        return None if places is None else self._signer.seal("cursor", [self._binding, places])


def _shown(kept: Kept) -> AuditEntry:
    entry = kept.entry.model_dump()
    payloads = {name: entry[name] and json.loads(entry[name]) for name in ("before", "after")}
    return AuditEntry(service=kept.service, **entry | payloads)


def _checked(service: str, found: VerificationRead) -> ChainVerification:
    told = found.model_dump()
    return ChainVerification(service=service, verified_to=told.pop("position"), **told)
