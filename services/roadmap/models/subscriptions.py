"""Subscriptions to what needs attention, and the ledger of who was told of what."""

from datetime import datetime
from typing import get_args
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.chassis.rows import VersionedRow, WorkspaceRow
from services.roadmap.domain.attention import Channel, Delivery, SubjectKind, Topic
from services.roadmap.models.base import RoadmapBase, owned_by


class Subscription(VersionedRow, RoadmapBase):
    """Who wants to be told of which kind of trouble, about what, and by which way."""

    __tablename__ = "subscription"
    __table_args__ = (
        owned_by("team", "team_id", on_delete="RESTRICT"),
        owned_by("feature", "feature_id", on_delete="RESTRICT"),
        owned_by("release", "release_id", on_delete="RESTRICT"),
        CheckConstraint(f"channel IN {get_args(Channel)!r}", name="channel"),
        CheckConstraint("(channel = 'mail') = (email IS NOT NULL)", name="email"),
    )

    topics: Mapped[list[Topic]] = mapped_column(ARRAY(String))
    channel: Mapped[Channel] = mapped_column(String)
    email: Mapped[str | None] = mapped_column(info={"secret": True})  # the audit trail does without it
    team_id: Mapped[UUID | None] = mapped_column()
    feature_id: Mapped[UUID | None] = mapped_column()
    release_id: Mapped[UUID | None] = mapped_column()


class Notification(WorkspaceRow, RoadmapBase):
    """One subscriber told of one occasion: the row is there once, whatever happens."""

    __tablename__ = "notification"
    __table_args__ = (
        owned_by("subscription", "subscription_id"),
        UniqueConstraint("workspace_id", "subscription_id", "subject_id", "occasion"),
        CheckConstraint(f"subject_kind IN {get_args(SubjectKind)!r}", name="subject_kind"),
        CheckConstraint(f"delivery IN {get_args(Delivery)!r}", name="delivery"),
        Index(None, "workspace_id", "next_try_at", postgresql_where=text("delivery = 'pending'")),
    )

    subscription_id: Mapped[UUID] = mapped_column()
    topic: Mapped[Topic] = mapped_column(String)
    subject_kind: Mapped[SubjectKind] = mapped_column(String)
    subject_id: Mapped[UUID] = mapped_column()
    occasion: Mapped[str] = mapped_column()
    sentence: Mapped[str] = mapped_column()
    delivery: Mapped[Delivery] = mapped_column(String)
    attempts: Mapped[int] = mapped_column()
    next_try_at: Mapped[datetime] = mapped_column()
    raised_at: Mapped[datetime] = mapped_column()
    delivered_at: Mapped[datetime | None] = mapped_column()
