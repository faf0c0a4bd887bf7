"""Decisions may cite the strategy, themes and targets."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

CHECK = "ck_citation_kind"
BEFORE = ("outcome", "requirement", "kpi", "objective", "feature", "optimization")
STRATEGY = ("vision", "need", "pain_point", "persona", "differentiator", "competitor", "capability", "initiative")
ADDED = ("theme", "target", *STRATEGY)


def upgrade() -> None:
    op.drop_constraint(op.f(CHECK), "citation", type_="check")
    op.create_check_constraint(op.f(CHECK), "citation", f"kind IN {BEFORE + ADDED!r}")


def downgrade() -> None:
    op.execute(f"DELETE FROM citation WHERE kind IN {ADDED!r}")
    op.drop_constraint(op.f(CHECK), "citation", type_="check")
    op.create_check_constraint(op.f(CHECK), "citation", f"kind IN {BEFORE!r}")
