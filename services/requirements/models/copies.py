"""What other services tell us: kept from their feeds."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.chassis.rows import WorkspaceRow
from services.requirements.models.base import RequirementsBase


class FeatureLink(WorkspaceRow, RequirementsBase):
    """A feature of the roadmap that answers requirements, as its feed tells it; `id` is the feature's."""

    __tablename__ = "feature_link"

    source_version: Mapped[int] = mapped_column()
    status: Mapped[str] = mapped_column()
    requirement_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    shipped_at: Mapped[datetime | None] = mapped_column()


class OutcomeLink(WorkspaceRow, RequirementsBase):
    """What metrics measured after a feature shipped, as its feed tells it; `id` is the outcome's."""

    __tablename__ = "outcome_link"
    __table_args__ = (Index(None, "workspace_id", "feature_id"),)

    source_version: Mapped[int] = mapped_column()
    feature_id: Mapped[UUID] = mapped_column()
    kpi_id: Mapped[UUID | None] = mapped_column()
    verdict: Mapped[str] = mapped_column()
    measured_at: Mapped[datetime] = mapped_column()
