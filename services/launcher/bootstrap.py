"""What only the superuser can do: roles, databases and extensions. Safe to repeat."""

import asyncio
from dataclasses import dataclass

import asyncpg

SERVICES = ("requirements", "roadmap", "metrics", "gateway")
ENCODING = "UTF8"
MAKE_AGAIN = f"Make it again with ENCODING '{ENCODING}'"
EXTENSIONS = ("vector", "pg_trgm", "unaccent", "btree_gin")


@dataclass(frozen=True)
class ServiceDatabase:
    """The database of one service with its two roles: the owner migrates, the application owns nothing."""

    name: str
    owner: str
    app: str

    @classmethod
    def of(cls, service: str, *, prefix: str = "fullcircle") -> "ServiceDatabase":
        name = f"{prefix}_{service}"
        return cls(name=name, owner=f"{name}_owner", app=f"{name}_app")


async def bootstrap(superuser_url: str, *, passwords: dict[str, str], prefix: str = "fullcircle") -> None:
    """Make what is missing for each service whose roles are in `passwords`, which are by role name."""
    databases = [ServiceDatabase.of(service, prefix=prefix) for service in SERVICES]
    databases = [each for each in databases if each.app in passwords]
    connection = await asyncpg.connect(superuser_url)
    try:
        for database in databases:
            await create_roles(connection, database, passwords=passwords)
            await create_database(connection, database.name, owner=database.owner, app=database.app)
    finally:
        await connection.close()
    await asyncio.gather(*(create_extensions(superuser_url, database.name) for database in databases))


async def create_roles(connection: asyncpg.Connection, database: ServiceDatabase, *, passwords: dict[str, str]) -> None:
    """Two login roles that can neither bypass row-level security nor make roles or databases."""
    known = {row["rolname"] for row in await connection.fetch("SELECT rolname FROM pg_roles")}
    for role in (database.owner, database.app):
        verb = "ALTER" if role in known else "CREATE"
        password = await connection.fetchval("SELECT quote_literal($1)", passwords[role])
        await connection.execute(
            f'{verb} ROLE "{role}" LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD {password}'
        )


async def create_database(
    connection: asyncpg.Connection, name: str, *, owner: str, app: str, template: str | None = None
) -> None:
    """A database that only its two roles can enter; the application may make temporary tables, for bulk staging.

    Texts are UTF-8 whatever the server's own databases are: one that was made without a locale has SQL_ASCII.
    """
    if not await connection.fetchval("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name):
        # Copying files takes a third of the CPU of copying through the log, which is meant for servers at work.
        source = f'"{template}" STRATEGY FILE_COPY' if template else f"template0 ENCODING '{ENCODING}'"
        await connection.execute(f'CREATE DATABASE "{name}" OWNER "{owner}" TEMPLATE {source}')
    await connection.execute(f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC')
    await connection.execute(f'GRANT CONNECT, TEMPORARY ON DATABASE "{name}" TO "{app}"')


async def create_extensions(superuser_url: str, database: str) -> None:
    """The extensions the migrations build on; making them is the superuser's right, so migrations do not try."""
    connection = await asyncpg.connect(superuser_url, database=database)
    try:
        for extension in EXTENSIONS:
            await connection.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    finally:
        await connection.close()
