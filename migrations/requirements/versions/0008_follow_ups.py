"""The ledger of what was told to whom, and who wants to be told no more.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

from migrations.support import enable_row_level_security

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_follow_up()
    create_unsubscription()
    for table in ("follow_up", "unsubscription"):
        enable_row_level_security(table)


def downgrade() -> None:
    op.drop_table("unsubscription")
    op.drop_table("follow_up")


def own_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    ]


def create_follow_up() -> None:
    op.create_table(
        "follow_up",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("requirement_id", sa.Uuid(), nullable=False),
        sa.Column("feedback_id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("quote", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        *own_columns(),
        sa.CheckConstraint("event IN ('shipped', 'declined', 'measured')", name=op.f("ck_follow_up_event")),
        sa.CheckConstraint("state IN ('waiting', 'sent', 'suppressed', 'failed')", name=op.f("ck_follow_up_state")),
        sa.CheckConstraint(
            "(state IN ('suppressed', 'failed')) = (reason IS NOT NULL)", name=op.f("ck_follow_up_reason")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "contact_id"],
            ["contact.workspace_id", "contact.id"],
            name=op.f("fk_follow_up_workspace_id_contact_id_contact"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "requirement_id"],
            ["requirement.workspace_id", "requirement.id"],
            name=op.f("fk_follow_up_workspace_id_requirement_id_requirement"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_follow_up")),
        sa.UniqueConstraint(
            "workspace_id",
            "contact_id",
            "requirement_id",
            "event",
            name=op.f("uq_follow_up_workspace_id_contact_id_requirement_id_event"),
        ),
    )
    op.create_index(op.f("ix_follow_up_workspace_id_requirement_id"), "follow_up", ["workspace_id", "requirement_id"])
    op.create_index(
        "ix_follow_up_waiting", "follow_up", ["workspace_id", "id"], postgresql_where=sa.text("state = 'waiting'")
    )


def create_unsubscription() -> None:
    op.create_table(
        "unsubscription",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        *own_columns(),
        sa.ForeignKeyConstraint(
            ["workspace_id", "contact_id"],
            ["contact.workspace_id", "contact.id"],
            name=op.f("fk_unsubscription_workspace_id_contact_id_contact"),
        ),
        sa.UniqueConstraint("workspace_id", "contact_id", name=op.f("uq_unsubscription_workspace_id_contact_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_unsubscription")),
    )
