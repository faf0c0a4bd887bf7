"""Copies of themes, companies and targets, so that the strategy can cite them while a neighbour is down."""

import sqlalchemy as sa
from alembic import op

from migrations.support import enable_row_level_security

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

FACTS: dict[str, list[sa.Column[object]]] = {
    "theme_copy": [sa.Column("size", sa.Integer(), nullable=True)],
    "company_copy": [],
    "target_copy": [],
}


def upgrade() -> None:
    for table, facts in FACTS.items():
        op.create_table(
            table,
            sa.Column("workspace_id", sa.Uuid(), nullable=False),
            sa.Column("id", sa.Uuid(), nullable=False),
            *facts,
            sa.Column("source_version", sa.Integer(), nullable=False),
            sa.Column("is_deleted", sa.Boolean(), nullable=False),
            sa.Column("refreshed_at", sa.DateTime(timezone=True), nullable=False),
            sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f(f"pk_{table}")),
        )
        enable_row_level_security(table)
    _read_the_feeds_again()


def downgrade() -> None:
    for table in FACTS:
        op.drop_table(table)


def _read_the_feeds_again() -> None:
    """What was told before this version of themes, companies and targets was not listened to."""
    op.execute(
        "UPDATE cursor SET feed_id = NULL, position = 0, snapshot_id = NULL WHERE name IN ('requirements', 'metrics')"
    )
