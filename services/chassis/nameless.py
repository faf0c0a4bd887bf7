"""Temporary files that hold people's words: gone with the process that holds them, also by `kill -9`."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

OPEN_FILES = Path("/proc/self/fd")


@contextmanager
def nameless_file() -> Iterator[tuple[IO[bytes], Path]]:
    """The open file, and the path by which a process of the same account opens it for as long as ours holds it.

    On Linux it has no name in any directory. Elsewhere it has one, which a killed process leaves behind.
    """
    if OPEN_FILES.is_dir():
        with tempfile.TemporaryFile() as file:
            yield file, Path(f"/proc/{os.getpid()}/fd/{file.fileno()}")
    else:
        with tempfile.NamedTemporaryFile(prefix="fullcircle-") as file:
            yield file, Path(file.name)
