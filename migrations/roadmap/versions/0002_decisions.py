"""Decisions with what they rest on; a change may name one instead of a reason."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.support import enable_row_level_security

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = ("decision", "citation")


def upgrade() -> None:
    op.create_table(
        "decision",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("rationale", sa.String(), nullable=False),
        sa.Column("alternatives", JSONB(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("superseded_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "supersedes_id"],
            ["decision.workspace_id", "decision.id"],
            name=op.f("fk_decision_workspace_id_supersedes_id_decision"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_decision")),
    )
    op.create_index("uq_decision_supersedes", "decision", ["workspace_id", "supersedes_id"], unique=True)
    op.create_table(
        "citation",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("cited_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('outcome', 'requirement', 'kpi', 'objective', 'feature', 'optimization')",
            name=op.f("ck_citation_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "decision_id"],
            ["decision.workspace_id", "decision.id"],
            name=op.f("fk_citation_workspace_id_decision_id_decision"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "decision_id", "cited_id", name=op.f("pk_citation")),
    )
    op.create_index(op.f("ix_citation_workspace_id_cited_id"), "citation", ["workspace_id", "cited_id"], unique=False)
    op.add_column("adoption", sa.Column("decision_id", sa.Uuid(), nullable=True))
    op.alter_column("adoption", "reason", existing_type=sa.VARCHAR(), nullable=True)
    op.create_check_constraint(op.f("ck_adoption_grounds"), "adoption", "num_nonnulls(reason, decision_id) > 0")
    op.create_foreign_key(
        op.f("fk_adoption_workspace_id_decision_id_decision"),
        "adoption",
        "decision",
        ["workspace_id", "decision_id"],
        ["workspace_id", "id"],
        ondelete="RESTRICT",
    )
    op.add_column("roadmap_change", sa.Column("decision_id", sa.Uuid(), nullable=True))
    op.alter_column("roadmap_change", "reason", existing_type=sa.VARCHAR(), nullable=True)
    op.create_index(
        op.f("ix_roadmap_change_workspace_id_decision_id"),
        "roadmap_change",
        ["workspace_id", "decision_id"],
        unique=False,
        postgresql_where=sa.text("decision_id IS NOT NULL"),
    )
    op.create_check_constraint(
        op.f("ck_roadmap_change_grounds"), "roadmap_change", "num_nonnulls(reason, decision_id) > 0"
    )
    op.create_foreign_key(
        op.f("fk_roadmap_change_workspace_id_decision_id_decision"),
        "roadmap_change",
        "decision",
        ["workspace_id", "decision_id"],
        ["workspace_id", "id"],
        ondelete="RESTRICT",
    )
    for table in TABLES:
        enable_row_level_security(table)


def downgrade() -> None:
    op.drop_constraint(
        op.f("fk_roadmap_change_workspace_id_decision_id_decision"), "roadmap_change", type_="foreignkey"
    )
    op.drop_index(
        op.f("ix_roadmap_change_workspace_id_decision_id"),
        table_name="roadmap_change",
        postgresql_where=sa.text("decision_id IS NOT NULL"),
    )
    op.drop_constraint(op.f("ck_roadmap_change_grounds"), "roadmap_change", type_="check")
    op.execute("UPDATE roadmap_change SET reason = 'By decision ' || decision_id WHERE reason IS NULL")
    op.alter_column("roadmap_change", "reason", existing_type=sa.VARCHAR(), nullable=False)
    op.drop_column("roadmap_change", "decision_id")
    op.drop_constraint(op.f("fk_adoption_workspace_id_decision_id_decision"), "adoption", type_="foreignkey")
    op.drop_constraint(op.f("ck_adoption_grounds"), "adoption", type_="check")
    op.execute("UPDATE adoption SET reason = 'By decision ' || decision_id WHERE reason IS NULL")
    op.alter_column("adoption", "reason", existing_type=sa.VARCHAR(), nullable=False)
    op.drop_column("adoption", "decision_id")
    op.drop_index(op.f("ix_citation_workspace_id_cited_id"), table_name="citation")
    op.drop_table("citation")
    op.drop_index("uq_decision_supersedes", table_name="decision")
    op.drop_table("decision")
