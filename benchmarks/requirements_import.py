"""An import of 50,000 rows whose worker is killed half-way (`kill -9`) and taken up again by another: exact counts.

The service and PostgreSQL are real, the workers are processes of their own; every hundredth row is refused for its
address. The memory is the second worker's peak, as the kernel counts it (VmHWM).

    python -m benchmarks.requirements_import [--rows 50000]
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path
from uuid import uuid4

from benchmarks.report import Figure, exit_code, remark, remark_load, report
from benchmarks.service_in_process import running_service
from tests.faults.killed_import import import_killed_halfway


async def main(rows: int) -> int:
    remark_load("before")
    with tempfile.TemporaryDirectory() as home:
        async with running_service() as service, service.client(uuid4()) as client:
            survived = await import_killed_halfway(client, service.database, Path(home), rows=rows)
            listed = (await client.get("/v1/feedback", params={"count": "exact", "limit": 1})).json()["count"]
    remark(f"killed when {survived.at_death} of {rows} records were kept; {survived.counts}")
    refused = rows // 100
    lost = abs(survived.counts["records"] - rows) + abs(survived.counts["created"] - (rows - refused))
    figures = [
        report(Figure("import_lost_or_doubled", lost + abs(listed - (rows - refused)), at_most=0)),
        report(Figure("import_rows_per_s", rows / survived.seconds)),
        report(Figure("import_worker_peak_mb", survived.peak_mb, at_most=400)),
    ]
    remark_load("after")
    return exit_code(figures)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000)
    sys.exit(asyncio.run(main(parser.parse_args().rows)))
