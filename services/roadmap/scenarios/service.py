"""Keeps scenarios: branched off a roadmap, changed freely, compared with it, and merged when somebody says why."""

from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.errors import Conflict, FieldError, PreconditionRequired, UnknownReference
from services.chassis.pagination import PageQuery, list_page
from services.chassis.types import Page
from services.chassis.unit_of_work import Work
from services.roadmap.decisions.service import DecisionService
from services.roadmap.domain.diff import Change, Merge, Place, merge
from services.roadmap.features.repository import FeatureRepository
from services.roadmap.models import RoadmapItem, Scenario, ScenarioItem
from services.roadmap.models.base import touch
from services.roadmap.roadmaps.ledger import Grounds, Ledger
from services.roadmap.roadmaps.repository import ItemRepository, RoadmapRepository
from services.roadmap.scenarios.places import fields_of, kept, read, state_of
from services.roadmap.scenarios.repository import ScenarioItemRepository, ScenarioRepository, VersionRepository
from services.roadmap.scenarios.schemas import (
    MergeConflictRead,
    ScenarioCreate,
    ScenarioItemPut,
    ScenarioItemRead,
    ScenarioMergeCreate,
    ScenarioMergeRead,
    ScenarioRead,
    ScenarioUpdate,
)


class ScenarioMerged(Conflict):
    code, title = "scenario_merged", "The scenario was merged, and stays as it is"


class MergeConflict(Conflict):
    code, title = "merge_conflict", "The roadmap has changed in the same places since the scenario branched off"


