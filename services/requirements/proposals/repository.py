"""The only SQL about calibration proposals."""

from typing import Any, ClassVar

from sqlalchemy import Select

from services.chassis.repository import Repository
from services.requirements.domain.calibrating import ProposalState
from services.requirements.models import CalibrationProposal


class ProposalRepository(Repository[CalibrationProposal]):
    """Proposals of one workspace."""

    model: ClassVar[Any] = CalibrationProposal

    def matching(self, *, state: ProposalState | None) -> Select[CalibrationProposal]:
        query = self.rows()
        return query if state is None else query.where(CalibrationProposal.state == state)
