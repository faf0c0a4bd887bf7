"""Sources that are pulled, and files that are imported."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import enable_row_level_security

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    create_measurement_source()
    create_measurement_file()
    enable_row_level_security("measurement_source")
    enable_row_level_security("measurement_file")


def downgrade() -> None:
    op.drop_table("measurement_file")
    op.drop_table("measurement_source")


def create_measurement_source() -> None:
    op.create_table(
        "measurement_source",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kpi_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("credential", sa.LargeBinary(), nullable=True),
        sa.Column("items_path", sa.String(), nullable=False),
        sa.Column("value_path", sa.String(), nullable=False),
        sa.Column("time_path", sa.String(), nullable=True),
        sa.Column("key_path", sa.String(), nullable=True),
        sa.Column("dimension_paths", postgresql.JSONB(), nullable=False),
        sa.Column("every_minutes", sa.Integer(), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("next_pull_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pulled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", postgresql.JSONB(), nullable=True),
        sa.Column("fault", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("every_minutes > 0", name="ck_measurement_source_every_minutes"),
        of_kpi("measurement_source"),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_measurement_source"),
        sa.UniqueConstraint("workspace_id", "name", name="uq_measurement_source_workspace_id_name"),
    )
    op.create_index(
        "ix_measurement_source_due",
        "measurement_source",
        ["workspace_id", "next_pull_at"],
        postgresql_where=sa.text("is_enabled"),
    )


def create_measurement_file() -> None:
    op.create_table(
        "measurement_file",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kpi_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        of_kpi("measurement_file"),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_measurement_file"),
    )


def of_kpi(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["workspace_id", "kpi_id"],
        ["kpi.workspace_id", "kpi.id"],
        name=f"fk_{table}_workspace_id_kpi_id_kpi",
        ondelete="CASCADE",
    )
