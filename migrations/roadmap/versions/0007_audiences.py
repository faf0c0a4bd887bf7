"""Audiences: who may see how much of every plan."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.support import enable_row_level_security

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audience",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("shows", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("date_precision", sa.String(), nullable=False),
        sa.Column("dated_days", sa.Integer(), nullable=True),
        sa.Column("commitment", sa.String(), nullable=False),
        sa.Column("is_worded_only", sa.Boolean(), nullable=False),
        sa.Column("notice", sa.String(), nullable=False),
        sa.Column("headings", JSONB(), nullable=False),
        sa.Column("wordings", JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('team', 'executive', 'customer', 'investor')", name=op.f("ck_audience_kind")),
        sa.CheckConstraint(
            "date_precision IN ('day', 'month', 'quarter', 'later')", name=op.f("ck_audience_date_precision")
        ),
        sa.CheckConstraint("commitment IN ('committed', 'planned', 'exploring')", name=op.f("ck_audience_commitment")),
        sa.CheckConstraint("dated_days >= 0", name=op.f("ck_audience_dated_days")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_audience")),
        sa.UniqueConstraint("workspace_id", "name", name=op.f("uq_audience_workspace_id_name")),
    )
    enable_row_level_security("audience")


def downgrade() -> None:
    op.drop_table("audience")
