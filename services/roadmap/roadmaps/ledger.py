"""Writes down every change to a roadmap with its reason, and tells the feed once for all of them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.chassis.unit_of_work import UnitOfWork
from services.roadmap.models import Roadmap, RoadmapChange, RoadmapItem
from services.roadmap.models.base import touch
from services.roadmap.roadmaps.repository import ItemRepository


@dataclass(frozen=True)
class Grounds:
    """Why a roadmap changes: words, a decision, or both; and the proposal that was adopted, if any."""

    reason: str | None = None
    decision_id: UUID | None = None
    optimization_id: UUID | None = None


class Ledger:
    """One set of changes to one roadmap, whose row the caller has locked; `close` counts and tells them."""

    def __init__(self, work: UnitOfWork, roadmap: Roadmap, grounds: Grounds) -> None:
        self.work, self.roadmap, self.grounds = work, roadmap, grounds
        self.items = ItemRepository(work.session)
        self._told: list[dict[str, Any]] = []

    async def place(self, feature_id: UUID, place: dict[str, Any]) -> RoadmapItem:
        """Put a feature on the roadmap."""
        item = RoadmapItem(
            roadmap_id=self.roadmap.id, feature_id=feature_id, optimization_id=self.grounds.optimization_id, **place
        )
        await self.items.add(item)
        await self._note("placed", item, before=None, after=item.place())
        return item

    async def change(self, item: RoadmapItem, place: dict[str, Any]) -> None:
        """Move, date or pin an item; what is so already is no change."""
        before = item.place()
        for name, value in place.items():
            setattr(item, name, value)
        if item.place() == before:
            return
        item.optimization_id = self.grounds.optimization_id
        await self.work.session.flush()
        await self._note("changed", item, before=before, after=item.place())

    async def remove(self, item: RoadmapItem) -> None:
        """Take an item off the roadmap."""
        before = item.place()
        await self.items.remove(item)
        await self._note("removed", item, before=before, after=None)

    async def close(self) -> None:
        """Count the changes as one new version of the roadmap."""
        if not self._told:
            return
        touch(self.roadmap)
        await self.work.session.flush()
        await self.work.events.append(
            "roadmap.changed",
            subject_type="roadmap",
            subject_id=self.roadmap.id,
            version=self.roadmap.version,
            data={"changes": self._told, **self._cited()},
        )

    def _cited(self) -> dict[str, UUID | None]:
        return {"decision_id": self.grounds.decision_id, "optimization_id": self.grounds.optimization_id}

    async def _note(
        self, kind: str, item: RoadmapItem, *, before: dict[str, Any] | None, after: dict[str, Any] | None
    ) -> None:
        self._told.append({"feature_id": item.feature_id, "kind": kind})
        self.work.session.add(
            RoadmapChange(
                roadmap_id=self.roadmap.id,
                feature_id=item.feature_id,
                kind=kind,
                reason=self.grounds.reason,
                before=before,
                after=after,
                **self._cited(),
                made_by=self.work.principal.id,
                made_at=self.work.clock.now(),
            )
        )
        await self.work.events.append(
            f"roadmap_item.{kind}",
            subject_type="roadmap_item",
            subject_id=item.id,
            version=item.version + (kind == "removed"),
            data={"roadmap_id": self.roadmap.id, "feature_id": item.feature_id, **(after or {})},
        )
