"""What people did, under numbers in place of their names."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.chassis.rows import WorkspaceRow
from services.metrics.models.base import MetricsBase

ORIGINS = ("api", "segment")


class UsageEvent(WorkspaceRow, MetricsBase):
    """That somebody did something, exactly once per dedupe key."""

    __tablename__ = "usage_event"
    __table_args__ = (
        UniqueConstraint("workspace_id", "dedupe_key"),
        CheckConstraint(f"origin IN {ORIGINS!r}", name="origin"),
        Index(None, "workspace_id", "name", "occurred_at"),
        Index(None, "workspace_id", "person", "name", "occurred_at"),
    )

    dedupe_key: Mapped[str] = mapped_column()
    name: Mapped[str] = mapped_column()
    occurred_at: Mapped[datetime] = mapped_column()
    person: Mapped[int | None] = mapped_column(BigInteger)
    account: Mapped[int | None] = mapped_column(BigInteger)
    properties: Mapped[dict[str, Any]] = mapped_column(JSONB)
    origin: Mapped[str] = mapped_column()
    received_at: Mapped[datetime] = mapped_column()


class PersonLink(MetricsBase):
    """That somebody who was seen before they signed in is somebody who is known."""

    __tablename__ = "person_link"

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    person: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    same_as: Mapped[int] = mapped_column(BigInteger)