class ScenarioService:
    """Scenarios; until one is merged, the living roadmap knows nothing of it."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def scenarios(self) -> ScenarioRepository:
        return ScenarioRepository(self.work.session)

    @property
    def items(self) -> ScenarioItemRepository:
        return ScenarioItemRepository(self.work.session)

    async def branch(self, new: ScenarioCreate) -> Scenario:
        """Raises UnknownReference. What a version holds of features that are there no more is left out."""
        if await RoadmapRepository(self.work.session).find(new.roadmap_id) is None:
            raise UnknownReference(errors=[FieldError("/roadmap_id", "There is no such roadmap.", "unknown")])
        base = await self._base(new)
        scenario = Scenario(**new.fields(), status="open", base=kept(base))
        await self.scenarios.add(scenario)
        items = [
            ScenarioItem(scenario_id=scenario.id, feature_id=UUID(feature), **fields_of(place))
            for feature, place in base.items()
        ]
        self.work.session.add_all(items)
        await self.work.session.flush()
        await self._tell("scenario.created", scenario)
        return scenario

    async def _base(self, new: ScenarioCreate) -> dict[str, Place]:
        if new.version_id is None:
            return state_of(await ItemRepository(self.work.session).everything_on(new.roadmap_id))
        version = await VersionRepository(self.work.session).find_of(new.roadmap_id, new.version_id)
        if version is None:
            raise UnknownReference(errors=[FieldError("/version_id", "The roadmap has no such version.", "unknown")])
        state = read(version.places)
        there = await FeatureRepository(self.work.session).titles([UUID(each) for each in state]) if state else {}
        return {feature: place for feature, place in state.items() if UUID(feature) in there}

    async def get(self, scenario_id: UUID) -> Scenario:
        return await self.scenarios.get(scenario_id)

    async def search(self, page: PageQuery, *, roadmap_id: UUID | None) -> Page[ScenarioRead]:
        query = self.scenarios.rows()
        if roadmap_id is not None:
            query = query.where(Scenario.roadmap_id == roadmap_id)
        return await list_page(
            self.work,
            query,
            page,
            model=Scenario,
            subject_type="scenario",
            read=ScenarioRead.model_validate,
            filters={"roadmap_id": roadmap_id},
        )

    async def update(self, scenario_id: UUID, change: ScenarioUpdate, *, if_match: Precondition) -> Scenario:
        scenario = await self.scenarios.get(scenario_id, lock=True)
        if_match.check(scenario)
        for name, value in change.changes().items():
            setattr(scenario, name, value)
        await self.work.session.flush()
        await self._tell("scenario.updated", scenario)
        return scenario

    async def delete(self, scenario_id: UUID, *, if_match: Precondition) -> None:
        scenario = await self.scenarios.get(scenario_id, lock=True)
        if_match.check(scenario)
        version = scenario.version
        await self.scenarios.remove(scenario)
        await self._tell("scenario.deleted", scenario, version=version + 1)

    async def search_items(self, scenario_id: UUID, page: PageQuery) -> Page[ScenarioItemRead]:
        await self.scenarios.get(scenario_id)
        return await list_page(
            self.work,
            self.items.of(scenario_id),
            page,
            model=ScenarioItem,
            subject_type="scenario_item",
            read=ScenarioItemRead.model_validate,
            filters={"scenario_id": scenario_id},
        )

    async def get_item(self, scenario_id: UUID, feature_id: UUID) -> ScenarioItem:
        await self.scenarios.get(scenario_id)
        return await self.items.get_placed(scenario_id, feature_id)

    async def put_item(
        self, scenario_id: UUID, feature_id: UUID, put: ScenarioItemPut, *, if_match: Precondition | None
    ) -> ScenarioItem:
        """Raises ScenarioMerged, UnknownReference; PreconditionRequired to change what is there unseen."""
        scenario = await self._open(scenario_id)
        item = await self.items.find_placed(scenario_id, feature_id)
        kind = "placed" if item is None else "changed"
        if item is None:
            if not await FeatureRepository(self.work.session).titles([feature_id]):
                raise UnknownReference(f"There is no feature {feature_id}.")
            item = await self.items.add(ScenarioItem(scenario_id=scenario_id, feature_id=feature_id, **put.fields()))
        else:
            if if_match is None:
                raise PreconditionRequired
            if_match.check(item)
            for name, value in put.fields().items():
                setattr(item, name, value)
            await self.work.session.flush()
        await self._tell_item(f"scenario_item.{kind}", item, version=item.version)
        await self._count(scenario)
        return await self.items.get_placed(scenario_id, feature_id)

    async def remove_item(self, scenario_id: UUID, feature_id: UUID, *, if_match: Precondition) -> None:
        scenario = await self._open(scenario_id)
        item = await self.items.get_placed(scenario_id, feature_id)
        if_match.check(item)
        version = item.version
        await self.items.remove(item)
        await self._tell_item("scenario_item.removed", item, version=version + 1)
        await self._count(scenario)

    async def merge(self, scenario_id: UUID, new: ScenarioMergeCreate) -> ScenarioMergeRead:
        """Raises MergeConflict with a report, and then changes nothing."""
        scenario = await self._open(scenario_id)
        await DecisionService(self.work).require(new.decision_id)
        roadmap = await RoadmapRepository(self.work.session).get(scenario.roadmap_id, lock=True)
        ledger = Ledger(self.work, roadmap, Grounds(new.reason, new.decision_id))
        items = {str(item.feature_id): item for item in await ledger.items.everything_on(roadmap.id)}
        decided = {(str(each.feature_id), each.part): each.take for each in new.decided}
        wanted = state_of(await self.items.everything_in(scenario_id))
        merged = merge(read(scenario.base), state_of(items.values()), wanted, decided=decided)
        if merged.conflicts:
            report = [each.model_dump(mode="json") for each in await self.conflicts(merged)]
            raise MergeConflict("Say in `decided` whose part is taken, each by its feature and part.", conflicts=report)
        for change in merged.changes:
            await self._carry_out(ledger, change, items)
        await ledger.close()
        scenario.status, scenario.merged_by = "merged", self.work.principal.id
        scenario.merged_at = self.work.clock.now()
        await self.work.session.flush()
        await self._tell("scenario.merged", scenario)
        return _done(scenario_id, merged)

    async def conflicts(self, merged: Merge) -> list[MergeConflictRead]:
        """The report, with the features' titles."""
        ids = {UUID(each.feature) for each in merged.conflicts}
        titles = await FeatureRepository(self.work.session).titles(ids) if ids else {}
        return [
            MergeConflictRead.model_validate(
                {
                    "feature_id": each.feature,
                    "title": titles.get(UUID(each.feature)),
                    "part": each.part,
                    "base": each.base,
                    "roadmap": each.roadmap,
                    "scenario": each.scenario,
                }
            )
            for each in merged.conflicts
        ]

    async def _carry_out(self, ledger: Ledger, change: Change, items: dict[str, RoadmapItem]) -> None:
        if change.after is None:
            await ledger.remove(items[change.feature])
        elif change.before is None:
            await ledger.place(UUID(change.feature), fields_of(change.after))
        else:
            await ledger.change(items[change.feature], fields_of(change.after))

    async def _open(self, scenario_id: UUID) -> Scenario:
        scenario = await self.scenarios.get(scenario_id, lock=True)
        if scenario.status != "open":
            raise ScenarioMerged("Branch off another one.")
        return scenario

    async def _count(self, scenario: Scenario) -> None:
        """A change to what stands in it is a change to the scenario."""
        touch(scenario)
        await self.work.session.flush()
        await self._tell("scenario.changed", scenario)

    async def _tell(self, kind: str, scenario: Scenario, *, version: int | None = None) -> None:
        data = {"roadmap_id": scenario.roadmap_id, "status": scenario.status}
        await self.work.events.append(
            kind, subject_type="scenario", subject_id=scenario.id, version=version or scenario.version, data=data
        )

    async def _tell_item(self, kind: str, item: ScenarioItem, *, version: int) -> None:
        data = {"scenario_id": item.scenario_id, "feature_id": item.feature_id}
        await self.work.events.append(
            kind, subject_type="scenario_item", subject_id=item.id, version=version, data=data
        )


def _done(scenario_id: UUID, merged: Merge) -> ScenarioMergeRead:
    by_kind = {
        kind: [UUID(each.feature) for each in merged.changes if each.kind == kind]
        for kind in ("placed", "changed", "removed")
    }
    return ScenarioMergeRead(scenario_id=scenario_id, **by_kind)
