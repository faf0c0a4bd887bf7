"""The tables of the requirements service."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import (
    REAL,
    CheckConstraint,
    Computed,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    String,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.chassis import rows
from services.chassis.rows import VersionedRow, WorkspaceRow, naming_metadata
from services.requirements.domain.evidence import opening
from services.requirements.domain.states import RequirementStatus
from services.requirements.language.model import DIMENSIONS

SEARCHED = "to_tsvector('english'::regconfig, coalesce(title, '') || ' ' || text)"
HNSW = {"m": 16, "ef_construction": 64}


def within(table: str, *columns: str, on_delete: str | None = None) -> ForeignKeyConstraint:
    """A foreign key that cannot leave the workspace; `columns` are ours, theirs is `id`."""
    ours, theirs = ["workspace_id", *columns], [f"{table}.workspace_id", f"{table}.id"]
    return ForeignKeyConstraint(ours, theirs, ondelete=on_delete)


class Base(rows.Base):
    """The root of this service's models."""

    __abstract__ = True
    metadata = naming_metadata()


class Company(VersionedRow, Base):
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


class Contact(VersionedRow, Base):
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


class Feedback(VersionedRow, Base):
    """What a customer said, in their own words."""

    __tablename__ = "feedback"
    __table_args__ = (
        UniqueConstraint("workspace_id", "source", "external_id"),
        within("contact", "contact_id"),
        within("company", "company_id"),
        Index("ix_feedback_search", "workspace_id", "search", postgresql_using="gin"),
        Index(None, "workspace_id", "contact_id", postgresql_where=sql("contact_id IS NOT NULL")),
        Index(None, "workspace_id", "company_id", postgresql_where=sql("company_id IS NOT NULL")),
    )

    text: Mapped[str] = mapped_column()
    title: Mapped[str | None] = mapped_column()
    source: Mapped[str] = mapped_column()
    external_id: Mapped[str | None] = mapped_column()
    occurred_at: Mapped[datetime] = mapped_column()
    contact_id: Mapped[UUID | None] = mapped_column()
    company_id: Mapped[UUID | None] = mapped_column()
    attributes: Mapped[dict[str, str]] = mapped_column("metadata", JSONB, server_default=sql("'{}'"))
    search: Mapped[Any] = mapped_column(TSVECTOR, Computed(SEARCHED, persisted=True), deferred=True)


class FeedbackEmbedding(Base):
    """The meaning of a piece of feedback; apart from it, so that intake never touches the vector index."""

    __tablename__ = "feedback_embedding"
    __table_args__ = (
        within("feedback", "feedback_id", on_delete="CASCADE"),
        Index(
            "ix_feedback_embedding_hnsw",
            "embedding",
            postgresql_using="hnsw",
            postgresql_with=HNSW,
            postgresql_ops={"embedding": "halfvec_cosine_ops"},
        ),
    )

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    feedback_id: Mapped[UUID] = mapped_column(primary_key=True)
    feedback_version: Mapped[int] = mapped_column()
    model: Mapped[str] = mapped_column()
    embedding: Mapped[Any] = mapped_column(HALFVEC(DIMENSIONS))


class Theme(VersionedRow, Base):
    """Something that several customers say."""

    __tablename__ = "theme"
    __table_args__ = (within("feedback", "quoted_feedback_id", on_delete="SET NULL (quoted_feedback_id)"),)

    name: Mapped[str] = mapped_column()
    words: Mapped[list[str]] = mapped_column(ARRAY(String))
    size: Mapped[int] = mapped_column()
    quoted_feedback_id: Mapped[UUID | None] = mapped_column()
    centre: Mapped[Any] = mapped_column(HALFVEC(DIMENSIONS), deferred=True, info={"secret": True})
    rebuilt_at: Mapped[datetime] = mapped_column()
    retired_at: Mapped[datetime | None] = mapped_column()
    quoted: Mapped["Feedback | None"] = relationship(viewonly=True, lazy="joined")

    @property
    def quote(self) -> str | None:
        """The beginning of the feedback that stands for the theme."""
        return opening(self.quoted.text).text if self.quoted is not None else None


class ThemeMember(Base):
    """Which theme a piece of feedback belongs to, and how near to its centre it lies (cosine)."""

    __tablename__ = "theme_member"
    __table_args__ = (
        within("feedback", "feedback_id", on_delete="CASCADE"),
        within("theme", "theme_id", on_delete="CASCADE"),
        Index(None, "workspace_id", "theme_id", "feedback_id"),
    )

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    feedback_id: Mapped[UUID] = mapped_column(primary_key=True)
    theme_id: Mapped[UUID] = mapped_column()
    similarity: Mapped[float] = mapped_column(REAL)


