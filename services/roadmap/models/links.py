"""Links of the strategy: what rests on, answers or serves what; either end may live with a neighbour."""

from typing import Any
from uuid import UUID

from sqlalchemy import Index, and_
from sqlalchemy.orm import Mapped, declared_attr, foreign, mapped_column, relationship

from services.chassis.rows import VersionedRow
from services.roadmap.models.base import LinkRow, RoadmapBase


class StrategyLink(LinkRow, RoadmapBase):
    """One link, kept by its source; a table of its own kind of ends each would be twenty tables that are all alike."""

    __tablename__ = "strategy_link"
    __table_args__ = (Index(None, "workspace_id", "target_id"),)

    source_id: Mapped[UUID] = mapped_column(primary_key=True)
    target_id: Mapped[UUID] = mapped_column(primary_key=True)
    source_kind: Mapped[str] = mapped_column()
    target_kind: Mapped[str] = mapped_column()


class LinkedRow(VersionedRow):
    """Mixin: a thing of the strategy, with the links that it keeps."""

    @declared_attr
    @classmethod
    def links(cls) -> Mapped[list[StrategyLink]]:
        def joined() -> Any:
            return and_(
                foreign(StrategyLink.workspace_id) == cls.workspace_id, foreign(StrategyLink.source_id) == cls.id
            )

        return relationship(
            StrategyLink,
            primaryjoin=joined,
            lazy="raise",
            cascade="all, delete-orphan",
            order_by=StrategyLink.target_id,
            overlaps="links",
        )

    def linked(self, kind: str) -> list[UUID]:
        """The ids of one kind that it links to."""
        return [each.target_id for each in self.links if each.target_kind == kind]


def linked(kind: str) -> property:
    """A row's links of one kind, as the API shows them."""
    return property(lambda row: row.linked(kind))
