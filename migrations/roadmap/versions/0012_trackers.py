"""Delivery trackers: whose events are believed, and which issues stand for what."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.support import application_role, enable_row_level_security

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
PROVIDERS = "provider IN ('github', 'gitlab', 'jira', 'linear')"
# What a tracker sends names its integration and no workspace.
FIND = """
CREATE FUNCTION integration_workspace(integration_id uuid) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT workspace_id FROM integration WHERE id = integration_id
$$
"""


def upgrade() -> None:
    op.create_table(
        "integration",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("status_mapping", JSONB(), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_previous", sa.LargeBinary(), nullable=True),
        sa.Column("previous_until", MOMENT, nullable=True),
        sa.Column("last_heard_at", MOMENT, nullable=True),
        *_versioned(),
        sa.CheckConstraint(PROVIDERS, name=op.f("ck_integration_provider")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_integration")),
    )
    op.create_index(op.f("ix_integration_id"), "integration", ["id"])
    enable_row_level_security("integration")
    op.execute(FIND)
    op.execute("REVOKE ALL ON FUNCTION integration_workspace(uuid) FROM PUBLIC")
    op.execute(f'GRANT EXECUTE ON FUNCTION integration_workspace(uuid) TO "{application_role()}"')
    _create_issue_link()


def _create_issue_link() -> None:
    op.create_table(
        "issue_link",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("issue", sa.String(), nullable=False),
        sa.Column("feature_id", sa.Uuid(), nullable=True),
        sa.Column("requirement_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), nullable=True),
        sa.Column("phase", sa.String(), nullable=True),
        sa.Column("reported_status", sa.String(), nullable=True),
        sa.Column("reported_at", MOMENT, nullable=True),
        sa.Column("issue_started_at", MOMENT, nullable=True),
        sa.Column("issue_done_at", MOMENT, nullable=True),
        *_versioned(),
        sa.CheckConstraint(PROVIDERS, name=op.f("ck_issue_link_provider")),
        sa.CheckConstraint("(feature_id IS NULL) <> (requirement_id IS NULL)", name=op.f("ck_issue_link_one_subject")),
        sa.CheckConstraint("phase IN ('open', 'started', 'done', 'cancelled')", name=op.f("ck_issue_link_phase")),
        sa.CheckConstraint(
            "reported_status IN ('planned', 'in_progress', 'shipped', 'dropped')",
            name=op.f("ck_issue_link_reported_status"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "feature_id"],
            ["feature.workspace_id", "feature.id"],
            name=op.f("fk_issue_link_workspace_id_feature_id_feature"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_issue_link")),
        sa.UniqueConstraint(
            "workspace_id", "issue", "feature_id", name=op.f("uq_issue_link_workspace_id_issue_feature_id")
        ),
        sa.UniqueConstraint(
            "workspace_id", "issue", "requirement_id", name=op.f("uq_issue_link_workspace_id_issue_requirement_id")
        ),
    )
    for column in ("feature_id", "requirement_id"):
        op.create_index(
            op.f(f"ix_issue_link_workspace_id_{column}"),
            "issue_link",
            ["workspace_id", column],
            postgresql_where=sa.text(f"{column} IS NOT NULL"),
        )
    enable_row_level_security("issue_link")


def _versioned() -> list[sa.Column[object]]:
    return [
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
    ]


def downgrade() -> None:
    op.drop_table("issue_link")
    op.execute("DROP FUNCTION integration_workspace(uuid)")
    op.drop_table("integration")
