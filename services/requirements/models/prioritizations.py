"""Rankings as they were made."""

from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.chassis.rows import VersionedRow
from services.requirements.models.base import RequirementsBase, within


class Prioritization(VersionedRow, RequirementsBase):
    """A ranking as it was made: who, when, how, on which estimates. It never changes.

    `parameters` are what the method was told besides: drivers with their scales, and whose estimates count.
    """

    __tablename__ = "prioritization"

    name: Mapped[str] = mapped_column()
    method: Mapped[str] = mapped_column()
    seed: Mapped[int] = mapped_column()
    draws: Mapped[int] = mapped_column()
    top: Mapped[int] = mapped_column()
    stability: Mapped[float] = mapped_column()
    reference: Mapped[dict[str, Any]] = mapped_column(JSONB)
    parameters: Mapped[dict[str, Any]] = mapped_column(JSONB)
    concordance: Mapped[float | None] = mapped_column()
    made_by: Mapped[str] = mapped_column()
    items: Mapped[list["RankedRequirement"]] = relationship(
        lazy="raise", order_by="RankedRequirement.rank", cascade="all, delete-orphan", passive_deletes=True
    )


class RankedRequirement(RequirementsBase):
    """One line of a ranking; it outlives the requirement, whose key is therefore no foreign key.

    `inputs` are the numbers that it was scored by: the score can be worked out from them again.
    """

    __tablename__ = "ranked_requirement"
    __table_args__ = (
        within("prioritization", "prioritization_id", on_delete="CASCADE"),
        Index(None, "workspace_id", "requirement_id"),
    )

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    prioritization_id: Mapped[UUID] = mapped_column(primary_key=True)
    rank: Mapped[int] = mapped_column(primary_key=True)
    requirement_id: Mapped[UUID] = mapped_column()
    requirement_version: Mapped[int] = mapped_column()
    title: Mapped[str] = mapped_column()
    score: Mapped[float] = mapped_column()
    estimates: Mapped[dict[str, Any]] = mapped_column(JSONB)
    inputs: Mapped[dict[str, float]] = mapped_column(JSONB)
    explanation: Mapped[dict[str, Any]] = mapped_column(JSONB)
