"""Publishes the living roadmap as versions, and says what differs between two of them, with the reasons given then."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from services.chassis.pagination import PageQuery, list_page, newest_first
from services.chassis.types import Page
from services.chassis.unit_of_work import Work
from services.roadmap.domain.diff import Change, Place, diff
from services.roadmap.features.repository import FeatureRepository
from services.roadmap.models import RoadmapChange, RoadmapVersion
from services.roadmap.roadmaps.repository import ItemRepository, RoadmapRepository
from services.roadmap.scenarios.places import kept, read, state_of
from services.roadmap.scenarios.repository import ReasonRepository, VersionRepository
from services.roadmap.scenarios.schemas import DifferenceRead, ReasonRead, VersionChanges, VersionCreate, VersionRead


class VersionService:
    """Versions: written once, never altered."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def versions(self) -> VersionRepository:
        return VersionRepository(self.work.session)

    async def publish(self, roadmap_id: UUID, new: VersionCreate) -> RoadmapVersion:
        """The roadmap is held meanwhile: no change may fall between two versions."""
        roadmap = await RoadmapRepository(self.work.session).get(roadmap_id, lock=True)
        version = RoadmapVersion(
            roadmap_id=roadmap.id,
            number=await self.versions.last_number(roadmap.id) + 1,
            places=kept(await self._living(roadmap.id)),
            published_by=self.work.principal.id,
            published_at=self.work.clock.now(),
            **new.fields(),
        )
        await self.versions.add(version)
        await self.work.events.append(
            "roadmap_version.published",
            subject_type="roadmap_version",
            subject_id=version.id,
            version=1,
            data={"roadmap_id": roadmap.id, "number": version.number},
        )
        return version

    async def get(self, roadmap_id: UUID, version_id: UUID) -> RoadmapVersion:
        return await self.versions.get_of(roadmap_id, version_id)

    async def search(self, roadmap_id: UUID, page: PageQuery) -> Page[VersionRead]:
        await RoadmapRepository(self.work.session).get(roadmap_id)
        return await list_page(
            self.work,
            self.versions.of(roadmap_id),
            page,
            model=RoadmapVersion,
            subject_type="roadmap_version",
            read=VersionRead.model_validate,
            sort=newest_first(RoadmapVersion),
            filters={"roadmap_id": roadmap_id},
        )

    async def changes(self, roadmap_id: UUID, version_id: UUID, *, to: UUID | None) -> VersionChanges:
        """From this version to another one, or to the roadmap as it is now."""
        old = await self.versions.get_of(roadmap_id, version_id)
        new = await self.versions.get_of(roadmap_id, to) if to else None
        after = read(new.places) if new else await self._living(roadmap_id)
        changes = diff(read(old.places), after)
        ids = [UUID(each.feature) for each in changes]
        moments = sorted([old.published_at, new.published_at if new else self.work.clock.now()])
        reasons = await self._reasons(roadmap_id, moments, ids)
        titles = await FeatureRepository(self.work.session).titles(ids) if ids else {}
        differences = [_difference(each, titles, reasons.get(UUID(each.feature), [])) for each in changes]
        return VersionChanges(from_version_id=old.id, to_version_id=to, differences=differences)

    async def _living(self, roadmap_id: UUID) -> dict[str, Place]:
        return state_of(await ItemRepository(self.work.session).everything_on(roadmap_id))

    async def _reasons(
        self, roadmap_id: UUID, moments: Sequence[datetime], ids: Sequence[UUID]
    ) -> Mapping[UUID, list[RoadmapChange]]:
        found: dict[UUID, list[RoadmapChange]] = defaultdict(list)
        if ids:
            reasons = ReasonRepository(self.work.session)
            for each in await reasons.between(roadmap_id, after=moments[0], until=moments[1], features=ids):
                found[each.feature_id].append(each)
        return found


def _difference(change: Change, titles: Mapping[UUID, str], reasons: Sequence[RoadmapChange]) -> DifferenceRead:
    return DifferenceRead.model_validate(
        {
            "feature_id": change.feature,
            "title": titles.get(UUID(change.feature)),
            "kind": change.kind,
            "parts": change.parts,
            "before": change.before,
            "after": change.after,
            "reasons": [ReasonRead.model_validate(each) for each in reasons],
        }
    )
