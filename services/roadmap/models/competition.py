"""Competitors, what everybody can do, and how the product is positioned among them."""

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.roadmap.models.base import RoadmapBase, owned_by
from services.roadmap.models.links import LinkedRow, linked


class Competitor(LinkedRow, RoadmapBase):
    """Whatever people could choose instead, doing nothing included."""

    __tablename__ = "competitor"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    name: Mapped[str] = mapped_column()
    description: Mapped[str] = mapped_column()
    website: Mapped[str | None] = mapped_column()
    attributes: Mapped[dict[str, str]] = mapped_column("metadata", JSONB)


class Capability(LinkedRow, RoadmapBase):
    """Something that products can do better or worse; `ratings` say who does it how well, and how we know."""

    __tablename__ = "capability"
    __table_args__ = (CheckConstraint("importance BETWEEN 1 AND 5", name="importance"),)

    title: Mapped[str] = mapped_column()
    description: Mapped[str] = mapped_column()
    importance: Mapped[int] = mapped_column(SmallInteger)
    ratings: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    attributes: Mapped[dict[str, str]] = mapped_column("metadata", JSONB)

    need_ids = linked("need")


class Positioning(LinkedRow, RoadmapBase):
    """Why somebody should choose the product, in one sentence of fixed form."""

    __tablename__ = "positioning"
    __table_args__ = (
        owned_by("product", "product_id", on_delete="RESTRICT"),
        Index(None, "workspace_id", "product_id"),
    )

    product_id: Mapped[UUID] = mapped_column()
    target: Mapped[str] = mapped_column()
    need: Mapped[str] = mapped_column()
    name: Mapped[str] = mapped_column()
    category: Mapped[str] = mapped_column()
    benefit: Mapped[str] = mapped_column()
    alternative: Mapped[str] = mapped_column()
    difference: Mapped[str] = mapped_column()
    attributes: Mapped[dict[str, str]] = mapped_column("metadata", JSONB)

    persona_ids = linked("persona")
    need_ids = linked("need")
    competitor_ids = linked("competitor")
    differentiator_ids = linked("differentiator")

    @property
    def statement(self) -> str:
        """After G. A. Moore, *Crossing the Chasm*, 1991."""
        return (
            f"For {self.target} who {self.need}, {self.name} is {self.category} that {self.benefit}. "
            f"Unlike {self.alternative}, it {self.difference}."
        )
