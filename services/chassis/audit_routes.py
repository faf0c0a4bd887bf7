"""A service's own chain, for the edge to compose the audit log from."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel

from services.chassis.audit import Verification, entries_after, verify_chain
from services.chassis.routing import Router
from services.chassis.unit_of_work import Work

MAX_ENTRIES = 200


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
    digest: str


class VerificationRead(BaseModel):
    """Whether the chain holds; if not, the first entry that does not, and why."""

    entries: int
    broken_at: int | None
    reason: str | None


router = Router(prefix="/internal/audit", tags=["internal"])


@router.get("/entries", scope="admin:read", include_in_schema=False)
async def list_audit_entries(
    work: Work,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_ENTRIES)] = MAX_ENTRIES,
) -> list[AuditEntryRead]:
    """Entries after a position, in the order of the chain."""
    entries = await entries_after(work.session, work.principal.workspace, after, limit=limit)
    return [_read(entry) for entry in entries]


@router.get("/verification", scope="admin:read", include_in_schema=False)
async def verify_audit_chain(work: Work) -> VerificationRead:
    """Recompute the chain from its first entry."""
    verification: Verification = await verify_chain(work.session, work.principal.workspace)
    return VerificationRead(**vars(verification))


def _read(entry: dict[str, Any]) -> AuditEntryRead:
    return AuditEntryRead(**entry | {"digest": entry["digest"].hex()})
