"""Experiments and their readings."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import enable_row_level_security

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    create_experiment()
    create_experiment_reading()
    enable_row_level_security("experiment")
    enable_row_level_security("experiment_reading")


def downgrade() -> None:
    op.drop_table("experiment_reading")
    op.drop_table("experiment")


def create_experiment() -> None:
    op.create_table(
        "experiment",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("hypothesis", sa.String(), nullable=False),
        sa.Column("kpi_id", sa.Uuid(), nullable=False),
        sa.Column("feature_id", sa.Uuid(), nullable=True),
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("control", sa.String(), nullable=False),
        sa.Column("shares", postgresql.JSONB(), nullable=False),
        sa.Column("planned_units", sa.Integer(), nullable=False),
        sa.Column("guardrail_kpi_ids", postgresql.JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("measure IN ('mean', 'proportion', 'ratio')", name="ck_experiment_measure"),
        sa.CheckConstraint("planned_units > 0", name="ck_experiment_planned_units"),
        sa.ForeignKeyConstraint(
            ["workspace_id", "kpi_id"],
            ["kpi.workspace_id", "kpi.id"],
            name="fk_experiment_workspace_id_kpi_id_kpi",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_experiment"),
        sa.UniqueConstraint("workspace_id", "name", name="uq_experiment_workspace_id_name"),
    )
    op.create_index("ix_experiment_workspace_id_kpi_id", "experiment", ["workspace_id", "kpi_id"])
    op.create_index("ix_experiment_workspace_id_feature_id", "experiment", ["workspace_id", "feature_id"])


def create_experiment_reading() -> None:
    op.create_table(
        "experiment_reading",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("experiment_id", sa.Uuid(), nullable=False),
        sa.Column("kpi_id", sa.Uuid(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arms", postgresql.JSONB(), nullable=False),
        sa.Column("read_by", sa.String(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "experiment_id"],
            ["experiment.workspace_id", "experiment.id"],
            name="fk_experiment_reading_workspace_id_experiment_id_experiment",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_experiment_reading"),
        sa.UniqueConstraint(
            "workspace_id",
            "experiment_id",
            "kpi_id",
            "as_of",
            name="uq_experiment_reading_workspace_id_experiment_id_kpi_id_as_of",
        ),
    )
