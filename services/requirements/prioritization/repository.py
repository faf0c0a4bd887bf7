"""The only SQL about rankings, and about what is counted for them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import func, select

from services.chassis.repository import Repository
from services.requirements.models import Evidence, Feedback, Prioritization, RankedRequirement


class PrioritizationRepository(Repository[Prioritization]):
    """Rankings of one workspace."""

    model: ClassVar[Any] = Prioritization

    async def lines(self, prioritization_id: UUID) -> Sequence[RankedRequirement]:
        """Its lines, best first."""
        query = select(RankedRequirement).where(
            RankedRequirement.workspace_id == self.workspace_id,
            RankedRequirement.prioritization_id == prioritization_id,
        )
        return (await self.session.scalars(query.order_by(RankedRequirement.rank))).all()

    async def before(self, record: Prioritization) -> Prioritization | None:
        """The one made by the same method before this one."""
        query = self.rows().where(Prioritization.method == record.method, Prioritization.id < record.id)
        return (await self.session.scalars(query.order_by(Prioritization.id.desc()).limit(1))).one_or_none()

    async def counted(self, requirement_ids: Iterable[UUID]) -> dict[UUID, Mapping[str, float]]:
        """The live inputs of each requirement that has evidence, by one statement."""
        query = (
            select(
                Evidence.requirement_id,
                func.count().label("evidence_count"),
                func.sum(Evidence.strength).label("evidence_strength"),
                func.count(Feedback.contact_id.distinct()).label("contacts"),
                func.count(Feedback.company_id.distinct()).label("companies"),
            )
            .join(Feedback, (Feedback.workspace_id == Evidence.workspace_id) & (Feedback.id == Evidence.feedback_id))
            .where(Evidence.workspace_id == self.workspace_id, Evidence.requirement_id.in_(list(requirement_ids)))
            .group_by(Evidence.requirement_id)
        )
        rows = (await self.session.execute(query)).mappings()
        return {
            row["requirement_id"]: {name: float(row[name]) for name in row if name != "requirement_id"} for row in rows
        }
