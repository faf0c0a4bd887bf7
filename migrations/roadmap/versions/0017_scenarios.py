"""Versions that a roadmap was published as, and scenarios beside it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.support import enable_row_level_security

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def _key() -> tuple[sa.Column[object], ...]:
    return (sa.Column("workspace_id", sa.Uuid(), nullable=False), sa.Column("id", sa.Uuid(), nullable=False))


def _life() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    )


def _belongs(table: str, to: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["workspace_id", column],
        [f"{to}.workspace_id", f"{to}.id"],
        name=op.f(f"fk_{table}_workspace_id_{column}_{to}"),
        ondelete="CASCADE",
    )


def upgrade() -> None:
    op.create_table(
        "roadmap_version",
        *_key(),
        sa.Column("roadmap_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("places", JSONB(), nullable=False),
        sa.Column("published_by", sa.String(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_roadmap_version")),
        sa.UniqueConstraint(
            "workspace_id", "roadmap_id", "number", name=op.f("uq_roadmap_version_workspace_id_roadmap_id_number")
        ),
        _belongs("roadmap_version", "roadmap", "roadmap_id"),
    )
    enable_row_level_security("roadmap_version", privileges=("SELECT", "INSERT"))
    op.create_table(
        "scenario",
        *_key(),
        sa.Column("roadmap_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("base", JSONB(), nullable=False),
        sa.Column("merged_by", sa.String(), nullable=True),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=True),
        *_life(),
        sa.CheckConstraint("status IN ('open', 'merged')", name=op.f("ck_scenario_status")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_scenario")),
        _belongs("scenario", "roadmap", "roadmap_id"),
    )
    op.create_index(op.f("ix_scenario_workspace_id_roadmap_id"), "scenario", ["workspace_id", "roadmap_id"])
    op.create_table(
        "scenario_item",
        *_key(),
        sa.Column("scenario_id", sa.Uuid(), nullable=False),
        sa.Column("feature_id", sa.Uuid(), nullable=False),
        sa.Column("horizon", sa.String(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("is_pinned", sa.Boolean(), nullable=False),
        *_life(),
        sa.CheckConstraint("horizon IN ('now', 'next', 'later')", name=op.f("ck_scenario_item_horizon")),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_scenario_item_dates")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_scenario_item")),
        sa.UniqueConstraint(
            "workspace_id",
            "scenario_id",
            "feature_id",
            name=op.f("uq_scenario_item_workspace_id_scenario_id_feature_id"),
        ),
        _belongs("scenario_item", "scenario", "scenario_id"),
        _belongs("scenario_item", "feature", "feature_id"),
    )
    op.create_index(op.f("ix_scenario_item_workspace_id_feature_id"), "scenario_item", ["workspace_id", "feature_id"])
    for table in ("scenario", "scenario_item"):
        enable_row_level_security(table)


def downgrade() -> None:
    for table in ("scenario_item", "scenario", "roadmap_version"):
        op.drop_table(table)
