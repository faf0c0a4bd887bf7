"""KPIs, what was measured, and what came of launches."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import create_infrastructure, drop_infrastructure, enable_row_level_security

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = ("kpi", "kpi_version", "measurement", "outcome", "rollup", "outcome_evaluation")


def upgrade() -> None:
    create_infrastructure()
    create_kpi()
    create_kpi_version()
    create_measurement()
    create_outcome()
    create_rollup()
    create_outcome_evaluation()
    for table in TABLES:
        enable_row_level_security(table)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    drop_infrastructure()


def create_kpi() -> None:
    op.create_table(
        "kpi",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("aggregation", sa.String(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("band_low", sa.Double(), nullable=True),
        sa.Column("band_high", sa.Double(), nullable=True),
        sa.Column("empty", sa.String(), nullable=False),
        sa.Column("cadence", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("negligible_change", sa.Double(), nullable=True),
        sa.Column("control_kpi_ids", postgresql.JSONB(), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("tags", postgresql.JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(direction = 'band') = (band_low IS NOT NULL AND band_high IS NOT NULL)", name="ck_kpi_band"
        ),
        sa.CheckConstraint(
            "aggregation IN ('sum', 'count', 'average', 'min', 'max', 'last', 'ratio')", name="ck_kpi_aggregation"
        ),
        sa.CheckConstraint("cadence IN ('day', 'week', 'month')", name="ck_kpi_cadence"),
        sa.CheckConstraint("direction IN ('up', 'down', 'band')", name="ck_kpi_direction"),
        sa.CheckConstraint("empty IN ('null', 'zero', 'carry')", name="ck_kpi_empty"),
        sa.CheckConstraint("band_low <= band_high", name="ck_kpi_band_order"),
        sa.CheckConstraint("negligible_change >= 0", name="ck_kpi_negligible_change"),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_kpi"),
        sa.UniqueConstraint("workspace_id", "name", name="uq_kpi_workspace_id_name"),
    )


def create_kpi_version() -> None:
    op.create_table(
        "kpi_version",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kpi_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("definition", postgresql.JSONB(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "kpi_id"],
            ["kpi.workspace_id", "kpi.id"],
            name="fk_kpi_version_workspace_id_kpi_id_kpi",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_kpi_version"),
        sa.UniqueConstraint("workspace_id", "kpi_id", "number", name="uq_kpi_version_workspace_id_kpi_id_number"),
    )


def create_measurement() -> None:
    op.create_table(
        "measurement",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kpi_id", sa.Uuid(), nullable=False),
        sa.Column("dedupe_key", sa.String(), nullable=False),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("value", sa.Numeric(), nullable=False),
        sa.Column("weight", sa.Numeric(), nullable=False),
        sa.Column("dimensions", postgresql.JSONB(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("weight >= 0", name="ck_measurement_weight"),
        sa.ForeignKeyConstraint(
            ["workspace_id", "kpi_id"],
            ["kpi.workspace_id", "kpi.id"],
            name="fk_measurement_workspace_id_kpi_id_kpi",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_measurement"),
        sa.UniqueConstraint(
            "workspace_id", "kpi_id", "dedupe_key", name="uq_measurement_workspace_id_kpi_id_dedupe_key"
        ),
    )
    op.create_index(
        "ix_measurement_workspace_id_kpi_id_measured_at",
        "measurement",
        ["workspace_id", "kpi_id", "measured_at"],
        unique=False,
    )


def create_outcome() -> None:
    op.create_table(
        "outcome",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("feature_id", sa.Uuid(), nullable=False),
        sa.Column("kpi_id", sa.Uuid(), nullable=False),
        sa.Column("requirement_ids", postgresql.JSONB(), nullable=False),
        sa.Column("shipped_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("window_ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("predicted_low", sa.Double(), nullable=True),
        sa.Column("predicted_likely", sa.Double(), nullable=True),
        sa.Column("predicted_high", sa.Double(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=True),
        sa.Column("effect", sa.Double(), nullable=True),
        sa.Column("effect_low", sa.Double(), nullable=True),
        sa.Column("effect_high", sa.Double(), nullable=True),
        sa.Column("evidence_grade", sa.String(), nullable=True),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('open', 'measured', 'final')", name="ck_outcome_state"),
        sa.CheckConstraint("verdict IN ('improved', 'worse', 'no_effect', 'inconclusive')", name="ck_outcome_verdict"),
        sa.CheckConstraint(
            "predicted_low <= predicted_likely AND predicted_likely <= predicted_high", name="ck_outcome_predicted"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "kpi_id"],
            ["kpi.workspace_id", "kpi.id"],
            name="fk_outcome_workspace_id_kpi_id_kpi",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_outcome"),
        sa.UniqueConstraint("workspace_id", "feature_id", "kpi_id", name="uq_outcome_workspace_id_feature_id_kpi_id"),
    )
    op.create_index(
        "ix_outcome_unfinished",
        "outcome",
        ["workspace_id", "window_ends_at"],
        unique=False,
        postgresql_where=sa.text("state <> 'final'"),
    )
    op.create_index(
        "ix_outcome_workspace_id_kpi_id_shipped_at", "outcome", ["workspace_id", "kpi_id", "shipped_at"], unique=False
    )


def create_rollup() -> None:
    op.create_table(
        "rollup",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("kpi_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("measurements", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.Numeric(), nullable=False),
        sa.Column("weight", sa.Numeric(), nullable=False),
        sa.Column("least", sa.Numeric(), nullable=False),
        sa.Column("greatest", sa.Numeric(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_id", sa.Uuid(), nullable=False),
        sa.Column("last_value", sa.Numeric(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "kpi_id"],
            ["kpi.workspace_id", "kpi.id"],
            name="fk_rollup_workspace_id_kpi_id_kpi",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "kpi_id", "starts_at", name="pk_rollup"),
    )


def create_outcome_evaluation() -> None:
    op.create_table(
        "outcome_evaluation",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("outcome_id", sa.Uuid(), nullable=False),
        sa.Column("kpi_version", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("is_final", sa.Boolean(), nullable=False),
        sa.Column("findings", postgresql.JSONB(), nullable=False),
        sa.Column("evaluated_by", sa.String(), nullable=False),
        sa.Column("evaluated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "outcome_id"],
            ["outcome.workspace_id", "outcome.id"],
            name="fk_outcome_evaluation_workspace_id_outcome_id_outcome",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_outcome_evaluation"),
    )
    op.create_index(
        "ix_outcome_evaluation_workspace_id_outcome_id_id",
        "outcome_evaluation",
        ["workspace_id", "outcome_id", "id"],
        unique=False,
    )
