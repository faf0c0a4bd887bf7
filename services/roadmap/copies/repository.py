"""The only SQL about copies."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import func, true, update
from sqlalchemy.dialects.postgresql import insert

from services.chassis.feed_handlers import Sweep
from services.chassis.repository import Repository
from services.roadmap.models import KpiCopy, RequirementCopy


@dataclass(frozen=True, kw_only=True)
class RequirementFacts:
    """A requirement at one of its versions; a title that is not told is not forgotten."""

    id: UUID
    source_version: int
    title: str | None = None
    status: str | None = None
    is_deleted: bool = False


@dataclass(frozen=True, kw_only=True)
class KpiFacts:
    """A KPI at one of its versions."""

    id: UUID
    source_version: int
    name: str | None = None
    unit: str | None = None
    direction: str | None = None
    is_deleted: bool = False


class _CopyRepository(Repository[Any]):
    async def remember(self, facts: Sequence[RequirementFacts | KpiFacts], *, is_snapshot: bool = False) -> None:
        """Writes what is newer than what is known, from a snapshot everything: its source may have been set back.

        In the order of ids, so that two writers cannot lock crosswise.
        """
        if not facts:
            return
        common = {"workspace_id": self.workspace_id, "refreshed_at": self.session.info["clock"].now()}
        statement = insert(self.model).values([asdict(each) | common for each in sorted(facts, key=lambda f: f.id)])
        known, told = self.model.__table__.c, statement.excluded
        changes = {
            column.name: told[column.name] if not column.nullable else _told_or_known(column, told)
            for column in known
            if not column.primary_key
        }
        await self.session.execute(
            statement.on_conflict_do_update(
                index_elements=["workspace_id", "id"],
                set_=changes,
                where=true() if is_snapshot else known.source_version < told.source_version,
            )
        )

    async def forget(self, sweep: Sweep) -> None:
        """Marks as deleted what a snapshot no longer brought."""
        copy = self.model
        await self.session.execute(
            update(copy)
            .where(
                copy.workspace_id == self.workspace_id,
                copy.refreshed_at < sweep.started_at,
                sweep.is_unseen(copy.id),
            )
            .values(is_deleted=True)
        )


def _told_or_known(column: Any, told: Any) -> Any:
    return func.coalesce(told[column.name], column)


class RequirementCopies(_CopyRepository):
    """Copies of requirements."""

    model: ClassVar[Any] = RequirementCopy


class KpiCopies(_CopyRepository):
    """Copies of KPIs."""

    model: ClassVar[Any] = KpiCopy
