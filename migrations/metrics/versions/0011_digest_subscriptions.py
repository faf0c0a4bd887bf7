"""Who gets a dashboard's digest, and what was delivered."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from migrations.support import enable_row_level_security

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

WEEKDAYS = "'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'"


def upgrade() -> None:
    create_digest_subscription()
    create_digest_delivery()
    enable_row_level_security("digest_subscription")
    enable_row_level_security("digest_delivery")


def downgrade() -> None:
    op.drop_table("digest_delivery")
    op.drop_table("digest_subscription")


def create_digest_subscription() -> None:
    table = "digest_subscription"
    op.create_table(
        table,
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dashboard_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("weekday", sa.String(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("next_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("channel IN ('mail', 'event')", name=f"ck_{table}_channel"),
        sa.CheckConstraint("(channel = 'mail') = (email IS NOT NULL)", name=f"ck_{table}_email"),
        sa.CheckConstraint(f"weekday IN ({WEEKDAYS})", name=f"ck_{table}_weekday"),
        sa.CheckConstraint("hour BETWEEN 0 AND 23", name=f"ck_{table}_hour"),
        within(table, "dashboard_id", "dashboard"),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=f"pk_{table}"),
    )
    op.create_index(f"ix_{table}_workspace_id_next_due_at", table, ["workspace_id", "next_due_at"])
    op.create_index(f"ix_{table}_workspace_id_dashboard_id", table, ["workspace_id", "dashboard_id"])


def create_digest_delivery() -> None:
    table, once = "digest_delivery", ("workspace_id", "subscription_id", "due_at")
    op.create_table(
        table,
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("digest_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivery", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("delivery IN ('pending', 'delivered', 'refused')", name=f"ck_{table}_delivery"),
        within(table, "subscription_id", "digest_subscription"),
        within(table, "digest_id", "digest"),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=f"pk_{table}"),
        sa.UniqueConstraint(*once, name=f"uq_{table}_{'_'.join(once)}"),
    )
    op.create_index(f"ix_{table}_workspace_id_digest_id", table, ["workspace_id", "digest_id"])
    op.create_index(
        f"ix_{table}_workspace_id_next_try_at",
        table,
        ["workspace_id", "next_try_at"],
        postgresql_where=sa.text("delivery = 'pending'"),
    )


def within(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    """Within the workspace; what is removed takes it along."""
    return sa.ForeignKeyConstraint(
        ["workspace_id", column],
        [f"{other}.workspace_id", f"{other}.id"],
        name=f"fk_{table}_{other}",
        ondelete="CASCADE",
    )
