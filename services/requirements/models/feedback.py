"""What customers say, and what it means as a vector."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import CheckConstraint, Computed, Index, SmallInteger, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from services.chassis.rows import VersionedRow
from services.requirements.language.model import DIMENSIONS
from services.requirements.models.base import RequirementsBase, within

SEARCHED = "to_tsvector('english'::regconfig, coalesce(title, '') || ' ' || text)"
HNSW = {"m": 16, "ef_construction": 64}


class Feedback(VersionedRow, RequirementsBase):
    """What a customer said, in their own words."""

    __tablename__ = "feedback"
    __table_args__ = (
        UniqueConstraint("workspace_id", "source", "external_id"),
        CheckConstraint("importance BETWEEN 0 AND 3", name="importance"),
        within("contact", "contact_id"),
        within("contact", "author_id"),
        within("company", "company_id"),
        Index("ix_feedback_search", "workspace_id", "search", postgresql_using="gin"),
        Index(None, "workspace_id", "contact_id", postgresql_where=sql("contact_id IS NOT NULL")),
        Index(None, "workspace_id", "company_id", postgresql_where=sql("company_id IS NOT NULL")),
        Index(None, "workspace_id", "author_id", postgresql_where=sql("author_id IS NOT NULL")),
    )

    text: Mapped[str] = mapped_column()
    title: Mapped[str | None] = mapped_column()
    source: Mapped[str] = mapped_column()
    external_id: Mapped[str | None] = mapped_column()
    occurred_at: Mapped[datetime] = mapped_column()
    contact_id: Mapped[UUID | None] = mapped_column()
    company_id: Mapped[UUID | None] = mapped_column()
    channel: Mapped[str | None] = mapped_column()
    source_url: Mapped[str | None] = mapped_column()
    author_id: Mapped[UUID | None] = mapped_column()
    product_area: Mapped[str | None] = mapped_column()
    importance: Mapped[int | None] = mapped_column(SmallInteger)
    rating_value: Mapped[float | None] = mapped_column()
    rating_best: Mapped[float | None] = mapped_column()
    attachments: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=sql("'[]'"))
    custom_fields: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=sql("'{}'"))
    consent: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    attributes: Mapped[dict[str, str]] = mapped_column("metadata", JSONB, server_default=sql("'{}'"))
    search: Mapped[Any] = mapped_column(TSVECTOR, Computed(SEARCHED, persisted=True), deferred=True)

    @property
    def rating(self) -> dict[str, float | None] | None:
        return None if self.rating_value is None else {"value": self.rating_value, "best": self.rating_best}


class FeedbackEmbedding(RequirementsBase):
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
