"""Who was assigned to which arm, and readings that were counted from it or taken over from another tool."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import enable_row_level_security

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("experiment_reading", sa.Column("external", postgresql.JSONB(), nullable=True))
    op.add_column("experiment_reading", sa.Column("covariate_days", sa.Integer(), nullable=True))
    op.create_table(
        "experiment_assignment",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("experiment_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("arm", sa.String(), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "experiment_id"],
            ["experiment.workspace_id", "experiment.id"],
            name="fk_experiment_assignment_workspace_id_experiment_id_experiment",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "experiment_id", "unit", name="pk_experiment_assignment"),
    )
    op.create_index("ix_experiment_assignment_workspace_id_unit", "experiment_assignment", ["workspace_id", "unit"])
    enable_row_level_security("experiment_assignment")


def downgrade() -> None:
    op.drop_table("experiment_assignment")
    op.execute("DELETE FROM experiment_reading WHERE external IS NOT NULL")
    op.drop_column("experiment_reading", "covariate_days")
    op.drop_column("experiment_reading", "external")
