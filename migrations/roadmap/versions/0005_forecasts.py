"""Forecasts and their answers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.support import enable_row_level_security

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = ("forecast", "forecast_answer")


def upgrade() -> None:
    op.create_table(
        "forecast",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("roadmap_id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.String(), nullable=False),
        sa.Column("request", JSONB(), nullable=False),
        sa.Column("question", JSONB(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "roadmap_id"],
            ["roadmap.workspace_id", "roadmap.id"],
            name=op.f("fk_forecast_workspace_id_roadmap_id_roadmap"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_forecast")),
    )
    op.create_index(
        op.f("ix_forecast_workspace_id_roadmap_id"), "forecast", ["workspace_id", "roadmap_id"], unique=False
    )
    op.create_table(
        "forecast_answer",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("answer", JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "id"],
            ["forecast.workspace_id", "forecast.id"],
            name=op.f("fk_forecast_answer_workspace_id_id_forecast"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_forecast_answer")),
    )
    for table in TABLES:
        enable_row_level_security(table, privileges=("SELECT", "INSERT"))


def downgrade() -> None:
    op.drop_table("forecast_answer")
    op.drop_index(op.f("ix_forecast_workspace_id_roadmap_id"), table_name="forecast")
    op.drop_table("forecast")
