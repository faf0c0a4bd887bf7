"""Visions with every version of them, and initiatives."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.support import enable_row_level_security

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLES = ("vision", "vision_revision", "initiative")


def upgrade() -> None:
    op.create_table(
        "vision",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=True),
        sa.Column("statement", sa.String(), nullable=False),
        sa.Column("target_market", sa.String(), nullable=False),
        sa.Column("business_goals", JSONB(), nullable=False),
        sa.Column("metadata", JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "product_id"],
            ["product.workspace_id", "product.id"],
            name=op.f("fk_vision_workspace_id_product_id_product"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_vision")),
    )
    op.create_index(op.f("ix_vision_workspace_id_product_id"), "vision", ["workspace_id", "product_id"], unique=False)
    op.create_table(
        "vision_revision",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("vision_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("contents", JSONB(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("written_by", sa.String(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "vision_id"],
            ["vision.workspace_id", "vision.id"],
            name=op.f("fk_vision_revision_workspace_id_vision_id_vision"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_vision_revision")),
        sa.UniqueConstraint(
            "workspace_id", "vision_id", "number", name=op.f("uq_vision_revision_workspace_id_vision_id_number")
        ),
    )
    op.create_table(
        "initiative",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("metadata", JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('proposed', 'active', 'done', 'dropped')", name=op.f("ck_initiative_status")),
        sa.CheckConstraint("starts_on <= due_on", name=op.f("ck_initiative_dates")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "product_id"],
            ["product.workspace_id", "product.id"],
            name=op.f("fk_initiative_workspace_id_product_id_product"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_initiative")),
    )
    op.create_index(
        op.f("ix_initiative_workspace_id_product_id"), "initiative", ["workspace_id", "product_id"], unique=False
    )

    for table in TABLES:
        enable_row_level_security(table)


def downgrade() -> None:

    for table in reversed(TABLES):
        op.drop_table(table)
