"""Rounds ask which workspaces have something for them, instead of opening a transaction in each."""

from alembic import op

from migrations.support import tell_workspaces_with

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

WORK = {"active_objectives": ("objective", "status = 'active'"), "subscriptions": ("subscription", "true")}


def upgrade() -> None:
    for what, (table, condition) in WORK.items():
        tell_workspaces_with(what, table=table, condition=condition)


def downgrade() -> None:
    for what in WORK:
        op.execute(f"DROP FUNCTION workspaces_with_{what}()")
