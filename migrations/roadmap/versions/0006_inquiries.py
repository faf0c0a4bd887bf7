"""What is asked of finished optimisations, and the answers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.support import enable_row_level_security

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = ("inquiry", "inquiry_answer")


def upgrade() -> None:
    op.create_table(
        "inquiry",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("optimization_id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("request", JSONB(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "optimization_id"],
            ["optimization.workspace_id", "optimization.id"],
            name=op.f("fk_inquiry_workspace_id_optimization_id_optimization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_inquiry")),
    )
    op.create_index(op.f("ix_inquiry_workspace_id_optimization_id"), "inquiry", ["workspace_id", "optimization_id"])
    op.create_table(
        "inquiry_answer",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("answer", JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "id"],
            ["inquiry.workspace_id", "inquiry.id"],
            name=op.f("fk_inquiry_answer_workspace_id_id_inquiry"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_inquiry_answer")),
    )
    for table in TABLES:
        enable_row_level_security(table, privileges=("SELECT", "INSERT"))


def downgrade() -> None:
    op.drop_table("inquiry_answer")
    op.drop_index(op.f("ix_inquiry_workspace_id_optimization_id"), table_name="inquiry")
    op.drop_table("inquiry")
