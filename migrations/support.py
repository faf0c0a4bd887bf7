"""What the four migration histories share: infrastructure tables, row-level security, grants, counted rows."""

from importlib import resources
from typing import Any

from alembic import op
from sqlalchemy import TextClause, text
from sqlalchemy.sql.expression import Executable

from services.chassis import tables

CURRENT_WORKSPACE = "NULLIF(current_setting('app.workspace_id', true), '')::uuid"
ALL_ROWS = ("SELECT", "INSERT", "UPDATE", "DELETE")

_INFRASTRUCTURE_GRANTS = {
    "event": ALL_ROWS,
    "feed_head": ("SELECT", "UPDATE"),
    "cursor": ALL_ROWS,
    "parked_event": ALL_ROWS,
    "snapshot_subject": ALL_ROWS,
    "known_workspace": ("SELECT", "INSERT"),
}

_PURGES = {"idempotency_record": "created_at < before", "operation": "finished_at < before"}


class RowCountMismatch(Exception):
    """A data migration touched another number of rows than it says it must."""


def create_infrastructure() -> None:
    """Create what the chassis needs in a service's database: the first step of each first migration."""
    tables.infrastructure_metadata.create_all(op.get_bind(), checkfirst=False)
    op.execute("INSERT INTO feed_head DEFAULT VALUES")
    # Every event is written twice, the second time with its position: clean up long before a fifth is dead.
    op.execute("ALTER TABLE event SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02)")
    for table, privileges in _INFRASTRUCTURE_GRANTS.items():
        grant(table, *privileges)
    for tenant_table in tables.TENANT_TABLES:
        enable_row_level_security(tenant_table.name)
        _create_purge(tenant_table.name, _PURGES[tenant_table.name])
    _secure_audit()
    _create_job_queue()


def drop_infrastructure() -> None:
    """Remove everything that `create_infrastructure` made."""
    _drop_job_queue()
    for table in _PURGES:
        op.execute(f"DROP FUNCTION purge_{table}(timestamptz)")
    tables.infrastructure_metadata.drop_all(op.get_bind(), checkfirst=False)


def enable_row_level_security(table: str, *, privileges: tuple[str, ...] = ALL_ROWS) -> None:
    """Let the application role see and write only the current workspace's rows of `table`.

    ENABLE and not FORCE: a forced owner would migrate no rows at all, and say nothing.
    """
    op.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
    op.execute(
        f'CREATE POLICY workspace_isolation ON "{table}" '
        f"USING (workspace_id = {CURRENT_WORKSPACE}) WITH CHECK (workspace_id = {CURRENT_WORKSPACE})"
    )
    grant(table, *privileges)


def grant(table: str, *privileges: str) -> None:
    """Give the application role these privileges on a table, and on nothing else."""
    op.execute(f'GRANT {", ".join(privileges)} ON "{table}" TO "{application_role()}"')


def application_role() -> str:
    """The role that the service itself logs in as; `env.py` passes it to `context.configure(application_role=...)`."""
    return str(op.get_context().opts["application_role"])


def assert_rows(expected: int, statement: Executable | str, parameters: dict[str, Any] | None = None) -> None:
    """Run a data change; unless it touched `expected` rows, raise RowCountMismatch, which rolls the migration back."""
    clause: Executable | TextClause = text(statement) if isinstance(statement, str) else statement
    touched = op.get_bind().execute(clause, parameters or {}).rowcount
    if touched != expected:
        raise RowCountMismatch(f"expected {expected} rows, touched {touched}: {clause}")


def tell_workspaces_with(what: str, *, table: str, condition: str = "true") -> None:
    """Let the application ask which workspaces have such rows: a round then costs nothing for all the others."""
    # One probe of an index for each workspace, which the table's own distinct values would not be.
    op.execute(
        f"CREATE FUNCTION workspaces_with_{what}() RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER "
        f"SET search_path = public, pg_temp AS $$ SELECT workspace_id FROM known_workspace AS known "
        f"WHERE EXISTS (SELECT FROM {table} WHERE {table}.workspace_id = known.workspace_id AND {condition}) "
        f"ORDER BY workspace_id $$"
    )
    op.execute(f"REVOKE ALL ON FUNCTION workspaces_with_{what}() FROM PUBLIC")
    op.execute(f'GRANT EXECUTE ON FUNCTION workspaces_with_{what}() TO "{application_role()}"')


def _secure_audit() -> None:
    """Let the application append and read, and erase payloads; nothing that was written can be changed or removed."""
    enable_row_level_security(tables.audit_entry.name, privileges=("SELECT", "INSERT"))
    enable_row_level_security(tables.audit_head.name, privileges=("SELECT", "INSERT", "UPDATE"))
    columns = ", ".join(f'"{name}"' for name in tables.AUDIT_ERASABLE)
    op.execute(f'GRANT UPDATE ({columns}) ON audit_entry TO "{application_role()}"')


def _create_purge(table: str, condition: str) -> None:
    # The application role sees one workspace at a time, expiry spans all: a definer function that can do only this.
    op.execute(
        f"CREATE FUNCTION purge_{table}(before timestamptz) RETURNS bigint LANGUAGE sql SECURITY DEFINER "
        f"SET search_path = public, pg_temp AS "
        f"$$ WITH gone AS (DELETE FROM {table} WHERE {condition} RETURNING 1) SELECT count(*) FROM gone $$"
    )
    op.execute(f"REVOKE ALL ON FUNCTION purge_{table}(timestamptz) FROM PUBLIC")
    op.execute(f'GRANT EXECUTE ON FUNCTION purge_{table}(timestamptz) TO "{application_role()}"')


def _create_job_queue() -> None:
    schema = resources.files("procrastinate").joinpath("sql/schema.sql").read_text()
    execute_script(schema)
    role = application_role()
    for table in ("workers", "jobs", "periodic_defers", "events"):
        grant(f"procrastinate_{table}", *ALL_ROWS)
        op.execute(f'GRANT USAGE ON SEQUENCE procrastinate_{table}_id_seq TO "{role}"')


def _drop_job_queue() -> None:
    op.execute(
        "DROP TABLE procrastinate_events, procrastinate_periodic_defers, procrastinate_jobs, "
        "procrastinate_workers CASCADE"
    )
    execute_script(
        """
        DO $$
        DECLARE routine regprocedure;
        BEGIN
            FOR routine IN SELECT oid::regprocedure FROM pg_proc WHERE proname LIKE 'procrastinate\\_%' LOOP
                EXECUTE format('DROP FUNCTION %s CASCADE', routine);
            END LOOP;
        END $$;
        DROP TYPE procrastinate_job_to_defer_v1, procrastinate_job_event_type, procrastinate_job_status CASCADE;
        """
    )


def execute_script(script: str) -> None:
    """Run several statements at once, in the migration's transaction.

    `op.execute` prepares what it is given, and a prepared statement is a single one; the driver's own `execute` with no
    arguments uses the simple protocol, which takes a whole script.
    """
    connection = op.get_bind()
    connection.execute(text("SELECT 1"))  # the adapter begins its transaction on first use: not before a raw call
    adapted: Any = connection.connection.dbapi_connection
    adapted.run_async(lambda driver: driver.execute(script))
