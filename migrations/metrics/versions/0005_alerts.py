"""Alerts: when somebody wants to be called, and each time that they were."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.support import enable_row_level_security

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "alert_rule",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kpi_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("condition", JSONB(), nullable=False),
        sa.Column("periods", sa.Integer(), nullable=False),
        sa.Column("quiet_from", sa.Time(), nullable=True),
        sa.Column("quiet_until", sa.Time(), nullable=True),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        *_life(),
        sa.CheckConstraint("periods BETWEEN 1 AND 90", name="ck_alert_rule_periods"),
        sa.CheckConstraint("(quiet_from IS NULL) = (quiet_until IS NULL)", name="ck_alert_rule_quiet_hours"),
        sa.ForeignKeyConstraint(
            ["workspace_id", "kpi_id"],
            ["kpi.workspace_id", "kpi.id"],
            name="fk_alert_rule_workspace_id_kpi_id_kpi",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_alert_rule"),
    )
    op.create_index("ix_alert_rule_workspace_id_kpi_id", "alert_rule", ["workspace_id", "kpi_id"])
    op.create_table(
        "alert",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alert_rule_id", sa.Uuid(), nullable=False),
        sa.Column("kpi_id", sa.Uuid(), nullable=False),
        sa.Column("kpi_version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("is_test", sa.Boolean(), nullable=False),
        sa.Column("period_starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("facts", JSONB(), nullable=False),
        sa.Column("acknowledged_by", sa.String(), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        *_life(),
        sa.CheckConstraint("state IN ('open', 'acknowledged', 'resolved')", name="ck_alert_state"),
        sa.ForeignKeyConstraint(
            ["workspace_id", "alert_rule_id"],
            ["alert_rule.workspace_id", "alert_rule.id"],
            name="fk_alert_workspace_id_alert_rule_id_alert_rule",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "kpi_id"],
            ["kpi.workspace_id", "kpi.id"],
            name="fk_alert_workspace_id_kpi_id_kpi",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_alert"),
    )
    op.create_index(
        "uq_alert_unresolved",
        "alert",
        ["workspace_id", "alert_rule_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'resolved' AND NOT is_test"),
    )
    op.create_index("ix_alert_workspace_id_alert_rule_id", "alert", ["workspace_id", "alert_rule_id"])
    op.create_index("ix_alert_workspace_id_kpi_id", "alert", ["workspace_id", "kpi_id"])
    enable_row_level_security("alert_rule")
    enable_row_level_security("alert")


def downgrade() -> None:
    op.drop_table("alert")
    op.drop_table("alert_rule")


def _life() -> list["sa.Column[object]"]:
    return [
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    ]
