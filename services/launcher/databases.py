"""The four databases for the length of one command, wherever they are."""

import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from services.launcher.addresses import DatabaseUrls, embedded_databases, given_databases, given_superuser
from services.launcher.bootstrap import SERVICES, bootstrap
from services.launcher.home import Home
from services.launcher.ports import free_port
from services.launcher.postgres import EmbeddedPostgres
from services.launcher.process import Command
from services.launcher.supervisor import Program, Supervisor, stop_leftovers


@dataclass(frozen=True)
class Databases:
    """The addresses by service, and the superuser's where we know it."""

    urls: Mapping[str, DatabaseUrls]
    superuser_url: str | None


@asynccontextmanager
async def open_databases(
    home: Home, *, services: Sequence[str] = SERVICES, is_alone: bool = False
) -> AsyncIterator[Databases]:
    """The databases that the environment names, those of the running stack, or the embedded ones, started meanwhile.

    `services`: whose databases are needed, so that the environment must name no other's. `is_alone`: never those of a
    running stack; raises HomeInUse instead.
    """
    if (given := given_databases(services=services)) is not None:
        superuser_url = given_superuser()
        if superuser_url:
            await bootstrap(superuser_url, passwords=_passwords(given))
        yield Databases(given, superuser_url)
    elif not is_alone and (running := EmbeddedPostgres.running(home.postgres())):
        yield Databases(embedded_databases(running), running.url())
    else:
        async with _embedded(home) as server:
            yield Databases(embedded_databases(server), server.url())


@asynccontextmanager
async def _embedded(home: Home) -> AsyncIterator[EmbeddedPostgres]:
    home.take()
    server = EmbeddedPostgres(home.postgres(), port=free_port())
    stop_leftovers(home.children)
    supervisor = Supervisor(notes=home.children, say=lambda _: None)
    try:
        await supervisor.start([postgres_program(server)])
        await bootstrap_embedded(server)
        yield server
    finally:
        await supervisor.stop()
        server.release()
        home.release()


def postgres_program(server: EmbeddedPostgres) -> Program:
    """The embedded server as a child of the supervisor; SIGINT is its orderly, quick end."""

    def prepared() -> Command:
        server.prepare()
        return server.command()

    return Program("PostgreSQL", command=prepared, is_ready=server.is_ready, stop_with=signal.SIGINT, patience_s=60)


async def bootstrap_embedded(server: EmbeddedPostgres) -> None:
    """Roles, databases and extensions on the embedded server."""
    await bootstrap(server.url(), passwords=_passwords(embedded_databases(server)))


def _passwords(urls: Mapping[str, DatabaseUrls]) -> dict[str, str]:
    """By role, as the addresses have them."""
    parts = [urlsplit(url) for each in urls.values() for url in (each.application, each.migration)]
    return {unquote(part.username or ""): unquote(part.password or "") for part in parts}
