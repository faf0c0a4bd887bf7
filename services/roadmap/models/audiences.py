"""Audiences: who may see how much of every plan, and in which words."""

from typing import Any, get_args

from sqlalchemy import ARRAY, CheckConstraint, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.chassis.rows import VersionedRow
from services.roadmap.domain.lenses import AudienceKind, Commitment, Detail
from services.roadmap.domain.periods import Precision
from services.roadmap.models.base import RoadmapBase


class Audience(VersionedRow, RoadmapBase):
    """A kind of reader; the same roadmap is another page for each."""

    __tablename__ = "audience"
    __table_args__ = (
        UniqueConstraint("workspace_id", "name"),
        CheckConstraint(f"kind IN {get_args(AudienceKind)!r}", name="kind"),
        CheckConstraint(f"date_precision IN {get_args(Precision)!r}", name="date_precision"),
        CheckConstraint(f"commitment IN {get_args(Commitment)!r}", name="commitment"),
        CheckConstraint("dated_days >= 0", name="dated_days"),
    )

    name: Mapped[str] = mapped_column()
    kind: Mapped[AudienceKind] = mapped_column(String)
    shows: Mapped[list[Detail]] = mapped_column(ARRAY(String))
    date_precision: Mapped[Precision] = mapped_column(String)
    dated_days: Mapped[int | None] = mapped_column()
    commitment: Mapped[Commitment] = mapped_column(String)
    is_worded_only: Mapped[bool] = mapped_column()
    notice: Mapped[str] = mapped_column()
    headings: Mapped[dict[str, str]] = mapped_column(JSONB)
    wordings: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
