"""Strategy, features, roadmaps, optimisations, and copies of the neighbours' things."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.support import ALL_ROWS, create_infrastructure, drop_infrastructure, enable_row_level_security

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Written once: the application may add rows and read them, never change them.
SEALED = {
    "optimization": ("SELECT", "INSERT"),
    "proposal": ("SELECT", "INSERT"),
    "adoption": ("SELECT", "INSERT"),
    "roadmap_change": ("SELECT", "INSERT"),
}
TABLES = (
    "feature",
    "kpi_copy",
    "objective",
    "optimization",
    "requirement_copy",
    "roadmap",
    "adoption",
    "expected_effect",
    "feature_dependency",
    "feature_objective",
    "feature_outcome",
    "feature_requirement",
    "key_result",
    "proposal",
    "roadmap_change",
    "roadmap_item",
)


def upgrade() -> None:
    create_infrastructure()
    op.create_table(
        "feature",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("effort_days", sa.Double(), nullable=False),
        sa.Column("cost_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("earliest_start", sa.Date(), nullable=True),
        sa.Column("deadline", sa.Date(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shipped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("actual_effort_days", sa.Double(), nullable=True),
        sa.Column("status_reason", sa.String(), nullable=True),
        sa.Column("metadata", JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('proposed', 'planned', 'in_progress', 'shipped', 'on_hold', 'dropped', 'retired')",
            name=op.f("ck_feature_status"),
        ),
        sa.CheckConstraint("(cost_minor IS NULL) = (currency IS NULL)", name=op.f("ck_feature_money")),
        sa.CheckConstraint("earliest_start <= deadline", name=op.f("ck_feature_dates")),
        sa.CheckConstraint("effort_days >= 0 AND value >= 0 AND cost_minor >= 0", name=op.f("ck_feature_amounts")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_feature")),
    )
    op.create_index(op.f("ix_feature_workspace_id_status"), "feature", ["workspace_id", "status"], unique=False)
    op.create_table(
        "kpi_copy",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("direction", sa.String(), nullable=True),
        sa.Column("source_version", sa.Integer(), nullable=False),
        sa.Column("is_deleted", sa.Boolean(), nullable=False),
        sa.Column("refreshed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_kpi_copy")),
    )
    op.create_table(
        "objective",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("metadata", JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('active', 'achieved', 'missed', 'abandoned')", name=op.f("ck_objective_status")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_objective")),
    )
    op.create_table(
        "optimization",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("roadmap_id", sa.Uuid(), nullable=True),
        sa.Column("operation_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("request", JSONB(), nullable=False),
        sa.Column("problem", JSONB(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_optimization")),
    )
    op.create_index(
        op.f("ix_optimization_workspace_id_roadmap_id"), "optimization", ["workspace_id", "roadmap_id"], unique=False
    )
    op.create_table(
        "requirement_copy",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("source_version", sa.Integer(), nullable=False),
        sa.Column("is_deleted", sa.Boolean(), nullable=False),
        sa.Column("refreshed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_requirement_copy")),
    )
    op.create_table(
        "roadmap",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("metadata", JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_roadmap")),
    )
    op.create_table(
        "adoption",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("optimization_id", sa.Uuid(), nullable=False),
        sa.Column("roadmap_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("adopted_by", sa.String(), nullable=False),
        sa.Column("adopted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "optimization_id"],
            ["optimization.workspace_id", "optimization.id"],
            name=op.f("fk_adoption_workspace_id_optimization_id_optimization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_adoption")),
    )
    op.create_index(
        op.f("ix_adoption_workspace_id_optimization_id"), "adoption", ["workspace_id", "optimization_id"], unique=False
    )
    op.create_table(
        "expected_effect",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("feature_id", sa.Uuid(), nullable=False),
        sa.Column("kpi_id", sa.Uuid(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("low", sa.Double(), nullable=False),
        sa.Column("likely", sa.Double(), nullable=False),
        sa.Column("high", sa.Double(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.CheckConstraint("direction IN ('increase', 'decrease')", name=op.f("ck_expected_effect_direction")),
        sa.CheckConstraint("low <= likely AND likely <= high", name=op.f("ck_expected_effect_order")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "feature_id"],
            ["feature.workspace_id", "feature.id"],
            name=op.f("fk_expected_effect_workspace_id_feature_id_feature"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_expected_effect")),
        sa.UniqueConstraint(
            "workspace_id", "feature_id", "kpi_id", name=op.f("uq_expected_effect_workspace_id_feature_id_kpi_id")
        ),
    )
    op.create_index(
        op.f("ix_expected_effect_workspace_id_kpi_id"), "expected_effect", ["workspace_id", "kpi_id"], unique=False
    )
    op.create_table(
        "feature_dependency",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("feature_id", sa.Uuid(), nullable=False),
        sa.Column("needs_feature_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("feature_id <> needs_feature_id", name=op.f("ck_feature_dependency_other")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "feature_id"],
            ["feature.workspace_id", "feature.id"],
            name=op.f("fk_feature_dependency_workspace_id_feature_id_feature"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "needs_feature_id"],
            ["feature.workspace_id", "feature.id"],
            name=op.f("fk_feature_dependency_workspace_id_needs_feature_id_feature"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "feature_id", "needs_feature_id", name=op.f("pk_feature_dependency")),
    )
    op.create_index(
        op.f("ix_feature_dependency_workspace_id_needs_feature_id"),
        "feature_dependency",
        ["workspace_id", "needs_feature_id"],
        unique=False,
    )
    op.create_table(
        "feature_objective",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("feature_id", sa.Uuid(), nullable=False),
        sa.Column("objective_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "feature_id"],
            ["feature.workspace_id", "feature.id"],
            name=op.f("fk_feature_objective_workspace_id_feature_id_feature"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "objective_id"],
            ["objective.workspace_id", "objective.id"],
            name=op.f("fk_feature_objective_workspace_id_objective_id_objective"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "feature_id", "objective_id", name=op.f("pk_feature_objective")),
    )
    op.create_index(
        op.f("ix_feature_objective_workspace_id_objective_id"),
        "feature_objective",
        ["workspace_id", "objective_id"],
        unique=False,
    )
    op.create_table(
        "feature_outcome",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("feature_id", sa.Uuid(), nullable=False),
        sa.Column("kpi_id", sa.Uuid(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("effect", sa.Double(), nullable=True),
        sa.Column("effect_low", sa.Double(), nullable=True),
        sa.Column("effect_high", sa.Double(), nullable=True),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "feature_id"],
            ["feature.workspace_id", "feature.id"],
            name=op.f("fk_feature_outcome_workspace_id_feature_id_feature"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_feature_outcome")),
    )
    op.create_index(
        op.f("ix_feature_outcome_workspace_id_feature_id"),
        "feature_outcome",
        ["workspace_id", "feature_id"],
        unique=False,
    )
    op.create_table(
        "feature_requirement",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("feature_id", sa.Uuid(), nullable=False),
        sa.Column("requirement_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "feature_id"],
            ["feature.workspace_id", "feature.id"],
            name=op.f("fk_feature_requirement_workspace_id_feature_id_feature"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "feature_id", "requirement_id", name=op.f("pk_feature_requirement")),
    )
    op.create_index(
        op.f("ix_feature_requirement_workspace_id_requirement_id"),
        "feature_requirement",
        ["workspace_id", "requirement_id"],
        unique=False,
    )
    op.create_table(
        "key_result",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("objective_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("kpi_id", sa.Uuid(), nullable=False),
        sa.Column("start_value", sa.Double(), nullable=False),
        sa.Column("target_value", sa.Double(), nullable=False),
        sa.Column("current_value", sa.Double(), nullable=True),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("start_value <> target_value", name=op.f("ck_key_result_distance")),
        sa.CheckConstraint("weight > 0", name=op.f("ck_key_result_weight")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "objective_id"],
            ["objective.workspace_id", "objective.id"],
            name=op.f("fk_key_result_workspace_id_objective_id_objective"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_key_result")),
    )
    op.create_index(op.f("ix_key_result_workspace_id_kpi_id"), "key_result", ["workspace_id", "kpi_id"], unique=False)
    op.create_index(
        op.f("ix_key_result_workspace_id_objective_id"), "key_result", ["workspace_id", "objective_id"], unique=False
    )
    op.create_table(
        "proposal",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("answer", JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "id"],
            ["optimization.workspace_id", "optimization.id"],
            name=op.f("fk_proposal_workspace_id_id_optimization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_proposal")),
    )
    op.create_table(
        "roadmap_change",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("roadmap_id", sa.Uuid(), nullable=False),
        sa.Column("feature_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("before", JSONB(), nullable=True),
        sa.Column("after", JSONB(), nullable=True),
        sa.Column("optimization_id", sa.Uuid(), nullable=True),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "roadmap_id"],
            ["roadmap.workspace_id", "roadmap.id"],
            name=op.f("fk_roadmap_change_workspace_id_roadmap_id_roadmap"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_roadmap_change")),
    )
    op.create_index(
        op.f("ix_roadmap_change_workspace_id_roadmap_id_id"),
        "roadmap_change",
        ["workspace_id", "roadmap_id", "id"],
        unique=False,
    )
    op.create_table(
        "roadmap_item",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("roadmap_id", sa.Uuid(), nullable=False),
        sa.Column("feature_id", sa.Uuid(), nullable=False),
        sa.Column("horizon", sa.String(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("is_pinned", sa.Boolean(), nullable=False),
        sa.Column("optimization_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("horizon IN ('now', 'next', 'later')", name=op.f("ck_roadmap_item_horizon")),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_roadmap_item_dates")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "feature_id"],
            ["feature.workspace_id", "feature.id"],
            name=op.f("fk_roadmap_item_workspace_id_feature_id_feature"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "roadmap_id"],
            ["roadmap.workspace_id", "roadmap.id"],
            name=op.f("fk_roadmap_item_workspace_id_roadmap_id_roadmap"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_roadmap_item")),
        sa.UniqueConstraint(
            "workspace_id", "roadmap_id", "feature_id", name=op.f("uq_roadmap_item_workspace_id_roadmap_id_feature_id")
        ),
    )
    op.create_index(
        op.f("ix_roadmap_item_workspace_id_feature_id"), "roadmap_item", ["workspace_id", "feature_id"], unique=False
    )
    for table in TABLES:
        enable_row_level_security(table, privileges=SEALED.get(table, ALL_ROWS))


def downgrade() -> None:
    op.drop_index(op.f("ix_roadmap_item_workspace_id_feature_id"), table_name="roadmap_item")
    op.drop_table("roadmap_item")
    op.drop_index(op.f("ix_roadmap_change_workspace_id_roadmap_id_id"), table_name="roadmap_change")
    op.drop_table("roadmap_change")
    op.drop_table("proposal")
    op.drop_index(op.f("ix_key_result_workspace_id_objective_id"), table_name="key_result")
    op.drop_index(op.f("ix_key_result_workspace_id_kpi_id"), table_name="key_result")
    op.drop_table("key_result")
    op.drop_index(op.f("ix_feature_requirement_workspace_id_requirement_id"), table_name="feature_requirement")
    op.drop_table("feature_requirement")
    op.drop_index(op.f("ix_feature_outcome_workspace_id_feature_id"), table_name="feature_outcome")
    op.drop_table("feature_outcome")
    op.drop_index(op.f("ix_feature_objective_workspace_id_objective_id"), table_name="feature_objective")
    op.drop_table("feature_objective")
    op.drop_index(op.f("ix_feature_dependency_workspace_id_needs_feature_id"), table_name="feature_dependency")
    op.drop_table("feature_dependency")
    op.drop_index(op.f("ix_expected_effect_workspace_id_kpi_id"), table_name="expected_effect")
    op.drop_table("expected_effect")
    op.drop_index(op.f("ix_adoption_workspace_id_optimization_id"), table_name="adoption")
    op.drop_table("adoption")
    op.drop_table("roadmap")
    op.drop_table("requirement_copy")
    op.drop_index(op.f("ix_optimization_workspace_id_roadmap_id"), table_name="optimization")
    op.drop_table("optimization")
    op.drop_table("objective")
    op.drop_table("kpi_copy")
    op.drop_index(op.f("ix_feature_workspace_id_status"), table_name="feature")
    op.drop_table("feature")
    drop_infrastructure()
