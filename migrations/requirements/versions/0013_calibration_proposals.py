"""What measured outcomes suggest of estimates.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import enable_row_level_security

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calibration_proposal",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("input", sa.String(), nullable=False),
        sa.Column("factor", sa.Double(), nullable=False),
        sa.Column("promises", sa.Integer(), nullable=False),
        sa.Column("realised", sa.Double(), nullable=True),
        sa.Column("hit_rate", sa.Double(), nullable=False),
        sa.Column("outcome_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("earlier_id", sa.Uuid(), nullable=False),
        sa.Column("prioritization_id", sa.Uuid(), nullable=True),
        sa.Column("changes", postgresql.JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('open', 'accepted', 'dismissed')", name=op.f("ck_calibration_proposal_state")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_calibration_proposal")),
    )
    enable_row_level_security("calibration_proposal")


def downgrade() -> None:
    op.drop_table("calibration_proposal")