class Requirement(VersionedRow, Base):
    """A need worth answering, what it is estimated at, and how far it has come."""

    __tablename__ = "requirement"
    __table_args__ = (
        CheckConstraint(f"status IN {tuple(map(str, RequirementStatus))!r}", name="status"),
        within("theme", "theme_id"),
        Index(None, "workspace_id", "theme_id", postgresql_where=sql("theme_id IS NOT NULL")),
        Index(None, "workspace_id", "status"),
    )

    title: Mapped[str] = mapped_column()
    problem: Mapped[str] = mapped_column()
    status: Mapped[str] = mapped_column()
    status_reason: Mapped[str | None] = mapped_column()
    theme_id: Mapped[UUID | None] = mapped_column()
    estimates: Mapped[dict[str, Any]] = mapped_column(JSONB)
    evidence_count: Mapped[int] = mapped_column()
    attributes: Mapped[dict[str, str]] = mapped_column("metadata", JSONB, server_default=sql("'{}'"))
    evidence: Mapped[list["Evidence"]] = relationship(
        lazy="raise", order_by="Evidence.id", cascade="all, delete-orphan", passive_deletes=True
    )


class Evidence(VersionedRow, Base):
    """A customer's words that a requirement rests on, and where in the feedback they stand (in characters)."""

    __tablename__ = "evidence"
    __table_args__ = (
        CheckConstraint("strength BETWEEN 0 AND 3", name="strength"),
        CheckConstraint("start_offset >= 0 AND end_offset > start_offset", name="offsets"),
        within("requirement", "requirement_id", on_delete="CASCADE"),
        within("feedback", "feedback_id"),
        Index(None, "workspace_id", "requirement_id"),
        Index(None, "workspace_id", "feedback_id"),
    )

    requirement_id: Mapped[UUID] = mapped_column()
    feedback_id: Mapped[UUID] = mapped_column()
    quote: Mapped[str] = mapped_column()
    start_offset: Mapped[int] = mapped_column()
    end_offset: Mapped[int] = mapped_column()
    strength: Mapped[int] = mapped_column(SmallInteger)
    judged_by: Mapped[str] = mapped_column()


class FeatureLink(WorkspaceRow, Base):
    """A feature of the roadmap that answers requirements, as its feed tells it; `id` is the feature's."""

    __tablename__ = "feature_link"

    source_version: Mapped[int] = mapped_column()
    status: Mapped[str] = mapped_column()
    requirement_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    shipped_at: Mapped[datetime | None] = mapped_column()


class OutcomeLink(WorkspaceRow, Base):
    """What metrics measured after a feature shipped, as its feed tells it; `id` is the outcome's."""

    __tablename__ = "outcome_link"
    __table_args__ = (Index(None, "workspace_id", "feature_id"),)

    source_version: Mapped[int] = mapped_column()
    feature_id: Mapped[UUID] = mapped_column()
    kpi_id: Mapped[UUID | None] = mapped_column()
    verdict: Mapped[str] = mapped_column()
    measured_at: Mapped[datetime] = mapped_column()


class Prioritization(VersionedRow, Base):
    """A ranking as it was made: who, when, how, on which estimates. It never changes."""

    __tablename__ = "prioritization"

    name: Mapped[str] = mapped_column()
    method: Mapped[str] = mapped_column()
    seed: Mapped[int] = mapped_column()
    draws: Mapped[int] = mapped_column()
    top: Mapped[int] = mapped_column()
    stability: Mapped[float] = mapped_column()
    reference: Mapped[dict[str, Any]] = mapped_column(JSONB)
    made_by: Mapped[str] = mapped_column()
    items: Mapped[list["RankedRequirement"]] = relationship(
        lazy="raise", order_by="RankedRequirement.rank", cascade="all, delete-orphan", passive_deletes=True
    )


class RankedRequirement(Base):
    """One line of a ranking; it outlives the requirement, whose key is therefore no foreign key."""

    __tablename__ = "ranked_requirement"
    __table_args__ = (
        within("prioritization", "prioritization_id", on_delete="CASCADE"),
        Index(None, "workspace_id", "requirement_id"),
    )

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    prioritization_id: Mapped[UUID] = mapped_column(primary_key=True)
    rank: Mapped[int] = mapped_column(primary_key=True)
    requirement_id: Mapped[UUID] = mapped_column()
    requirement_version: Mapped[int] = mapped_column()
    title: Mapped[str] = mapped_column()
    score: Mapped[float] = mapped_column()
    estimates: Mapped[dict[str, Any]] = mapped_column(JSONB)
    explanation: Mapped[dict[str, Any]] = mapped_column(JSONB)
