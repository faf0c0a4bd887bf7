"""Who promised an effect, and of which kind the requirements behind it are: so that promises can be compared."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("expected_effect", sa.Column("estimated_by", sa.String(), nullable=True))
    op.add_column("requirement_copy", sa.Column("kind", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("requirement_copy", "kind")
    op.drop_column("expected_effect", "estimated_by")
