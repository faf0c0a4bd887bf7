"""Releases, their work packages and templates, and milestones."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.support import enable_row_level_security

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLES = (
    "release_template",
    "release",
    "release_feature",
    "launch_package",
    "launch_package_need",
    "milestone",
)


def upgrade() -> None:
    op.create_table(
        "release_template",
        *_keys(),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("work_packages", JSONB(), nullable=False),
        *_version(),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_release_template")),
        sa.UniqueConstraint("workspace_id", "name", name=op.f("uq_release_template_workspace_id_name")),
    )
    op.create_table(
        "release",
        *_keys(),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("target_on", sa.Date(), nullable=True),
        sa.Column("launched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("launched_despite", sa.String(), nullable=True),
        sa.Column("release_template_id", sa.Uuid(), nullable=True),
        sa.Column("metadata", JSONB(), nullable=False),
        *_version(),
        sa.CheckConstraint("status IN ('planned', 'launched', 'cancelled')", name=op.f("ck_release_status")),
        sa.CheckConstraint("(status = 'launched') = (launched_at IS NOT NULL)", name=op.f("ck_release_launched")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_release")),
    )
    op.create_table(
        "release_feature",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("release_id", sa.Uuid(), nullable=False),
        sa.Column("feature_id", sa.Uuid(), nullable=False),
        _within("release_feature", "release_id", "release", "CASCADE"),
        _within("release_feature", "feature_id", "feature", "RESTRICT"),
        sa.PrimaryKeyConstraint("workspace_id", "release_id", "feature_id", name=op.f("pk_release_feature")),
    )
    op.create_index(
        op.f("ix_release_feature_workspace_id_feature_id"), "release_feature", ["workspace_id", "feature_id"]
    )
    _create_packages()
    op.create_table(
        "milestone",
        *_keys(),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("reached_on", sa.Date(), nullable=True),
        sa.Column("release_id", sa.Uuid(), nullable=True),
        *_version(),
        _within("milestone", "release_id", "release", "RESTRICT"),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_milestone")),
    )
    op.create_index(op.f("ix_milestone_workspace_id_release_id"), "milestone", ["workspace_id", "release_id"])
    for table in TABLES:
        enable_row_level_security(table)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _create_packages() -> None:
    op.create_table(
        "launch_package",
        *_keys(),
        sa.Column("release_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("function", sa.String(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("skill", sa.String(), nullable=True),
        sa.Column("effort_days", sa.Float(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("days_before_launch", sa.Integer(), nullable=True),
        sa.Column("is_blocking", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("status_reason", sa.String(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("actual_effort_days", sa.Float(), nullable=True),
        *_version(),
        sa.CheckConstraint(
            "status IN ('open', 'in_progress', 'done', 'dropped')", name=op.f("ck_launch_package_status")
        ),
        sa.CheckConstraint("num_nonnulls(due_on, days_before_launch) < 2", name=op.f("ck_launch_package_due")),
        sa.CheckConstraint("effort_days >= 0", name=op.f("ck_launch_package_effort")),
        _within("launch_package", "release_id", "release", "CASCADE"),
        _within("launch_package", "team_id", "team", "RESTRICT"),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_launch_package")),
    )
    op.create_index(op.f("ix_launch_package_workspace_id_release_id"), "launch_package", ["workspace_id", "release_id"])
    op.create_index(
        op.f("ix_launch_package_workspace_id_team_id"),
        "launch_package",
        ["workspace_id", "team_id"],
        postgresql_where=sa.text("team_id IS NOT NULL"),
    )
    op.create_table(
        "launch_package_need",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("launch_package_id", sa.Uuid(), nullable=False),
        sa.Column("needs_package_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("launch_package_id <> needs_package_id", name=op.f("ck_launch_package_need_other")),
        _within("launch_package_need", "launch_package_id", "launch_package", "CASCADE"),
        _within("launch_package_need", "needs_package_id", "launch_package", "CASCADE"),
        sa.PrimaryKeyConstraint(
            "workspace_id", "launch_package_id", "needs_package_id", name=op.f("pk_launch_package_need")
        ),
    )
    op.create_index(
        op.f("ix_launch_package_need_workspace_id_needs_package_id"),
        "launch_package_need",
        ["workspace_id", "needs_package_id"],
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
