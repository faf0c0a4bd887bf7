"""Rules of which features exactly one is to be built."""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

NAME = "ck_feature_rule_kind"


def upgrade() -> None:
    op.drop_constraint(op.f(NAME), "feature_rule", type_="check")
    op.create_check_constraint(
        op.f(NAME), "feature_rule", "kind IN ('exclusion', 'coupling', 'alternatives', 'one_of')"
    )


def downgrade() -> None:
    op.execute("UPDATE feature_rule SET kind = 'alternatives' WHERE kind = 'one_of'")
    op.drop_constraint(op.f(NAME), "feature_rule", type_="check")
    op.create_check_constraint(op.f(NAME), "feature_rule", "kind IN ('exclusion', 'coupling', 'alternatives')")
