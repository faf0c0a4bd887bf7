"""Requests by workspace and day."""

import sqlalchemy as sa
from alembic import op

from migrations.support import application_role, enable_row_level_security, execute_script

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# The edge counts for all workspaces at once, which row-level security hides: this can add to a count and nothing else.
FUNCTION = """
CREATE FUNCTION add_daily_requests(workspaces uuid[], days date[], requests int[], refused int[], failed int[])
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO daily_requests AS known (workspace_id, day, requests, refused, failed)
    SELECT * FROM unnest(workspaces, days, requests, refused, failed) ORDER BY 1, 2
    ON CONFLICT (workspace_id, day) DO UPDATE SET
        requests = known.requests + excluded.requests,
        refused = known.refused + excluded.refused,
        failed = known.failed + excluded.failed
$$;
"""
SIGNATURE = "add_daily_requests(uuid[], date[], int[], int[], int[])"


def upgrade() -> None:
    op.create_table(
        "daily_requests",
        sa.Column("workspace_id", sa.Uuid, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("requests", sa.BigInteger, nullable=False),
        sa.Column("refused", sa.BigInteger, nullable=False),
        sa.Column("failed", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "day", name="pk_daily_requests"),
    )
    enable_row_level_security("daily_requests", privileges=("SELECT",))
    execute_script(FUNCTION)
    op.execute(f"REVOKE ALL ON FUNCTION {SIGNATURE} FROM PUBLIC")
    op.execute(f'GRANT EXECUTE ON FUNCTION {SIGNATURE} TO "{application_role()}"')


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {SIGNATURE}")
    op.drop_table("daily_requests")
