"""Share links that show a scenario of a roadmap."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

INDEX = "ix_share_link_workspace_id_scenario_id"
KEY = "fk_share_link_workspace_id_scenario_id_scenario"


def upgrade() -> None:
    op.add_column("share_link", sa.Column("scenario_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f(KEY),
        "share_link",
        "scenario",
        ["workspace_id", "scenario_id"],
        ["workspace_id", "id"],
        ondelete="CASCADE",
    )
    op.create_index(
        op.f(INDEX), "share_link", ["workspace_id", "scenario_id"], postgresql_where=sa.text("scenario_id IS NOT NULL")
    )


def downgrade() -> None:
    op.execute("DELETE FROM share_link WHERE scenario_id IS NOT NULL")
    op.drop_index(op.f(INDEX), "share_link")
    op.drop_constraint(op.f(KEY), "share_link", type_="foreignkey")
    op.drop_column("share_link", "scenario_id")
