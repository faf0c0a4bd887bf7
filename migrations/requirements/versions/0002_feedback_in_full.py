"""Feedback in its full shape, and fields of a workspace's own.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from migrations.support import enable_row_level_security

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

COLUMNS = (
    "channel",
    "source_url",
    "author_id",
    "product_area",
    "importance",
    "rating_value",
    "rating_best",
    "attachments",
    "custom_fields",
    "consent",
)


def upgrade() -> None:
    op.add_column("feedback", sa.Column("channel", sa.String()))
    op.add_column("feedback", sa.Column("source_url", sa.String()))
    op.add_column("feedback", sa.Column("author_id", sa.Uuid()))
    op.add_column("feedback", sa.Column("product_area", sa.String()))
    op.add_column("feedback", sa.Column("importance", sa.SmallInteger()))
    op.add_column("feedback", sa.Column("rating_value", sa.Double()))
    op.add_column("feedback", sa.Column("rating_best", sa.Double()))
    op.add_column("feedback", sa.Column("attachments", JSONB(), server_default=sa.text("'[]'"), nullable=False))
    op.add_column("feedback", sa.Column("custom_fields", JSONB(), server_default=sa.text("'{}'"), nullable=False))
    op.add_column("feedback", sa.Column("consent", JSONB()))
    op.create_check_constraint(op.f("ck_feedback_importance"), "feedback", "importance BETWEEN 0 AND 3")
    op.create_foreign_key(
        op.f("fk_feedback_workspace_id_author_id_contact"),
        "feedback",
        "contact",
        ["workspace_id", "author_id"],
        ["workspace_id", "id"],
    )
    op.create_index(
        op.f("ix_feedback_workspace_id_author_id"),
        "feedback",
        ["workspace_id", "author_id"],
        postgresql_where=sa.text("author_id IS NOT NULL"),
    )
    op.create_table(
        "custom_field",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("applies_to", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("choices", ARRAY(sa.String()), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_custom_field")),
        sa.UniqueConstraint(
            "workspace_id", "applies_to", "name", name=op.f("uq_custom_field_workspace_id_applies_to_name")
        ),
    )
    enable_row_level_security("custom_field")


def downgrade() -> None:
    op.drop_table("custom_field")
    op.drop_index(op.f("ix_feedback_workspace_id_author_id"), "feedback")
    op.drop_constraint(op.f("fk_feedback_workspace_id_author_id_contact"), "feedback")
    op.drop_constraint(op.f("ck_feedback_importance"), "feedback")
    for column in reversed(COLUMNS):
        op.drop_column("feedback", column)
