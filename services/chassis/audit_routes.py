"""A service's own chain, for the edge to compose the audit log from."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel

from services.chassis.audit import GENESIS
from services.chassis.audit_reading import (
    AuditQuery,
    ChainPlace,
    Verification,
    find_entries,
    is_erased,
    verify_chain,
)
from services.chassis.routing import Router
from services.chassis.unit_of_work import Work

MAX_ENTRIES = 201
DIGEST = r"^[0-9a-f]{64}$"


class AuditEntryRead(BaseModel):
    """One act, as its service keeps it; `before` and `after` are JSON text, null once erased."""

    position: int
    at: datetime
    actor_id: str
    actor_kind: str
    action: str
    subject_type: str
    subject_id: UUID
    trace_id: str
    source: str
    is_unconditional: bool
    before: str | None
    after: str | None
    is_erased: bool
    digest: str

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> "AuditEntryRead":
        return cls(**{**entry, "digest": entry["digest"].hex(), "is_erased": is_erased(entry)})


class VerificationRead(BaseModel):
    """How far the chain holds; if it does not, the first entry that does not, and why."""

    position: int
    digest: str
    broken_at: int | None
    reason: str | None
    is_complete: bool

    @classmethod
    def of(cls, found: Verification) -> "VerificationRead":
        return cls(
            position=found.reached.position,
            digest=found.reached.digest.hex(),
            broken_at=found.broken_at,
            reason=found.reason,
            is_complete=found.is_complete,
        )


router = Router(prefix="/internal/audit", tags=["internal"])


@router.get("/entries", scope="admin:read", include_in_schema=False)
async def list_audit_entries(
    work: Work,
    *,
    before: Annotated[int | None, Query(ge=1)] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_ENTRIES)] = MAX_ENTRIES,
    actor_id: str | None = None,
    action: str | None = None,
    subject_type: str | None = None,
    subject_id: UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[AuditEntryRead]:
    """Entries that match, from the newest back."""
    query = AuditQuery(
        limit=limit,
        before=before,
        actor_id=actor_id,
        action=action,
        subject_type=subject_type,
        subject_id=subject_id,
        since=since,
        until=until,
    )
    return [AuditEntryRead.of(entry) for entry in await find_entries(work.session, work.principal.workspace, query)]


@router.get("/verification", scope="admin:read", include_in_schema=False)
async def verify_audit_chain(
    work: Work,
    position: Annotated[int, Query(ge=0)] = 0,
    digest: Annotated[str, Query(pattern=DIGEST)] = GENESIS.hex(),
) -> VerificationRead:
    """Recompute the chain from its first entry, or go on behind one that is known to hold."""
    start = ChainPlace(position, bytes.fromhex(digest))
    return VerificationRead.of(await verify_chain(work.session, work.principal.workspace, start=start))
