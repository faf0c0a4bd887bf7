"""What experiments hold of a person."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.privacy.holdings import DataSubject
from services.chassis.unit_of_work import UnitOfWork
from services.metrics.models import Experiment, ExperimentAssignment


@dataclass(frozen=True)
class AssignmentsOfPerson:
    """The arms in which a person is under the hash of one of their ids; `pseudonym` makes such a hash."""

    pseudonym: Callable[[str, UUID], int]
    covers: ClassVar[Mapping[str, Sequence[str]]] = {"experiment_assignment": ("arm",)}

    async def export(self, session: AsyncSession, subject: DataSubject) -> Mapping[str, list[dict[str, Any]]]:
        """The experiments that the person is in."""
        row = ExperimentAssignment
        same = (row.workspace_id == Experiment.workspace_id) & (row.experiment_id == Experiment.id)
        rows = await session.execute(
            select(Experiment.name.label("experiment"), row.arm, row.assigned_at)
            .join(Experiment, same)
            .where(*self._theirs(subject, session.info["workspace_id"]))
            .order_by(row.assigned_at)
        )
        return {"experiment_assignment": [{**each} for each in rows.mappings()]}

    async def erase(self, work: UnitOfWork, subject: DataSubject) -> Mapping[str, int]:
        """They count no longer in readings to come; readings that were taken are sums."""
        theirs = self._theirs(subject, work.principal.workspace)
        erased = await work.session.execute(delete(ExperimentAssignment).where(*theirs))
        return {"experiment_assignment": int(getattr(erased, "rowcount", 0))}

    def _theirs(self, subject: DataSubject, workspace_id: UUID) -> tuple[Any, ...]:
        hashes = [self.pseudonym(name, workspace_id) for name in subject.names]
        return ExperimentAssignment.workspace_id == workspace_id, ExperimentAssignment.unit.in_(hashes)
