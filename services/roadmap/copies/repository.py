"""The only SQL about copies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import func, true, update
from sqlalchemy.dialects.postgresql import insert

from services.chassis.feed_handlers import Sweep
from services.chassis.repository import Repository
from services.roadmap.models import CompanyCopy, KpiCopy, RequirementCopy, TargetCopy, ThemeCopy


@dataclass(frozen=True, kw_only=True)
class Heard:
    """Something of a neighbour's at one of its versions; a fact that is not told (None) is not forgotten."""

    id: UUID
    source_version: int
    facts: Mapping[str, Any] = field(default_factory=dict)
    is_deleted: bool = False


class CopyRepository(Repository[Any]):
    """Copies of one kind of thing; `facts` names what is kept of it."""

    noun: ClassVar[str]
    facts: ClassVar[tuple[str, ...]] = ()

    async def remember(self, heard: Sequence[Heard], *, is_snapshot: bool = False) -> None:
        """Writes what is newer than what is known, from a snapshot everything: its source may have been set back.

        In the order of ids, so that two writers cannot lock crosswise.
        """
        if not heard:
            return
        rows = [self._row(each) for each in sorted(heard, key=lambda each: each.id)]
        statement = insert(self.model).values(rows)
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

    def _row(self, heard: Heard) -> dict[str, Any]:
        return {
            "workspace_id": self.workspace_id,
            "id": heard.id,
            "source_version": heard.source_version,
            "is_deleted": heard.is_deleted,
            "refreshed_at": self.session.info["clock"].now(),
            **{name: heard.facts.get(name) for name in self.facts},
        }


def _told_or_known(column: Any, told: Any) -> Any:
    return func.coalesce(told[column.name], column)


class RequirementCopies(CopyRepository):
    """Copies of requirements."""

    noun: ClassVar[str] = "requirement"
    model: ClassVar[Any] = RequirementCopy
    facts: ClassVar[tuple[str, ...]] = ("title", "status", "kind")


class KpiCopies(CopyRepository):
    """Copies of KPIs."""

    noun: ClassVar[str] = "KPI"
    model: ClassVar[Any] = KpiCopy
    facts: ClassVar[tuple[str, ...]] = ("name", "unit", "direction")


class ThemeCopies(CopyRepository):
    """Copies of themes."""

    noun: ClassVar[str] = "theme"
    model: ClassVar[Any] = ThemeCopy
    facts: ClassVar[tuple[str, ...]] = ("size",)


class CompanyCopies(CopyRepository):
    """Copies of companies."""

    noun: ClassVar[str] = "company"
    model: ClassVar[Any] = CompanyCopy


class TargetCopies(CopyRepository):
    """Copies of targets."""

    noun: ClassVar[str] = "target"
    model: ClassVar[Any] = TargetCopy
