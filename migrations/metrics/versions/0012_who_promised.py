"""Whose promise an outcome holds to account: teams, kinds of requirement, who estimated."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """With defaults, so that the code before this one can still write."""
    for name in ("team_ids", "requirement_kinds"):
        column = sa.Column(name, postgresql.JSONB(), nullable=False, server_default=sa.text("'[]'"))
        op.add_column("outcome", column)
    op.add_column("outcome", sa.Column("estimated_by", sa.String(), nullable=True))


def downgrade() -> None:
    for name in ("estimated_by", "requirement_kinds", "team_ids"):
        op.drop_column("outcome", name)
