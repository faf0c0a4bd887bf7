"""Keys for forms, and networks that a key may be used from.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from migrations.support import application_role, execute_script

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# What a function answers is part of it: another set of columns is another function. A gateway of the release before
# asks for columns by name and does not mind more of them.
FIND_WITH_NETWORKS = """
DROP FUNCTION find_api_key(bytea);
CREATE FUNCTION find_api_key(wanted bytea) RETURNS TABLE (
    key_id uuid, workspace_id uuid, workspace_kind text, kind text, role text, scopes text[], allowed_origins text[],
    allowed_networks text[], expires_at timestamptz, revoked_at timestamptz
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT k.id, k.workspace_id, w.kind, k.kind, k.role, k.scopes, w.allowed_origins || k.allowed_origins,
           k.allowed_networks, k.expires_at, k.revoked_at
    FROM api_key k JOIN workspace w ON w.id = k.workspace_id
    WHERE k.digest = wanted
$$;

DROP TRIGGER api_key_changed ON api_key;
CREATE TRIGGER api_key_changed
    AFTER INSERT OR DELETE OR UPDATE OF role, scopes, allowed_origins, allowed_networks, expires_at, revoked_at
    ON api_key FOR EACH STATEMENT EXECUTE FUNCTION tell_api_key_changed();
"""
FIND_WITHOUT = """
DROP TRIGGER api_key_changed ON api_key;
CREATE TRIGGER api_key_changed
    AFTER INSERT OR DELETE OR UPDATE OF role, scopes, allowed_origins, expires_at, revoked_at ON api_key
    FOR EACH STATEMENT EXECUTE FUNCTION tell_api_key_changed();

DROP FUNCTION find_api_key(bytea);
CREATE FUNCTION find_api_key(wanted bytea) RETURNS TABLE (
    key_id uuid, workspace_id uuid, workspace_kind text, role text, scopes text[], allowed_origins text[],
    expires_at timestamptz, revoked_at timestamptz
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT k.id, k.workspace_id, w.kind, k.role, k.scopes, w.allowed_origins || k.allowed_origins,
           k.expires_at, k.revoked_at
    FROM api_key k JOIN workspace w ON w.id = k.workspace_id
    WHERE k.digest = wanted
$$;
"""


def upgrade() -> None:
    # The defaults are for keys that exist, and for a gateway of the release before that still makes some.
    op.add_column("api_key", sa.Column("kind", sa.Text, nullable=False, server_default="secret"))
    op.add_column("api_key", sa.Column("allowed_networks", ARRAY(sa.Text), nullable=False, server_default="{}"))
    op.create_check_constraint("ck_api_key_kind", "api_key", "kind IN ('secret', 'form')")
    execute_script(FIND_WITH_NETWORKS)
    _only_for_the_application()


def downgrade() -> None:
    execute_script(FIND_WITHOUT)
    _only_for_the_application()
    op.drop_column("api_key", "allowed_networks")
    op.drop_column("api_key", "kind")


def _only_for_the_application() -> None:
    op.execute("REVOKE ALL ON FUNCTION find_api_key(bytea) FROM PUBLIC")
    op.execute(f'GRANT EXECUTE ON FUNCTION find_api_key(bytea) TO "{application_role()}"')
