"""KPIs that are looked at together, what was told of their weeks, and to whom."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.chassis.rows import VersionedRow, WorkspaceRow
from services.metrics.domain.weekly import WEEKDAYS, Weekday
from services.metrics.models.base import MetricsBase, owned_by

CHANNELS = ("mail", "event")
DELIVERIES = ("pending", "delivered", "refused")


class Dashboard(VersionedRow, MetricsBase):
    """Tiles in their order. They are changed as a whole; a KPI on one is not deleted (see `KpiRepository.is_used`)."""

    __tablename__ = "dashboard"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    name: Mapped[str] = mapped_column()
    description: Mapped[str] = mapped_column()
    tiles: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)


class Digest(WorkspaceRow, MetricsBase):
    """What was told of a dashboard's week; never changed. One for each time that one was due."""

    __tablename__ = "digest"
    __table_args__ = (
        owned_by("dashboard", "dashboard_id"),
        UniqueConstraint("workspace_id", "dashboard_id", "due_at"),
        CheckConstraint("begins_at < ends_at", name="week"),
    )

    dashboard_id: Mapped[UUID] = mapped_column()
    dashboard_version: Mapped[int] = mapped_column()
    begins_at: Mapped[datetime] = mapped_column()
    ends_at: Mapped[datetime] = mapped_column()
    due_at: Mapped[datetime | None] = mapped_column()
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    text: Mapped[str] = mapped_column()
    made_by: Mapped[str] = mapped_column()
    made_at: Mapped[datetime] = mapped_column()


class DigestSubscription(VersionedRow, MetricsBase):
    """Who gets a dashboard's digest, on which weekday and hour of which time zone."""

    __tablename__ = "digest_subscription"
    __table_args__ = (
        owned_by("dashboard", "dashboard_id"),
        CheckConstraint(f"channel IN {CHANNELS!r}", name="channel"),
        CheckConstraint("(channel = 'mail') = (email IS NOT NULL)", name="email"),
        CheckConstraint(f"weekday IN {WEEKDAYS!r}", name="weekday"),
        CheckConstraint("hour BETWEEN 0 AND 23", name="hour"),
        Index(None, "workspace_id", "next_due_at"),
        Index(None, "workspace_id", "dashboard_id"),
    )

    dashboard_id: Mapped[UUID] = mapped_column()
    channel: Mapped[str] = mapped_column()
    email: Mapped[str | None] = mapped_column(info={"secret": True})  # the audit trail does without it
    weekday: Mapped[Weekday] = mapped_column(String)
    hour: Mapped[int] = mapped_column()
    time_zone: Mapped[str] = mapped_column()
    next_due_at: Mapped[datetime] = mapped_column()


class DigestDelivery(WorkspaceRow, MetricsBase):
    """One subscriber's digest of one week: the row is there once, whatever happens."""

    __tablename__ = "digest_delivery"
    __table_args__ = (
        owned_by("digest_subscription", "subscription_id"),
        owned_by("digest", "digest_id"),
        UniqueConstraint("workspace_id", "subscription_id", "due_at"),
        CheckConstraint(f"delivery IN {DELIVERIES!r}", name="delivery"),
        Index(None, "workspace_id", "digest_id"),
        Index(None, "workspace_id", "next_try_at", postgresql_where=text("delivery = 'pending'")),
    )

    subscription_id: Mapped[UUID] = mapped_column()
    digest_id: Mapped[UUID] = mapped_column()
    due_at: Mapped[datetime] = mapped_column()
    delivery: Mapped[str] = mapped_column()
    attempts: Mapped[int] = mapped_column()
    next_try_at: Mapped[datetime] = mapped_column()
    delivered_at: Mapped[datetime | None] = mapped_column()
