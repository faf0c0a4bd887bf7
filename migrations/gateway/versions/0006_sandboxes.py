"""Sandboxes: a workspace of its own beside a live one.

Revision ID: 0006
"""

import sqlalchemy as sa
from alembic import op

from migrations.support import CURRENT_WORKSPACE, application_role, execute_script

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# The live workspace cannot see its sandbox, as little as any other workspace. These functions run as the owner, speak
# of the sandbox of the current workspace only, and can do no more than look whether it is there and make a key for it.
FUNCTIONS = f"""
CREATE FUNCTION find_sandbox() RETURNS TABLE (id uuid, name text, created_at timestamptz, keys bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT w.id, w.name, w.created_at, (
        SELECT count(*) FROM api_key k
        WHERE k.workspace_id = w.id AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
    )
    FROM workspace w WHERE w.sandbox_of = {CURRENT_WORKSPACE}
$$;

CREATE FUNCTION issue_sandbox_key(
    sandbox_id uuid, key_id uuid, key_name text, key_digest bytea, key_hint text, maker text, moment timestamptz
) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    home uuid := {CURRENT_WORKSPACE};
    sandbox uuid;
BEGIN
    INSERT INTO workspace (id, name, kind, allowed_origins, sandbox_of, version, created_at, updated_at)
        SELECT sandbox_id, w.name || ' (sandbox)', 'test', '{{}}', w.id, 1, moment, moment
        FROM workspace w WHERE w.id = home AND w.kind = 'live'
        ON CONFLICT (sandbox_of) DO NOTHING;
    SELECT w.id INTO sandbox FROM workspace w WHERE w.sandbox_of = home;
    IF sandbox IS NULL THEN
        RETURN NULL;
    END IF;
    INSERT INTO api_key (
        workspace_id, id, name, digest, hint, kind, role, scopes, allowed_origins, allowed_networks, created_by,
        version, created_at, updated_at
    ) VALUES (
        sandbox, key_id, key_name, key_digest, key_hint, 'secret', 'admin', '{{}}', '{{}}', '{{}}', maker,
        1, moment, moment
    );
    RETURN sandbox;
END $$;
"""
DEFINERS = ("find_sandbox()", "issue_sandbox_key(uuid, uuid, text, bytea, text, text, timestamptz)")


def upgrade() -> None:
    op.add_column("workspace", sa.Column("sandbox_of", sa.Uuid))
    op.create_foreign_key("fk_workspace_sandbox_of_workspace", "workspace", "workspace", ["sandbox_of"], ["id"])
    op.create_unique_constraint("uq_workspace_sandbox_of", "workspace", ["sandbox_of"])
    op.create_check_constraint("ck_workspace_sandbox", "workspace", "sandbox_of IS NULL OR kind = 'test'")
    execute_script(FUNCTIONS)
    for function in DEFINERS:
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f'GRANT EXECUTE ON FUNCTION {function} TO "{application_role()}"')


def downgrade() -> None:
    for function in DEFINERS:
        op.execute(f"DROP FUNCTION {function}")
    for constraint in ("ck_workspace_sandbox", "uq_workspace_sandbox_of", "fk_workspace_sandbox_of_workspace"):
        op.drop_constraint(constraint, "workspace")
    op.drop_column("workspace", "sandbox_of")
