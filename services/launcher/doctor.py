"""`fullcircle doctor`: looks at everything a stack rests on, changes nothing, and names a remedy for what is wrong."""

import json
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass

import asyncpg

from services.launcher.addresses import DatabaseUrls, embedded_databases, given_databases
from services.launcher.bootstrap import EXTENSIONS, SERVICES
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
    findings = [*_machine(), *_home(home)]
    urls = _running_urls(home)
    findings += [finding async for finding in _databases(home)]
    findings += [Finding(*each) async for each in flow(_database_urls(home) or {})]
    findings += [finding async for finding in _processes(urls)] if urls else [_port(port)]
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


async def _databases(home: Home) -> AsyncIterator[Finding]:
    try:
        urls = _database_urls(home)
    except LauncherError as error:
        yield Finding(False, "databases named in the environment", str(error))
        return
    if urls is None:
        yield Finding(True, "embedded PostgreSQL is not running")
        return
    for service, each in urls.items():
        try:
            async for finding in _database(service, each):
                yield finding
        except (OSError, TimeoutError, asyncpg.PostgresError) as error:
            yield Finding(False, f"database of {service}: {error}", "Check that it runs, and its address and password")


def _database_urls(home: Home) -> Mapping[str, DatabaseUrls] | None:
    """Those of the environment, else of the embedded server; None when that does not run."""
    if (given := given_databases()) is not None:
        return given
    running = EmbeddedPostgres.running(home.postgres())
    return embedded_databases(running) if running else None


async def _database(service: str, urls: DatabaseUrls) -> AsyncIterator[Finding]:
    connection = await asyncpg.connect(urls.application, timeout=10)
    try:
        number = int(await connection.fetchval("SHOW server_version_num"))
        present = {row["extname"] for row in await connection.fetch("SELECT extname FROM pg_extension")}
        may_bypass = await connection.fetchval(MAY_BYPASS)
        is_migrated = await connection.fetchval("SELECT to_regclass('alembic_version') IS NOT NULL")
    finally:
        await connection.close()
    missing = [extension for extension in EXTENSIONS if extension not in present]
    what = f"database of {service}"
    yield Finding(number >= LEAST_POSTGRES, f"{what}: PostgreSQL {number // 10000}", "PostgreSQL 15 or later is needed")
    yield Finding(not missing, f"{what}: extensions", f"As superuser there: CREATE EXTENSION {', '.join(missing)}")
    yield Finding(not may_bypass, f"{what}: bound by row-level security", "Use a role with NOSUPERUSER NOBYPASSRLS")
    yield Finding(is_migrated, f"{what}: migrated", f"fullcircle migrate {service}")


async def _processes(urls: dict[str, str]) -> AsyncIterator[Finding]:
    for service in SERVICES:
        port = int(urls[service].rpartition(":")[2])
        is_ready = await answers(port)
        yield Finding(is_ready, f"{service} at {urls[service]} is ready", f"Read logs/{service}.log in the home")


def _port(port: int) -> Finding:
    return Finding(is_free(port), f"port {port} is free", "Choose another with FULLCIRCLE_PORT")


def _running_urls(home: Home) -> dict[str, str] | None:
    try:
        urls: dict[str, str] = json.loads(home.stack.read_text())["urls"]
    except (FileNotFoundError, ValueError, KeyError):
        return None
    return urls
