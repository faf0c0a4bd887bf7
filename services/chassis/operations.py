"""Long work as the caller sees it: an operation with states, progress, a result, and an end on request."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

import structlog
from pydantic import Field
from sqlalchemy import CursorResult, Row, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.clock import Clock
from services.chassis.errors import Conflict, NotFound, Unavailable
from services.chassis.identity import Principal
from services.chassis.ids import new_operation_id
from services.chassis.jobs import Jobs, defer
from services.chassis.problems import is_database_outage, problem_of
from services.chassis.tables import operation
from services.chassis.tracing import continue_trace, current_trace, current_trace_id
from services.chassis.types import Reading, Timestamp

if TYPE_CHECKING:
    from services.chassis.context import ServiceContext

State = Literal["queued", "running", "succeeded", "failed", "cancelled"]
FINAL = ("succeeded", "failed", "cancelled")
TOPIC = "operation"
RUN = "operation.run"
CANCEL_POLL_S = 2.0

GIVEN_UP = text(
    """
    SELECT CAST(args ->> 'workspace_id' AS uuid) AS workspace_id, args ->> 'operation_id' AS operation_id
    FROM procrastinate_jobs AS job
    WHERE task_name = :task AND status = 'failed' AND EXISTS (
        SELECT FROM procrastinate_events AS event WHERE event.job_id = job.id AND event.at > now() - interval '1 day'
    )
    """
)

log = structlog.get_logger(__name__)


class OperationRead(Reading):
    """Long work: watch it until its state is succeeded, failed or cancelled."""

    id: str = Field(examples=["requirements_019c0d8e-7f2a-7c61-9d35-0b2f4c1a8e77"])
    etag: str
    kind: str = Field(examples=["themes.rebuild"])
    state: State
    progress: float = Field(ge=0, le=1, description="The share that is done.")
    message: str | None = Field(description="What is being done now.")
    result: dict[str, Any] | None = Field(description="What came of it, once it has succeeded.")
    problem: dict[str, Any] | None = Field(description="Why it failed, as a problem document.")
    created_at: Timestamp
    updated_at: Timestamp
    started_at: Timestamp | None
    finished_at: Timestamp | None


class LeftToAnother(Exception):
    """Another worker, which took this one for dead, is further with the same operation: it is left to that one."""


class GivenUp(Unavailable):
    code, title = "given_up", "The work was tried as often as it may be, and could not be done"


class Finished(Conflict):
    code, title = "operation_finished", "The operation has ended already"


def read_operation(row: Row[Any]) -> OperationRead:
    return OperationRead(etag=f'"{row.version}"', **{name: getattr(row, name) for name in _READ})


_READ = tuple(name for name in OperationRead.model_fields if name != "etag")


class Operations:
    """Starts, reads and cancels operations within one transaction."""

    def __init__(
        self,
        session: AsyncSession,
        *,
        service: str,
        principal: Principal,
        clock: Clock,
        signal: Callable[[str], None] = lambda _topic: None,
    ) -> None:
        self._session = session
        self._service = service
        self._principal = principal
        self._clock = clock
        self._signal = signal

    async def start(self, kind: str, payload: Mapping[str, Any]) -> OperationRead:
        """Queue the work: operation and job exist if and only if the transaction commits."""
        operation_id = new_operation_id(self._service)
        now = self._clock.now()
        row = (
            await self._session.execute(
                insert(operation)
                .values(
                    workspace_id=self._principal.workspace,
                    id=operation_id,
                    kind=kind,
                    payload=dict(payload),
                    created_by=self._principal.id,
                    created_at=now,
                    updated_at=now,
                )
                .returning(operation)
            )
        ).one()
        await defer(
            self._session,
            RUN,
            {
                "workspace_id": str(self._principal.workspace),
                "operation_id": operation_id,
                "traceparent": current_trace().traceparent,
            },
        )
        return read_operation(row)

    async def get(self, operation_id: str) -> OperationRead:
        """Raises NotFound."""
        return read_operation(await _row(self._session, self._principal.workspace, operation_id))

    async def cancel(self, operation_id: str) -> OperationRead:
        """Ask it to end: at once when it waits, else within about a second. Raises NotFound, Finished."""
        row = await _row(self._session, self._principal.workspace, operation_id, lock=True)
        if row.state in FINAL:
            raise Finished(f"The operation has {row.state} already.")
        changes: dict[str, Any] = {"cancel_requested": True}
        if row.state == "queued":
            changes |= {"state": "cancelled", "finished_at": self._clock.now()}
        changed = await _change(self._session, row, self._clock, changes)
        self._signal(TOPIC)
        return read_operation(changed)


class OperationRun:
    """What the work itself holds: its payload, its transactions, and a way to tell how far it is."""

    def __init__(
        self, context: "ServiceContext", workspace_id: UUID, operation_id: str, payload: dict[str, Any]
    ) -> None:
        self.context = context
        self.workspace_id = workspace_id
        self.id = operation_id
        self.payload = payload
        self.is_finished = False

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A transaction in the operation's workspace; leave long computing outside."""
        async with self.context.database.transaction(workspace_id=self.workspace_id) as session:
            yield session

    async def progress(self, share: float, message: str | None = None) -> None:
        """Tell how far it is, from 0 to 1."""
        async with self.transaction() as session:
            row = await _row(session, self.workspace_id, self.id, lock=True)
            if row.state == "running":
                await _change(session, row, self.context.clock, {"progress": share, "message": message})
        self.context.signal(TOPIC)

    async def succeed(self, session: AsyncSession, result: Mapping[str, Any]) -> None:
        """End well, in the transaction of the effect: a kill before its commit undoes both, and the work runs again."""
        row = await _row(session, self.workspace_id, self.id, lock=True)
        changes = {
            "state": "succeeded",
            "progress": 1.0,
            "result": dict(result),
            "finished_at": self.context.clock.now(),
        }
        await _change(session, row, self.context.clock, changes)
        self.is_finished = True


