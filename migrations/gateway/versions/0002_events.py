"""The event log, webhooks, their deliveries and attempts.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from migrations.support import application_role, enable_row_level_security, execute_script

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Both look at all workspaces, which row-level security hides: they run as the owner and can do only the one thing.
FUNCTIONS = """
CREATE FUNCTION purge_event_log(before timestamptz) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH gone AS (
        DELETE FROM logged_event WHERE logged_at < before RETURNING workspace_id, position
    ), moved AS (
        UPDATE event_log_head h SET oldest_position = greatest(h.oldest_position, g.last + 1)
        FROM (SELECT workspace_id, max(position) AS last FROM gone GROUP BY workspace_id) g
        WHERE h.workspace_id = g.workspace_id
    ), forgotten AS (
        DELETE FROM webhook_delivery WHERE created_at < before
    )
    SELECT count(*) FROM gone
$$;

CREATE FUNCTION find_overdue_webhooks(due timestamptz) RETURNS TABLE (workspace_id uuid, webhook_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT w.workspace_id, w.id FROM webhook w
    WHERE w.disabled_reason IS NULL AND (w.held_until IS NULL OR w.held_until < due)
      AND EXISTS (
        SELECT FROM webhook_delivery d
        WHERE d.workspace_id = w.workspace_id AND d.webhook_id = w.id AND d.state = 'pending'
          AND d.next_attempt_at < due
      )
$$;
"""
DEFINERS = ("purge_event_log(timestamptz)", "find_overdue_webhooks(timestamptz)")
TABLES = ("event_log_head", "logged_event", "webhook", "webhook_delivery", "webhook_attempt")


def upgrade() -> None:
    _create_log()
    _create_webhooks()
    _create_deliveries()
    for table in TABLES:
        enable_row_level_security(table)
    execute_script(FUNCTIONS)
    for function in DEFINERS:
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f'GRANT EXECUTE ON FUNCTION {function} TO "{application_role()}"')


def downgrade() -> None:
    for function in DEFINERS:
        op.execute(f"DROP FUNCTION {function}")
    for table in reversed(TABLES):
        op.drop_table(table)


def _create_log() -> None:
    op.create_table(
        "event_log_head",
        sa.Column("workspace_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("oldest_position", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", name="pk_event_log_head"),
    )
    op.create_table(
        "logged_event",
        sa.Column("workspace_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("logged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "position", name="pk_logged_event"),
        sa.UniqueConstraint("workspace_id", "id", name="uq_logged_event_workspace_id_id"),
    )
    op.create_index(
        "ix_logged_event_workspace_id_subject_id_position", "logged_event", ["workspace_id", "subject_id", "position"]
    )
    op.create_index("ix_logged_event_logged_at", "logged_event", ["logged_at"])


def _create_webhooks() -> None:
    op.create_table(
        "webhook",
        sa.Column("workspace_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("event_types", ARRAY(sa.Text), nullable=False),
        sa.Column("scopes", ARRAY(sa.Text), nullable=False),
        sa.Column("disabled_reason", sa.Text),
        sa.Column("disabled_at", sa.DateTime(timezone=True)),
        sa.Column("secret_number", sa.Integer, nullable=False),
        sa.Column("previous_secret_until", sa.DateTime(timezone=True)),
        sa.Column("failing_since", sa.DateTime(timezone=True)),
        sa.Column("held_until", sa.DateTime(timezone=True)),
        *_life(),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_webhook"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_webhook_workspace_id_workspace"),
        sa.CheckConstraint("disabled_reason IN ('by_admin', 'gone', 'failing')", name="ck_webhook_disabled_reason"),
    )


def _create_deliveries() -> None:
    op.create_table(
        "webhook_delivery",
        sa.Column("workspace_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("webhook_id", sa.Uuid, nullable=False),
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("event_type", sa.Text, nullable=False),
        sa.Column("position", sa.BigInteger),
        sa.Column("document", sa.Text),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True)),
        sa.Column("delivered_at", sa.DateTime(timezone=True)),
        *_life(),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_webhook_delivery"),
        sa.ForeignKeyConstraint(
            ["workspace_id", "webhook_id"],
            ["webhook.workspace_id", "webhook.id"],
            name="fk_webhook_delivery_workspace_id_webhook_id_webhook",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "workspace_id", "webhook_id", "event_id", name="uq_webhook_delivery_workspace_id_webhook_id_event_id"
        ),
        sa.CheckConstraint("state IN ('pending', 'delivered', 'failed')", name="ck_webhook_delivery_state"),
    )
    op.create_index(
        "ix_webhook_delivery_due",
        "webhook_delivery",
        ["workspace_id", "webhook_id", "next_attempt_at", "position"],
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index("ix_webhook_delivery_created_at", "webhook_delivery", ["created_at"])
    op.create_table(
        "webhook_attempt",
        sa.Column("workspace_id", sa.Uuid, nullable=False),
        sa.Column("delivery_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("duration_ms", sa.Integer, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("error", sa.Text),
        sa.Column("answer", sa.Text),
        sa.PrimaryKeyConstraint("workspace_id", "delivery_id", "number", name="pk_webhook_attempt"),
        sa.ForeignKeyConstraint(
            ["workspace_id", "delivery_id"],
            ["webhook_delivery.workspace_id", "webhook_delivery.id"],
            name="fk_webhook_attempt_workspace_id_delivery_id_webhook_delivery",
            ondelete="CASCADE",
        ),
    )


def _life() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    )
