"""Files that hold people's words leave nothing behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from services.chassis.nameless import OPEN_FILES, nameless_file

HOLDS = """
import time
from services.chassis.nameless import nameless_file
with nameless_file() as (file, path):
    file.write(b"what Ana said")
    file.flush()
    print(path, flush=True)
    time.sleep(60)
"""


def test_another_reader_opens_it_from_the_beginning() -> None:
    with nameless_file() as (file, path):
        file.write(b"what Ana said")
        file.flush()
        assert path.read_bytes() == b"what Ana said"
        assert path.stat().st_size == 13
    assert not path.exists()


@pytest.mark.skipif(not OPEN_FILES.is_dir(), reason="only Linux opens files that have no name")
def test_a_killed_process_leaves_nothing(tmp_path: Path) -> None:
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    holder = subprocess.Popen([sys.executable, "-c", HOLDS], env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        path = Path(holder.stdout.readline().strip())
        assert path.read_bytes() == b"what Ana said", "another process reads it meanwhile"
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.communicate()
    assert list(tmp_path.iterdir()) == []
