"""A worker of imports in a process of its own, to be killed: `... tests.faults.import_worker_process URL HOME`."""

import asyncio
import sys
from pathlib import Path

from services.chassis import jobs
from services.chassis.app import build_context
from services.chassis.jobs import worker
from services.requirements.imports.tasks import kinds
from services.requirements.settings import RequirementsSettings
from tests.integration.chassis.toy import SEED

# A busy machine keeps a living worker silent for seconds: a shorter patience would take its work away from it.
jobs.HEARTBEAT_S, jobs.STALLED_AFTER_S, jobs.SWEEP_S = 0.5, 6.0, 0.5


async def main() -> None:
    url, home = sys.argv[1:]
    settings = RequirementsSettings(
        home=Path(home),
        database_url=url,
        migration_url=url,
        direct_url=url,
        signing_key=SEED,
        cursor_key=SEED,
        key_pepper=SEED,
        log_level="error",
    )
    context = build_context("requirements", settings)
    async with context.wakeup, worker([kinds.jobs])(context):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
