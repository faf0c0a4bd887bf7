"""Optimisations say at which exchange rates costs were converted; of earlier ones nobody noted it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("optimization", sa.Column("conversions", JSONB(), nullable=False, server_default="[]"))
    op.alter_column("optimization", "conversions", server_default=None)


def downgrade() -> None:
    op.drop_column("optimization", "conversions")
