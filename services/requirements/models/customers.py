"""Who we hear from: people and the organisations that they belong to."""

from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.chassis.rows import VersionedRow
from services.requirements.models.base import RequirementsBase, within


class Company(VersionedRow, RequirementsBase):
    """An organisation that customers belong to."""

    __tablename__ = "company"
    __table_args__ = (
        UniqueConstraint("workspace_id", "source", "external_id"),
        UniqueConstraint("workspace_id", "domain"),
    )

    name: Mapped[str | None] = mapped_column()
    domain: Mapped[str | None] = mapped_column()
    source: Mapped[str] = mapped_column()
    external_id: Mapped[str | None] = mapped_column()
    attributes: Mapped[dict[str, str]] = mapped_column("metadata", JSONB, server_default=sql("'{}'"))


class Contact(VersionedRow, RequirementsBase):
    """A person whose words reach us."""

    __tablename__ = "contact"
    __table_args__ = (
        UniqueConstraint("workspace_id", "source", "external_id"),
        UniqueConstraint("workspace_id", "email"),
        within("company", "company_id"),
        Index(None, "workspace_id", "company_id"),
    )

    name: Mapped[str | None] = mapped_column()
    email: Mapped[str | None] = mapped_column()
    source: Mapped[str] = mapped_column()
    external_id: Mapped[str | None] = mapped_column()
    company_id: Mapped[UUID | None] = mapped_column()
    attributes: Mapped[dict[str, str]] = mapped_column("metadata", JSONB, server_default=sql("'{}'"))
