"""Usage events, and KPIs that are counted from them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import enable_row_level_security

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KINDS = ("simple", "ratio", "derived", "cumulative")


def upgrade() -> None:
    allow((*KINDS, "funnel", "retention"))
    op.execute(
        "CREATE INDEX ix_kpi_event_source ON kpi (workspace_id, (calculation #>> '{source,event}')) "
        "WHERE calculation #>> '{source,event}' IS NOT NULL"
    )
    create_usage_event()
    create_person_link()
    enable_row_level_security("usage_event")
    enable_row_level_security("person_link")


def downgrade() -> None:
    op.drop_table("person_link")
    op.drop_table("usage_event")
    op.drop_index("ix_kpi_event_source", "kpi")
    op.execute("DELETE FROM kpi WHERE kind IN ('funnel', 'retention')")
    allow(KINDS)


def allow(kinds: Sequence[str]) -> None:
    op.drop_constraint("ck_kpi_kind", "kpi")
    op.create_check_constraint("ck_kpi_kind", "kpi", f"kind IN {tuple(kinds)!r}")


def create_usage_event() -> None:
    op.create_table(
        "usage_event",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dedupe_key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person", sa.BigInteger(), nullable=True),
        sa.Column("account", sa.BigInteger(), nullable=True),
        sa.Column("properties", postgresql.JSONB(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("origin IN ('api', 'segment')", name="ck_usage_event_origin"),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_usage_event"),
        sa.UniqueConstraint("workspace_id", "dedupe_key", name="uq_usage_event_workspace_id_dedupe_key"),
    )
    op.create_index(
        "ix_usage_event_workspace_id_name_occurred_at", "usage_event", ["workspace_id", "name", "occurred_at"]
    )
    op.create_index(
        "ix_usage_event_workspace_id_person_name_occurred_at",
        "usage_event",
        ["workspace_id", "person", "name", "occurred_at"],
    )


def create_person_link() -> None:
    op.create_table(
        "person_link",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("same_as", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "person", name="pk_person_link"),
    )
