"""Targets: what a KPI should come to, and until when."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from migrations.support import enable_row_level_security

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "target",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kpi_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("baseline", sa.Double(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("starts_on < due_on", name="ck_target_dates"),
        sa.ForeignKeyConstraint(
            ["workspace_id", "kpi_id"],
            ["kpi.workspace_id", "kpi.id"],
            name="fk_target_workspace_id_kpi_id_kpi",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_target"),
    )
    op.create_index("ix_target_workspace_id_kpi_id_due_on", "target", ["workspace_id", "kpi_id", "due_on"])
    enable_row_level_security("target")


def downgrade() -> None:
    op.drop_table("target")
