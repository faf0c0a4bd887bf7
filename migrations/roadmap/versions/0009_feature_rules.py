"""Links and lags between features, must-have and frozen ones, values from a ranking, rules over several features."""

import sqlalchemy as sa
from alembic import op

from migrations.support import enable_row_level_security

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("feature", sa.Column("prioritization_id", sa.Uuid(), nullable=True))
    op.add_column("feature", sa.Column("is_must_have", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("feature", sa.Column("is_frozen", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column(
        "feature_dependency", sa.Column("link", sa.String(), nullable=False, server_default=sa.text("'finish_start'"))
    )
    op.add_column(
        "feature_dependency", sa.Column("lag_days", sa.Integer(), nullable=False, server_default=sa.text("0"))
    )
    op.create_check_constraint(
        op.f("ck_feature_dependency_link"), "feature_dependency", "link IN ('finish_start', 'start_start')"
    )
    op.create_check_constraint(op.f("ck_feature_dependency_lag"), "feature_dependency", "lag_days >= 0")
    op.create_table(
        "feature_rule",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('exclusion', 'coupling', 'alternatives')", name=op.f("ck_feature_rule_kind")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_feature_rule")),
    )
    op.create_table(
        "feature_rule_member",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("feature_rule_id", sa.Uuid(), nullable=False),
        sa.Column("feature_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "feature_rule_id"],
            ["feature_rule.workspace_id", "feature_rule.id"],
            name=op.f("fk_feature_rule_member_workspace_id_feature_rule_id_feature_rule"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "feature_id"],
            ["feature.workspace_id", "feature.id"],
            name=op.f("fk_feature_rule_member_workspace_id_feature_id_feature"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "feature_rule_id", "feature_id", name=op.f("pk_feature_rule_member")),
    )
    op.create_index(
        op.f("ix_feature_rule_member_workspace_id_feature_id"), "feature_rule_member", ["workspace_id", "feature_id"]
    )
    for table in ("feature_rule", "feature_rule_member"):
        enable_row_level_security(table)


def downgrade() -> None:
    op.drop_table("feature_rule_member")
    op.drop_table("feature_rule")
    op.drop_constraint(op.f("ck_feature_dependency_lag"), "feature_dependency")
    op.drop_constraint(op.f("ck_feature_dependency_link"), "feature_dependency")
    op.drop_column("feature_dependency", "lag_days")
    op.drop_column("feature_dependency", "link")
    op.drop_column("feature", "is_frozen")
    op.drop_column("feature", "is_must_have")
    op.drop_column("feature", "prioritization_id")
