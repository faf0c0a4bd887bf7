"""Places on the disk: what the workers of one run share, and what the database server may enter."""

import fcntl
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

SHARED = "TESTS_SHARED"
"""The variable that names one directory for all workers of a run; gone with it."""


def reachable_directory() -> Path:
    """A temporary directory that the server's account can enter too; pytest's own `tmp_path` is closed to others."""
    directory = Path(tempfile.mkdtemp(prefix="fullcircle-"))
    directory.chmod(0o711)
    return directory


def once(name: str, make: Callable[[], str]) -> str:
    """What `make` answers, made by the first worker of this run that asks."""
    kept = Path(os.environ[SHARED]) / name
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            kept.write_text(make())
    return kept.read_text()
