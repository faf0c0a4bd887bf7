"""The schedules that a search finds on its way."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.support import enable_row_level_security

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = ("incumbent",)


def upgrade() -> None:
    op.create_table(
        "incumbent",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("optimization_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("objective", sa.Double(), nullable=False),
        sa.Column("bound", sa.Double(), nullable=True),
        sa.Column("schedule", JSONB(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "optimization_id"],
            ["optimization.workspace_id", "optimization.id"],
            name=op.f("fk_incumbent_workspace_id_optimization_id_optimization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_incumbent")),
        sa.UniqueConstraint(
            "workspace_id", "optimization_id", "number", name=op.f("uq_incumbent_workspace_id_optimization_id_number")
        ),
    )
    for table in TABLES:
        enable_row_level_security(table, privileges=("SELECT", "INSERT"))


def downgrade() -> None:
    op.drop_table("incumbent")
