"""Stakeholder updates: letters to audiences, to whom they went, and what was answered."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.support import enable_row_level_security

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def _key() -> tuple[sa.Column[object], ...]:
    return (sa.Column("workspace_id", sa.Uuid(), nullable=False), sa.Column("id", sa.Uuid(), nullable=False))


def _belongs(table: str, to: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["workspace_id", column],
        [f"{to}.workspace_id", f"{to}.id"],
        name=op.f(f"fk_{table}_workspace_id_{column}_{to}"),
        ondelete="CASCADE",
    )


def upgrade() -> None:
    op.create_table(
        "stakeholder_update",
        *_key(),
        sa.Column("roadmap_id", sa.Uuid(), nullable=False),
        sa.Column("audience_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("told", JSONB(), nullable=False),
        sa.Column("since_id", sa.Uuid(), nullable=True),
        sa.Column("approved_by", sa.String(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('draft', 'approved', 'sent')", name=op.f("ck_stakeholder_update_status")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_stakeholder_update")),
        _belongs("stakeholder_update", "roadmap", "roadmap_id"),
        _belongs("stakeholder_update", "audience", "audience_id"),
    )
    op.create_index(
        op.f("ix_stakeholder_update_workspace_id_roadmap_id_audience_id"),
        "stakeholder_update",
        ["workspace_id", "roadmap_id", "audience_id"],
    )
    op.create_index(
        op.f("ix_stakeholder_update_workspace_id_audience_id"), "stakeholder_update", ["workspace_id", "audience_id"]
    )
    op.create_table(
        "update_recipient",
        *_key(),
        sa.Column("update_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("delivery", sa.String(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("delivery IN ('waiting', 'taken', 'refused')", name=op.f("ck_update_recipient_delivery")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_update_recipient")),
        sa.UniqueConstraint(
            "workspace_id", "update_id", "email", name=op.f("uq_update_recipient_workspace_id_update_id_email")
        ),
        _belongs("update_recipient", "stakeholder_update", "update_id"),
    )
    op.create_table(
        "update_reply",
        *_key(),
        sa.Column("update_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("feedback_id", sa.Uuid(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("num_nonnulls(text, feedback_id) = 1", name=op.f("ck_update_reply_handed_over")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_update_reply")),
        _belongs("update_reply", "stakeholder_update", "update_id"),
    )
    op.create_index(
        op.f("ix_update_reply_workspace_id_update_id_id"), "update_reply", ["workspace_id", "update_id", "id"]
    )
    for table in ("stakeholder_update", "update_recipient", "update_reply"):
        enable_row_level_security(table)


def downgrade() -> None:
    for table in ("update_reply", "update_recipient", "stakeholder_update"):
        op.drop_table(table)
