"""People who are booked for a while."""

import sqlalchemy as sa
from alembic import op

from migrations.support import enable_row_level_security

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "allocation",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("skill", sa.String(), nullable=False),
        sa.Column("people", sa.Float(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("feature_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("people > 0", name=op.f("ck_allocation_people")),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_allocation_dates")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "team_id"],
            ["team.workspace_id", "team.id"],
            name=op.f("fk_allocation_workspace_id_team_id_team"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "feature_id"],
            ["feature.workspace_id", "feature.id"],
            name=op.f("fk_allocation_workspace_id_feature_id_feature"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_allocation")),
    )
    op.create_index(
        op.f("ix_allocation_workspace_id_team_id_starts_on"), "allocation", ["workspace_id", "team_id", "starts_on"]
    )
    enable_row_level_security("allocation")


def downgrade() -> None:
    op.drop_table("allocation")
