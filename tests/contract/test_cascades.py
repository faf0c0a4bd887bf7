"""Whatever goes with something that is removed is told of: walked through every foreign key of every model."""

import importlib
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, create_async_engine

from services.chassis.cascades import edges_of, noun_of, removed_with, tell_of_dependants
from services.chassis.database import driver_url
from services.chassis.rows import WorkspaceRow
from tests.contract.house import business_tables, package_of, standing_services
from tests.contract.rows import fill_every_table
from tests.migrated import MigratedDatabases
from tests.postgres import DatabaseAddress

WORKSPACE = UUID(int=3)


def models_of(service: str) -> list[Any]:
    """Those of the service's models that have an id."""
    base = importlib.import_module(f"{package_of(service)}.models").Base
    found = {mapper.class_ for mapper in base.registry.mappers if mapper.local_table.metadata is base.metadata}
    return sorted((each for each in found if issubclass(each, WorkspaceRow)), key=lambda each: each.__tablename__)


PARENTS = [
    pytest.param(service, model, id=f"{service}-{model.__tablename__}")
    for service in standing_services()
    if service != "gateway"
    for model in models_of(service)
    if edges_of(model)
]


@pytest.fixture(scope="module")
async def databases(migrated: MigratedDatabases) -> dict[str, DatabaseAddress]:
    """Of each service one with a row in every table, each hanging on those that it refers to."""
    made = {}
    for service in standing_services():
        if service != "gateway":
            made[service] = await migrated.database(service)
            await _fill(service, made[service])
    return made


async def _fill(service: str, database: DatabaseAddress) -> None:
    tables = business_tables(service)
    await fill_every_table(database, workspace_id=WORKSPACE, tables=tables.keys(), keeps_references=True)
    connection = await asyncpg.connect(database.superuser_url)
    await connection.execute("SET session_replication_role = replica")
    base = importlib.import_module(f"{package_of(service)}.models").Base
    for table in base.metadata.sorted_tables:
        for key in table.foreign_key_constraints:
            for own, element in zip(key.column_keys, key.elements, strict=True):
                if own != "workspace_id" and element.column.name == "id" and key.referred_table is not table:
                    await connection.execute(
                        f'UPDATE "{table.name}" SET "{own}" = (SELECT id FROM "{key.referred_table.name}" '
                        f"WHERE workspace_id = $1 LIMIT 1) WHERE workspace_id = $1",
                        WORKSPACE,
                    )
    await connection.close()


@pytest.mark.parametrize(("service", "parent"), PARENTS)
async def test_what_vanishes_with_a_row_is_what_is_told(
    service: str, parent: Any, databases: dict[str, DatabaseAddress]
) -> None:
    """The database says what vanished; the models, what would be told. Nothing is kept."""
    engine = create_async_engine(driver_url(databases[service].superuser_url))
    async with engine.connect() as connection:
        session = AsyncSession(bind=connection, info={"workspace_id": WORKSPACE})
        row_id = (await connection.execute(sa.select(parent.id).where(parent.workspace_id == WORKSPACE))).scalar_one()
        told = {(each.noun, each.id) for each in await removed_with(session, parent, row_id)}
        before = await _present(connection, service)
        await _restrict_nothing(connection, service)
        await connection.execute(sa.delete(parent).where(parent.workspace_id == WORKSPACE, parent.id == row_id))
        vanished = before - await _present(connection, service) - {(noun_of(parent), row_id)}
        await connection.rollback()
    await engine.dispose()
    assert told
    assert told == vanished


async def _present(connection: AsyncConnection, service: str) -> set[tuple[str, UUID]]:
    """Everything that events tell of."""
    found = set()
    for model in models_of(service):
        if model.is_told:
            ids = (await connection.execute(sa.select(model.id).where(model.workspace_id == WORKSPACE))).scalars()
            found |= {(noun_of(model), each) for each in ids}
    return found


async def _restrict_nothing(connection: AsyncConnection, service: str) -> None:
    """References that forbid a removal, or that are only forgotten with it, are let go: they carry nothing along."""
    for table in business_tables(service).values():
        for key in table.foreign_key_constraints:
            if key.ondelete != "CASCADE":
                name = f"fk_{table.name}_{'_'.join(key.column_keys)}_{key.referred_table.name}"
                await connection.execute(
                    sa.text(f'ALTER TABLE "{table.name}" DROP CONSTRAINT IF EXISTS "{key.name or name}"')
                )


async def test_a_log_is_needed_to_remove_what_takes_others_along(databases: dict[str, DatabaseAddress]) -> None:
    """A room that removes outside of a unit of work fails, before it has removed anything in silence."""
    service, parent = PARENTS[0].values
    engine = create_async_engine(driver_url(databases[str(service)].superuser_url))
    async with engine.connect() as connection:
        session = AsyncSession(bind=connection, info={"workspace_id": WORKSPACE})
        row = (await session.scalars(sa.select(parent).where(parent.workspace_id == WORKSPACE))).first()
        with pytest.raises(KeyError):
            await tell_of_dependants(session, row)
    await engine.dispose()
