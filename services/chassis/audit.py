"""Who changed what: entries chained per workspace, written with the change; `audit_reading` checks them.

Each entry's digest covers the digest before it and its own fields; of the payload (`before`, `after`) it covers only a
salted digest, so that a person's data can be erased without breaking the chain. After Crosby and Wallach, *Efficient
Data Structures for Tamper-Evident Logging*, USENIX Security 2009, in its simplest form: a linear hash chain.
"""

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import inspect, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.clock import Clock
from services.chassis.identity import Principal
from services.chassis.rows import WorkspaceRow
from services.chassis.tables import audit_entry, audit_head

GENESIS = bytes(32)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SALT_BYTES = 16
CHANGES = "audit:changes"
UNREMEMBERED = frozenset({"workspace_id", "version", "created_at", "updated_at"})


@dataclass(frozen=True)
class Change:
    """What one row was and what it became; None where there was, or is, none."""

    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


@dataclass
class AuditTrail:
    """Gathers what a unit of work did, and chains it in the transaction of the change, as its last lock."""

    session: AsyncSession
    principal: Principal
    clock: Clock
    trace_id: str
    source: str
    is_unconditional: bool = False
    _acts: list[tuple[str, str, UUID]] = field(default_factory=list)

    def note(self, action: str, *, subject_type: str, subject_id: UUID) -> None:
        """Remember an act; what its row was and became is taken from the session."""
        self._acts.append((action, subject_type, subject_id))

    def forget(self) -> None:
        """Drop what was noted, because it was undone."""
        self._acts.clear()

    async def write(self) -> None:
        """Append an entry for each act. Nobody else appends to this workspace's chain until the transaction ends."""
        if not self._acts:
            return
        await self.session.flush()
        position, digest = await self._lock_head()
        entries = []
        for action, subject_type, subject_id in self._acts:
            position += 1
            entry = self._entry(position, digest, action, subject_type, subject_id)
            digest = entry["digest"]
            entries.append(entry)
        await self.session.execute(insert(audit_entry), entries)
        await self.session.execute(
            update(audit_head)
            .where(audit_head.c.workspace_id == self.principal.workspace)
            .values(position=position, digest=digest)
        )
        self._acts.clear()

    async def _lock_head(self) -> tuple[int, bytes]:
        head = audit_head.c
        mine = head.workspace_id == self.principal.workspace
        start = insert(audit_head).values(workspace_id=self.principal.workspace, position=0, digest=GENESIS)
        await self.session.execute(start.on_conflict_do_nothing())
        row = (await self.session.execute(select(head.position, head.digest).where(mine).with_for_update())).one()
        return row.position, row.digest

    def _entry(
        self, position: int, previous: bytes, action: str, subject_type: str, subject_id: UUID
    ) -> dict[str, Any]:
        change: Change = self.session.info.get(CHANGES, {}).get(subject_id, Change(None, None))
        salt = secrets.token_bytes(SALT_BYTES)
        before, after = _text(change.before), _text(change.after)
        entry: dict[str, Any] = {
            "workspace_id": self.principal.workspace,
            "position": position,
            "at": self.clock.now(),
            "actor_id": self.principal.id,
            "actor_kind": self.principal.kind,
            "action": action,
            "subject_type": subject_type,
            "subject_id": subject_id,
            "trace_id": self.trace_id,
            "source": self.source,
            "is_unconditional": self.is_unconditional,
            "before": before,
            "after": after,
            "salt": salt,
            "payload_digest": payload_digest(salt, before, after),
            "previous": previous,
        }
        return entry | {"digest": entry_digest(entry)}


def remember_changes(session: Any) -> None:
    """Called before a flush: keeps what the rows in it were and become, for the trail."""
    changes: dict[UUID, Change] = session.info.setdefault(CHANGES, {})
    for row in session.new:
        if isinstance(row, WorkspaceRow):
            _remember(changes, row.id, Change(None, _loaded(row)))
    for row in session.deleted:
        if isinstance(row, WorkspaceRow):
            _remember(changes, row.id, Change(_loaded(row), None))
    for row in session.dirty:
        if isinstance(row, WorkspaceRow) and session.is_modified(row):
            _remember(changes, row.id, _changed(row))


def _remember(changes: dict[UUID, Change], row_id: UUID, change: Change) -> None:
    earlier = changes.get(row_id)
    if earlier is not None:
        before = earlier.before if earlier.before is None else {**(change.before or {}), **earlier.before}
        after = change.after if change.after is None else {**(earlier.after or {}), **change.after}
        change = Change(before, after)
    changes[row_id] = change


def _remembered(row: Any) -> Iterator[str]:
    """What the trail keeps: not the row's own bookkeeping, and nothing marked `info={"secret": True}`."""
    for attribute in inspect(row).mapper.column_attrs:
        if attribute.key not in UNREMEMBERED and not attribute.columns[0].info.get("secret"):
            yield attribute.key


def _loaded(row: Any) -> dict[str, Any]:
    values = inspect(row).dict
    return {name: _plain(values[name]) for name in _remembered(row) if name in values}


def _changed(row: Any) -> Change:
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for name in _remembered(row):
        history = inspect(row).attrs[name].history
        if history.has_changes():
            before[name] = _plain(history.deleted[0]) if history.deleted else None
            after[name] = _plain(history.added[0]) if history.added else None
    return Change(before, after)


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value, enc_hook=str)


def _text(payload: Mapping[str, Any] | None) -> str | None:
    return None if payload is None else msgspec.json.encode(payload, order="deterministic").decode()


def payload_digest(salt: bytes, before: str | None, after: str | None) -> bytes:
    """SHA-256 over the salt and the payload; without the salt, guessing the payload from it is no use."""
    return _digest(salt, _bytes(before), _bytes(after))


def entry_digest(entry: Mapping[str, Any]) -> bytes:
    """SHA-256 over everything an entry says, its payload only by its digest, and the digest before it."""
    microseconds = (entry["at"] - EPOCH) // timedelta(microseconds=1)
    return _digest(
        entry["previous"],
        entry["workspace_id"].bytes,
        str(entry["position"]).encode(),
        str(microseconds).encode(),
        *(_bytes(entry[name]) for name in ("actor_id", "actor_kind", "action", "subject_type")),
        entry["subject_id"].bytes,
        *(_bytes(entry[name]) for name in ("trace_id", "source")),
        b"1" if entry["is_unconditional"] else b"0",
        entry["payload_digest"],
    )


def _bytes(text: str | None) -> bytes:
    return b"\x00" if text is None else b"\x01" + text.encode()


def _digest(*parts: bytes) -> bytes:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()
