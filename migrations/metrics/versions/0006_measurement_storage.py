"""Measurements by month, corrections with history, dimensions, subjects, and sketches of both."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import application_role, assert_rows, enable_row_level_security

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

AGGREGATIONS = ("sum", "count", "average", "min", "max", "last", "ratio", "calculated")
TABLES = ("measurement_key", "measurement_revision", "dimension_rollup", "sketch", "dirty_day")
FUNCTIONS = ("prepare_measurement_partitions(timestamptz, timestamptz)", "drop_measurements(timestamptz)")

# The application role owns no table: it may ask for months, and no more.
PREPARE = """
CREATE FUNCTION prepare_measurement_partitions(since timestamptz, until timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    month timestamptz := date_trunc('month', since);
    made integer := 0;
    name text;
BEGIN
    WHILE month <= until LOOP
        name := 'measurement_' || to_char(month, 'YYYYMM');
        -- What came for a month before its partition was made stays where it is.
        IF to_regclass(name) IS NULL AND NOT EXISTS (
            SELECT FROM measurement_default WHERE measured_at >= month AND measured_at < month + interval '1 month'
        ) THEN
            EXECUTE format('CREATE TABLE %I PARTITION OF measurement FOR VALUES FROM (%L) TO (%L)',
                           name, month, month + interval '1 month');
            made := made + 1;
        END IF;
        month := month + interval '1 month';
    END LOOP;
    RETURN made;
END $$
"""
DROP_OLD = """
CREATE FUNCTION drop_measurements(before timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    oldest timestamptz := date_trunc('month', before);
    gone integer := 0;
    name text;
BEGIN
    FOR name IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'measurement'::regclass AND c.relname ~ '^measurement_[0-9]{6}$'
          AND to_timestamp(right(c.relname, 6), 'YYYYMM') + interval '1 month' <= oldest
    LOOP
        EXECUTE format('DROP TABLE %I', name);
        gone := gone + 1;
    END LOOP;
    DELETE FROM measurement_default WHERE measured_at < oldest;
    DELETE FROM measurement_key WHERE measured_at < oldest;
    DELETE FROM measurement_revision WHERE measured_at < oldest;
    RETURN gone;
END $$
"""


def upgrade() -> None:
    add_kpi_columns()
    put_the_old_table_aside()
    create_measurement()
    create_measurement_key()
    create_measurement_revision()
    create_dimension_rollup()
    create_sketch()
    create_dirty_day()
    create_functions()
    move_measurements()
    for table in ("measurement", *TABLES):
        enable_row_level_security(table)


def downgrade() -> None:
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
    op.execute("ALTER TABLE measurement RENAME TO measurement_new")
    create_flat_measurement()
    op.execute(
        "INSERT INTO measurement (workspace_id, id, kpi_id, dedupe_key, measured_at, value, weight, dimensions, "
        "received_at) SELECT workspace_id, id, kpi_id, dedupe_key, measured_at, value, weight, dimensions, received_at "
        "FROM measurement_new"
    )
    op.drop_table("measurement_new")
    finish_flat_measurement()
    for table in reversed(TABLES):
        op.drop_table(table)
    op.execute("DELETE FROM kpi WHERE aggregation IN ('distinct', 'percentile')")
    op.drop_constraint("ck_kpi_percentile", "kpi")
    allow(AGGREGATIONS)
    op.drop_column("kpi", "dimensions")
    op.drop_column("kpi", "percentile")


def add_kpi_columns() -> None:
    op.add_column("kpi", sa.Column("dimensions", postgresql.JSONB(), nullable=False, server_default="[]"))
    op.add_column("kpi", sa.Column("percentile", sa.Double(), nullable=True))
    allow((*AGGREGATIONS, "distinct", "percentile"))
    op.create_check_constraint("ck_kpi_percentile", "kpi", "(aggregation = 'percentile') = (percentile IS NOT NULL)")


def allow(aggregations: Sequence[str]) -> None:
    op.drop_constraint("ck_kpi_aggregation", "kpi")
    op.create_check_constraint("ck_kpi_aggregation", "kpi", f"aggregation IN {tuple(aggregations)!r}")


def put_the_old_table_aside() -> None:
    op.execute("ALTER TABLE measurement RENAME TO measurement_flat")
    op.drop_index("ix_measurement_workspace_id_kpi_id_measured_at", "measurement_flat")
    for name in (
        "pk_measurement",
        "uq_measurement_workspace_id_kpi_id_dedupe_key",
        "fk_measurement_workspace_id_kpi_id_kpi",
        "ck_measurement_weight",
    ):
        op.drop_constraint(name, "measurement_flat")


def create_measurement() -> None:
    # No foreign key: it would cost a look-up for every row; intake holds the KPIs themselves instead.
    op.create_table(
        "measurement",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kpi_id", sa.Uuid(), nullable=False),
        sa.Column("dedupe_key", sa.String(), nullable=False),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("value", sa.Numeric(), nullable=False),
        sa.Column("weight", sa.Numeric(), nullable=False),
        sa.Column("dimensions", postgresql.JSONB(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subject", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("weight >= 0", name="ck_measurement_weight"),
        sa.PrimaryKeyConstraint("workspace_id", "id", "measured_at", name="pk_measurement"),
        postgresql_partition_by="RANGE (measured_at)",
    )
    op.create_index(
        "ix_measurement_workspace_id_kpi_id_measured_at", "measurement", ["workspace_id", "kpi_id", "measured_at"]
    )
    op.execute("CREATE TABLE measurement_default PARTITION OF measurement DEFAULT")


def create_measurement_key() -> None:
    # A unique key over all months: of the partitioned table itself it would have to hold the time as well.
    op.create_table(
        "measurement_key",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("kpi_id", sa.Uuid(), nullable=False),
        sa.Column("dedupe_key", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "kpi_id", "dedupe_key", name="pk_measurement_key"),
    )


def create_measurement_revision() -> None:
    op.create_table(
        "measurement_revision",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("measurement_id", sa.Uuid(), nullable=False),
        sa.Column("kpi_id", sa.Uuid(), nullable=False),
        sa.Column("dedupe_key", sa.String(), nullable=False),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("value", sa.Numeric(), nullable=False),
        sa.Column("weight", sa.Numeric(), nullable=False),
        sa.Column("dimensions", postgresql.JSONB(), nullable=False),
        sa.Column("subject", sa.BigInteger(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("known_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("known_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("is_retraction", sa.Boolean(), nullable=False),
        sa.Column("revised_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_measurement_revision"),
    )
    op.create_index(
        "ix_measurement_revision_workspace_id_kpi_id_measured_at",
        "measurement_revision",
        ["workspace_id", "kpi_id", "measured_at"],
    )
    op.create_index(
        "ix_measurement_revision_workspace_id_measurement_id",
        "measurement_revision",
        ["workspace_id", "measurement_id"],
    )


def create_dimension_rollup() -> None:
    op.create_table(
        "dimension_rollup",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("kpi_id", sa.Uuid(), nullable=False),
        sa.Column("dimension", sa.String(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("measurements", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.Numeric(), nullable=False),
        sa.Column("weight", sa.Numeric(), nullable=False),
        sa.Column("least", sa.Numeric(), nullable=False),
        sa.Column("greatest", sa.Numeric(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_id", sa.Uuid(), nullable=False),
        sa.Column("last_value", sa.Numeric(), nullable=False),
        of_kpi("dimension_rollup"),
        sa.PrimaryKeyConstraint("workspace_id", "kpi_id", "dimension", "part", "day", name="pk_dimension_rollup"),
    )


def create_sketch() -> None:
    op.create_table(
        "sketch",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("kpi_id", sa.Uuid(), nullable=False),
        sa.Column("dimension", sa.String(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("measurements", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        of_kpi("sketch"),
        sa.PrimaryKeyConstraint("workspace_id", "kpi_id", "dimension", "part", "day", name="pk_sketch"),
    )


def create_dirty_day() -> None:
    op.create_table(
        "dirty_day",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("kpi_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("marks", sa.BigInteger(), nullable=False),
        of_kpi("dirty_day"),
        sa.PrimaryKeyConstraint("workspace_id", "kpi_id", "day", name="pk_dirty_day"),
    )


def of_kpi(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["workspace_id", "kpi_id"],
        ["kpi.workspace_id", "kpi.id"],
        name=f"fk_{table}_workspace_id_kpi_id_kpi",
        ondelete="CASCADE",
    )


def create_functions() -> None:
    op.execute(PREPARE)
    op.execute(DROP_OLD)
    for function in FUNCTIONS:
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f'GRANT EXECUTE ON FUNCTION {function} TO "{application_role()}"')
    op.execute("SELECT prepare_measurement_partitions(now() - interval '12 months', now() + interval '2 months')")


def move_measurements() -> None:
    count = op.get_bind().scalar(sa.text("SELECT count(*) FROM measurement_flat")) or 0
    assert_rows(
        count,
        "INSERT INTO measurement (workspace_id, id, kpi_id, dedupe_key, measured_at, value, weight, dimensions, "
        "received_at) SELECT workspace_id, id, kpi_id, dedupe_key, measured_at, value, weight, dimensions, received_at "
        "FROM measurement_flat",
    )
    assert_rows(
        count,
        "INSERT INTO measurement_key (workspace_id, kpi_id, dedupe_key, id, measured_at) "
        "SELECT workspace_id, kpi_id, dedupe_key, id, measured_at FROM measurement_flat",
    )
    op.drop_table("measurement_flat")


def create_flat_measurement() -> None:
    op.create_table(
        "measurement",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kpi_id", sa.Uuid(), nullable=False),
        sa.Column("dedupe_key", sa.String(), nullable=False),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("value", sa.Numeric(), nullable=False),
        sa.Column("weight", sa.Numeric(), nullable=False),
        sa.Column("dimensions", postgresql.JSONB(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
    )


def finish_flat_measurement() -> None:
    op.create_primary_key("pk_measurement", "measurement", ["workspace_id", "id"])
    op.create_unique_constraint(
        "uq_measurement_workspace_id_kpi_id_dedupe_key", "measurement", ["workspace_id", "kpi_id", "dedupe_key"]
    )
    op.create_check_constraint("ck_measurement_weight", "measurement", "weight >= 0")
    op.create_foreign_key(
        "fk_measurement_workspace_id_kpi_id_kpi",
        "measurement",
        "kpi",
        ["workspace_id", "kpi_id"],
        ["workspace_id", "id"],
        ondelete="CASCADE",
    )
    op.create_index(
        "ix_measurement_workspace_id_kpi_id_measured_at", "measurement", ["workspace_id", "kpi_id", "measured_at"]
    )
    enable_row_level_security("measurement")
