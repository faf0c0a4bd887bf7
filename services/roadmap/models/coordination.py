"""Coordination: what teams promise one another, hand over, report, and fear."""

from datetime import date, datetime
from typing import get_args
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from services.chassis.rows import VersionedRow
from services.roadmap.domain.commitments import CommitmentStatus, Health
from services.roadmap.domain.handoffs import HandoffStatus
from services.roadmap.domain.risks import RiskStatus
from services.roadmap.models.base import RoadmapBase, owned_by


class Commitment(VersionedRow, RoadmapBase):
    """What a team owes, to whom, by when; asked of it, and answered by it."""

    __tablename__ = "commitment"
    __table_args__ = (
        owned_by("team", "team_id", on_delete="RESTRICT"),
        owned_by("team", "for_team_id", on_delete="RESTRICT"),
        owned_by("feature", "feature_id", on_delete="RESTRICT"),
        owned_by("release", "release_id", on_delete="RESTRICT"),
        CheckConstraint(f"status IN {get_args(CommitmentStatus)!r}", name="status"),
        CheckConstraint("status NOT IN ('declined', 'at_risk') OR reason IS NOT NULL", name="reason"),
        Index(None, "workspace_id", "team_id", "due_on"),
        Index(None, "workspace_id", "feature_id", postgresql_where=text("feature_id IS NOT NULL")),
        Index(None, "workspace_id", "release_id", postgresql_where=text("release_id IS NOT NULL")),
    )

    team_id: Mapped[UUID] = mapped_column()
    for_team_id: Mapped[UUID | None] = mapped_column()
    for_whom: Mapped[str | None] = mapped_column()
    title: Mapped[str] = mapped_column()
    feature_id: Mapped[UUID | None] = mapped_column()
    release_id: Mapped[UUID | None] = mapped_column()
    effort_days: Mapped[float | None] = mapped_column()
    due_on: Mapped[date] = mapped_column()
    status: Mapped[CommitmentStatus] = mapped_column(String)
    reason: Mapped[str | None] = mapped_column()
    expected_on: Mapped[date | None] = mapped_column()
    asked_by: Mapped[str] = mapped_column()
    answered_by: Mapped[str | None] = mapped_column()
    answered_at: Mapped[datetime | None] = mapped_column()
    done_at: Mapped[datetime | None] = mapped_column()


class Handoff(VersionedRow, RoadmapBase):
    """Something that a team hands on a day to another one, or to somebody outside."""

    __tablename__ = "handoff"
    __table_args__ = (
        owned_by("team", "team_id", on_delete="RESTRICT"),
        owned_by("team", "to_team_id", on_delete="RESTRICT"),
        owned_by("feature", "feature_id", on_delete="RESTRICT"),
        owned_by("release", "release_id", on_delete="RESTRICT"),
        CheckConstraint("team_id <> to_team_id", name="other"),
        CheckConstraint("num_nonnulls(to_team_id, to_whom) > 0", name="receiver"),
        CheckConstraint(f"status IN {get_args(HandoffStatus)!r}", name="status"),
        Index(None, "workspace_id", "team_id"),
        Index(None, "workspace_id", "to_team_id", postgresql_where=text("to_team_id IS NOT NULL")),
    )

    team_id: Mapped[UUID] = mapped_column()
    to_team_id: Mapped[UUID | None] = mapped_column()
    to_whom: Mapped[str | None] = mapped_column()
    title: Mapped[str] = mapped_column()
    description: Mapped[str] = mapped_column()
    feature_id: Mapped[UUID | None] = mapped_column()
    release_id: Mapped[UUID | None] = mapped_column()
    due_on: Mapped[date] = mapped_column()
    status: Mapped[HandoffStatus] = mapped_column(String)
    status_reason: Mapped[str | None] = mapped_column()
    handed_over_at: Mapped[datetime | None] = mapped_column()
    received_at: Mapped[datetime | None] = mapped_column()


class CheckIn(VersionedRow, RoadmapBase):
    """How it goes, in a team's words on a day; written once, never altered."""

    __tablename__ = "check_in"
    __table_args__ = (
        owned_by("team", "team_id", on_delete="RESTRICT"),
        owned_by("commitment", "commitment_id", on_delete="CASCADE"),
        CheckConstraint(f"health IN {get_args(Health)!r}", name="health"),
        CheckConstraint("confidence BETWEEN 0 AND 1", name="confidence"),
        Index(None, "workspace_id", "team_id"),
        Index(None, "workspace_id", "commitment_id", postgresql_where=text("commitment_id IS NOT NULL")),
    )

    team_id: Mapped[UUID] = mapped_column()
    commitment_id: Mapped[UUID | None] = mapped_column()
    health: Mapped[Health] = mapped_column(String)
    confidence: Mapped[float | None] = mapped_column()
    note: Mapped[str] = mapped_column()
    made_by: Mapped[str] = mapped_column()


class Risk(VersionedRow, RoadmapBase):
    """Something that may happen, how likely that is, and how many days it would cost."""

    __tablename__ = "risk"
    __table_args__ = (
        owned_by("team", "team_id", on_delete="RESTRICT"),
        owned_by("feature", "feature_id", on_delete="RESTRICT"),
        owned_by("release", "release_id", on_delete="RESTRICT"),
        CheckConstraint("probability BETWEEN 0 AND 1 AND impact_days >= 0", name="amounts"),
        CheckConstraint(f"status IN {get_args(RiskStatus)!r}", name="status"),
        Index(None, "workspace_id", "status"),
    )

    title: Mapped[str] = mapped_column()
    description: Mapped[str] = mapped_column()
    probability: Mapped[float] = mapped_column()
    impact_days: Mapped[float] = mapped_column()
    mitigation: Mapped[str] = mapped_column()
    team_id: Mapped[UUID | None] = mapped_column()
    feature_id: Mapped[UUID | None] = mapped_column()
    release_id: Mapped[UUID | None] = mapped_column()
    review_on: Mapped[date | None] = mapped_column()
    status: Mapped[RiskStatus] = mapped_column(String)

    @property
    def exposure_days(self) -> float:
        return round(self.probability * self.impact_days, 4)
