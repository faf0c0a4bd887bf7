"""Customers with several names, their merges, revenue, and segments.

Revision ID: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from migrations.support import application_role, enable_row_level_security

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = (
    "company_alias",
    "contact_alias",
    "company_revenue",
    "customer_merge",
    "customer_merge_item",
    "segment",
    "feedback_standing",
)
ANNUAL_REVENUE = """
CREATE FUNCTION annual_revenue(workspace uuid, company uuid, day date) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT coalesce(jsonb_object_agg(currency, annual), '{}') FROM (
        SELECT currency, sum(annual_minor) AS annual FROM company_revenue
        WHERE workspace_id = workspace AND company_id = company
          AND valid_from <= day AND coalesce(valid_until > day, true)
        GROUP BY currency
    ) AS paid
$$
"""


def upgrade() -> None:
    for table in ("company", "contact"):
        _add_merged_into(table)
        _create_alias(table)
    _create_revenue()
    _create_merge()
    _create_segment()
    _create_standing()
    for table in TABLES:
        enable_row_level_security(table)
    op.execute(ANNUAL_REVENUE)
    op.execute("REVOKE ALL ON FUNCTION annual_revenue(uuid, uuid, date) FROM PUBLIC")
    op.execute(f'GRANT EXECUTE ON FUNCTION annual_revenue(uuid, uuid, date) TO "{application_role()}"')


def downgrade() -> None:
    op.execute("DROP FUNCTION annual_revenue(uuid, uuid, date)")
    for table in reversed(TABLES):
        op.drop_table(table)
    for table in ("contact", "company"):
        op.drop_index(op.f(f"ix_{table}_workspace_id_merged_into_id"), table)
        op.drop_constraint(op.f(f"fk_{table}_workspace_id_merged_into_id_{table}"), table)
        op.drop_column(table, "merged_into_id")


def _add_merged_into(table: str) -> None:
    op.add_column(table, sa.Column("merged_into_id", sa.Uuid()))
    op.create_foreign_key(
        op.f(f"fk_{table}_workspace_id_merged_into_id_{table}"),
        table,
        table,
        ["workspace_id", "merged_into_id"],
        ["workspace_id", "id"],
    )
    op.create_index(
        op.f(f"ix_{table}_workspace_id_merged_into_id"),
        table,
        ["workspace_id", "merged_into_id"],
        postgresql_where=sa.text("merged_into_id IS NOT NULL"),
    )


def _create_alias(owner: str) -> None:
    table, column = f"{owner}_alias", f"{owner}_id"
    op.create_table(
        table,
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column(column, sa.Uuid(), nullable=False),
        _within(table, column, owner, ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("workspace_id", "kind", "source", "value", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_workspace_id_{column}"), table, ["workspace_id", column])


def _create_revenue() -> None:
    op.create_table(
        "company_revenue",
        *_identity(),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("annual_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date()),
        *_life(),
        sa.CheckConstraint("valid_until > valid_from", name=op.f("ck_company_revenue_validity")),
        _within("company_revenue", "company_id", "company"),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_company_revenue")),
    )
    op.create_index(
        op.f("ix_company_revenue_workspace_id_company_id"), "company_revenue", ["workspace_id", "company_id"]
    )


def _create_merge() -> None:
    op.create_table(
        "customer_merge",
        *_identity(),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("kept_id", sa.Uuid(), nullable=False),
        sa.Column("merged_id", sa.Uuid(), nullable=False),
        sa.Column("taken", JSONB(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        *_life(),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_customer_merge")),
    )
    for column in ("kept_id", "merged_id"):
        op.create_index(op.f(f"ix_customer_merge_workspace_id_{column}"), "customer_merge", ["workspace_id", column])
    op.create_table(
        "customer_merge_item",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("merge_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("row_id", sa.Uuid(), nullable=False),
        _within("customer_merge_item", "merge_id", "customer_merge", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("workspace_id", "merge_id", "place", "row_id", name=op.f("pk_customer_merge_item")),
    )


def _create_segment() -> None:
    op.create_table(
        "segment",
        *_identity(),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        *_life(),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_segment")),
        sa.UniqueConstraint("workspace_id", "name", name=op.f("uq_segment_workspace_id_name")),
    )


def _create_standing() -> None:
    op.create_table(
        "feedback_standing",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("feedback_id", sa.Uuid(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("contact_id", sa.Uuid()),
        sa.Column("company_id", sa.Uuid()),
        sa.Column("segment_ids", ARRAY(sa.Uuid()), nullable=False),
        sa.Column("revenue", JSONB(), nullable=False),
        _within("feedback_standing", "feedback_id", "feedback", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("workspace_id", "feedback_id", name=op.f("pk_feedback_standing")),
    )


def _identity() -> tuple[sa.Column[object], ...]:
    return sa.Column("workspace_id", sa.Uuid(), nullable=False), sa.Column("id", sa.Uuid(), nullable=False)


def _life() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    )


def _within(table: str, column: str, target: str, *, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["workspace_id", column],
        [f"{target}.workspace_id", f"{target}.id"],
        name=op.f(f"fk_{table}_workspace_id_{column}_{target}"),
        ondelete=ondelete,
    )
