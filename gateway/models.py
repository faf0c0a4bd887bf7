"""The gateway's tables: workspaces, their members, and the keys that machines show."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.chassis import rows
from services.chassis.rows import VersionedRow, naming_metadata

ROLES = ("viewer", "contributor", "planner", "admin")
WORKSPACE_KINDS = ("live", "test")


class Base(rows.Base):
    __abstract__ = True
    metadata = naming_metadata()


class Workspace(Base):
    """A tenant. Its id is what every business row of every service begins with."""

    __tablename__ = "workspace"
    __table_args__ = (CheckConstraint(f"kind IN {WORKSPACE_KINDS!r}", name="kind"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    allowed_origins: Mapped[list[str]] = mapped_column(ARRAY(Text))
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()
    updated_at: Mapped[datetime] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    @property
    def etag(self) -> str:
        return f'"{self.version}"'


class Member(VersionedRow, Base):
    """A person of a workspace, known by what an OpenID Connect issuer calls them."""

    __tablename__ = "member"
    __table_args__ = (
        CheckConstraint(f"role IN {ROLES!r}", name="role"),
        UniqueConstraint("workspace_id", "issuer", "subject"),
        UniqueConstraint("workspace_id", "email"),
    )

    workspace_id: Mapped[UUID] = mapped_column(ForeignKey("workspace.id"), primary_key=True, sort_order=-20)
    issuer: Mapped[str | None] = mapped_column(Text)
    subject: Mapped[str | None] = mapped_column(Text)
    email: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)


class ApiKey(VersionedRow, Base):
    """What a machine may do. The key itself is nowhere: only its HMAC, and four characters to recognise it by."""

    __tablename__ = "api_key"
    __table_args__ = (CheckConstraint(f"role IN {ROLES!r}", name="role"), UniqueConstraint("digest"))

    workspace_id: Mapped[UUID] = mapped_column(ForeignKey("workspace.id"), primary_key=True, sort_order=-20)
    name: Mapped[str] = mapped_column(Text)
    digest: Mapped[bytes] = mapped_column(LargeBinary, info={"secret": True})
    hint: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    allowed_origins: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_by: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime | None] = mapped_column()
    revoked_at: Mapped[datetime | None] = mapped_column()
    rotated_to: Mapped[UUID | None] = mapped_column()
    last_used_at: Mapped[datetime | None] = mapped_column()
