"""A target may be a range: what is good enough."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("target", sa.Column("band_low", sa.Double(), nullable=True))
    op.add_column("target", sa.Column("band_high", sa.Double(), nullable=True))
    op.create_check_constraint("ck_target_band", "target", "band_low <= value AND value <= band_high")


def downgrade() -> None:
    op.drop_constraint("ck_target_band", "target")
    op.drop_column("target", "band_high")
    op.drop_column("target", "band_low")
