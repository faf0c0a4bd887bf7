"""Members: invited by e-mail or by subject, joined when they first sign in.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

from migrations.support import application_role, execute_script

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# A person's token names no workspace: who they are is looked up over all of them, by functions that can do no more.
FUNCTIONS = """
CREATE FUNCTION find_members(wanted_issuer text, wanted_subject text, wanted_email text) RETURNS TABLE (
    member_id uuid, workspace_id uuid, workspace_name text, workspace_kind text, role text, allowed_origins text[],
    is_joined boolean
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT m.id, m.workspace_id, w.name, w.kind, m.role, w.allowed_origins, m.joined_at IS NOT NULL
    FROM member m JOIN workspace w ON w.id = m.workspace_id
    WHERE (m.issuer = wanted_issuer AND m.subject = wanted_subject) OR (m.subject IS NULL AND m.email = wanted_email)
    ORDER BY m.joined_at NULLS LAST, m.subject NULLS LAST, m.id
$$;

CREATE FUNCTION touch_members(workspaces uuid[], members uuid[], moments timestamptz[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE member m SET last_seen_at = greatest(m.last_seen_at, seen.moment)
    FROM unnest(workspaces, members, moments) AS seen(workspace_id, member_id, moment)
    WHERE m.workspace_id = seen.workspace_id AND m.id = seen.member_id
$$;

CREATE TRIGGER member_changed AFTER DELETE OR UPDATE OF role, issuer, subject ON member
    FOR EACH STATEMENT EXECUTE FUNCTION tell_api_key_changed();
"""
DEFINERS = ("find_members(text, text, text)", "touch_members(uuid[], uuid[], timestamptz[])")


def upgrade() -> None:
    op.alter_column("member", "email", nullable=True)
    op.add_column("member", sa.Column("invited_by", sa.Text, nullable=False, server_default="system:gateway"))
    op.add_column("member", sa.Column("joined_at", sa.DateTime(timezone=True)))
    op.add_column("member", sa.Column("last_seen_at", sa.DateTime(timezone=True)))
    op.create_check_constraint("ck_member_known", "member", "(issuer IS NULL) = (subject IS NULL)")
    op.create_check_constraint("ck_member_invited", "member", "email IS NOT NULL OR subject IS NOT NULL")
    op.create_index("ix_member_issuer_subject", "member", ["issuer", "subject"])
    op.create_index("ix_member_email", "member", ["email"])
    execute_script(FUNCTIONS)
    for function in DEFINERS:
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f'GRANT EXECUTE ON FUNCTION {function} TO "{application_role()}"')


def downgrade() -> None:
    op.execute("DROP TRIGGER member_changed ON member")
    for function in DEFINERS:
        op.execute(f"DROP FUNCTION {function}")
    op.drop_index("ix_member_email", "member")
    op.drop_index("ix_member_issuer_subject", "member")
    op.drop_constraint("ck_member_invited", "member")
    op.drop_constraint("ck_member_known", "member")
    for column in ("last_seen_at", "joined_at", "invited_by"):
        op.drop_column("member", column)
    # The release before knows nobody without an address.
    op.execute("UPDATE member SET email = subject WHERE email IS NULL")
    op.alter_column("member", "email", nullable=False)
