"""Places on the disk: what the workers of one run share, and what the database server may enter."""

import tempfile
from pathlib import Path

SHARED = "TESTS_SHARED"
"""The variable that names one directory for all workers of a run; gone with it."""


def reachable_directory() -> Path:
    """A temporary directory that the server's account can enter too; pytest's own `tmp_path` is closed to others."""
    directory = Path(tempfile.mkdtemp(prefix="fullcircle-"))
    directory.chmod(0o711)
    return directory
