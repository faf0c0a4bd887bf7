"""What is told of a dashboard's week."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import enable_row_level_security

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ONCE = ("workspace_id", "dashboard_id", "due_at")


def upgrade() -> None:
    op.create_table(
        "digest",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dashboard_id", sa.Uuid(), nullable=False),
        sa.Column("dashboard_version", sa.Integer(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("begins_at < ends_at", name="ck_digest_week"),
        sa.ForeignKeyConstraint(
            ["workspace_id", "dashboard_id"],
            ["dashboard.workspace_id", "dashboard.id"],
            name="fk_digest_workspace_id_dashboard_id_dashboard",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_digest"),
        sa.UniqueConstraint(
            "workspace_id", "dashboard_id", "due_at", name="uq_digest_workspace_id_dashboard_id_due_at"
        ),
    )
    enable_row_level_security("digest")


def downgrade() -> None:
    op.drop_table("digest")
