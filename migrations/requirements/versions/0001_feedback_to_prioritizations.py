"""From feedback to prioritizations."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from pgvector.sqlalchemy import HALFVEC
from sqlalchemy.dialects import postgresql

from migrations.support import (
    CURRENT_WORKSPACE,
    application_role,
    create_infrastructure,
    drop_infrastructure,
    enable_row_level_security,
)

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = (
    "company",
    "contact",
    "feedback",
    "feedback_embedding",
    "theme",
    "theme_member",
    "requirement",
    "evidence",
    "feature_link",
    "outcome_link",
    "prioritization",
    "ranked_requirement",
)


def upgrade() -> None:
    create_infrastructure()
    create_company()
    create_contact()
    create_feedback()
    create_feedback_embedding()
    create_theme()
    create_theme_member()
    create_requirement()
    create_evidence()
    create_feature_link()
    create_outcome_link()
    create_prioritization()
    create_ranked_requirement()
    for table in TABLES:
        enable_row_level_security(table)
    create_search()


def downgrade() -> None:
    op.execute("DROP FUNCTION search_feedback(text)")
    for table in reversed(TABLES):
        op.drop_table(table)
    drop_infrastructure()


def create_search() -> None:
    """Full text under row-level security: `@@` is not leakproof, so under a policy it would not use its index.

    The function runs as its owner and filters by the workspace of the caller's transaction itself; it takes nothing
    from the caller but the words.
    """
    op.execute(
        f"""
        CREATE FUNCTION search_feedback(words text) RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp
        AS $$
            SELECT id FROM feedback
            WHERE workspace_id = {CURRENT_WORKSPACE} AND search @@ websearch_to_tsquery('english'::regconfig, words)
        $$
        """
    )
    op.execute("REVOKE ALL ON FUNCTION search_feedback(text) FROM PUBLIC")
    op.execute(f'GRANT EXECUTE ON FUNCTION search_feedback(text) TO "{application_role()}"')


def create_company() -> None:
    op.create_table(
        "company",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("domain", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("metadata", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_company")),
        sa.UniqueConstraint("workspace_id", "domain", name=op.f("uq_company_workspace_id_domain")),
        sa.UniqueConstraint(
            "workspace_id", "source", "external_id", name=op.f("uq_company_workspace_id_source_external_id")
        ),
    )


def create_contact() -> None:
    op.create_table(
        "contact",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("company_id", sa.Uuid(), nullable=True),
        sa.Column("metadata", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "company_id"],
            ["company.workspace_id", "company.id"],
            name=op.f("fk_contact_workspace_id_company_id_company"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_contact")),
        sa.UniqueConstraint("workspace_id", "email", name=op.f("uq_contact_workspace_id_email")),
        sa.UniqueConstraint(
            "workspace_id", "source", "external_id", name=op.f("uq_contact_workspace_id_source_external_id")
        ),
    )
    op.create_index(op.f("ix_contact_workspace_id_company_id"), "contact", ["workspace_id", "company_id"], unique=False)


def create_feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("company_id", sa.Uuid(), nullable=True),
        sa.Column("metadata", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed("to_tsvector('english'::regconfig, coalesce(title, '') || ' ' || text)", persisted=True),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "company_id"],
            ["company.workspace_id", "company.id"],
            name=op.f("fk_feedback_workspace_id_company_id_company"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "contact_id"],
            ["contact.workspace_id", "contact.id"],
            name=op.f("fk_feedback_workspace_id_contact_id_contact"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_feedback")),
        sa.UniqueConstraint(
            "workspace_id", "source", "external_id", name=op.f("uq_feedback_workspace_id_source_external_id")
        ),
    )
    op.create_index("ix_feedback_search", "feedback", ["workspace_id", "search"], unique=False, postgresql_using="gin")
    op.create_index(
        op.f("ix_feedback_workspace_id_company_id"),
        "feedback",
        ["workspace_id", "company_id"],
        unique=False,
        postgresql_where=sa.text("company_id IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_feedback_workspace_id_contact_id"),
        "feedback",
        ["workspace_id", "contact_id"],
        unique=False,
        postgresql_where=sa.text("contact_id IS NOT NULL"),
    )


def create_feedback_embedding() -> None:
    op.create_table(
        "feedback_embedding",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("feedback_id", sa.Uuid(), nullable=False),
        sa.Column("feedback_version", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("embedding", HALFVEC(dim=384), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "feedback_id"],
            ["feedback.workspace_id", "feedback.id"],
            name=op.f("fk_feedback_embedding_workspace_id_feedback_id_feedback"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "feedback_id", name=op.f("pk_feedback_embedding")),
    )
    op.create_index(
        "ix_feedback_embedding_hnsw",
        "feedback_embedding",
        ["embedding"],
        unique=False,
        postgresql_using="hnsw",
        postgresql_with={"m": 16, "ef_construction": 64},
        postgresql_ops={"embedding": "halfvec_cosine_ops"},
    )


def create_theme() -> None:
    op.create_table(
        "theme",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("words", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("quoted_feedback_id", sa.Uuid(), nullable=True),
        sa.Column("centre", HALFVEC(dim=384), nullable=False),
        sa.Column("rebuilt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "quoted_feedback_id"],
            ["feedback.workspace_id", "feedback.id"],
            name=op.f("fk_theme_workspace_id_quoted_feedback_id_feedback"),
            ondelete="SET NULL (quoted_feedback_id)",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_theme")),
    )


def create_theme_member() -> None:
    op.create_table(
        "theme_member",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("feedback_id", sa.Uuid(), nullable=False),
        sa.Column("theme_id", sa.Uuid(), nullable=False),
        sa.Column("similarity", sa.REAL(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "feedback_id"],
            ["feedback.workspace_id", "feedback.id"],
            name=op.f("fk_theme_member_workspace_id_feedback_id_feedback"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "theme_id"],
            ["theme.workspace_id", "theme.id"],
            name=op.f("fk_theme_member_workspace_id_theme_id_theme"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "feedback_id", name=op.f("pk_theme_member")),
    )
    op.create_index(
        op.f("ix_theme_member_workspace_id_theme_id_feedback_id"),
        "theme_member",
        ["workspace_id", "theme_id", "feedback_id"],
        unique=False,
    )


def create_requirement() -> None:
    op.create_table(
        "requirement",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("problem", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("status_reason", sa.String(), nullable=True),
        sa.Column("theme_id", sa.Uuid(), nullable=True),
        sa.Column("estimates", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("evidence_count", sa.Integer(), nullable=False),
        sa.Column("metadata", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('draft', 'candidate', 'committed', 'in_progress', 'shipped', 'measured', 'declined')",
            name=op.f("ck_requirement_status"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "theme_id"],
            ["theme.workspace_id", "theme.id"],
            name=op.f("fk_requirement_workspace_id_theme_id_theme"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_requirement")),
    )
    op.create_index(op.f("ix_requirement_workspace_id_status"), "requirement", ["workspace_id", "status"], unique=False)
    op.create_index(
        op.f("ix_requirement_workspace_id_theme_id"),
        "requirement",
        ["workspace_id", "theme_id"],
        unique=False,
        postgresql_where=sa.text("theme_id IS NOT NULL"),
    )


def create_evidence() -> None:
    op.create_table(
        "evidence",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("requirement_id", sa.Uuid(), nullable=False),
        sa.Column("feedback_id", sa.Uuid(), nullable=False),
        sa.Column("quote", sa.String(), nullable=False),
        sa.Column("start_offset", sa.Integer(), nullable=False),
        sa.Column("end_offset", sa.Integer(), nullable=False),
        sa.Column("strength", sa.SmallInteger(), nullable=False),
        sa.Column("judged_by", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("start_offset >= 0 AND end_offset > start_offset", name=op.f("ck_evidence_offsets")),
        sa.CheckConstraint("strength BETWEEN 0 AND 3", name=op.f("ck_evidence_strength")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "feedback_id"],
            ["feedback.workspace_id", "feedback.id"],
            name=op.f("fk_evidence_workspace_id_feedback_id_feedback"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "requirement_id"],
            ["requirement.workspace_id", "requirement.id"],
            name=op.f("fk_evidence_workspace_id_requirement_id_requirement"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_evidence")),
    )
    op.create_index(
        op.f("ix_evidence_workspace_id_feedback_id"), "evidence", ["workspace_id", "feedback_id"], unique=False
    )
    op.create_index(
        op.f("ix_evidence_workspace_id_requirement_id"), "evidence", ["workspace_id", "requirement_id"], unique=False
    )


def create_feature_link() -> None:
    op.create_table(
        "feature_link",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source_version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("requirement_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("shipped_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_feature_link")),
    )


def create_outcome_link() -> None:
    op.create_table(
        "outcome_link",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source_version", sa.Integer(), nullable=False),
        sa.Column("feature_id", sa.Uuid(), nullable=False),
        sa.Column("kpi_id", sa.Uuid(), nullable=True),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_outcome_link")),
    )
    op.create_index(
        op.f("ix_outcome_link_workspace_id_feature_id"), "outcome_link", ["workspace_id", "feature_id"], unique=False
    )


def create_prioritization() -> None:
    op.create_table(
        "prioritization",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("draws", sa.Integer(), nullable=False),
        sa.Column("top", sa.Integer(), nullable=False),
        sa.Column("stability", sa.Double(), nullable=False),
        sa.Column("reference", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_prioritization")),
    )


def create_ranked_requirement() -> None:
    op.create_table(
        "ranked_requirement",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("prioritization_id", sa.Uuid(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("requirement_id", sa.Uuid(), nullable=False),
        sa.Column("requirement_version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("estimates", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("explanation", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "prioritization_id"],
            ["prioritization.workspace_id", "prioritization.id"],
            name=op.f("fk_ranked_requirement_workspace_id_prioritization_id_prioritization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "prioritization_id", "rank", name=op.f("pk_ranked_requirement")),
    )
    op.create_index(
        op.f("ix_ranked_requirement_workspace_id_requirement_id"),
        "ranked_requirement",
        ["workspace_id", "requirement_id"],
        unique=False,
    )
