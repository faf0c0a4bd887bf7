"""Features: what they cost and promise, what they rest on, and what came of them."""

from datetime import date, datetime
from typing import Any, get_args
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.chassis.rows import VersionedRow, WorkspaceRow
from services.roadmap.domain.dependencies import DependencyLink
from services.roadmap.domain.states import FeatureStatus
from services.roadmap.models.base import LinkRow, RoadmapBase, owned_by


class Feature(VersionedRow, RoadmapBase):
    """Something that could be built, from the idea to its retirement."""

    __tablename__ = "feature"
    __table_args__ = (
        CheckConstraint(f"status IN {get_args(FeatureStatus)!r}", name="status"),
        CheckConstraint("effort_days >= 0 AND value >= 0 AND cost_minor >= 0", name="amounts"),
        CheckConstraint("(cost_minor IS NULL) = (currency IS NULL)", name="money"),
        CheckConstraint("earliest_start <= deadline", name="dates"),
        owned_by("product", "product_id", on_delete="RESTRICT"),
        Index(None, "workspace_id", "status"),
        Index(None, "workspace_id", "product_id", postgresql_where=text("product_id IS NOT NULL")),
    )

    product_id: Mapped[UUID | None] = mapped_column()
    title: Mapped[str] = mapped_column()
    description: Mapped[str] = mapped_column()
    status: Mapped[FeatureStatus] = mapped_column(String)
    effort_days: Mapped[float] = mapped_column()
    cost_minor: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column()
    value: Mapped[float] = mapped_column()
    prioritization_id: Mapped[UUID | None] = mapped_column()
    is_must_have: Mapped[bool] = mapped_column()
    is_frozen: Mapped[bool] = mapped_column()
    earliest_start: Mapped[date | None] = mapped_column()
    deadline: Mapped[date | None] = mapped_column()
    started_at: Mapped[datetime | None] = mapped_column()
    shipped_at: Mapped[datetime | None] = mapped_column()
    retired_at: Mapped[datetime | None] = mapped_column()
    actual_effort_days: Mapped[float | None] = mapped_column()
    status_reason: Mapped[str | None] = mapped_column()
    attributes: Mapped[dict[str, str]] = mapped_column("metadata", JSONB)

    requirements: Mapped[list["FeatureRequirement"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="FeatureRequirement.requirement_id", passive_deletes=True
    )
    objectives: Mapped[list["FeatureObjective"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="FeatureObjective.objective_id", passive_deletes=True
    )
    needs: Mapped[list["FeatureDependency"]] = relationship(
        lazy="raise",
        cascade="all, delete-orphan",
        order_by="FeatureDependency.needs_feature_id",
        foreign_keys="(FeatureDependency.workspace_id, FeatureDependency.feature_id)",
        passive_deletes=True,
    )
    expected_effects: Mapped[list["ExpectedEffect"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="ExpectedEffect.id", passive_deletes=True
    )
    work_packages: Mapped[list["WorkPackage"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="WorkPackage.id", passive_deletes=True
    )
    outcomes: Mapped[list["FeatureOutcome"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="FeatureOutcome.id", passive_deletes=True
    )

    @property
    def requirement_ids(self) -> list[UUID]:
        return [link.requirement_id for link in self.requirements]

    @property
    def objective_ids(self) -> list[UUID]:
        return [link.objective_id for link in self.objectives]

    @property
    def depends_on(self) -> list[UUID]:
        return [link.needs_feature_id for link in self.needs]

    @property
    def cost(self) -> dict[str, Any] | None:
        """As the API writes money."""
        return None if self.cost_minor is None else {"amount_minor": self.cost_minor, "currency": self.currency}


class FeatureRequirement(LinkRow, RoadmapBase):
    """The feature answers this requirement, which the requirements service keeps."""

    __tablename__ = "feature_requirement"
    __table_args__ = (owned_by("feature", "feature_id"), Index(None, "workspace_id", "requirement_id"))

    feature_id: Mapped[UUID] = mapped_column(primary_key=True)
    requirement_id: Mapped[UUID] = mapped_column(primary_key=True)


class FeatureObjective(LinkRow, RoadmapBase):
    """The feature serves this objective."""

    __tablename__ = "feature_objective"
    __table_args__ = (
        owned_by("feature", "feature_id"),
        owned_by("objective", "objective_id"),
        Index(None, "workspace_id", "objective_id"),
    )

    feature_id: Mapped[UUID] = mapped_column(primary_key=True)
    objective_id: Mapped[UUID] = mapped_column(primary_key=True)


class FeatureDependency(LinkRow, RoadmapBase):
    """The feature can be built only together with, or after, another one."""

    __tablename__ = "feature_dependency"
    __table_args__ = (
        owned_by("feature", "feature_id"),
        owned_by("feature", "needs_feature_id", on_delete="RESTRICT"),
        CheckConstraint("feature_id <> needs_feature_id", name="other"),
        CheckConstraint(f"link IN {get_args(DependencyLink)!r}", name="link"),
        CheckConstraint("lag_days >= 0", name="lag"),
        Index(None, "workspace_id", "needs_feature_id"),
    )

    feature_id: Mapped[UUID] = mapped_column(primary_key=True)
    needs_feature_id: Mapped[UUID] = mapped_column(primary_key=True)
    link: Mapped[DependencyLink] = mapped_column(String)
    lag_days: Mapped[int] = mapped_column()


class ExpectedEffect(WorkspaceRow, RoadmapBase):
    """How far the feature should move a KPI, and until when: what metrics will hold it to."""

    __tablename__ = "expected_effect"
    __table_args__ = (
        owned_by("feature", "feature_id"),
        UniqueConstraint("workspace_id", "feature_id", "kpi_id"),
        CheckConstraint("low <= likely AND likely <= high", name="order"),
        CheckConstraint("direction IN ('increase', 'decrease')", name="direction"),
        Index(None, "workspace_id", "kpi_id"),
    )

    feature_id: Mapped[UUID] = mapped_column()
    kpi_id: Mapped[UUID] = mapped_column()
    direction: Mapped[str] = mapped_column()
    low: Mapped[float] = mapped_column()
    likely: Mapped[float] = mapped_column()
    high: Mapped[float] = mapped_column()
    due_on: Mapped[date] = mapped_column()
    estimated_by: Mapped[str | None] = mapped_column()


class FeatureOutcome(WorkspaceRow, RoadmapBase):
    """What metrics found that shipping the feature did to a KPI; the id is the outcome's own."""

    __tablename__ = "feature_outcome"
    __table_args__ = (owned_by("feature", "feature_id"), Index(None, "workspace_id", "feature_id"))

    feature_id: Mapped[UUID] = mapped_column()
    kpi_id: Mapped[UUID] = mapped_column()
    verdict: Mapped[str] = mapped_column()
    effect: Mapped[float | None] = mapped_column()
    effect_low: Mapped[float | None] = mapped_column()
    effect_high: Mapped[float | None] = mapped_column()
    measured_at: Mapped[datetime] = mapped_column()
    source_version: Mapped[int] = mapped_column()


class WorkPackage(WorkspaceRow, RoadmapBase):
    """What a feature needs of one skill: by a named team, or by any that has the skill."""

    __tablename__ = "work_package"
    __table_args__ = (
        owned_by("feature", "feature_id"),
        owned_by("team", "team_id", on_delete="RESTRICT"),
        CheckConstraint("low_days <= likely_days AND likely_days <= high_days AND low_days >= 0", name="effort"),
        CheckConstraint("people > 0", name="people"),
        Index(None, "workspace_id", "feature_id"),
        Index(None, "workspace_id", "team_id", postgresql_where=text("team_id IS NOT NULL")),
    )

    feature_id: Mapped[UUID] = mapped_column()
    team_id: Mapped[UUID | None] = mapped_column()
    skill: Mapped[str] = mapped_column()
    low_days: Mapped[float] = mapped_column()
    likely_days: Mapped[float] = mapped_column()
    high_days: Mapped[float] = mapped_column()
    people: Mapped[float] = mapped_column()
