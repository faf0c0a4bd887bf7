"""What experts believe of the chance that requirements can be done.

Revision ID: 0015
Revises: 0014
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import enable_row_level_security

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "feasibility_judgement",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("requirement_id", sa.Uuid(), nullable=False),
        sa.Column("expert", sa.String(), nullable=False),
        sa.Column("aspect", sa.String(), nullable=False),
        sa.Column("chance", postgresql.JSONB(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "aspect IN ('technical', 'legal', 'dependency')", name=op.f("ck_feasibility_judgement_aspect")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "requirement_id"],
            ["requirement.workspace_id", "requirement.id"],
            name=op.f("fk_feasibility_judgement_workspace_id_requirement_id_requirement"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_feasibility_judgement")),
        sa.UniqueConstraint(
            "workspace_id",
            "requirement_id",
            "aspect",
            "expert",
            name=op.f("uq_feasibility_judgement_workspace_id_requirement_id_aspect_expert"),
        ),
    )
    enable_row_level_security("feasibility_judgement")


def downgrade() -> None:
    op.drop_table("feasibility_judgement")
