"""Releases: what goes out together, what every function has to do for it, and the milestones on the way."""

from datetime import date, datetime
from typing import Any, ClassVar, get_args
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.chassis.rows import VersionedRow
from services.roadmap.domain.readiness import PackageStatus, ReleaseStatus, due_day
from services.roadmap.models.base import LinkRow, RoadmapBase, owned_by


class ReleaseTemplate(VersionedRow, RoadmapBase):
    """The work packages that a kind of release usually has, told apart by keys."""

    __tablename__ = "release_template"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    name: Mapped[str] = mapped_column()
    description: Mapped[str] = mapped_column()
    work_packages: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)


class Release(VersionedRow, RoadmapBase):
    """Features that go out together, on a day that people aim at."""

    __tablename__ = "release"
    __table_args__ = (
        CheckConstraint(f"status IN {get_args(ReleaseStatus)!r}", name="status"),
        CheckConstraint("(status = 'launched') = (launched_at IS NOT NULL)", name="launched"),
    )

    name: Mapped[str] = mapped_column()
    description: Mapped[str] = mapped_column()
    status: Mapped[ReleaseStatus] = mapped_column(String)
    target_on: Mapped[date | None] = mapped_column()
    launched_at: Mapped[datetime | None] = mapped_column()
    launched_despite: Mapped[str | None] = mapped_column()
    release_template_id: Mapped[UUID | None] = mapped_column()
    attributes: Mapped[dict[str, str]] = mapped_column("metadata", JSONB)

    features: Mapped[list["ReleaseFeature"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="ReleaseFeature.feature_id", passive_deletes=True
    )

    @property
    def feature_ids(self) -> list[UUID]:
        return [each.feature_id for each in self.features]


class ReleaseFeature(LinkRow, RoadmapBase):
    """The feature goes out with this release."""

    __tablename__ = "release_feature"
    __table_args__ = (
        owned_by("release", "release_id"),
        owned_by("feature", "feature_id", on_delete="RESTRICT"),
        Index(None, "workspace_id", "feature_id"),
    )

    release_id: Mapped[UUID] = mapped_column(primary_key=True)
    feature_id: Mapped[UUID] = mapped_column(primary_key=True)


class LaunchPackage(VersionedRow, RoadmapBase):
    """What one function has to do for a release; due on a day of its own, or so many days before the launch."""

    __tablename__ = "launch_package"
    told_as: ClassVar[str | None] = "work_package"
    __table_args__ = (
        owned_by("release", "release_id"),
        owned_by("team", "team_id", on_delete="RESTRICT"),
        CheckConstraint(f"status IN {get_args(PackageStatus)!r}", name="status"),
        CheckConstraint("num_nonnulls(due_on, days_before_launch) < 2", name="due"),
        CheckConstraint("effort_days >= 0", name="effort"),
        Index(None, "workspace_id", "release_id"),
        Index(None, "workspace_id", "team_id", postgresql_where=text("team_id IS NOT NULL")),
    )

    release_id: Mapped[UUID] = mapped_column()
    title: Mapped[str] = mapped_column()
    function: Mapped[str] = mapped_column()
    team_id: Mapped[UUID | None] = mapped_column()
    skill: Mapped[str | None] = mapped_column()
    effort_days: Mapped[float] = mapped_column()
    due_on: Mapped[date | None] = mapped_column()
    days_before_launch: Mapped[int | None] = mapped_column()
    is_blocking: Mapped[bool] = mapped_column()
    status: Mapped[PackageStatus] = mapped_column(String)
    status_reason: Mapped[str | None] = mapped_column()
    started_at: Mapped[datetime | None] = mapped_column()
    done_at: Mapped[datetime | None] = mapped_column()
    actual_effort_days: Mapped[float | None] = mapped_column()

    release: Mapped[Release] = relationship(lazy="raise", viewonly=True)
    needs: Mapped[list["LaunchPackageNeed"]] = relationship(
        lazy="raise",
        cascade="all, delete-orphan",
        order_by="LaunchPackageNeed.needs_package_id",
        foreign_keys="(LaunchPackageNeed.workspace_id, LaunchPackageNeed.launch_package_id)",
        passive_deletes=True,
    )

    @property
    def needs_ids(self) -> list[UUID]:
        return [each.needs_package_id for each in self.needs]

    @property
    def due(self) -> date | None:
        return due_day(self.due_on, self.days_before_launch, target_on=self.release.target_on)


class LaunchPackageNeed(LinkRow, RoadmapBase):
    """The package can begin only when another one is done."""

    __tablename__ = "launch_package_need"
    __table_args__ = (
        owned_by("launch_package", "launch_package_id"),
        owned_by("launch_package", "needs_package_id"),
        CheckConstraint("launch_package_id <> needs_package_id", name="other"),
        Index(None, "workspace_id", "needs_package_id"),
    )

    launch_package_id: Mapped[UUID] = mapped_column(primary_key=True)
    needs_package_id: Mapped[UUID] = mapped_column(primary_key=True)


class Milestone(VersionedRow, RoadmapBase):
    """A day by which something must be so; of a release, its launch waits for it."""

    __tablename__ = "milestone"
    __table_args__ = (
        owned_by("release", "release_id", on_delete="RESTRICT"),
        Index(None, "workspace_id", "release_id"),
    )

    title: Mapped[str] = mapped_column()
    description: Mapped[str] = mapped_column()
    due_on: Mapped[date] = mapped_column()
    reached_on: Mapped[date | None] = mapped_column()
    release_id: Mapped[UUID | None] = mapped_column()
