"""A toy worker in a process of its own, to be killed: `python -m tests.faults.worker_process URL hang|finish`."""

import asyncio
import sys

from services.chassis import jobs
from services.chassis.app import build_context
from services.chassis.jobs import worker
from services.chassis.operations import OperationKinds, OperationRun
from services.chassis.settings import ServiceSettings
from tests.integration.chassis.toy import SEED, Note, NoteRepository

jobs.HEARTBEAT_S, jobs.STALLED_AFTER_S, jobs.SWEEP_S = 0.2, 1.5, 0.3
KIND = "notes.make"

kinds = OperationKinds()


@kinds.kind(KIND)
async def make_note(run: OperationRun) -> None:
    await run.progress(0.5, "half of it")
    async with run.transaction() as session:
        await NoteRepository(session).add(Note(title=run.id))
        await session.flush()
        if sys.argv[2] == "hang":
            print("in the middle", flush=True)
            await asyncio.Event().wait()
        await run.succeed(session, {"made": 1})


async def main() -> None:
    url = sys.argv[1]
    settings = ServiceSettings(
        database_url=url, migration_url=url, direct_url=url, signing_key=SEED, cursor_key=SEED, key_pepper=SEED
    )
    context = build_context("toy", settings)
    async with context.wakeup, worker([kinds.jobs])(context):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
