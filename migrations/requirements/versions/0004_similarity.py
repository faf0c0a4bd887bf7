"""What is asked for already: meanings of requirements, suggestions, merges, calibrators, and search by rare words."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from pgvector.sqlalchemy import HALFVEC
from sqlalchemy.dialects import postgresql

from migrations.support import CURRENT_WORKSPACE, application_role, enable_row_level_security

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = ("requirement_meaning", "requirement_word", "suggestion", "workspace_calibrator", "merge")


def upgrade() -> None:
    add_merged_into()
    create_requirement_meaning()
    create_requirement_word()
    create_suggestion()
    create_workspace_calibrator()
    create_merge()
    for table in TABLES:
        enable_row_level_security(table)
    create_feedback_by_words()


def downgrade() -> None:
    op.execute("DROP FUNCTION feedback_by_words(text, int)")
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_index("ix_requirement_workspace_id_merged_into_id", "requirement")
    op.drop_constraint("fk_requirement_workspace_id_merged_into_id_requirement", "requirement")
    op.drop_column("requirement", "merged_into_id")


def add_merged_into() -> None:
    op.add_column("requirement", sa.Column("merged_into_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        "fk_requirement_workspace_id_merged_into_id_requirement",
        "requirement",
        "requirement",
        ["workspace_id", "merged_into_id"],
        ["workspace_id", "id"],
    )
    op.create_index(
        "ix_requirement_workspace_id_merged_into_id",
        "requirement",
        ["workspace_id", "merged_into_id"],
        postgresql_where=sa.text("merged_into_id IS NOT NULL"),
    )


def create_feedback_by_words() -> None:
    """The feedback that shares the rarest words with a text: the share of its weight, and the same by their lengths.

    Like `search_feedback` it runs as its owner, because `@@` would not use its index under a policy, and filters by the
    workspace of the caller's transaction; from the caller it takes a text and a number. How rare a word is, is read off
    the newest thousand pieces. In a large workspace only words that one piece in two hundred has at most are looked
    for, and five hundred pieces are weighed at most: so the work does not grow with the workspace.
    """
    op.execute(
        f"""
        CREATE FUNCTION feedback_by_words(said text, most int) RETURNS TABLE (feedback_id uuid, share real, words real)
        LANGUAGE plpgsql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan
        AS $$
        DECLARE
            workspace CONSTANT uuid := {CURRENT_WORKSPACE};
            is_small boolean;
            lexemes text[];
            weights float8[];
            total float8;
            wanted tsquery;
        BEGIN
            SELECT count(*) <= 5000 INTO is_small
            FROM (SELECT FROM feedback WHERE workspace_id = workspace LIMIT 5001) AS counted;
            WITH word AS MATERIALIZED (
                SELECT lexeme FROM unnest(to_tsvector('english'::regconfig, said)) LIMIT 32
            ), recent AS MATERIALIZED (
                SELECT search FROM feedback WHERE workspace_id = workspace ORDER BY id DESC LIMIT 1000
            ), size AS (
                SELECT count(*) AS pieces FROM recent
            ), used AS (
                SELECT each.lexeme, count(*) AS times FROM recent CROSS JOIN LATERAL unnest(recent.search) AS each
                WHERE each.lexeme IN (SELECT lexeme FROM word) GROUP BY each.lexeme
            ), weighed AS MATERIALIZED (
                SELECT word.lexeme, coalesce(used.times, 0) AS times, size.pieces,
                       power(ln((1.0 + size.pieces) / (1 + coalesce(used.times, 0))) + 1, 2.5)::float8 AS weight,
                       '''' || replace(replace(word.lexeme, '\\', '\\\\'), '''', '''''') || '''' AS quoted
                FROM word LEFT JOIN used USING (lexeme) CROSS JOIN size
            )
            SELECT array_agg(lexeme), array_agg(weight), sum(weight),
                   coalesce(
                       string_agg(quoted, ' | ') FILTER (WHERE is_small OR times * 200 <= pieces)::tsquery,
                       (SELECT string_agg(quoted, ' & ')::tsquery
                        FROM (SELECT quoted FROM weighed ORDER BY times, lexeme LIMIT 3) AS rarest)
                   )
            INTO lexemes, weights, total, wanted FROM weighed;
            IF lexemes IS NULL THEN
                RETURN;
            END IF;
            RETURN QUERY
            SELECT hit.id, (shared.weight / total)::real,
                   least(
                       1, shared.weight / total * sqrt(cardinality(lexemes)::float8 / greatest(1, length(hit.search)))
                   )::real AS words
            FROM (
                SELECT id, search FROM feedback WHERE workspace_id = workspace AND search @@ wanted
                LIMIT CASE WHEN is_small THEN 5000 ELSE 500 END
            ) AS hit
            CROSS JOIN LATERAL (
                SELECT sum(known.weight) AS weight
                FROM unnest(lexemes, weights) AS known (lexeme, weight) JOIN unnest(hit.search) AS each USING (lexeme)
            ) AS shared
            ORDER BY words DESC, hit.id LIMIT most;
        END $$
        """
    )
    op.execute("REVOKE ALL ON FUNCTION feedback_by_words(text, int) FROM PUBLIC")
    op.execute(f'GRANT EXECUTE ON FUNCTION feedback_by_words(text, int) TO "{application_role()}"')


def create_requirement_meaning() -> None:
    op.create_table(
        "requirement_meaning",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("requirement_id", sa.Uuid(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("words_digest", sa.String(), nullable=False),
        sa.Column("own", HALFVEC(dim=384), nullable=False),
        sa.Column("centre", HALFVEC(dim=384), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "requirement_id"],
            ["requirement.workspace_id", "requirement.id"],
            name=op.f("fk_requirement_meaning_workspace_id_requirement_id_requirement"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "requirement_id", name=op.f("pk_requirement_meaning")),
    )


def create_requirement_word() -> None:
    op.create_table(
        "requirement_word",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("lexeme", sa.String(), nullable=False),
        sa.Column("requirement_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "requirement_id"],
            ["requirement.workspace_id", "requirement.id"],
            name=op.f("fk_requirement_word_workspace_id_requirement_id_requirement"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "lexeme", "requirement_id", name=op.f("pk_requirement_word")),
    )
    op.create_index(
        op.f("ix_requirement_word_workspace_id_requirement_id"),
        "requirement_word",
        ["workspace_id", "requirement_id"],
        unique=False,
    )


def create_suggestion() -> None:
    op.create_table(
        "suggestion",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("feedback_id", sa.Uuid(), nullable=False),
        sa.Column("requirement_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("probability", sa.REAL(), nullable=True),
        sa.Column("best", sa.REAL(), nullable=True),
        sa.Column("centre", sa.REAL(), nullable=True),
        sa.Column("words", sa.REAL(), nullable=True),
        sa.Column("features", postgresql.ARRAY(sa.Double()), nullable=True),
        sa.Column("calibrator", sa.String(), nullable=True),
        sa.Column("evidence_id", sa.Uuid(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('open', 'accepted', 'dismissed')", name=op.f("ck_suggestion_status")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "evidence_id"],
            ["evidence.workspace_id", "evidence.id"],
            name=op.f("fk_suggestion_workspace_id_evidence_id_evidence"),
            ondelete="SET NULL (evidence_id)",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "feedback_id"],
            ["feedback.workspace_id", "feedback.id"],
            name=op.f("fk_suggestion_workspace_id_feedback_id_feedback"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "requirement_id"],
            ["requirement.workspace_id", "requirement.id"],
            name=op.f("fk_suggestion_workspace_id_requirement_id_requirement"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_suggestion")),
        sa.UniqueConstraint(
            "workspace_id",
            "feedback_id",
            "requirement_id",
            name=op.f("uq_suggestion_workspace_id_feedback_id_requirement_id"),
        ),
    )
    op.create_index(
        op.f("ix_suggestion_workspace_id_evidence_id"), "suggestion", ["workspace_id", "evidence_id"], unique=False
    )
    op.create_index(
        op.f("ix_suggestion_workspace_id_requirement_id"),
        "suggestion",
        ["workspace_id", "requirement_id"],
        unique=False,
    )


def create_workspace_calibrator() -> None:
    op.create_table(
        "workspace_calibrator",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("weights", postgresql.ARRAY(sa.Double()), nullable=False),
        sa.Column("intercept", sa.Double(), nullable=False),
        sa.Column("decisions", sa.Integer(), nullable=False),
        sa.Column("fitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", name=op.f("pk_workspace_calibrator")),
    )


def create_merge() -> None:
    op.create_table(
        "merge",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kept_id", sa.Uuid(), nullable=False),
        sa.Column("merged_id", sa.Uuid(), nullable=False),
        sa.Column("moved_evidence_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("merged_by", sa.String(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kept_id <> merged_id", name=op.f("ck_merge_distinct")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "kept_id"],
            ["requirement.workspace_id", "requirement.id"],
            name=op.f("fk_merge_workspace_id_kept_id_requirement"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "merged_id"],
            ["requirement.workspace_id", "requirement.id"],
            name=op.f("fk_merge_workspace_id_merged_id_requirement"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_merge")),
    )
    op.create_index(op.f("ix_merge_workspace_id_kept_id"), "merge", ["workspace_id", "kept_id"], unique=False)
    op.create_index(op.f("ix_merge_workspace_id_merged_id"), "merge", ["workspace_id", "merged_id"], unique=False)
