"""Imports in pieces with a report of each record, and the threads of e-mails.

Revision ID: 0011
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.support import enable_row_level_security

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLES = ("feedback_import", "import_part", "import_record", "email_message")


def upgrade() -> None:
    _create_import()
    _create_part()
    _create_record()
    _create_email()
    for table in TABLES:
        enable_row_level_security(table)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _create_import() -> None:
    op.create_table(
        "feedback_import",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("mapping", JSONB(), nullable=False),
        sa.Column("defaults", JSONB(), nullable=False),
        sa.Column("operation_id", sa.String()),
        sa.Column("is_dry_run", sa.Boolean(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("parts", "bytes", "records", "created", "known", "refused", "skipped")
        ),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_by_kind", sa.String(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_feedback_import")),
    )


def _create_part() -> None:
    op.create_table(
        "import_part",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        _within("import_part", "import_id", "feedback_import"),
        sa.PrimaryKeyConstraint("workspace_id", "import_id", "number", name=op.f("pk_import_part")),
    )


def _create_record() -> None:
    op.create_table(
        "import_record",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("feedback_id", sa.Uuid()),
        sa.Column("errors", JSONB(), nullable=False),
        _within("import_record", "import_id", "feedback_import"),
        sa.PrimaryKeyConstraint("workspace_id", "import_id", "number", name=op.f("pk_import_record")),
    )


def _create_email() -> None:
    op.create_table(
        "email_message",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("feedback_id", sa.Uuid()),
        _within("email_message", "feedback_id", "feedback"),
        sa.PrimaryKeyConstraint("workspace_id", "message_id", name=op.f("pk_email_message")),
    )
    op.create_index(op.f("ix_email_message_workspace_id_thread_id"), "email_message", ["workspace_id", "thread_id"])
    op.create_index(
        op.f("ix_email_message_workspace_id_feedback_id"),
        "email_message",
        ["workspace_id", "feedback_id"],
        postgresql_where=sa.text("feedback_id IS NOT NULL"),
    )


def _within(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["workspace_id", column],
        [f"{target}.workspace_id", f"{target}.id"],
        name=op.f(f"fk_{table}_workspace_id_{column}_{target}"),
        ondelete="CASCADE",
    )
