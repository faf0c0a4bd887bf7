"""Personal data in the chassis' own tables: kept answers, and what the audit trail remembers."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sqlalchemy import Text, cast, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.operations import FINAL
from services.chassis.privacy.holdings import DataSubject
from services.chassis.tables import audit_entry, idempotency_record, operation
from services.chassis.unit_of_work import UnitOfWork

IMPERSONAL: Mapping[str, str] = {
    "event": "ids and facts, by rule never people's words",
    "feed_head": "positions",
    "cursor": "positions",
    "parked_event": "events, which hold ids and facts",
    "snapshot_subject": "ids",
    "known_workspace": "ids",
    "audit_head": "digests",
    "idempotency_record.principal_id": "the key's or person's id that made the request",
    "idempotency_record.method": "of the request",
    "idempotency_record.route": "of the request",
    "idempotency_record.key": "the caller's own name for the request",
    "idempotency_record.fingerprint": "a digest",
    "idempotency_record.headers": "content type, location and ETag",
    "operation.id": "an id",
    "operation.kind": "of a fixed set",
    "operation.state": "of a fixed set",
    "operation.message": "of a fixed set",
    "operation.problem": "a problem document, which quotes no input",
    "operation.created_by": "the id of the key or person that started it",
    **{
        f"audit_entry.{name}": "who did what to which id; the chain rests on it"
        for name in ("actor_id", "actor_kind", "action", "subject_type", "trace_id", "source")
    },
    **{f"audit_entry.{name}": "a digest" for name in ("payload_digest", "previous", "digest")},
}


class KeptAnswers:
    """Answers kept for Idempotency-Keys, and operations: each mentions the person by one of the ids."""

    covers: ClassVar[Mapping[str, Sequence[str]]] = {
        "idempotency_record": ("body",),
        "operation": ("payload", "result"),
    }

    async def export(self, session: AsyncSession, subject: DataSubject) -> Mapping[str, list[dict[str, Any]]]:
        """Nothing: they only repeat what other tables show."""
        del session, subject
        return {}

    async def erase(self, work: UnitOfWork, subject: DataSubject) -> Mapping[str, int]:
        """Kept answers go, as they would within a day; of operations those that have ended, such as an export."""
        session, workspace_id = work.session, work.principal.workspace
        body = func.convert_from(idempotency_record.c.body, "UTF8")
        answers = await session.execute(
            delete(idempotency_record).where(
                idempotency_record.c.workspace_id == workspace_id, _mentions(body, subject)
            )
        )
        written = func.concat(cast(operation.c.payload, Text), cast(operation.c.result, Text))
        operations = await session.execute(
            delete(operation).where(
                operation.c.workspace_id == workspace_id, operation.c.state.in_(FINAL), _mentions(written, subject)
            )
        )
        return {"idempotency_record": _count(answers), "operation": _count(operations)}


class AuditPayloads:
    """What audit entries say of the person's rows; the chain itself stays whole."""

    covers: ClassVar[Mapping[str, Sequence[str]]] = {"audit_entry": ("before", "after", "salt")}

    async def export(self, session: AsyncSession, subject: DataSubject) -> Mapping[str, list[dict[str, Any]]]:
        """Every entry about the person's own rows."""
        entry = audit_entry.c
        rows = await session.execute(
            select(entry.at, entry.action, entry.subject_type, entry.subject_id, entry.before, entry.after)
            .where(entry.workspace_id == session.info["workspace_id"], entry.subject_id.in_(subject.all_ids))
            .order_by(entry.position)
        )
        return {"audit_entry": [{**row} for row in rows.mappings()]}

    async def erase(self, work: UnitOfWork, subject: DataSubject) -> Mapping[str, int]:
        entry = audit_entry.c
        erased = await work.session.execute(
            update(audit_entry)
            .where(
                entry.workspace_id == work.principal.workspace,
                entry.subject_id.in_(subject.all_ids),
                entry.salt.is_not(None),
            )
            .values(before=None, after=None, salt=None)
        )
        return {"audit_entry": _count(erased)}


def _mentions(text: Any, subject: DataSubject) -> Any:
    return or_(*(func.strpos(text, each) > 0 for each in subject.names))


def _count(result: Any) -> int:
    return int(result.rowcount)
