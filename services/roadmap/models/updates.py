"""Stakeholder updates: what an audience was told when, to whom it went, and what they answered."""

from datetime import datetime
from typing import Any, get_args
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.chassis.rows import VersionedRow, WorkspaceRow
from services.roadmap.domain.letters import Delivery, UpdateStatus
from services.roadmap.models.base import RoadmapBase, owned_by


class StakeholderUpdate(VersionedRow, RoadmapBase):
    """A letter to an audience; `told` is what it knows once it has read it, where the next one begins."""

    __tablename__ = "stakeholder_update"
    __table_args__ = (
        owned_by("roadmap", "roadmap_id"),
        owned_by("audience", "audience_id"),
        CheckConstraint(f"status IN {get_args(UpdateStatus)!r}", name="status"),
        Index(None, "workspace_id", "roadmap_id", "audience_id"),
        Index(None, "workspace_id", "audience_id"),
    )

    roadmap_id: Mapped[UUID] = mapped_column()
    audience_id: Mapped[UUID] = mapped_column()
    status: Mapped[UpdateStatus] = mapped_column(String)
    title: Mapped[str] = mapped_column()
    body: Mapped[str] = mapped_column()
    told: Mapped[dict[str, Any]] = mapped_column(JSONB)
    since_id: Mapped[UUID | None] = mapped_column()
    approved_by: Mapped[str | None] = mapped_column()
    approved_at: Mapped[datetime | None] = mapped_column()
    sent_at: Mapped[datetime | None] = mapped_column()

    recipients: Mapped[list["UpdateRecipient"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="UpdateRecipient.email", passive_deletes=True
    )


class UpdateRecipient(WorkspaceRow, RoadmapBase):
    """Somebody whom an update is mailed to; the id is the mail's, so that sent twice it is still one message."""

    __tablename__ = "update_recipient"
    __table_args__ = (
        owned_by("stakeholder_update", "update_id"),
        UniqueConstraint("workspace_id", "update_id", "email"),
        CheckConstraint(f"delivery IN {get_args(Delivery)!r}", name="delivery"),
    )

    update_id: Mapped[UUID] = mapped_column()
    email: Mapped[str] = mapped_column()
    delivery: Mapped[Delivery] = mapped_column(String)
    settled_at: Mapped[datetime | None] = mapped_column()


class UpdateReply(WorkspaceRow, RoadmapBase):
    """An answer to an update. Its words stay only until requirements has taken them as feedback."""

    __tablename__ = "update_reply"
    __table_args__ = (
        owned_by("stakeholder_update", "update_id"),
        CheckConstraint("num_nonnulls(text, feedback_id) = 1", name="handed_over"),
        Index(None, "workspace_id", "update_id", "id"),
    )

    update_id: Mapped[UUID] = mapped_column()
    text: Mapped[str | None] = mapped_column()
    email: Mapped[str | None] = mapped_column()
    feedback_id: Mapped[UUID | None] = mapped_column()
    received_at: Mapped[datetime] = mapped_column()
