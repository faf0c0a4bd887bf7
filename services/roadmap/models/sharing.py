"""Share links: the addresses under which somebody outside sees a roadmap, and who came."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.chassis.rows import VersionedRow, WorkspaceRow
from services.roadmap.models.base import RoadmapBase, owned_by


class ShareLink(VersionedRow, RoadmapBase):
    """A roadmap, or a scenario of it, as one audience sees it, for whoever holds the address.

    Of its token only the digest is kept.
    """

    __tablename__ = "share_link"
    __table_args__ = (
        owned_by("roadmap", "roadmap_id"),
        owned_by("audience", "audience_id"),
        owned_by("scenario", "scenario_id"),
        Index("uq_share_link_digest", "digest", unique=True),
        Index(None, "workspace_id", "roadmap_id"),
        Index(None, "workspace_id", "audience_id"),
        Index(None, "workspace_id", "scenario_id", postgresql_where=text("scenario_id IS NOT NULL")),
    )

    name: Mapped[str] = mapped_column()
    roadmap_id: Mapped[UUID] = mapped_column()
    audience_id: Mapped[UUID] = mapped_column()
    scenario_id: Mapped[UUID | None] = mapped_column()
    digest: Mapped[bytes] = mapped_column(info={"secret": True})
    expires_at: Mapped[datetime | None] = mapped_column()
    revoked_at: Mapped[datetime | None] = mapped_column()


class ShareLinkVisit(WorkspaceRow, RoadmapBase):
    """One visitor's requests for one form of a shared roadmap on one day; the pseudonym is another one tomorrow."""

    __tablename__ = "share_link_visit"
    __table_args__ = (
        owned_by("share_link", "share_link_id"),
        UniqueConstraint("workspace_id", "share_link_id", "day", "form", "visitor"),
    )

    share_link_id: Mapped[UUID] = mapped_column()
    day: Mapped[date] = mapped_column()
    form: Mapped[str] = mapped_column()
    visitor: Mapped[str] = mapped_column()
    times: Mapped[int] = mapped_column()
    first_at: Mapped[datetime] = mapped_column()
    last_at: Mapped[datetime] = mapped_column()
