"""`fullcircle doctor`: looks at everything a stack rests on, changes nothing, and names a remedy for what is wrong."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass

import asyncpg

from services.launcher.addresses import DatabaseUrls, embedded_databases, given_databases, names_database
from services.launcher.bootstrap import ENCODING, EXTENSIONS, MAKE_AGAIN, SERVICES
from services.launcher.errors import LauncherError
from services.launcher.flow import flow
from services.launcher.home import LEAST_FREE_BYTES_NEW, Home
from services.launcher.ports import is_free
from services.launcher.postgres import EmbeddedPostgres, installed_binaries
from services.launcher.secrets import SECRET_NAMES, is_given
from services.launcher.stack import answers
from services.launcher.version import ordered, version

LEAST_POSTGRES = 150000
MAY_BYPASS = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"


@dataclass(frozen=True)
class Finding:
    """One thing looked at; the remedy matters only when it is not well."""

    is_well: bool
    what: str
    remedy: str = ""


async def examine(home: Home, *, port: int) -> list[Finding]:
    """Everything there is to say about this home, its databases and its processes."""
    urls, named = _database_urls(home)
    findings = [*_machine(), *_home(home), *named]
    findings += [finding async for finding in _databases(urls)]
    findings += [Finding(*each) async for each in flow(urls)]
    processes = _running_urls(home) or _given_urls()
    findings += [finding async for finding in _processes(processes)] if processes else [_port(port)]
    return findings


def _machine() -> Iterator[Finding]:
    yield Finding(sys.version_info >= (3, 11), f"Python {sys.version.split()[0]}", "Python 3.11 or later is needed")
    try:
        program = installed_binaries() / "postgres"
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
        is_well, what = answer.returncode == 0, answer.stdout.strip() or answer.stderr.strip()
    except (LauncherError, OSError) as error:
        is_well, what = False, str(error)
    yield Finding(is_well, f"embedded server: {what}", "Install again: rm -rf .venv, then make run")
    yield Finding(
        shutil.which("setpriv") is not None or sys.platform != "linux",
        "children end with the launcher",
        "Install util-linux (setpriv); without it the next start stops what a killed launcher left",
    )


def _home(home: Home) -> Iterator[Finding]:
    if not home.path.exists():
        yield Finding(True, f"{home.path} does not exist yet; the first start makes it")
        return
    free = shutil.disk_usage(home.path).free
    yield Finding(free >= LEAST_FREE_BYTES_NEW, f"{free // 2**20} MB free for {home.path}", "Make room on this disk")
    stamp = home.path / "version"
    written_by = stamp.read_text().strip() if stamp.exists() else version()
    yield Finding(
        ordered(written_by) <= ordered(version()),
        f"home written by {written_by}, this is {version()}",
        f"Use Fullcircle {written_by} or later, or another FULLCIRCLE_HOME",
    )
    for name in SECRET_NAMES:
        path = home.secrets / name
        if is_given(name) or not path.exists():
            continue
        mode = path.stat().st_mode & 0o777
        yield Finding(mode & 0o077 == 0, f"secret {name} has mode {mode:03o}", f"chmod 600 {path}")


def _database_urls(home: Home) -> tuple[Mapping[str, DatabaseUrls], list[Finding]]:
    """Those that the environment names, else those of the embedded server; and what is to say of others."""
    if not any(names_database(service) for service in SERVICES):
        running = EmbeddedPostgres.running(home.postgres())
        if running is None:
            return {}, [Finding(True, "embedded PostgreSQL is not running")]
        return embedded_databases(running), []
    urls: dict[str, DatabaseUrls] = {}
    findings = []
    for service in SERVICES:
        what = f"database of {service}"
        if not names_database(service):
            findings.append(Finding(True, f"{what}: not named here, so not looked at; only `fullcircle up` needs all"))
            continue
        try:
            urls |= given_databases(services=[service]) or {}
        except LauncherError as error:
            findings.append(Finding(False, f"{what}: not all of its addresses are named", str(error)))
    return urls, findings


async def _databases(urls: Mapping[str, DatabaseUrls]) -> AsyncIterator[Finding]:
    for service, each in urls.items():
        try:
            async for finding in _database(service, each):
                yield finding
        except (OSError, TimeoutError, asyncpg.PostgresError) as error:
            yield Finding(False, f"database of {service}: {error}", "Check that it runs, and its address and password")


async def _database(service: str, urls: DatabaseUrls) -> AsyncIterator[Finding]:
    connection = await asyncpg.connect(urls.application, timeout=10)
    try:
        number = int(await connection.fetchval("SHOW server_version_num"))
        present = {row["extname"] for row in await connection.fetch("SELECT extname FROM pg_extension")}
        may_bypass = await connection.fetchval(MAY_BYPASS)
        encoding = await connection.fetchval("SHOW server_encoding")
        is_migrated = await connection.fetchval("SELECT to_regclass('alembic_version') IS NOT NULL")
    finally:
        await connection.close()
    missing = [extension for extension in EXTENSIONS if extension not in present]
    what = f"database of {service}"
    yield Finding(number >= LEAST_POSTGRES, f"{what}: PostgreSQL {number // 10000}", "PostgreSQL 15 or later is needed")
    yield Finding(encoding == ENCODING, f"{what}: texts are {encoding}", MAKE_AGAIN)
    yield Finding(not missing, f"{what}: extensions", f"As superuser there: CREATE EXTENSION {', '.join(missing)}")
    yield Finding(not may_bypass, f"{what}: bound by row-level security", "Use a role with NOSUPERUSER NOBYPASSRLS")
    yield Finding(is_migrated, f"{what}: migrated", f"fullcircle migrate {service}")


async def _processes(urls: Mapping[str, str]) -> AsyncIterator[Finding]:
    for service, url in urls.items():
        remedy = f"Read logs/{service}.log in the home, or its container's"
        yield Finding(await answers(url), f"{service} at {url} is ready", remedy)


def _port(port: int) -> Finding:
    return Finding(is_free(port), f"port {port} is free", "Choose another with FULLCIRCLE_PORT")


def _running_urls(home: Home) -> dict[str, str] | None:
    try:
        urls: dict[str, str] = json.loads(home.stack.read_text())["urls"]
    except (FileNotFoundError, ValueError, KeyError):
        return None
    return urls


def _given_urls() -> dict[str, str]:
    """Where the processes are that somebody else starts, containers for instance."""
    return {service: url for service in SERVICES if (url := os.environ.get(f"FULLCIRCLE_{service.upper()}_URL"))}
