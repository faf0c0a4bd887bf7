"""FULLCIRCLE_HOME: the directory with data, secrets and logs, held by one launcher at a time."""

import fcntl
import hashlib
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from services.launcher.account import server_account
from services.launcher.errors import LauncherError
from services.launcher.version import ordered, version

SYSTEM_HOME = Path("/var/lib/fullcircle")
LEAST_FREE_BYTES_NEW = 400 * 2**20
LEAST_FREE_BYTES = 64 * 2**20


class HomeInUse(LauncherError):
    """Another launcher holds this home."""


class HomeTooNew(LauncherError):
    """A newer version has written this home."""


class DiskFull(LauncherError):
    """There is no room to work in."""


def default_home() -> Path:
    """`FULLCIRCLE_HOME`, else `.fullcircle` here, or `/var/lib/fullcircle` for root."""
    if given := os.environ.get("FULLCIRCLE_HOME"):
        return Path(given).expanduser()
    return SYSTEM_HOME if os.geteuid() == 0 else Path(".fullcircle")


@dataclass
class Home:
    """Opened by `take`, given back by `release`."""

    path: Path = field(default_factory=default_home)
    _lock: int | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.path = self.path.absolute()

    @property
    def secrets(self) -> Path:
        return self.path / "secrets"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def children(self) -> Path:
        """Where the launcher notes its children, for the next start to find what a killed launcher left."""
        return self.path / "children.json"

    @property
    def stack(self) -> Path:
        """Where a running stack notes its launcher and its addresses, for the other commands."""
        return self.path / "stack.json"

    @property
    def is_new(self) -> bool:
        return not self._stamp.exists()

    @property
    def _stamp(self) -> Path:
        return self.path / "version"

    def postgres(self) -> Path:
        """The directory of the embedded PostgreSQL.

        Below the home, unless the account that runs the server for root cannot get there: then below the system's home,
        under a name that follows from the path, so that two such homes do not meet.
        """
        inside = self.path / "postgres"
        if os.geteuid() != 0 or server_account(inside / "data").can_enter(self.path):
            return inside
        return SYSTEM_HOME / f"postgres-{hashlib.sha256(os.fsencode(self.path)).hexdigest()[:12]}"

    def take(self) -> None:
        """Make the home if there is none, and hold it; raises HomeInUse, HomeTooNew or DiskFull."""
        if not self.path.exists():
            self.path.mkdir(parents=True)
            self.path.chmod(0o711 if os.geteuid() == 0 else 0o700)
        self._check_room()
        self._take_lock()
        try:
            self._check_version()
        except HomeTooNew:
            self.release()
            raise
        self.logs.mkdir(mode=0o700, exist_ok=True)

    def stamp(self) -> None:
        """Note that this version has written here; only after everything stands."""
        draft = self._stamp.with_suffix(".new")
        draft.write_text(f"{version()}\n")
        draft.replace(self._stamp)

    def release(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _check_room(self) -> None:
        free = shutil.disk_usage(self.path).free
        needed = LEAST_FREE_BYTES_NEW if self.is_new else LEAST_FREE_BYTES
        if free < needed:
            raise DiskFull(
                f"Only {free // 2**20} MB are free for {self.path}, and at least {needed // 2**20} MB are needed. "
                "Make room, or choose another place with FULLCIRCLE_HOME."
            )

    def _check_version(self) -> None:
        if not self._stamp.exists():
            return
        written_by = self._stamp.read_text().strip()
        if ordered(written_by) > ordered(version()):
            raise HomeTooNew(
                f"{self.path} was written by Fullcircle {written_by}, which is newer than this one ({version()}). "
                "Use that version or a later one, or choose another place with FULLCIRCLE_HOME."
            )

    def _take_lock(self) -> None:
        handle = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(handle, 32).decode(errors="replace").strip() or "unknown"
            os.close(handle)
            raise HomeInUse(
                f"{self.path} is in use by process {holder}. Stop it, or choose another place with FULLCIRCLE_HOME."
            ) from error
        os.truncate(handle, 0)
        os.write(handle, f"{os.getpid()}\n".encode())
        self._lock = handle
