"""Reads the audit trail: the newest entries that match, and whether the chain holds from its first entry on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.audit import GENESIS, entry_digest, payload_digest
from services.chassis.tables import audit_entry, audit_head

VERIFIED_AT_ONCE = 50_000


@dataclass(frozen=True, kw_only=True)
class AuditQuery:
    """Which entries are wanted, newest first; `before` is the position that the last page ended with."""

    limit: int
    before: int | None = None
    actor_id: str | None = None
    action: str | None = None
    subject_type: str | None = None
    subject_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


async def find_entries(session: AsyncSession, workspace_id: UUID, query: AuditQuery) -> Sequence[dict[str, Any]]:
    """Entries that match, from the newest back.

    Ordered by position, which never moves, and not by time: a page stays whole when a clock was set back.
    """
    found = await session.execute(
        select(audit_entry)
        .where(audit_entry.c.workspace_id == workspace_id, *_conditions(query))
        .order_by(audit_entry.c.position.desc())
        .limit(query.limit)
    )
    return [{**row} for row in found.mappings()]


def _conditions(query: AuditQuery) -> Iterator[ColumnElement[bool]]:
    entry = audit_entry.c
    for name in ("actor_id", "action", "subject_type", "subject_id"):
        wanted = getattr(query, name)
        if wanted is not None:
            yield entry[name] == wanted
    if query.before is not None:
        yield entry.position < query.before
    if query.since is not None:
        yield entry.at >= query.since
    if query.until is not None:
        yield entry.at < query.until


@dataclass(frozen=True)
class ChainPlace:
    """How far a chain has been checked: the last entry that held, and its digest."""

    position: int = 0
    digest: bytes = GENESIS


@dataclass(frozen=True)
class Verification:
    """The last entry that holds; the first that does not, with the reason; whether the end of the chain was reached."""

    reached: ChainPlace
    broken_at: int | None = None
    reason: str | None = None
    is_complete: bool = True

    @property
    def is_intact(self) -> bool:
        return self.broken_at is None


async def verify_chain(
    session: AsyncSession,
    workspace_id: UUID,
    *,
    start: ChainPlace | None = None,
    limit: int = VERIFIED_AT_ONCE,
    batch: int = 1_000,
) -> Verification:
    """Recompute the chain, as it was when this began, from `start` for at most about `limit` entries."""
    head = (await session.execute(select(audit_head).where(audit_head.c.workspace_id == workspace_id))).one_or_none()
    end = ChainPlace() if head is None else ChainPlace(head.position, head.digest)
    place = start or ChainPlace()
    checked = 0
    while checked < limit:
        entries = await _following(session, workspace_id, place.position, limit=batch, upto=end.position)
        for entry in entries:
            reason = _fault(entry, after=place)
            if reason is not None:
                return Verification(place, place.position + 1, reason)
            place = ChainPlace(entry["position"], entry["digest"])
        checked += batch
        if len(entries) < batch:
            return _ended(place, end)
    return Verification(place, is_complete=False)


async def _following(
    session: AsyncSession, workspace_id: UUID, after: int, *, limit: int, upto: int
) -> Sequence[dict[str, Any]]:
    entry = audit_entry.c
    query = select(audit_entry).where(
        entry.workspace_id == workspace_id, entry.position > after, entry.position <= upto
    )
    found = await session.execute(query.order_by(entry.position).limit(limit))
    return [{**row} for row in found.mappings()]


def _ended(place: ChainPlace, end: ChainPlace) -> Verification:
    if place != end:
        return Verification(place, place.position + 1, "the chain ends before its head, or elsewhere")
    return Verification(place)


def _fault(entry: Mapping[str, Any], *, after: ChainPlace) -> str | None:
    if entry["position"] != after.position + 1:
        return "an entry is missing"
    if entry["previous"] != after.digest:
        return "the entry does not follow the one before it"
    if not is_erased(entry) and entry["payload_digest"] != payload_digest(
        entry["salt"] or b"", entry["before"], entry["after"]
    ):
        return "what was changed has been altered"
    if entry["digest"] != entry_digest(entry):
        return "the entry has been altered"
    return None


def is_erased(entry: Mapping[str, Any]) -> bool:
    """Whether what was changed has been erased, with the salt that its digest was made with."""
    return entry["salt"] is None and entry["before"] is None and entry["after"] is None
