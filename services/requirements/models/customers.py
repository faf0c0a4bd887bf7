"""Who we hear from: people and the organisations that they belong to."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, Uuid
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.chassis.rows import VersionedRow
from services.requirements.models.base import RequirementsBase, within


class Company(VersionedRow, RequirementsBase):
    """An organisation that customers belong to; one that was merged into another stays, and points there."""

    __tablename__ = "company"
    __table_args__ = (
        UniqueConstraint("workspace_id", "source", "external_id"),
        UniqueConstraint("workspace_id", "domain"),
        within("company", "merged_into_id"),
        Index(None, "workspace_id", "merged_into_id", postgresql_where=sql("merged_into_id IS NOT NULL")),
    )

    name: Mapped[str | None] = mapped_column()
    domain: Mapped[str | None] = mapped_column()
    source: Mapped[str] = mapped_column()
    external_id: Mapped[str | None] = mapped_column()
    merged_into_id: Mapped[UUID | None] = mapped_column()
    attributes: Mapped[dict[str, str]] = mapped_column("metadata", JSONB, server_default=sql("'{}'"))
    aliases: Mapped[list["CompanyAlias"]] = relationship(
        lazy="selectin", order_by="CompanyAlias.value", cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def other_domains(self) -> list[str]:
        return [each.value for each in self.aliases if each.kind == "domain"]

    @property
    def other_ids(self) -> list[dict[str, str]]:
        return [{"source": each.source, "external_id": each.value} for each in self.aliases if each.kind == "id"]


class Contact(VersionedRow, RequirementsBase):
    """A person whose words reach us; one who was merged into another stays, and points there."""

    __tablename__ = "contact"
    __table_args__ = (
        UniqueConstraint("workspace_id", "source", "external_id"),
        UniqueConstraint("workspace_id", "email"),
        within("company", "company_id"),
        within("contact", "merged_into_id"),
        Index(None, "workspace_id", "company_id"),
        Index(None, "workspace_id", "merged_into_id", postgresql_where=sql("merged_into_id IS NOT NULL")),
    )

    name: Mapped[str | None] = mapped_column()
    email: Mapped[str | None] = mapped_column()
    source: Mapped[str] = mapped_column()
    external_id: Mapped[str | None] = mapped_column()
    company_id: Mapped[UUID | None] = mapped_column()
    merged_into_id: Mapped[UUID | None] = mapped_column()
    attributes: Mapped[dict[str, str]] = mapped_column("metadata", JSONB, server_default=sql("'{}'"))
    aliases: Mapped[list["ContactAlias"]] = relationship(
        lazy="selectin", order_by="ContactAlias.value", cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def other_emails(self) -> list[str]:
        return [each.value for each in self.aliases if each.kind == "email"]

    @property
    def other_ids(self) -> list[dict[str, str]]:
        return [{"source": each.source, "external_id": each.value} for each in self.aliases if each.kind == "id"]


class CompanyAlias(RequirementsBase):
    """Another domain of a company, or its id in another system; `source` is empty for a domain."""

    __tablename__ = "company_alias"
    __table_args__ = (
        within("company", "company_id", on_delete="CASCADE"),
        Index(None, "workspace_id", "company_id"),
    )

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    company_id: Mapped[UUID] = mapped_column()


class ContactAlias(RequirementsBase):
    """Another address of a person, or their id in another system; `source` is empty for an address."""

    __tablename__ = "contact_alias"
    __table_args__ = (
        within("contact", "contact_id", on_delete="CASCADE"),
        Index(None, "workspace_id", "contact_id"),
    )

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[UUID] = mapped_column()


class CompanyRevenue(VersionedRow, RequirementsBase):
    """What a company pays in a year, and from when until when that is so."""

    __tablename__ = "company_revenue"
    __table_args__ = (
        CheckConstraint("valid_until > valid_from", name="validity"),
        within("company", "company_id"),
        Index(None, "workspace_id", "company_id"),
    )

    company_id: Mapped[UUID] = mapped_column()
    annual_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column()
    valid_from: Mapped[date] = mapped_column()
    valid_until: Mapped[date | None] = mapped_column()

    @property
    def annual(self) -> dict[str, Any]:
        return {"amount_minor": self.annual_minor, "currency": self.currency}


class CustomerMerge(VersionedRow, RequirementsBase):
    """Two rows that were found to be the same customer; `taken` names what the kept one lacked and took over."""

    __tablename__ = "customer_merge"
    __table_args__ = (Index(None, "workspace_id", "kept_id"), Index(None, "workspace_id", "merged_id"))

    subject: Mapped[str] = mapped_column()
    kept_id: Mapped[UUID] = mapped_column()
    merged_id: Mapped[UUID] = mapped_column()
    taken: Mapped[dict[str, str | None]] = mapped_column(JSONB)
    made_by: Mapped[str] = mapped_column()
    undone_at: Mapped[datetime | None] = mapped_column()

    @property
    def taken_fields(self) -> list[str]:
        return sorted(self.taken)


class CustomerMergeItem(RequirementsBase):
    """A row that pointed at the merged customer, and where: enough to point it back."""

    __tablename__ = "customer_merge_item"
    __table_args__ = (within("customer_merge", "merge_id", on_delete="CASCADE"),)

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    merge_id: Mapped[UUID] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)
    row_id: Mapped[UUID] = mapped_column(primary_key=True)


class Segment(VersionedRow, RequirementsBase):
    """Customers of a kind, by a rule."""

    __tablename__ = "segment"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    name: Mapped[str] = mapped_column()
    subject: Mapped[str] = mapped_column()
    rule: Mapped[str] = mapped_column()
    description: Mapped[str] = mapped_column()


class FeedbackStanding(RequirementsBase):
    """Which segments a piece of feedback came from and what its company paid, as of the day when it was said."""

    __tablename__ = "feedback_standing"
    __table_args__ = (within("feedback", "feedback_id", on_delete="CASCADE"),)

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    feedback_id: Mapped[UUID] = mapped_column(primary_key=True)
    as_of: Mapped[datetime] = mapped_column()
    frozen_at: Mapped[datetime] = mapped_column()
    contact_id: Mapped[UUID | None] = mapped_column()
    company_id: Mapped[UUID | None] = mapped_column()
    segment_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    revenue: Mapped[dict[str, int]] = mapped_column(JSONB)
