"""Runs one service's migrations as the owner of its database: one at a time, and never waiting long for a lock."""

import asyncio
import os
import re
from importlib import import_module
from typing import Any

from alembic import context
from sqlalchemy import URL, Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from services.chassis.database import driver_url
from services.chassis.tables import infrastructure_metadata

MIGRATION_LOCK = 7_061_002
PARTITION = re.compile(r"^measurement_([0-9]{6}|default)$")
MODELS = {
    "requirements": "services.requirements.models",
    "roadmap": "services.roadmap.models",
    "metrics": "services.metrics.models",
    "gateway": "gateway.models",
}


def service() -> str:
    """The section of alembic.ini that was chosen."""
    return context.config.config_ini_section


def database_url() -> URL:
    """Given by the caller of alembic, else by `FULLCIRCLE_<SERVICE>_MIGRATION_URL`."""
    given = context.config.attributes.get("url")
    return driver_url(given or os.environ[f"FULLCIRCLE_{service().upper()}_MIGRATION_URL"])


def is_ours(thing: Any, name: str | None, kind: str, reflected: bool, compared: Any) -> bool:
    """Leaves out what procrastinate's own schema holds, and partitions: their table stands for them."""
    del thing, reflected, compared
    return not (kind == "table" and name is not None and (name.startswith("procrastinate_") or PARTITION.match(name)))


def migrate(connection: Connection) -> None:
    """Everything in one transaction, behind a lock, so that two replicas starting at once do not race."""
    models = import_module(MODELS[service()])
    application_role = context.config.attributes.get("application_role") or f"fullcircle_{service()}_app"
    context.configure(
        connection=connection,
        target_metadata=[models.Base.metadata, infrastructure_metadata],
        include_object=is_ours,
        compare_type=True,
        compare_server_default=False,
        application_role=application_role,
    )
    with context.begin_transaction():
        connection.execute(text("SET LOCAL lock_timeout = '10s'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
        context.run_migrations()
        # A replica is ready only when the schema is the one it was written for.
        if connection.scalar(text("SELECT to_regclass('alembic_version')")):
            connection.execute(text(f'GRANT SELECT ON alembic_version TO "{application_role}"'))


async def connect_and_migrate() -> None:
    engine = create_async_engine(database_url(), poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
        await connection.commit()
    await engine.dispose()


asyncio.run(connect_and_migrate())
