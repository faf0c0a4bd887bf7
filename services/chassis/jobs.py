"""Work beside the requests: jobs in PostgreSQL, deferred in the transaction of their cause (procrastinate)."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.wakeup import JOBS

if TYPE_CHECKING:
    from procrastinate import App

    from services.chassis.context import ServiceContext

QUEUE = JOBS.partition("#")[2]
CONCURRENCY = 4
HEARTBEAT_S = 5.0
STALLED_AFTER_S = 20.0
SWEEP_S = 10.0
GRACE_S = 5.0
PATIENCE_S = 5.0
"""So long a worker waits for a connection: one that is told to end while the database has gone must not wait longer."""
LONGEST_SILENCE_S = 3600.0
MAX_ATTEMPTS = 5

DEFER = text(
    "SELECT procrastinate_defer_jobs_v1(ARRAY[ROW(:queue, :task, 0, :lock, :queueing_lock, CAST(:args AS jsonb), "
    "CAST(:scheduled_at AS timestamptz))::procrastinate_job_to_defer_v1])"
)

JobHandler = Callable[..., Awaitable[None]]

log = structlog.get_logger(__name__)


class Jobs:
    """The jobs that a feature knows how to do, by name."""

    def __init__(self) -> None:
        self.handlers: dict[str, JobHandler] = {}

    def job(self, name: str) -> Callable[[JobHandler], JobHandler]:
        """Declare `handler(context, **args)`; it may run more than once, so its effect must bear that."""

        def declare(handler: JobHandler) -> JobHandler:
            self.handlers[name] = handler
            return handler

        return declare


async def defer(
    session: AsyncSession,
    name: str,
    args: Mapping[str, Any],
    *,
    lock: str | None = None,
    once: str | None = None,
    at: datetime | None = None,
) -> None:
    """Ask for a job; it exists if and only if the session's transaction commits.

    Jobs with the same `lock` run one after the other; while a job with the same `once` waits, no second one is made.
    """
    parameters = {
        "queue": QUEUE,
        "task": name,
        "lock": lock,
        "queueing_lock": once,
        "args": msgspec.json.encode(args).decode(),
        "scheduled_at": at,
    }
    if once is not None:
        waiting = text("SELECT 1 FROM procrastinate_jobs WHERE queueing_lock = :once AND status = 'todo'")
        await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:once, 0))"), {"once": once})
        if (await session.execute(waiting, {"once": once})).first() is not None:
            return
    await session.execute(DEFER, parameters)


def worker(jobs: Sequence[Jobs]) -> Callable[["ServiceContext"], contextlib.AbstractAsyncContextManager[None]]:
    """The background part that does this service's jobs, and takes up again what a killed worker left."""

    @asynccontextmanager
    async def running(context: "ServiceContext") -> AsyncIterator[None]:
        if context.settings.role == "api":
            yield
            return
        app = _queue(context, jobs)
        async with app.open_async():
            tasks = [asyncio.create_task(_work(app, context)), asyncio.create_task(_sweep(app))]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    return running


def _queue(context: "ServiceContext", jobs: Sequence[Jobs]) -> "App":
    import procrastinate  # noqa: PLC0415 -- with psycopg it is a tenth of a second that an api-only process saves

    class Connector(procrastinate.PsycopgConnector):
        """Hears of jobs by the connection that the process has for all it listens to.

        psycopg would take another, and wake the process ten times a second to look whether somebody pressed Ctrl-C.
        """

        async def listen_notify(self, on_notification: Callable[..., Awaitable[None]], channels: Iterable[str]) -> None:
            del channels
            with context.wakeup.subscribe(JOBS) as heard:
                while True:
                    if await heard.wait(LONGEST_SILENCE_S):
                        await on_notification(channel=JOBS, payload='{"type": "job_inserted"}')

    url = context.settings.direct_url
    connector = Connector(conninfo=url, min_size=1, max_size=CONCURRENCY + 1, timeout=PATIENCE_S)
    app = procrastinate.App(connector=connector)
    retry = procrastinate.RetryStrategy(max_attempts=MAX_ATTEMPTS, exponential_wait=2)
    for name, handler in ((name, handler) for each in jobs for name, handler in each.handlers.items()):
        app.task(name=name, queue=QUEUE, retry=retry)(_bind(context, handler))
    return app


def _bind(context: "ServiceContext", handler: JobHandler) -> JobHandler:
    async def run(**args: Any) -> None:
        await handler(context, **args)

    return run


async def _work(app: "App", context: "ServiceContext") -> None:
    """Works until cancelled; a database that goes away is waited for.

    A worker that is cancelled while the database is away fails instead, and its cancellation would be forgotten.
    """
    own = asyncio.current_task()
    while not (own and own.cancelling()):
        try:
            await app.run_worker_async(
                queues=[QUEUE],
                name=f"{context.name}-{context.ids()}",
                concurrency=CONCURRENCY,
                install_signal_handlers=False,
                delete_jobs="successful",
                shutdown_graceful_timeout=GRACE_S,
                update_heartbeat_interval=HEARTBEAT_S,
                stalled_worker_timeout=STALLED_AFTER_S,
                fetch_job_polling_interval=5.0,
            )
        except Exception as fault:  # noqa: BLE001 -- whatever ended the worker, the next one is wanted
            log.warning("worker_restarts", reason=type(fault).__name__)
        await asyncio.sleep(1)


async def _sweep(app: "App") -> None:
    """procrastinate does not take up a killed worker's jobs by itself."""
    while True:
        await asyncio.sleep(SWEEP_S)
        try:
            for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_S):
                log.warning("job_taken_up_again", task=job.task_name, attempts=job.attempts)
                await app.job_manager.retry_job(job)
        except Exception as fault:  # noqa: BLE001 -- as above
            log.warning("sweep_failed", reason=type(fault).__name__)


def soon(now: datetime, seconds: float) -> datetime:
    """A moment to hand to `defer(at=...)`."""
    return now + timedelta(seconds=seconds)
