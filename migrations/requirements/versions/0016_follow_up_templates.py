"""A workspace's own words for what people are told.

Revision ID: 0016
Revises: 0015
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from migrations.support import enable_row_level_security

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "follow_up_template",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("event IN ('shipped', 'declined', 'measured')", name=op.f("ck_follow_up_template_event")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_follow_up_template")),
        sa.UniqueConstraint("workspace_id", "event", name=op.f("uq_follow_up_template_workspace_id_event")),
    )
    enable_row_level_security("follow_up_template")


def downgrade() -> None:
    op.drop_table("follow_up_template")
