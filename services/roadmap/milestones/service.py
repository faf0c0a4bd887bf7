"""Keeps milestones."""

from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.errors import FieldError, Invalid, UnknownReference
from services.chassis.pagination import PageQuery, list_page
from services.chassis.types import Page
from services.chassis.unit_of_work import Work
from services.roadmap.milestones.repository import MilestoneRepository
from services.roadmap.milestones.schemas import MilestoneCreate, MilestoneRead, MilestoneUpdate
from services.roadmap.models import Milestone
from services.roadmap.releases.repository import ReleaseRepository


class MilestoneService:
    """Days by which something must be so."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def milestones(self) -> MilestoneRepository:
        return MilestoneRepository(self.work.session)

    async def create(self, new: MilestoneCreate) -> Milestone:
        """Raises UnknownReference for a release that is not there."""
        await self._require_release(new.release_id)
        milestone = await self.milestones.add(Milestone(**new.fields()))
        await self._tell("milestone.created", milestone)
        return milestone

    async def get(self, milestone_id: UUID) -> Milestone:
        return await self.milestones.get(milestone_id)

    async def search(self, page: PageQuery, *, release_id: UUID | None, is_reached: bool | None) -> Page[MilestoneRead]:
        return await list_page(
            self.work,
            self.milestones.matching(release_id=release_id, is_reached=is_reached),
            page,
            model=Milestone,
            subject_type="milestone",
            read=MilestoneRead.model_validate,
            filters={"release_id": release_id, "is_reached": is_reached},
        )

    async def update(self, milestone_id: UUID, change: MilestoneUpdate, *, if_match: Precondition) -> Milestone:
        """Raises Invalid for a day to come: a milestone is reached when it is."""
        milestone = await self.milestones.get(milestone_id, lock=True)
        if_match.check(milestone)
        changes = change.changes()
        await self._require_release(changes.get("release_id"))
        if change.reached_on and change.reached_on > self.work.clock.now().date():
            raise Invalid(errors=[FieldError("/reached_on", "It cannot have been reached on a day to come.")])
        for name, value in changes.items():
            setattr(milestone, name, value)
        await self._tell("milestone.updated", milestone)
        return milestone

    async def delete(self, milestone_id: UUID, *, if_match: Precondition) -> None:
        milestone = await self.milestones.get(milestone_id, lock=True)
        if_match.check(milestone)
        version = milestone.version
        await self.milestones.remove(milestone)
        await self.work.events.append(
            "milestone.deleted", subject_type="milestone", subject_id=milestone_id, version=version + 1
        )

    async def _require_release(self, release_id: UUID | None) -> None:
        if release_id is not None and await ReleaseRepository(self.work.session).find(release_id) is None:
            detail = f"There is no release {release_id}."
            raise UnknownReference(errors=[FieldError("/release_id", detail, "unknown")])

    async def _tell(self, kind: str, milestone: Milestone) -> None:
        await self.work.session.flush()
        data = {
            "due_on": milestone.due_on,
            "reached_on": milestone.reached_on,
            "release_id": milestone.release_id,
        }
        await self.work.events.append(
            kind, subject_type="milestone", subject_id=milestone.id, version=milestone.version, data=data
        )
