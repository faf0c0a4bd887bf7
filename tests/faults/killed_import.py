"""An import whose worker is killed half-way with `kill -9`, and which another worker takes up again."""

import asyncio
import csv
import io
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.postgres import DatabaseAddress

OCTETS = {"Content-Type": "application/octet-stream"}
PART_BYTES = 8_000_000
LOOK_S = 0.02
MAPPING = {"text": "Text", "external_id": "Id", "contact.email": "Mail", "company.domain": "Firm"}


@dataclass(frozen=True)
class Survived:
    """How much was kept when the worker died, what the end says, and how long both workers took together."""

    at_death: int
    counts: dict[str, int]
    seconds: float
    peak_mb: float


@asynccontextmanager
async def import_worker(database: DatabaseAddress, home: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.faults.import_worker_process", database.app_url, str(home)
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def import_killed_halfway(
    api: httpx.AsyncClient, database: DatabaseAddress, home: Path, *, rows: int
) -> Survived:
    """A table of this many rows; the first worker dies when a third of it is kept."""
    import_id = await _uploaded(api, _table(rows))
    began = time.perf_counter()
    started = await api.post(f"/v1/imports/{import_id}/start", json={"dry_run": False})
    assert started.status_code == 202, started.text
    async with import_worker(database, home) as first:
        while (at_death := (await _seen(api, import_id))["records"]) < rows // 3:
            await asyncio.sleep(LOOK_S)
        os.kill(first.pid, signal.SIGKILL)
        await first.wait()
    at_death = max(at_death, (await _seen(api, import_id))["records"])
    async with import_worker(database, home) as second:
        while (await api.get(started.headers["location"])).json()["state"] in {"queued", "running"}:
            await asyncio.sleep(LOOK_S)
        peak_mb = _peak_mb(second.pid)
    operation = (await api.get(started.headers["location"])).json()
    assert operation["state"] == "succeeded", operation
    found = await _seen(api, import_id)
    counts = {name: found[name] for name in ("records", "created", "known", "refused", "skipped")}
    return Survived(at_death, counts, time.perf_counter() - began, peak_mb)


async def _uploaded(api: httpx.AsyncClient, content: bytes) -> str:
    made = await api.post("/v1/imports", json={"format": "csv", "source": "killed", "mapping": MAPPING})
    assert made.status_code == 201, made.text
    for number, start in enumerate(range(0, len(content), PART_BYTES), start=1):
        answer = await api.post(
            f"/v1/imports/{made.json()['id']}/parts",
            params={"number": number},
            content=content[start : start + PART_BYTES],
            headers=OCTETS,
        )
        assert answer.status_code == 200, answer.text
    import_id: str = made.json()["id"]
    return import_id


def _table(rows: int) -> bytes:
    """Every hundredth row is refused for its address."""
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(["Id", "Text", "Mail", "Firm"])
    for number in range(rows):
        mail = "nobody" if number % 100 == 99 else f"p{number % 5_000}@firm{number % 500}.example"
        wish = f"The export of report {number} stops half-way, and I copy the rest by hand."
        table.writerow([f"r{number}", wish, mail, f"firm{number % 500}.example"])
    return written.getvalue().encode()


async def _seen(api: httpx.AsyncClient, import_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await api.get(f"/v1/imports/{import_id}")).json()
    return found


def _peak_mb(pid: int) -> float:
    """The most memory that the process ever had, as the kernel counts it (VmHWM)."""
    (line,) = [each for each in Path(f"/proc/{pid}/status").read_text().splitlines() if each.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024
