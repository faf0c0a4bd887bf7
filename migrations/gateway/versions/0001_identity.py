"""Workspaces, members, API keys.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from migrations.support import (
    CURRENT_WORKSPACE,
    application_role,
    create_infrastructure,
    drop_infrastructure,
    enable_row_level_security,
    execute_script,
    grant,
)

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROLES = "role IN ('viewer', 'contributor', 'planner', 'admin')"

# A key arrives before its workspace is known, so row-level security would hide it. These functions run as the owner and
# can do no more than the one thing each is for.
FUNCTIONS = """
CREATE FUNCTION find_api_key(wanted bytea) RETURNS TABLE (
    key_id uuid, workspace_id uuid, workspace_kind text, role text, scopes text[], allowed_origins text[],
    expires_at timestamptz, revoked_at timestamptz
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT k.id, k.workspace_id, w.kind, k.role, k.scopes, w.allowed_origins || k.allowed_origins,
           k.expires_at, k.revoked_at
    FROM api_key k JOIN workspace w ON w.id = k.workspace_id
    WHERE k.digest = wanted
$$;

CREATE FUNCTION touch_api_keys(keys uuid[], moments timestamptz[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE api_key k SET last_used_at = greatest(k.last_used_at, used.moment)
    FROM unnest(keys, moments) AS used(key_id, moment) WHERE k.id = used.key_id
$$;

CREATE FUNCTION is_allowed_origin(wanted text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM workspace WHERE wanted = ANY (allowed_origins))
        OR EXISTS (SELECT FROM api_key WHERE wanted = ANY (allowed_origins) AND revoked_at IS NULL)
$$;

CREATE FUNCTION tell_api_key_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('fullcircle', 'api_keys');
    RETURN NULL;
END $$;

CREATE TRIGGER api_key_changed
    AFTER INSERT OR DELETE OR UPDATE OF role, scopes, allowed_origins, expires_at, revoked_at ON api_key
    FOR EACH STATEMENT EXECUTE FUNCTION tell_api_key_changed();

CREATE TRIGGER workspace_changed AFTER DELETE OR UPDATE OF kind, allowed_origins ON workspace
    FOR EACH STATEMENT EXECUTE FUNCTION tell_api_key_changed();
"""
DEFINERS = ("find_api_key(bytea)", "touch_api_keys(uuid[], timestamptz[])", "is_allowed_origin(text)")


def upgrade() -> None:
    create_infrastructure()
    op.create_table(
        "workspace",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("allowed_origins", ARRAY(sa.Text), nullable=False),
        *_life(),
        sa.PrimaryKeyConstraint("id", name="pk_workspace"),
        sa.CheckConstraint("kind IN ('live', 'test')", name="ck_workspace_kind"),
    )
    op.create_table(
        "member",
        *_identity(),
        sa.Column("issuer", sa.Text),
        sa.Column("subject", sa.Text),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        *_life(),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_member"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_member_workspace_id_workspace"),
        sa.UniqueConstraint("workspace_id", "issuer", "subject", name="uq_member_workspace_id_issuer_subject"),
        sa.UniqueConstraint("workspace_id", "email", name="uq_member_workspace_id_email"),
        sa.CheckConstraint(ROLES, name="ck_member_role"),
    )
    op.create_table(
        "api_key",
        *_identity(),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("hint", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("scopes", ARRAY(sa.Text), nullable=False),
        sa.Column("allowed_origins", ARRAY(sa.Text), nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.Column("rotated_to", sa.Uuid),
        sa.Column("last_used_at", sa.DateTime(timezone=True)),
        *_life(),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_api_key"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_api_key_workspace_id_workspace"),
        sa.UniqueConstraint("digest", name="uq_api_key_digest"),
        sa.CheckConstraint(ROLES, name="ck_api_key_role"),
    )
    _isolate_workspace()
    enable_row_level_security("member")
    enable_row_level_security("api_key", privileges=("SELECT", "INSERT", "UPDATE"))
    execute_script(FUNCTIONS)
    for function in DEFINERS:
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f'GRANT EXECUTE ON FUNCTION {function} TO "{application_role()}"')


def downgrade() -> None:
    for table in ("api_key", "member", "workspace"):
        op.drop_table(table)
    for function in (*DEFINERS, "tell_api_key_changed()"):
        op.execute(f"DROP FUNCTION {function}")
    drop_infrastructure()


def _identity() -> tuple[sa.Column[object], ...]:
    return (sa.Column("workspace_id", sa.Uuid, nullable=False), sa.Column("id", sa.Uuid, nullable=False))


def _life() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    )


def _isolate_workspace() -> None:
    op.execute("ALTER TABLE workspace ENABLE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY workspace_isolation ON workspace "
        f"USING (id = {CURRENT_WORKSPACE}) WITH CHECK (id = {CURRENT_WORKSPACE})"
    )
    grant("workspace", "SELECT", "INSERT", "UPDATE")
