"""Products: what a strategy is for."""

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.roadmap.models.base import RoadmapBase
from services.roadmap.models.links import LinkedRow

PRODUCT_STAGES = ("idea", "introduction", "growth", "maturity", "decline", "retired")


class Product(LinkedRow, RoadmapBase):
    """Something that is offered to a market."""

    __tablename__ = "product"
    __table_args__ = (
        UniqueConstraint("workspace_id", "name"),
        CheckConstraint(f"stage IN {PRODUCT_STAGES!r}", name="stage"),
    )

    name: Mapped[str] = mapped_column()
    description: Mapped[str] = mapped_column()
    stage: Mapped[str] = mapped_column()
    attributes: Mapped[dict[str, str]] = mapped_column("metadata", JSONB)
