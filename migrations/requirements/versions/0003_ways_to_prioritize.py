"""Several methods, several people's estimates, and customers' answers to Kano's questions.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import enable_row_level_security

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ANSWERS = "('like', 'expect', 'neutral', 'tolerate', 'dislike')"


def upgrade() -> None:
    widen_prioritization()
    create_personal_estimate()
    create_kano_answer()
    for table in ("personal_estimate", "kano_answer"):
        enable_row_level_security(table)


def downgrade() -> None:
    op.drop_table("kano_answer")
    op.drop_table("personal_estimate")
    op.drop_column("ranked_requirement", "inputs")
    op.drop_column("prioritization", "concordance")
    op.drop_column("prioritization", "parameters")


def widen_prioritization() -> None:
    """Rankings that are there were made by RICE, from the likely values of the estimates that each line keeps."""
    op.add_column("prioritization", sa.Column("parameters", postgresql.JSONB(), server_default="{}", nullable=False))
    op.add_column("prioritization", sa.Column("concordance", sa.Double(), nullable=True))
    op.add_column("ranked_requirement", sa.Column("inputs", postgresql.JSONB(), server_default="{}", nullable=False))
    op.execute(
        "UPDATE ranked_requirement SET inputs = (SELECT jsonb_object_agg(key, value -> 'likely') "
        "FROM jsonb_each(estimates))"
    )


def own_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    ]


def create_personal_estimate() -> None:
    op.create_table(
        "personal_estimate",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("requirement_id", sa.Uuid(), nullable=False),
        sa.Column("estimator", sa.String(), nullable=False),
        sa.Column("estimates", postgresql.JSONB(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        *own_columns(),
        sa.ForeignKeyConstraint(
            ["workspace_id", "requirement_id"],
            ["requirement.workspace_id", "requirement.id"],
            name=op.f("fk_personal_estimate_workspace_id_requirement_id_requirement"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_personal_estimate")),
        sa.UniqueConstraint(
            "workspace_id",
            "requirement_id",
            "estimator",
            name=op.f("uq_personal_estimate_workspace_id_requirement_id_estimator"),
        ),
    )


def create_kano_answer() -> None:
    op.create_table(
        "kano_answer",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("requirement_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("functional", sa.String(), nullable=False),
        sa.Column("dysfunctional", sa.String(), nullable=False),
        sa.Column("importance", sa.SmallInteger(), nullable=True),
        *own_columns(),
        sa.CheckConstraint(
            f"functional IN {ANSWERS} AND dysfunctional IN {ANSWERS}", name=op.f("ck_kano_answer_answers")
        ),
        sa.CheckConstraint("importance BETWEEN 1 AND 9", name=op.f("ck_kano_answer_importance")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "requirement_id"],
            ["requirement.workspace_id", "requirement.id"],
            name=op.f("fk_kano_answer_workspace_id_requirement_id_requirement"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "contact_id"],
            ["contact.workspace_id", "contact.id"],
            name=op.f("fk_kano_answer_workspace_id_contact_id_contact"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_kano_answer")),
    )
    op.create_index(
        op.f("ix_kano_answer_workspace_id_requirement_id"), "kano_answer", ["workspace_id", "requirement_id"]
    )
    op.create_index(
        "uq_kano_answer_contact",
        "kano_answer",
        ["workspace_id", "requirement_id", "contact_id"],
        unique=True,
        postgresql_where=sa.text("contact_id IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_kano_answer_workspace_id_contact_id"),
        "kano_answer",
        ["workspace_id", "contact_id"],
        postgresql_where=sa.text("contact_id IS NOT NULL"),
    )
