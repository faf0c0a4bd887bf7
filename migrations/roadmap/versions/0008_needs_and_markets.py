"""Products, markets, needs and what sets us apart, linked to one another."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.support import enable_row_level_security

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = ("product", "market_segment", "persona", "need", "pain_point", "differentiator", "strategy_link")


def upgrade() -> None:
    op.create_table(
        "product",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("metadata", JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "stage IN ('idea', 'introduction', 'growth', 'maturity', 'decline', 'retired')",
            name=op.f("ck_product_stage"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_product")),
        sa.UniqueConstraint("workspace_id", "name", name=op.f("uq_product_workspace_id_name")),
    )
    op.create_table(
        "market_segment",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("size_unit", sa.String(), nullable=True),
        sa.Column("annual_value_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("source_url", sa.String(), nullable=True),
        sa.Column("sized_on", sa.Date(), nullable=True),
        sa.Column("metadata", JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(annual_value_minor IS NULL) = (currency IS NULL)", name=op.f("ck_market_segment_money")),
        sa.CheckConstraint("size >= 0 AND annual_value_minor >= 0", name=op.f("ck_market_segment_amounts")),
        sa.CheckConstraint(
            "source IS NOT NULL OR num_nonnulls(size, annual_value_minor) = 0", name=op.f("ck_market_segment_source")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_market_segment")),
        sa.UniqueConstraint("workspace_id", "name", name=op.f("uq_market_segment_workspace_id_name")),
    )
    op.create_table(
        "persona",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("goals", JSONB(), nullable=False),
        sa.Column("metadata", JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role IN ('user', 'buyer', 'influencer')", name=op.f("ck_persona_role")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_persona")),
        sa.UniqueConstraint("workspace_id", "name", name=op.f("uq_persona_workspace_id_name")),
    )
    op.create_table(
        "need",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("importance", sa.SmallInteger(), nullable=True),
        sa.Column("satisfaction", sa.SmallInteger(), nullable=True),
        sa.Column("revenue_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("metadata", JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('functional', 'emotional', 'social')", name=op.f("ck_need_kind")),
        sa.CheckConstraint("(revenue_minor IS NULL) = (currency IS NULL)", name=op.f("ck_need_money")),
        sa.CheckConstraint(
            "importance BETWEEN 1 AND 10 AND satisfaction BETWEEN 1 AND 10", name=op.f("ck_need_scales")
        ),
        sa.CheckConstraint("revenue_minor >= 0", name=op.f("ck_need_revenue")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_need")),
    )
    op.create_table(
        "pain_point",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("severity", sa.SmallInteger(), nullable=True),
        sa.Column("frequency", sa.String(), nullable=True),
        sa.Column("metadata", JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "frequency IN ('daily', 'weekly', 'monthly', 'rarely')", name=op.f("ck_pain_point_frequency")
        ),
        sa.CheckConstraint("severity BETWEEN 1 AND 5", name=op.f("ck_pain_point_severity")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "need_id"],
            ["need.workspace_id", "need.id"],
            name=op.f("fk_pain_point_workspace_id_need_id_need"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_pain_point")),
    )
    op.create_index(op.f("ix_pain_point_workspace_id_need_id"), "pain_point", ["workspace_id", "need_id"], unique=False)
    op.create_table(
        "differentiator",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("metadata", JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_differentiator")),
    )
    op.create_table(
        "strategy_link",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("source_kind", sa.String(), nullable=False),
        sa.Column("target_kind", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "source_id", "target_id", name=op.f("pk_strategy_link")),
    )
    op.create_index(
        op.f("ix_strategy_link_workspace_id_target_id"), "strategy_link", ["workspace_id", "target_id"], unique=False
    )
    op.add_column("feature", sa.Column("product_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_feature_workspace_id_product_id_product"),
        "feature",
        "product",
        ["workspace_id", "product_id"],
        ["workspace_id", "id"],
        ondelete="RESTRICT",
    )
    op.create_index(
        op.f("ix_feature_workspace_id_product_id"),
        "feature",
        ["workspace_id", "product_id"],
        postgresql_where=sa.text("product_id IS NOT NULL"),
    )
    for table in TABLES:
        enable_row_level_security(table)


def downgrade() -> None:
    op.drop_column("feature", "product_id")
    for table in reversed(TABLES):
        op.drop_table(table)
