"""What `make clients` prepares: programs that generate and run clients, and other people's libraries for Node."""

import asyncio
from pathlib import Path

import pytest

from tests.contract.house import ROOT

CALLS = ROOT / "deploy" / "clients"
PREPARED = ROOT / ".venv" / "clients"

needs_python = pytest.mark.skipif(not (PREPARED / "bin").exists(), reason="`make clients` prepares the generators")
needs_node = pytest.mark.skipif(
    not (PREPARED / "node_modules").exists(), reason="`make clients` prepares the libraries, with npm"
)


async def run(*command: str | Path, directory: Path) -> str:
    """What the command prints."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=directory, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    told, _ = await process.communicate()
    assert process.returncode == 0, told.decode()
    return told.decode()
