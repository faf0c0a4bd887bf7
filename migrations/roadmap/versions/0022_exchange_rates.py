"""Exchange rates, and entries of budgets that were paid in another currency."""

import sqlalchemy as sa
from alembic import op

from migrations.support import enable_row_level_security

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

PAID = (
    sa.Column("paid_minor", sa.BigInteger(), nullable=True),
    sa.Column("paid_currency", sa.String(), nullable=True),
    sa.Column("exchange_rate", sa.Numeric(), nullable=True),
    sa.Column("exchange_rate_from", sa.Date(), nullable=True),
)


def upgrade() -> None:
    op.create_table(
        "exchange_rate",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("base_currency", sa.String(), nullable=False),
        sa.Column("quote_currency", sa.String(), nullable=False),
        sa.Column("rate", sa.Numeric(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("rate > 0", name=op.f("ck_exchange_rate_rate")),
        sa.CheckConstraint("base_currency <> quote_currency", name=op.f("ck_exchange_rate_currencies")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_exchange_rate")),
        sa.UniqueConstraint(
            "workspace_id",
            "base_currency",
            "quote_currency",
            "valid_from",
            name=op.f("uq_exchange_rate_pair"),
        ),
    )
    enable_row_level_security("exchange_rate")
    for column in PAID:
        op.add_column("budget_entry", column)
    op.create_check_constraint(
        op.f("ck_budget_entry_paid"),
        "budget_entry",
        "num_nonnulls(paid_minor, paid_currency, exchange_rate, exchange_rate_from) IN (0, 4)",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_budget_entry_paid"), "budget_entry", type_="check")
    for column in reversed(PAID):
        op.drop_column("budget_entry", column.name)
    op.drop_table("exchange_rate")
