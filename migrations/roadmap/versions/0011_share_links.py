"""Share links: a roadmap for whoever holds the address, and who came."""

import sqlalchemy as sa
from alembic import op

from migrations.support import application_role, enable_row_level_security, execute_script

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# A visitor brings a token and no workspace: this runs as the owner, and can do no more than find the link.
FIND = """
CREATE FUNCTION find_share_link(wanted bytea) RETURNS TABLE (
    workspace_id uuid, share_link_id uuid, expires_at timestamptz, revoked_at timestamptz
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT l.workspace_id, l.id, l.expires_at, l.revoked_at FROM share_link l WHERE l.digest = wanted
$$;
"""


def upgrade() -> None:
    op.create_table(
        "share_link",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("roadmap_id", sa.Uuid(), nullable=False),
        sa.Column("audience_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_share_link")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "roadmap_id"],
            ["roadmap.workspace_id", "roadmap.id"],
            name=op.f("fk_share_link_workspace_id_roadmap_id_roadmap"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "audience_id"],
            ["audience.workspace_id", "audience.id"],
            name=op.f("fk_share_link_workspace_id_audience_id_audience"),
            ondelete="CASCADE",
        ),
    )
    op.create_index("uq_share_link_digest", "share_link", ["digest"], unique=True)
    for column in ("roadmap_id", "audience_id"):
        op.create_index(op.f(f"ix_share_link_workspace_id_{column}"), "share_link", ["workspace_id", column])
    op.create_table(
        "share_link_visit",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("share_link_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("visitor", sa.String(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_share_link_visit")),
        sa.UniqueConstraint(
            "workspace_id",
            "share_link_id",
            "day",
            "form",
            "visitor",
            name=op.f("uq_share_link_visit_workspace_id_share_link_id_day_form_visitor"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "share_link_id"],
            ["share_link.workspace_id", "share_link.id"],
            name=op.f("fk_share_link_visit_workspace_id_share_link_id_share_link"),
            ondelete="CASCADE",
        ),
    )
    for table in ("share_link", "share_link_visit"):
        enable_row_level_security(table)
    execute_script(FIND)
    op.execute("REVOKE ALL ON FUNCTION find_share_link(bytea) FROM PUBLIC")
    op.execute(f'GRANT EXECUTE ON FUNCTION find_share_link(bytea) TO "{application_role()}"')


def downgrade() -> None:
    op.execute("DROP FUNCTION find_share_link(bytea)")
    op.drop_table("share_link_visit")
    op.drop_table("share_link")
