"""Market segments and the personas in them: whom a strategy is for."""

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.roadmap.models.base import RoadmapBase
from services.roadmap.models.links import LinkedRow, linked

PERSONA_ROLES = ("user", "buyer", "influencer")


class MarketSegment(LinkedRow, RoadmapBase):
    """A part of the market, how big it is, and who says so."""

    __tablename__ = "market_segment"
    __table_args__ = (
        UniqueConstraint("workspace_id", "name"),
        CheckConstraint("size >= 0 AND annual_value_minor >= 0", name="amounts"),
        CheckConstraint("(annual_value_minor IS NULL) = (currency IS NULL)", name="money"),
        CheckConstraint("source IS NOT NULL OR num_nonnulls(size, annual_value_minor) = 0", name="source"),
    )

    name: Mapped[str] = mapped_column()
    description: Mapped[str] = mapped_column()
    size: Mapped[int | None] = mapped_column(BigInteger)
    size_unit: Mapped[str | None] = mapped_column()
    annual_value_minor: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column()
    source: Mapped[str | None] = mapped_column()
    source_url: Mapped[str | None] = mapped_column()
    sized_on: Mapped[date | None] = mapped_column()
    attributes: Mapped[dict[str, str]] = mapped_column("metadata", JSONB)

    @property
    def annual_value(self) -> dict[str, Any] | None:
        """As the API writes money."""
        if self.annual_value_minor is None:
            return None
        return {"amount_minor": self.annual_value_minor, "currency": self.currency}


class Persona(LinkedRow, RoadmapBase):
    """A kind of people whose needs are alike; never a person."""

    __tablename__ = "persona"
    __table_args__ = (
        UniqueConstraint("workspace_id", "name"),
        CheckConstraint(f"role IN {PERSONA_ROLES!r}", name="role"),
    )

    name: Mapped[str] = mapped_column()
    role: Mapped[str] = mapped_column()
    description: Mapped[str] = mapped_column()
    goals: Mapped[list[str]] = mapped_column(JSONB)
    attributes: Mapped[dict[str, str]] = mapped_column("metadata", JSONB)

    market_segment_ids = linked("market_segment")