OperationHandler = Callable[[OperationRun], Awaitable[Mapping[str, Any] | None]]


class OperationKinds:
    """The kinds of operation that a service can run, and the job that runs them."""

    def __init__(self) -> None:
        self.handlers: dict[str, OperationHandler] = {}
        self.jobs = Jobs()
        self.jobs.job(RUN)(self._run)

    def kind(self, name: str) -> Callable[[OperationHandler], OperationHandler]:
        """Declare `handler(run)`: it ends with `run.succeed` in its last transaction, or by returning its result."""

        def declare(handler: OperationHandler) -> OperationHandler:
            self.handlers[name] = handler
            return handler

        return declare

    def include(self, other: "OperationKinds") -> None:
        """Take over what another feature declared."""
        self.handlers |= other.handlers

    async def _run(self, context: "ServiceContext", *, workspace_id: str, operation_id: str, traceparent: str) -> None:
        continue_trace(traceparent)
        begun = await _begin(context, UUID(workspace_id), operation_id)
        if begun is None:
            return
        run = OperationRun(context, UUID(workspace_id), operation_id, begun.payload)
        work = asyncio.ensure_future(self.handlers[begun.kind](run))
        watch = asyncio.create_task(_cancel_on_request(context, run, work))
        try:
            result = await work
        except asyncio.CancelledError:
            if not await _was_cancelled(run):
                raise  # the process stops: the job is taken up again elsewhere
            await _finish(context, run, {"state": "cancelled"})
        except LeftToAnother:
            log.warning("operation_left_to_another", operation=run.id, kind=begun.kind)
            await _until_over(context, run)
        except Exception as fault:
            if is_database_outage(fault):
                raise
            problem = problem_of(fault).document(instance=f"/v1/operations/{run.id}", trace_id=current_trace_id())
            await _finish(context, run, {"state": "failed", "problem": problem})
        else:
            if not run.is_finished:
                await _finish(context, run, {"state": "succeeded", "progress": 1.0, "result": dict(result or {})})
            context.signal(TOPIC)
        finally:
            watch.cancel()


async def end_given_up(context: "ServiceContext") -> None:
    """End what no worker will take up again: its job failed each time, so whoever watches it would wait for ever."""
    async with context.database.engine.connect() as connection:
        jobs = (await connection.execute(GIVEN_UP, {"task": RUN})).all()
    for job in jobs:
        run = OperationRun(context, job.workspace_id, job.operation_id, {})
        with suppress(NotFound):  # erased meanwhile
            if not await _is_over(run):
                log.error("operation_given_up", operation=run.id)
                problem = GivenUp().document(instance=f"/v1/operations/{run.id}", trace_id=current_trace_id())
                await _finish(context, run, {"state": "failed", "problem": problem})


async def _begin(context: "ServiceContext", workspace_id: UUID, operation_id: str) -> Row[Any] | None:
    """The operation, now running; None when it has ended already."""
    async with context.database.transaction(workspace_id=workspace_id) as session:
        row = await _row(session, workspace_id, operation_id, lock=True)
        if row.state in FINAL:
            return None
        started = row.started_at or context.clock.now()
        return await _change(session, row, context.clock, {"state": "running", "started_at": started})


async def _finish(context: "ServiceContext", run: OperationRun, changes: dict[str, Any]) -> None:
    async with run.transaction() as session:
        row = await _row(session, run.workspace_id, run.id, lock=True)
        if row.state not in FINAL:
            await _change(session, row, context.clock, changes | {"finished_at": context.clock.now()})
    context.signal(TOPIC)


async def _until_over(context: "ServiceContext", run: OperationRun) -> None:
    """Until the other one has ended it: were the job given back before, nobody would take it up when that one dies."""
    with context.wakeup.subscribe(TOPIC) as heard:
        while not await _is_over(run):
            await heard.wait(CANCEL_POLL_S)


async def _is_over(run: OperationRun) -> bool:
    async with run.transaction() as session:
        return (await _row(session, run.workspace_id, run.id)).state in FINAL


async def _was_cancelled(run: OperationRun) -> bool:
    async with run.transaction() as session:
        return bool((await _row(session, run.workspace_id, run.id)).cancel_requested)


async def _cancel_on_request(context: "ServiceContext", run: OperationRun, work: "asyncio.Future[Any]") -> None:
    with context.wakeup.subscribe(TOPIC) as heard:
        while not await _was_cancelled(run):
            await heard.wait(CANCEL_POLL_S)
    work.cancel()


async def _row(session: AsyncSession, workspace_id: UUID, operation_id: str, *, lock: bool = False) -> Row[Any]:
    query = select(operation).where(operation.c.workspace_id == workspace_id, operation.c.id == operation_id)
    row = (await session.execute(query.with_for_update() if lock else query)).one_or_none()
    if row is None:
        raise NotFound(f"There is no operation {operation_id}.")
    return row


async def _change(session: AsyncSession, row: Row[Any], clock: Clock, changes: Mapping[str, Any]) -> Row[Any]:
    statement = (
        update(operation)
        .where(operation.c.workspace_id == row.workspace_id, operation.c.id == row.id)
        .values(**changes, version=operation.c.version + 1, updated_at=clock.now())
        .returning(operation)
    )
    changed: CursorResult[Any] = await session.execute(statement)
    return changed.one()
