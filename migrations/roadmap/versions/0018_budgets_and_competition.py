"""Budgets with what was spent from them, constraints on plans, and competitors."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.support import enable_row_level_security

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TABLES = ("budget", "budget_line", "budget_entry", "plan_constraint", "competitor", "capability", "positioning")


def upgrade() -> None:
    op.create_table(
        "budget",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("metadata", JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_budget_dates")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "product_id"],
            ["product.workspace_id", "product.id"],
            name=op.f("fk_budget_workspace_id_product_id_product"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_budget")),
    )
    op.create_index(op.f("ix_budget_workspace_id_product_id"), "budget", ["workspace_id", "product_id"], unique=False)
    op.create_table(
        "budget_line",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("budget_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("planned_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("planned_minor >= 0", name=op.f("ck_budget_line_planned")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "budget_id"],
            ["budget.workspace_id", "budget.id"],
            name=op.f("fk_budget_line_workspace_id_budget_id_budget"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_budget_line")),
        sa.UniqueConstraint(
            "workspace_id", "budget_id", "name", name=op.f("uq_budget_line_workspace_id_budget_id_name")
        ),
    )
    op.create_table(
        "budget_entry",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("budget_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("feature_id", sa.Uuid(), nullable=True),
        sa.Column("contract_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('spending', 'contract')", name=op.f("ck_budget_entry_kind")),
        sa.CheckConstraint(
            "num_nonnulls(feature_id, contract_id) <= CASE kind WHEN 'spending' THEN 1 ELSE 0 END",
            name=op.f("ck_budget_entry_ends"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "budget_id"],
            ["budget.workspace_id", "budget.id"],
            name=op.f("fk_budget_entry_workspace_id_budget_id_budget"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "contract_id"],
            ["budget_entry.workspace_id", "budget_entry.id"],
            name=op.f("fk_budget_entry_workspace_id_contract_id_budget_entry"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "feature_id"],
            ["feature.workspace_id", "feature.id"],
            name=op.f("fk_budget_entry_workspace_id_feature_id_feature"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "line_id"],
            ["budget_line.workspace_id", "budget_line.id"],
            name=op.f("fk_budget_entry_workspace_id_line_id_budget_line"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_budget_entry")),
    )
    op.create_index(
        op.f("ix_budget_entry_workspace_id_budget_id"), "budget_entry", ["workspace_id", "budget_id"], unique=False
    )
    op.create_index(
        op.f("ix_budget_entry_workspace_id_contract_id"), "budget_entry", ["workspace_id", "contract_id"], unique=False
    )
    op.create_index(
        op.f("ix_budget_entry_workspace_id_feature_id"), "budget_entry", ["workspace_id", "feature_id"], unique=False
    )
    op.create_index(
        op.f("ix_budget_entry_workspace_id_line_id"), "budget_entry", ["workspace_id", "line_id"], unique=False
    )
    op.create_table(
        "plan_constraint",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("roadmap_id", sa.Uuid(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("side", sa.String(), nullable=True),
        sa.Column("share", sa.Numeric(precision=7, scale=6), nullable=True),
        sa.Column("measure", sa.String(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("metadata", JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(currency IS NOT NULL) = (measure IS NOT DISTINCT FROM 'cost')", name=op.f("ck_plan_constraint_currency")
        ),
        sa.CheckConstraint(
            "measure IN ('effort_days', 'cost', 'value', 'features')", name=op.f("ck_plan_constraint_measure")
        ),
        sa.CheckConstraint("side IN ('at_least', 'at_most')", name=op.f("ck_plan_constraint_side")),
        sa.CheckConstraint(
            "(share IS NULL) = (side IS NULL) AND (share IS NULL) = (measure IS NULL)",
            name=op.f("ck_plan_constraint_policy"),
        ),
        sa.CheckConstraint("num_nonnulls(due_on, share) = 1", name=op.f("ck_plan_constraint_kind")),
        sa.CheckConstraint("share BETWEEN 0 AND 1", name=op.f("ck_plan_constraint_share")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "roadmap_id"],
            ["roadmap.workspace_id", "roadmap.id"],
            name=op.f("fk_plan_constraint_workspace_id_roadmap_id_roadmap"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_plan_constraint")),
    )
    op.create_index(
        op.f("ix_plan_constraint_workspace_id_roadmap_id"),
        "plan_constraint",
        ["workspace_id", "roadmap_id"],
        unique=False,
    )
    op.create_table(
        "competitor",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("website", sa.String(), nullable=True),
        sa.Column("metadata", JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_competitor")),
        sa.UniqueConstraint("workspace_id", "name", name=op.f("uq_competitor_workspace_id_name")),
    )
    op.create_table(
        "capability",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("importance", sa.SmallInteger(), nullable=False),
        sa.Column("ratings", JSONB(), nullable=False),
        sa.Column("metadata", JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("importance BETWEEN 1 AND 5", name=op.f("ck_capability_importance")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_capability")),
    )
    op.create_table(
        "positioning",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("need", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("benefit", sa.String(), nullable=False),
        sa.Column("alternative", sa.String(), nullable=False),
        sa.Column("difference", sa.String(), nullable=False),
        sa.Column("metadata", JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "product_id"],
            ["product.workspace_id", "product.id"],
            name=op.f("fk_positioning_workspace_id_product_id_product"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_positioning")),
    )
    op.create_index(
        op.f("ix_positioning_workspace_id_product_id"), "positioning", ["workspace_id", "product_id"], unique=False
    )

    for table in TABLES:
        enable_row_level_security(table)


def downgrade() -> None:

    for table in reversed(TABLES):
        op.drop_table(table)
