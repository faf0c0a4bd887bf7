"""KPIs worked out from others, the KPI tree, and certified definitions."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import enable_row_level_security

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

AGGREGATIONS = ("sum", "count", "average", "min", "max", "last", "ratio")
NEW_COLUMNS = (
    "kind",
    "calculation",
    "owner_id",
    "framework_tags",
    "certified_by",
    "certified_at",
    "certification_remark",
)


def upgrade() -> None:
    add_kpi_columns()
    create_kpi_input()
    create_kpi_edge()
    enable_row_level_security("kpi_input")
    enable_row_level_security("kpi_edge")


def downgrade() -> None:
    op.drop_table("kpi_edge")
    op.drop_table("kpi_input")
    op.execute("DELETE FROM kpi WHERE kind <> 'simple'")
    for name in ("kind", "calculated", "certified"):
        op.drop_constraint(f"ck_kpi_{name}", "kpi")
    allow(AGGREGATIONS)
    for column in NEW_COLUMNS:
        op.drop_column("kpi", column)


def add_kpi_columns() -> None:
    # With defaults, so that the code of the day before can go on writing.
    columns = (
        sa.Column("kind", sa.String(), nullable=False, server_default="simple"),
        sa.Column("calculation", postgresql.JSONB(), nullable=False, server_default='{"kind": "simple"}'),
        sa.Column("owner_id", sa.String(), nullable=True),
        sa.Column("framework_tags", postgresql.JSONB(), nullable=False, server_default="[]"),
        sa.Column("certified_by", sa.String(), nullable=True),
        sa.Column("certified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("certification_remark", sa.String(), nullable=True),
    )
    for column in columns:
        op.add_column("kpi", column)
    allow((*AGGREGATIONS, "calculated"))
    op.create_check_constraint("ck_kpi_kind", "kpi", "kind IN ('simple', 'ratio', 'derived', 'cumulative')")
    op.create_check_constraint("ck_kpi_calculated", "kpi", "(kind = 'simple') = (aggregation <> 'calculated')")
    op.create_check_constraint("ck_kpi_certified", "kpi", "(certified_by IS NULL) = (certified_at IS NULL)")


def allow(aggregations: Sequence[str]) -> None:
    op.drop_constraint("ck_kpi_aggregation", "kpi")
    op.create_check_constraint("ck_kpi_aggregation", "kpi", f"aggregation IN {tuple(aggregations)!r}")


def create_kpi_input() -> None:
    op.create_table(
        "kpi_input",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("kpi_id", sa.Uuid(), nullable=False),
        sa.Column("input_kpi_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "kpi_id"],
            ["kpi.workspace_id", "kpi.id"],
            name="fk_kpi_input_workspace_id_kpi_id_kpi",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "input_kpi_id"],
            ["kpi.workspace_id", "kpi.id"],
            name="fk_kpi_input_workspace_id_input_kpi_id_kpi",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "kpi_id", "input_kpi_id", name="pk_kpi_input"),
    )
    op.create_index("ix_kpi_input_workspace_id_input_kpi_id", "kpi_input", ["workspace_id", "input_kpi_id"])


def create_kpi_edge() -> None:
    op.create_table(
        "kpi_edge",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kpi_id", sa.Uuid(), nullable=False),
        sa.Column("driver_kpi_id", sa.Uuid(), nullable=False),
        sa.Column("sign", sa.String(), nullable=False),
        sa.Column("rationale", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("sign IN ('raises', 'lowers')", name="ck_kpi_edge_sign"),
        sa.CheckConstraint("kpi_id <> driver_kpi_id", name="ck_kpi_edge_no_loop"),
        *(
            sa.ForeignKeyConstraint(
                ["workspace_id", column],
                ["kpi.workspace_id", "kpi.id"],
                name=f"fk_kpi_edge_workspace_id_{column}_kpi",
                ondelete="CASCADE",
            )
            for column in ("kpi_id", "driver_kpi_id")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_kpi_edge"),
        sa.UniqueConstraint(
            "workspace_id", "kpi_id", "driver_kpi_id", name="uq_kpi_edge_workspace_id_kpi_id_driver_kpi_id"
        ),
    )
    op.create_index("ix_kpi_edge_workspace_id_driver_kpi_id", "kpi_edge", ["workspace_id", "driver_kpi_id"])
