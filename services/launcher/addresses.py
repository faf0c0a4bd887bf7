"""Where each of the four processes and databases is, as the environment its process is started with."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.launcher.bootstrap import SERVICES, ServiceDatabase
from services.launcher.errors import LauncherError
from services.launcher.nursery import LAUNCHER
from services.launcher.ports import HOST
from services.launcher.postgres import EmbeddedPostgres


class AddressesIncomplete(LauncherError):
    """Some databases are named in the environment, and some are not."""


@dataclass(frozen=True)
class DatabaseUrls:
    """The three ways into one database."""

    application: str
    migration: str
    direct: str

    def environment(self, service: str) -> dict[str, str]:
        prefix = f"FULLCIRCLE_{service.upper()}"
        return {
            f"{prefix}_DATABASE_URL": self.application,
            f"{prefix}_MIGRATION_URL": self.migration,
            f"{prefix}_DIRECT_URL": self.direct,
        }


def given_databases(
    environment: Mapping[str, str] = os.environ, *, services: Sequence[str] = SERVICES
) -> dict[str, DatabaseUrls] | None:
    """The databases of these services as the environment names them, or None when it names none of any service.

    None: then the embedded server is used. A container knows the database of its own service only, and what needs no
    other (a key is made in the gateway's) works there. Raises AddressesIncomplete.
    """
    if not any(names_database(service, environment) for service in SERVICES):
        return None
    missing = [name for service in services for name in _wanted(service) if not environment.get(name)]
    if missing:
        raise AddressesIncomplete(f"Set these too, or none of them for the embedded PostgreSQL: {', '.join(missing)}")
    return {service: _given(service, environment) for service in services}


def names_database(service: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the environment says anything of where this service's database is."""
    return any(environment.get(name) for name in _wanted(service))


def _wanted(service: str) -> list[str]:
    return [f"FULLCIRCLE_{service.upper()}_{kind}_URL" for kind in ("DATABASE", "MIGRATION")]


def given_superuser(environment: Mapping[str, str] = os.environ) -> str | None:
    """Who may make roles, databases and extensions on a PostgreSQL that is not the embedded one."""
    return environment.get("FULLCIRCLE_SUPERUSER_URL") or None


def _given(service: str, environment: Mapping[str, str]) -> DatabaseUrls:
    prefix = f"FULLCIRCLE_{service.upper()}"
    application = environment[f"{prefix}_DATABASE_URL"]
    return DatabaseUrls(
        application=application,
        migration=environment[f"{prefix}_MIGRATION_URL"],
        direct=environment.get(f"{prefix}_DIRECT_URL") or application,
    )


def embedded_databases(server: EmbeddedPostgres) -> dict[str, DatabaseUrls]:
    """The four databases on the embedded server."""
    found = {}
    for service in SERVICES:
        database = ServiceDatabase.of(service)
        application = server.role_url(database.name, database.app)
        migration = server.role_url(database.name, database.owner)
        found[service] = DatabaseUrls(application=application, migration=migration, direct=application)
    return found


@dataclass(frozen=True)
class Addresses:
    """Everything one stack needs to know about itself."""

    home: Path
    ports: Mapping[str, int]
    databases: Mapping[str, DatabaseUrls]

    def url(self, service: str) -> str:
        return f"http://{HOST}:{self.ports[service]}"

    def environment(self, service: str) -> dict[str, str]:
        """The environment of one process: ours, the neighbours' addresses, and no other service's database."""
        neighbours = {f"FULLCIRCLE_{name.upper()}_URL": self.url(name) for name in SERVICES}
        own = self.databases[service].environment(service)
        return {**inherited_environment(), **neighbours, **own, "FULLCIRCLE_HOME": str(self.home)}

    def serve(self, service: str) -> list[str]:
        """The command line of one process."""
        listen = ["--host", HOST, "--port", str(self.ports[service])]
        return [*LAUNCHER, "serve", service, *listen]


def inherited_environment() -> dict[str, str]:
    """Ours, and the way to our modules, but no database's address."""
    inherited = {name: value for name, value in os.environ.items() if not _is_database_url(name)}
    path = os.pathsep.join(filter(None, [str(Path(__file__).parents[2]), inherited.get("PYTHONPATH")]))
    return {**inherited, "PYTHONPATH": path}


def _is_database_url(name: str) -> bool:
    return name.startswith("FULLCIRCLE_") and name.endswith(
        ("_DATABASE_URL", "_MIGRATION_URL", "_DIRECT_URL", "_SUPERUSER_URL")
    )
