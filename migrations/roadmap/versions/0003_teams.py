"""Teams with their people and absences, and the work packages of features."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.support import enable_row_level_security

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = ("team", "team_absence", "team_staff", "work_package")


def upgrade() -> None:
    op.create_table(
        "team",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("function", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("subdivision", sa.String(), nullable=True),
        sa.Column("weekdays", sa.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("metadata", JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_team")),
        sa.UniqueConstraint("workspace_id", "name", name=op.f("uq_team_workspace_id_name")),
    )
    op.create_table(
        "team_absence",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("skill", sa.String(), nullable=True),
        sa.Column("people", sa.Double(), nullable=True),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_team_absence_dates")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "team_id"],
            ["team.workspace_id", "team.id"],
            name=op.f("fk_team_absence_workspace_id_team_id_team"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_team_absence")),
    )
    op.create_index(
        op.f("ix_team_absence_workspace_id_team_id"), "team_absence", ["workspace_id", "team_id"], unique=False
    )
    op.create_table(
        "team_staff",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("skill", sa.String(), nullable=False),
        sa.Column("people", sa.Double(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("day_rate_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.CheckConstraint("(day_rate_minor IS NULL) = (currency IS NULL)", name=op.f("ck_team_staff_money")),
        sa.CheckConstraint("people > 0", name=op.f("ck_team_staff_people")),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_team_staff_dates")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "team_id"],
            ["team.workspace_id", "team.id"],
            name=op.f("fk_team_staff_workspace_id_team_id_team"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_team_staff")),
    )
    op.create_index(op.f("ix_team_staff_workspace_id_team_id"), "team_staff", ["workspace_id", "team_id"], unique=False)
    op.create_table(
        "work_package",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("feature_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("skill", sa.String(), nullable=False),
        sa.Column("low_days", sa.Double(), nullable=False),
        sa.Column("likely_days", sa.Double(), nullable=False),
        sa.Column("high_days", sa.Double(), nullable=False),
        sa.Column("people", sa.Double(), nullable=False),
        sa.CheckConstraint(
            "low_days <= likely_days AND likely_days <= high_days AND low_days >= 0",
            name=op.f("ck_work_package_effort"),
        ),
        sa.CheckConstraint("people > 0", name=op.f("ck_work_package_people")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "feature_id"],
            ["feature.workspace_id", "feature.id"],
            name=op.f("fk_work_package_workspace_id_feature_id_feature"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "team_id"],
            ["team.workspace_id", "team.id"],
            name=op.f("fk_work_package_workspace_id_team_id_team"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_work_package")),
    )
    op.create_index(
        op.f("ix_work_package_workspace_id_feature_id"), "work_package", ["workspace_id", "feature_id"], unique=False
    )
    op.create_index(
        op.f("ix_work_package_workspace_id_team_id"),
        "work_package",
        ["workspace_id", "team_id"],
        unique=False,
        postgresql_where=sa.text("team_id IS NOT NULL"),
    )
    for table in TABLES:
        enable_row_level_security(table)


def downgrade() -> None:
    op.drop_index(
        op.f("ix_work_package_workspace_id_team_id"),
        table_name="work_package",
        postgresql_where=sa.text("team_id IS NOT NULL"),
    )
    op.drop_index(op.f("ix_work_package_workspace_id_feature_id"), table_name="work_package")
    op.drop_table("work_package")
    op.drop_index(op.f("ix_team_staff_workspace_id_team_id"), table_name="team_staff")
    op.drop_table("team_staff")
    op.drop_index(op.f("ix_team_absence_workspace_id_team_id"), table_name="team_absence")
    op.drop_table("team_absence")
    op.drop_table("team")
