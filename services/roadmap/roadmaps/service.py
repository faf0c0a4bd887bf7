"""Keeps roadmaps by hand: people place, date and pin features, and say why."""

from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.errors import FieldError, Invalid, PreconditionRequired, UnknownReference
from services.chassis.pagination import PageQuery, list_page, newest_first
from services.chassis.types import Page
from services.chassis.unit_of_work import Work
from services.roadmap.decisions.service import DecisionService
from services.roadmap.features.repository import FeatureRepository
from services.roadmap.models import Roadmap, RoadmapChange, RoadmapItem
from services.roadmap.models.base import columns
from services.roadmap.roadmaps.ledger import Grounds, Ledger
from services.roadmap.roadmaps.repository import ChangeRepository, ItemRepository, RoadmapRepository
from services.roadmap.roadmaps.schemas import (
    ChangeRead,
    Horizon,
    ItemPut,
    ItemRead,
    RoadmapCreate,
    RoadmapRead,
    RoadmapUpdate,
)


class RoadmapService:
    """Roadmaps, their items, and the record of what changed."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def roadmaps(self) -> RoadmapRepository:
        return RoadmapRepository(self.work.session)

    @property
    def items(self) -> ItemRepository:
        return ItemRepository(self.work.session)

    async def create(self, new: RoadmapCreate) -> Roadmap:
        roadmap = Roadmap(**columns(new.fields()))
        _require_period(roadmap)
        await self.roadmaps.add(roadmap)
        await self._tell("roadmap.created", roadmap, version=roadmap.version)
        return roadmap

    async def get(self, roadmap_id: UUID) -> Roadmap:
        return await self.roadmaps.get(roadmap_id)

    async def search(self, page: PageQuery) -> Page[RoadmapRead]:
        rows = self.roadmaps.rows()
        return await list_page(
            self.work, rows, page, model=Roadmap, subject_type="roadmap", read=RoadmapRead.model_validate
        )

    async def update(self, roadmap_id: UUID, change: RoadmapUpdate, *, if_match: Precondition) -> Roadmap:
        roadmap = await self.roadmaps.get(roadmap_id, lock=True)
        if_match.check(roadmap)
        for name, value in columns(change.changes()).items():
            setattr(roadmap, name, value)
        _require_period(roadmap)
        await self.work.session.flush()
        await self._tell("roadmap.updated", roadmap, version=roadmap.version)
        return roadmap

    async def delete(self, roadmap_id: UUID, *, if_match: Precondition) -> None:
        roadmap = await self.roadmaps.get(roadmap_id, lock=True)
        if_match.check(roadmap)
        version = roadmap.version
        await self.roadmaps.remove(roadmap)
        await self._tell("roadmap.deleted", roadmap, version=version + 1)

    async def search_items(self, roadmap_id: UUID, page: PageQuery, *, horizon: Horizon | None) -> Page[ItemRead]:
        await self.roadmaps.get(roadmap_id)
        query = self.items.on(roadmap_id)
        if horizon is not None:
            query = query.where(RoadmapItem.horizon == horizon)
        return await list_page(
            self.work,
            query,
            page,
            model=RoadmapItem,
            subject_type="roadmap_item",
            read=ItemRead.model_validate,
            filters={"roadmap_id": roadmap_id, "horizon": horizon},
        )

    async def get_item(self, roadmap_id: UUID, feature_id: UUID) -> RoadmapItem:
        await self.roadmaps.get(roadmap_id)
        return await self.items.get_placed(roadmap_id, feature_id)

    async def put_item(
        self, roadmap_id: UUID, feature_id: UUID, put: ItemPut, *, if_match: Precondition | None
    ) -> RoadmapItem:
        """Place a feature, or change its place: then the caller must have seen the item it changes."""
        ledger = await self._ledger(roadmap_id, Grounds(put.reason, put.decision_id))
        place = {name: value for name, value in put.fields().items() if name not in {"reason", "decision_id"}}
        item = await self.items.find_placed(roadmap_id, feature_id)
        if item is None:
            if not await FeatureRepository(self.work.session).titles([feature_id]):
                raise UnknownReference(f"There is no feature {feature_id}.")
            await ledger.place(feature_id, place)
        else:
            if if_match is None:
                raise PreconditionRequired
            if_match.check(item)
            await ledger.change(item, place)
        await ledger.close()
        return await self.items.get_placed(roadmap_id, feature_id)

    async def remove_item(
        self, roadmap_id: UUID, feature_id: UUID, *, grounds: Grounds, if_match: Precondition
    ) -> None:
        """Raises Invalid without a reason or decision."""
        if grounds.reason is None and grounds.decision_id is None:
            raise Invalid(errors=[FieldError("query/reason", "Say why: give a reason or a decision_id.")])
        ledger = await self._ledger(roadmap_id, grounds)
        item = await self.items.get_placed(roadmap_id, feature_id)
        if_match.check(item)
        await ledger.remove(item)
        await ledger.close()

    async def _ledger(self, roadmap_id: UUID, grounds: Grounds) -> Ledger:
        await DecisionService(self.work).require(grounds.decision_id)
        return Ledger(self.work, await self.roadmaps.get(roadmap_id, lock=True), grounds)

    async def search_changes(self, roadmap_id: UUID, page: PageQuery) -> Page[ChangeRead]:
        await self.roadmaps.get(roadmap_id)
        return await list_page(
            self.work,
            ChangeRepository(self.work.session).on(roadmap_id),
            page,
            model=RoadmapChange,
            subject_type="roadmap_change",
            read=ChangeRead.model_validate,
            sort=newest_first(RoadmapChange),
            filters={"roadmap_id": roadmap_id},
        )

    async def _tell(self, kind: str, roadmap: Roadmap, *, version: int) -> None:
        await self.work.events.append(kind, subject_type="roadmap", subject_id=roadmap.id, version=version)


def _require_period(roadmap: Roadmap) -> None:
    if roadmap.starts_on and roadmap.ends_on and roadmap.ends_on < roadmap.starts_on:
        raise Invalid(errors=[FieldError("/ends_on", "It cannot end before it starts.")])
