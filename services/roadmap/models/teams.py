"""Teams: who works on what, when, and who is away."""

from datetime import date
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Index, SmallInteger, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.chassis.rows import VersionedRow, WorkspaceRow
from services.roadmap.models.base import RoadmapBase, owned_by


class Team(VersionedRow, RoadmapBase):
    """A team of any function, with its working days and the place whose holidays it keeps."""

    __tablename__ = "team"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    name: Mapped[str] = mapped_column()
    function: Mapped[str] = mapped_column()
    country: Mapped[str | None] = mapped_column()
    subdivision: Mapped[str | None] = mapped_column()
    weekdays: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    attributes: Mapped[dict[str, str]] = mapped_column("metadata", JSONB)

    staff: Mapped[list["TeamStaff"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="(TeamStaff.skill, TeamStaff.id)", passive_deletes=True
    )
    absences: Mapped[list["TeamAbsence"]] = relationship(
        lazy="raise",
        cascade="all, delete-orphan",
        order_by="(TeamAbsence.starts_on, TeamAbsence.id)",
        passive_deletes=True,
    )


class TeamStaff(WorkspaceRow, RoadmapBase):
    """People of one skill, with what a day of theirs costs."""

    __tablename__ = "team_staff"
    __table_args__ = (
        owned_by("team", "team_id"),
        CheckConstraint("people > 0", name="people"),
        CheckConstraint("starts_on <= ends_on", name="dates"),
        CheckConstraint("(day_rate_minor IS NULL) = (currency IS NULL)", name="money"),
        Index(None, "workspace_id", "team_id"),
    )

    team_id: Mapped[UUID] = mapped_column()
    skill: Mapped[str] = mapped_column()
    people: Mapped[float] = mapped_column()
    starts_on: Mapped[date | None] = mapped_column()
    ends_on: Mapped[date | None] = mapped_column()
    day_rate_minor: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column()

    @property
    def day_rate(self) -> dict[str, object] | None:
        """As the API writes money."""
        if self.day_rate_minor is None:
            return None
        return {"amount_minor": self.day_rate_minor, "currency": self.currency}


class TeamAbsence(WorkspaceRow, RoadmapBase):
    """Some or all are away."""

    __tablename__ = "team_absence"
    __table_args__ = (
        owned_by("team", "team_id"),
        CheckConstraint("starts_on <= ends_on", name="dates"),
        Index(None, "workspace_id", "team_id"),
    )

    team_id: Mapped[UUID] = mapped_column()
    starts_on: Mapped[date] = mapped_column()
    ends_on: Mapped[date] = mapped_column()
    skill: Mapped[str | None] = mapped_column()
    people: Mapped[float | None] = mapped_column()
