"""Rounds ask which workspaces have something for them, instead of opening a transaction in each."""

from alembic import op

from migrations.support import tell_workspaces_with

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

WORK = {
    "dirty_days": ("dirty_day", "true"),
    "sources": ("measurement_source", "is_enabled"),
    "alert_rules": ("alert_rule", "is_enabled"),
    "open_outcomes": ("outcome", "state <> 'final'"),
    "digest_subscriptions": ("digest_subscription", "true"),
}


def upgrade() -> None:
    for what, (table, condition) in WORK.items():
        tell_workspaces_with(what, table=table, condition=condition)


def downgrade() -> None:
    for what in WORK:
        op.execute(f"DROP FUNCTION workspaces_with_{what}()")
