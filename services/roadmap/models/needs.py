"""Needs, the pains they cause, and what sets the product apart in answering them."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, SmallInteger
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.roadmap.domain.opportunity import opportunity
from services.roadmap.models.base import RoadmapBase, owned_by
from services.roadmap.models.links import LinkedRow, linked

NEED_KINDS = ("functional", "emotional", "social")
FREQUENCIES = ("daily", "weekly", "monthly", "rarely")


class Need(LinkedRow, RoadmapBase):
    """What people want to get done, whatever the product does today."""

    __tablename__ = "need"
    __table_args__ = (
        CheckConstraint(f"kind IN {NEED_KINDS!r}", name="kind"),
        CheckConstraint("importance BETWEEN 1 AND 10 AND satisfaction BETWEEN 1 AND 10", name="scales"),
        CheckConstraint("revenue_minor >= 0", name="revenue"),
        CheckConstraint("(revenue_minor IS NULL) = (currency IS NULL)", name="money"),
    )

    title: Mapped[str] = mapped_column()
    description: Mapped[str] = mapped_column()
    kind: Mapped[str] = mapped_column()
    importance: Mapped[int | None] = mapped_column(SmallInteger)
    satisfaction: Mapped[int | None] = mapped_column(SmallInteger)
    revenue_minor: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column()
    attributes: Mapped[dict[str, str]] = mapped_column("metadata", JSONB)

    persona_ids = linked("persona")
    market_segment_ids = linked("market_segment")
    theme_ids = linked("theme")
    company_ids = linked("company")

    @property
    def revenue(self) -> dict[str, Any] | None:
        """As the API writes money."""
        return None if self.revenue_minor is None else {"amount_minor": self.revenue_minor, "currency": self.currency}

    @property
    def opportunity(self) -> int | None:
        return opportunity(importance=self.importance, satisfaction=self.satisfaction)


class PainPoint(LinkedRow, RoadmapBase):
    """Where a need goes unmet today; requirements answer it."""

    __tablename__ = "pain_point"
    __table_args__ = (
        owned_by("need", "need_id", on_delete="RESTRICT"),
        CheckConstraint("severity BETWEEN 1 AND 5", name="severity"),
        CheckConstraint(f"frequency IN {FREQUENCIES!r}", name="frequency"),
        Index(None, "workspace_id", "need_id"),
    )

    need_id: Mapped[UUID] = mapped_column()
    title: Mapped[str] = mapped_column()
    description: Mapped[str] = mapped_column()
    severity: Mapped[int | None] = mapped_column(SmallInteger)
    frequency: Mapped[str | None] = mapped_column()
    attributes: Mapped[dict[str, str]] = mapped_column("metadata", JSONB)

    requirement_ids = linked("requirement")
    theme_ids = linked("theme")


class Differentiator(LinkedRow, RoadmapBase):
    """Why people with a need should choose us: features make it true, objectives are served by it."""

    __tablename__ = "differentiator"

    title: Mapped[str] = mapped_column()
    description: Mapped[str] = mapped_column()
    attributes: Mapped[dict[str, str]] = mapped_column("metadata", JSONB)

    need_ids = linked("need")
    feature_ids = linked("feature")
    objective_ids = linked("objective")
