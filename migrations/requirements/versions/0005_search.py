"""Search that forgives typos: which words of a question nobody ever wrote."""

from collections.abc import Sequence

from alembic import op

from migrations.support import CURRENT_WORKSPACE, application_role

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Like `search_feedback` it runs as its owner and filters by the workspace of the caller's transaction itself."""
    op.execute(
        f"""
        CREATE FUNCTION unknown_words(asked text[]) RETURNS SETOF text LANGUAGE plpgsql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan
        AS $$
        DECLARE
            workspace CONSTANT uuid := {CURRENT_WORKSPACE};
            each text;
            wanted tsquery;
            is_known boolean;
        BEGIN
            FOREACH each IN ARRAY asked LOOP
                wanted := plainto_tsquery('english'::regconfig, each);
                IF numnode(wanted) > 0 THEN
                    SELECT EXISTS (SELECT FROM feedback WHERE workspace_id = workspace AND search @@ wanted)
                    INTO is_known;
                    IF NOT is_known THEN
                        RETURN NEXT each;
                    END IF;
                END IF;
            END LOOP;
        END $$
        """
    )
    op.execute("REVOKE ALL ON FUNCTION unknown_words(text[]) FROM PUBLIC")
    op.execute(f'GRANT EXECUTE ON FUNCTION unknown_words(text[]) TO "{application_role()}"')


def downgrade() -> None:
    op.execute("DROP FUNCTION unknown_words(text[])")
