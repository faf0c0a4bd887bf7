"""Keeps who is booked for what."""

from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.errors import FieldError, Invalid
from services.chassis.pagination import PageQuery, list_page
from services.chassis.types import Page
from services.chassis.unit_of_work import Work
from services.roadmap.allocations.repository import AllocationRepository
from services.roadmap.allocations.schemas import AllocationCreate, AllocationRead, AllocationUpdate
from services.roadmap.models import Allocation
from services.roadmap.references.service import require_references


class AllocationService:
    """Bookings of people."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def allocations(self) -> AllocationRepository:
        return AllocationRepository(self.work.session)

    async def create(self, new: AllocationCreate) -> Allocation:
        """Raises UnknownReference for what is not there. More than there is may be booked: the workload shows it."""
        await require_references(self.work, new.fields())
        allocation = await self.allocations.add(Allocation(**new.fields()))
        await self._tell("allocation.created", allocation)
        return allocation

    async def get(self, allocation_id: UUID) -> Allocation:
        return await self.allocations.get(allocation_id)

    async def search(self, page: PageQuery, *, team_id: UUID | None, feature_id: UUID | None) -> Page[AllocationRead]:
        return await list_page(
            self.work,
            self.allocations.matching(team_id=team_id, feature_id=feature_id),
            page,
            model=Allocation,
            subject_type="allocation",
            read=AllocationRead.model_validate,
            filters={"team_id": team_id, "feature_id": feature_id},
        )

    async def update(self, allocation_id: UUID, change: AllocationUpdate, *, if_match: Precondition) -> Allocation:
        allocation = await self.allocations.get(allocation_id, lock=True)
        if_match.check(allocation)
        for name, value in change.changes().items():
            setattr(allocation, name, value)
        if allocation.ends_on < allocation.starts_on:
            raise Invalid(errors=[FieldError("/ends_on", "It cannot end before it starts.")])
        await self._tell("allocation.updated", allocation)
        return allocation

    async def delete(self, allocation_id: UUID, *, if_match: Precondition) -> None:
        allocation = await self.allocations.get(allocation_id, lock=True)
        if_match.check(allocation)
        version = allocation.version
        await self.allocations.remove(allocation)
        await self.work.events.append(
            "allocation.deleted", subject_type="allocation", subject_id=allocation_id, version=version + 1
        )

    async def _tell(self, kind: str, allocation: Allocation) -> None:
        await self.work.session.flush()
        names = ("team_id", "skill", "people", "starts_on", "ends_on", "feature_id")
        data = {name: getattr(allocation, name) for name in names}
        await self.work.events.append(
            kind, subject_type="allocation", subject_id=allocation.id, version=allocation.version, data=data
        )
