"""Places on the disk: what the workers of one run share, and what the database server may enter."""

import asyncio
import fcntl
import functools
import os
import pickle
import shutil
import subprocess
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TextIO, TypeVar

import psutil

SHARED = "TESTS_SHARED"
"""The variable that names one directory for all workers of a run; gone with it."""
RUN, KEEPER = "run.lock", "keeper.lock"
"""Locks: one is held as long as the run lasts, the other until the keeper of its stack has stopped that."""
FURNISHED = "furnished"
"""What `once` makes first: the database server that every worker begins with a copy of."""

PREFIX = "fullcircle-"
MEMORY, ROOM = Path("/dev/shm"), 8 * 2**30

Made = TypeVar("Made")


def reachable_directory() -> Path:
    """A temporary directory that the server's account can enter too; pytest's own `tmp_path` is closed to others."""
    directory = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=_in_memory()))
    directory.chmod(0o711)
    return directory


@functools.cache
def _in_memory() -> Path | None:
    """Where there is plenty of it: on a disk it takes long to make a file while thousands were just removed.

    None, which means TMPDIR, also where programs may not be started: PostgreSQL's are copied beside its data.
    """
    if "TMPDIR" in os.environ or not MEMORY.is_dir():
        return None
    place = os.statvfs(MEMORY)
    free = min(place.f_bavail * place.f_frsize, psutil.virtual_memory().available)
    return MEMORY if free >= ROOM and not place.f_flag & os.ST_NOEXEC else None


def remove_abandoned() -> None:
    """The directories of runs that were killed; in memory they would stay until the machine is started again."""
    for directory in (each for place in (MEMORY, Path(tempfile.gettempdir())) for each in place.glob(f"{PREFIX}*-*")):
        maker = directory.name.removeprefix(PREFIX).partition("-")[0]
        if maker.isdecimal() and not psutil.pid_exists(int(maker)):
            shutil.rmtree(directory, ignore_errors=True)


async def copy_owned(made: Path, copy: Path) -> None:
    """By `cp`, which keeps the owners: the database server's files are not ours when we are root."""
    await asyncio.to_thread(subprocess.run, ["cp", "-a", made, copy], check=True)


def shared(name: str) -> Path:
    """A place in that directory."""
    return Path(os.environ[SHARED]) / name


def locked(name: str) -> TextIO:
    """A lock of this run, held until it is closed or its process has ended."""
    lock = shared(name).open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def once(name: str, make: Callable[[], Made]) -> Made:
    """What `make` answers, made by the first worker of this run that asks."""
    kept = shared(name)
    with locked(f"{name}.lock"):
        if not kept.exists():
            kept.write_bytes(pickle.dumps(make()))
    made: Made = pickle.loads(kept.read_bytes())
    return made


async def once_awaited(name: str, make: Callable[[], Awaitable[Made]]) -> Made:
    """As `once`, of what is waited for while it is made."""
    kept = shared(name)
    with await asyncio.to_thread(locked, f"{name}.lock"):
        if not kept.exists():
            kept.write_bytes(pickle.dumps(await make()))
    made: Made = pickle.loads(kept.read_bytes())
    return made
