"""Delivery trackers: whose word is taken, and which issues stand for which features and requirements."""

from datetime import datetime
from typing import get_args
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.chassis.rows import VersionedRow
from services.roadmap.domain.tracking import Phase, ReportedStatus
from services.roadmap.models.base import RoadmapBase, owned_by
from services.roadmap.models.copies import RequirementCopy
from services.roadmap.models.features import Feature

PROVIDERS = ("github", "gitlab", "jira", "linear")


class Integration(VersionedRow, RoadmapBase):
    """A tracker that reports here; found by its id alone, because its signature is all that it brings."""

    __tablename__ = "integration"
    __table_args__ = (CheckConstraint(f"provider IN {PROVIDERS!r}", name="provider"), Index(None, "id"))

    name: Mapped[str] = mapped_column()
    provider: Mapped[str] = mapped_column()
    status_mapping: Mapped[dict[str, ReportedStatus | None]] = mapped_column(JSONB)
    sealed_secret: Mapped[bytes] = mapped_column(LargeBinary, info={"secret": True})
    sealed_previous: Mapped[bytes | None] = mapped_column(LargeBinary, info={"secret": True})
    previous_until: Mapped[datetime | None] = mapped_column()
    last_heard_at: Mapped[datetime | None] = mapped_column()


class IssueLink(VersionedRow, RoadmapBase):
    """An issue that stands for work on a feature or a requirement, and what it last said."""

    __tablename__ = "issue_link"
    __table_args__ = (
        CheckConstraint(f"provider IN {PROVIDERS!r}", name="provider"),
        CheckConstraint("(feature_id IS NULL) <> (requirement_id IS NULL)", name="one_subject"),
        CheckConstraint(f"phase IN {get_args(Phase)!r}", name="phase"),
        CheckConstraint(f"reported_status IN {get_args(ReportedStatus)!r}", name="reported_status"),
        owned_by("feature", "feature_id"),
        UniqueConstraint("workspace_id", "issue", "feature_id"),
        UniqueConstraint("workspace_id", "issue", "requirement_id"),
        Index(None, "workspace_id", "feature_id", postgresql_where=text("feature_id IS NOT NULL")),
        Index(None, "workspace_id", "requirement_id", postgresql_where=text("requirement_id IS NOT NULL")),
    )

    provider: Mapped[str] = mapped_column()
    url: Mapped[str] = mapped_column()
    issue: Mapped[str] = mapped_column()
    feature_id: Mapped[UUID | None] = mapped_column()
    requirement_id: Mapped[UUID | None] = mapped_column()
    state: Mapped[str | None] = mapped_column()
    phase: Mapped[Phase | None] = mapped_column(String)
    reported_status: Mapped[ReportedStatus | None] = mapped_column(String)
    reported_at: Mapped[datetime | None] = mapped_column()
    issue_started_at: Mapped[datetime | None] = mapped_column()
    issue_done_at: Mapped[datetime | None] = mapped_column()

    feature: Mapped[Feature | None] = relationship(lazy="raise", viewonly=True)
    requirement: Mapped[RequirementCopy | None] = relationship(
        lazy="raise",
        viewonly=True,
        primaryjoin="and_(foreign(IssueLink.workspace_id) == RequirementCopy.workspace_id, "
        "foreign(IssueLink.requirement_id) == RequirementCopy.id)",
    )
