"""What a piece of feedback is: labels, corrections, quarantine."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import enable_row_level_security

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    create_understanding()
    enable_row_level_security("understanding")


def downgrade() -> None:
    op.drop_table("understanding")


def create_understanding() -> None:
    op.create_table(
        "understanding",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("feedback_version", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("language_probability", sa.REAL(), nullable=False),
        sa.Column("kind", sa.String(), nullable=True),
        sa.Column("kind_probability", sa.REAL(), nullable=False),
        sa.Column("sentiment", sa.String(), nullable=True),
        sa.Column("sentiment_probability", sa.REAL(), nullable=False),
        sa.Column("spam_probability", sa.REAL(), nullable=False),
        sa.Column("spam_status", sa.String(), nullable=False),
        sa.Column("models", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("corrected", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("corrected_by", sa.String(), nullable=True),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("text_digest", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "spam_status IN ('clear', 'quarantined', 'released')", name=op.f("ck_understanding_spam_status")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "id"],
            ["feedback.workspace_id", "feedback.id"],
            name=op.f("fk_understanding_workspace_id_id_feedback"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_understanding")),
    )
    op.create_index(
        op.f("ix_understanding_workspace_id_id"),
        "understanding",
        ["workspace_id", "id"],
        unique=False,
        postgresql_where=sa.text("spam_status = 'quarantined'"),
    )
    op.create_index(op.f("ix_understanding_workspace_id_kind"), "understanding", ["workspace_id", "kind"], unique=False)
    op.create_index(
        op.f("ix_understanding_workspace_id_text_digest"),
        "understanding",
        ["workspace_id", "text_digest"],
        unique=False,
    )
