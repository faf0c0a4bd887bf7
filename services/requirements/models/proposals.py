"""What measured outcomes suggest of estimates that are still promises."""

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.chassis.rows import VersionedRow
from services.requirements.domain.calibrating import ProposalState
from services.requirements.models.base import RequirementsBase


class CalibrationProposal(VersionedRow, RequirementsBase):
    """Estimates as they would be if promises went on being kept as they were; decided upon by a person."""

    __tablename__ = "calibration_proposal"
    __table_args__ = (CheckConstraint(f"state IN {tuple(map(str, ProposalState))!r}", name="state"),)

    state: Mapped[str] = mapped_column()
    reason: Mapped[str | None] = mapped_column()
    decided_by: Mapped[str | None] = mapped_column()
    input: Mapped[str] = mapped_column()
    factor: Mapped[float] = mapped_column()
    promises: Mapped[int] = mapped_column()
    realised: Mapped[float | None] = mapped_column()
    hit_rate: Mapped[float] = mapped_column()
    outcome_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    earlier_id: Mapped[UUID] = mapped_column()
    prioritization_id: Mapped[UUID | None] = mapped_column()
    changes: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
