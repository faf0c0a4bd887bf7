"""Requirements whole: whom they are for, what they are tied to, what was said of them, and every version of them.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import enable_row_level_security

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = ("requirement_revision", "requirement_relation", "requirement_comment")
# What was kept before is the first version that is known of: as the API tells it.
FIRST_REVISIONS = """
    INSERT INTO requirement_revision (workspace_id, requirement_id, version, change, changed_by, at, state)
    SELECT workspace_id, id, version, 'requirement.updated', 'system:migration', updated_at,
           jsonb_build_object(
               'id', id, 'etag', '"' || version || '"', 'created_at', created_at, 'updated_at', updated_at,
               'title', title, 'problem', problem, 'status', status, 'status_reason', status_reason,
               'theme_id', theme_id, 'merged_into_id', merged_into_id,
               'estimates', estimates, 'evidence_count', evidence_count, 'metadata', metadata,
               'kind', kind, 'owner', owner, 'product_area', product_area,
               'acceptance_criteria', to_jsonb(acceptance_criteria), 'persona_id', persona_id, 'need_id', need_id,
               'objectives', objectives, 'custom_fields', custom_fields)
    FROM requirement
"""


def upgrade() -> None:
    for column in new_columns():
        op.add_column("requirement", column)
    create_requirement_revision()
    create_requirement_relation()
    create_requirement_comment()
    for table in TABLES:
        enable_row_level_security(table)
    op.execute(FIRST_REVISIONS)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    for column in reversed(new_columns()):
        op.drop_column("requirement", column.name)


def new_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("kind", sa.String(), server_default="feature", nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("product_area", sa.String(), nullable=True),
        sa.Column("acceptance_criteria", postgresql.ARRAY(sa.String()), server_default="{}", nullable=False),
        sa.Column("persona_id", sa.Uuid(), nullable=True),
        sa.Column("need_id", sa.Uuid(), nullable=True),
        sa.Column("objectives", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("custom_fields", postgresql.JSONB(), server_default="{}", nullable=False),
    ]


def of_requirement(table: str, column: str = "requirement_id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["workspace_id", column],
        ["requirement.workspace_id", "requirement.id"],
        name=op.f(f"fk_{table}_workspace_id_{column}_requirement"),
        ondelete="CASCADE",
    )


def own_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    ]


def create_requirement_revision() -> None:
    op.create_table(
        "requirement_revision",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("requirement_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("change", sa.String(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", postgresql.JSONB(), nullable=False),
        of_requirement("requirement_revision"),
        sa.PrimaryKeyConstraint("workspace_id", "requirement_id", "version", name=op.f("pk_requirement_revision")),
    )
    op.create_index(
        op.f("ix_requirement_revision_workspace_id_requirement_id_at"),
        "requirement_revision",
        ["workspace_id", "requirement_id", "at"],
    )


def create_requirement_relation() -> None:
    op.create_table(
        "requirement_relation",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("requirement_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        *own_columns(),
        sa.CheckConstraint(
            "kind IN ('requires', 'excludes', 'couples', 'duplicates')", name=op.f("ck_requirement_relation_kind")
        ),
        sa.CheckConstraint("requirement_id <> other_id", name=op.f("ck_requirement_relation_ends")),
        of_requirement("requirement_relation"),
        of_requirement("requirement_relation", "other_id"),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_requirement_relation")),
        sa.UniqueConstraint(
            "workspace_id",
            "requirement_id",
            "other_id",
            "kind",
            name=op.f("uq_requirement_relation_workspace_id_requirement_id_other_id_kind"),
        ),
    )
    op.create_index(
        op.f("ix_requirement_relation_workspace_id_other_id"), "requirement_relation", ["workspace_id", "other_id"]
    )


def create_requirement_comment() -> None:
    op.create_table(
        "requirement_comment",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("requirement_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        *own_columns(),
        of_requirement("requirement_comment"),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_requirement_comment")),
    )
    op.create_index(
        op.f("ix_requirement_comment_workspace_id_requirement_id"),
        "requirement_comment",
        ["workspace_id", "requirement_id"],
    )
