"""What teams promise one another, hand over, report and fear; who is told of trouble, and what they were told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from migrations.support import enable_row_level_security

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLES = ("commitment", "handoff", "check_in", "risk", "subscription", "notification")


def upgrade() -> None:
    _create_commitments()
    _create_handoffs()
    _create_check_ins()
    _create_risks()
    _create_subscriptions()
    for table in TABLES:
        enable_row_level_security(table)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _create_commitments() -> None:
    op.create_table(
        "commitment",
        *_keys(),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("for_team_id", sa.Uuid(), nullable=True),
        sa.Column("for_whom", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("feature_id", sa.Uuid(), nullable=True),
        sa.Column("release_id", sa.Uuid(), nullable=True),
        sa.Column("effort_days", sa.Float(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        *_version(),
        sa.CheckConstraint(
            "status IN ('asked', 'accepted', 'at_risk', 'declined', 'done', 'withdrawn')",
            name=op.f("ck_commitment_status"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('declined', 'at_risk') OR reason IS NOT NULL", name=op.f("ck_commitment_reason")
        ),
        _within("commitment", "team_id", "team", "RESTRICT"),
        _within("commitment", "for_team_id", "team", "RESTRICT"),
        _within("commitment", "feature_id", "feature", "RESTRICT"),
        _within("commitment", "release_id", "release", "RESTRICT"),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_commitment")),
    )
    op.create_index(
        op.f("ix_commitment_workspace_id_team_id_due_on"), "commitment", ["workspace_id", "team_id", "due_on"]
    )
    for column in ("feature_id", "release_id"):
        _index_where_named("commitment", column)


def _create_handoffs() -> None:
    op.create_table(
        "handoff",
        *_keys(),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("to_team_id", sa.Uuid(), nullable=True),
        sa.Column("to_whom", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("feature_id", sa.Uuid(), nullable=True),
        sa.Column("release_id", sa.Uuid(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("status_reason", sa.String(), nullable=True),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        *_version(),
        sa.CheckConstraint("team_id <> to_team_id", name=op.f("ck_handoff_other")),
        sa.CheckConstraint("num_nonnulls(to_team_id, to_whom) > 0", name=op.f("ck_handoff_receiver")),
        sa.CheckConstraint(
            "status IN ('planned', 'handed_over', 'received', 'returned', 'cancelled')",
            name=op.f("ck_handoff_status"),
        ),
        _within("handoff", "team_id", "team", "RESTRICT"),
        _within("handoff", "to_team_id", "team", "RESTRICT"),
        _within("handoff", "feature_id", "feature", "RESTRICT"),
        _within("handoff", "release_id", "release", "RESTRICT"),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_handoff")),
    )
    op.create_index(op.f("ix_handoff_workspace_id_team_id"), "handoff", ["workspace_id", "team_id"])
    _index_where_named("handoff", "to_team_id")


def _create_check_ins() -> None:
    op.create_table(
        "check_in",
        *_keys(),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("commitment_id", sa.Uuid(), nullable=True),
        sa.Column("health", sa.String(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        *_version(),
        sa.CheckConstraint("health IN ('on_track', 'at_risk', 'off_track')", name=op.f("ck_check_in_health")),
        sa.CheckConstraint("confidence BETWEEN 0 AND 1", name=op.f("ck_check_in_confidence")),
        _within("check_in", "team_id", "team", "RESTRICT"),
        _within("check_in", "commitment_id", "commitment", "CASCADE"),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_check_in")),
    )
    op.create_index(op.f("ix_check_in_workspace_id_team_id"), "check_in", ["workspace_id", "team_id"])
    _index_where_named("check_in", "commitment_id")


def _create_risks() -> None:
    op.create_table(
        "risk",
        *_keys(),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("impact_days", sa.Float(), nullable=False),
        sa.Column("mitigation", sa.String(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("feature_id", sa.Uuid(), nullable=True),
        sa.Column("release_id", sa.Uuid(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        *_version(),
        sa.CheckConstraint("probability BETWEEN 0 AND 1 AND impact_days >= 0", name=op.f("ck_risk_amounts")),
        sa.CheckConstraint("status IN ('open', 'mitigated', 'happened', 'closed')", name=op.f("ck_risk_status")),
        _within("risk", "team_id", "team", "RESTRICT"),
        _within("risk", "feature_id", "feature", "RESTRICT"),
        _within("risk", "release_id", "release", "RESTRICT"),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_risk")),
    )
    op.create_index(op.f("ix_risk_workspace_id_status"), "risk", ["workspace_id", "status"])


def _create_subscriptions() -> None:
    op.create_table(
        "subscription",
        *_keys(),
        sa.Column("topics", ARRAY(sa.String()), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("feature_id", sa.Uuid(), nullable=True),
        sa.Column("release_id", sa.Uuid(), nullable=True),
        *_version(),
        sa.CheckConstraint("channel IN ('mail', 'event')", name=op.f("ck_subscription_channel")),
        sa.CheckConstraint("(channel = 'mail') = (email IS NOT NULL)", name=op.f("ck_subscription_email")),
        _within("subscription", "team_id", "team", "RESTRICT"),
        _within("subscription", "feature_id", "feature", "RESTRICT"),
        _within("subscription", "release_id", "release", "RESTRICT"),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_subscription")),
    )
    op.create_table(
        "notification",
        *_keys(),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("occasion", sa.String(), nullable=False),
        sa.Column("sentence", sa.String(), nullable=False),
        sa.Column("delivery", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "subject_kind IN ('commitment', 'handoff', 'work_package', 'milestone')",
            name=op.f("ck_notification_subject_kind"),
        ),
        sa.CheckConstraint("delivery IN ('pending', 'delivered', 'refused')", name=op.f("ck_notification_delivery")),
        _within("notification", "subscription_id", "subscription", "CASCADE"),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_notification")),
        sa.UniqueConstraint(
            "workspace_id",
            "subscription_id",
            "subject_id",
            "occasion",
            name=op.f("uq_notification_workspace_id_subscription_id_subject_id_occasion"),
        ),
    )
    op.create_index(
        op.f("ix_notification_workspace_id_next_try_at"),
        "notification",
        ["workspace_id", "next_try_at"],
        postgresql_where=sa.text("delivery = 'pending'"),
    )


def _keys() -> tuple[sa.Column[object], ...]:
    return sa.Column("workspace_id", sa.Uuid(), nullable=False), sa.Column("id", sa.Uuid(), nullable=False)


def _version() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    )


def _within(table: str, column: str, target: str, on_delete: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_workspace_id_{column}_{target}"
    return sa.ForeignKeyConstraint(
        ["workspace_id", column],
        [f"{target}.workspace_id", f"{target}.id"],
        name=op.f(name),
        ondelete=on_delete,
    )


def _index_where_named(table: str, column: str) -> None:
    op.create_index(
        op.f(f"ix_{table}_workspace_id_{column}"),
        table,
        ["workspace_id", column],
        postgresql_where=sa.text(f"{column} IS NOT NULL"),
    )
