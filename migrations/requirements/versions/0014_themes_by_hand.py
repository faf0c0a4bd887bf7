"""Themes that people shape: merges, splits, groups; and which theme a piece of feedback lies nearest to.

Revision ID: 0014
Revises: 0013
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import enable_row_level_security

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

OWN = ("parent_id", "merged_into_id", "split_from_id")


def upgrade() -> None:
    op.alter_column("theme", "centre", nullable=True)
    op.add_column("theme", sa.Column("is_by_hand", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    for column in OWN:
        op.add_column("theme", sa.Column(column, sa.Uuid(), nullable=True))
        op.create_foreign_key(
            op.f(f"fk_theme_workspace_id_{column}_theme"),
            "theme",
            "theme",
            ["workspace_id", column],
            ["workspace_id", "id"],
            ondelete=f"SET NULL ({column})",
        )
        op.create_index(op.f(f"ix_theme_workspace_id_{column}"), "theme", ["workspace_id", column])
    add_origins()
    create_theme_pin()
    create_theme_merge()


def add_origins() -> None:
    op.add_column("theme_member", sa.Column("origin_id", sa.Uuid(), nullable=True))
    op.execute("UPDATE theme_member SET origin_id = theme_id")
    op.alter_column("theme_member", "origin_id", nullable=False)
    op.create_foreign_key(
        op.f("fk_theme_member_workspace_id_origin_id_theme"),
        "theme_member",
        "theme",
        ["workspace_id", "origin_id"],
        ["workspace_id", "id"],
        ondelete="CASCADE",
    )
    op.create_index(op.f("ix_theme_member_workspace_id_origin_id"), "theme_member", ["workspace_id", "origin_id"])


def create_theme_pin() -> None:
    op.create_table(
        "theme_pin",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("feedback_id", sa.Uuid(), nullable=False),
        sa.Column("theme_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "feedback_id"],
            ["feedback.workspace_id", "feedback.id"],
            name=op.f("fk_theme_pin_workspace_id_feedback_id_feedback"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "theme_id"],
            ["theme.workspace_id", "theme.id"],
            name=op.f("fk_theme_pin_workspace_id_theme_id_theme"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "feedback_id", name=op.f("pk_theme_pin")),
    )
    op.create_index(op.f("ix_theme_pin_workspace_id_theme_id"), "theme_pin", ["workspace_id", "theme_id"])
    enable_row_level_security("theme_pin")


def create_theme_merge() -> None:
    op.create_table(
        "theme_merge",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kept_id", sa.Uuid(), nullable=False),
        sa.Column("merged_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("origin_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("parents", postgresql.JSONB(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_theme_merge")),
    )
    op.create_index(op.f("ix_theme_merge_workspace_id_kept_id"), "theme_merge", ["workspace_id", "kept_id"])
    op.create_index(op.f("ix_theme_merge_workspace_id_merged_id"), "theme_merge", ["workspace_id", "merged_id"])
    enable_row_level_security("theme_merge")


def downgrade() -> None:
    op.drop_table("theme_merge")
    op.drop_table("theme_pin")
    op.drop_column("theme_member", "origin_id")
    for column in ("is_by_hand", *OWN):
        op.drop_column("theme", column)
    op.execute("DELETE FROM theme WHERE centre IS NULL")
    op.alter_column("theme", "centre", nullable=False)
