"""One request, one transaction: opened with the first statement, committed before the answer leaves."""

from typing import Annotated, Any, cast

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from services.chassis.audit import AuditTrail
from services.chassis.clock import Clock
from services.chassis.context import ServiceContext
from services.chassis.events import EventLog
from services.chassis.idempotency import KEPT_FAILURES, IdempotencyGuard
from services.chassis.identity import Principal
from services.chassis.ids import IdMaker
from services.chassis.operations import Operations
from services.chassis.tracing import Trace, current_trace


class UnitOfWork:
    """What a request works with. Ask other services before the first use of the session, never inside."""

    def __init__(
        self,
        context: ServiceContext,
        principal: Principal,
        *,
        guard: IdempotencyGuard | None = None,
        read_only: bool = False,
        source: str = "",
        is_unconditional: bool = False,
        session: AsyncSession | None = None,
    ) -> None:
        self.context = context
        self.principal = principal
        self.guard = guard
        self.session: AsyncSession = session or context.database.session(
            workspace_id=principal.workspace_id, read_only=read_only, on_begin=guard.claim if guard else None
        )
        self.events = EventLog(
            self.session,
            actor=principal.actor,
            clock=context.clock,
            ids=context.ids,
            traceparent=current_trace().traceparent,
            signal=context.signal,
        )
        self.session.info["events"] = self.events

        self.audit = AuditTrail(
            session=self.session,
            principal=principal,
            clock=context.clock,
            trace_id=current_trace().trace_id,
            source=source,
            is_unconditional=is_unconditional,
        )
        self.events.listen(self.audit.note)
        self.operations = Operations(
            self.session, service=context.name, principal=principal, clock=context.clock, signal=context.signal
        )

    @property
    def clock(self) -> Clock:
        return self.context.clock

    @property
    def ids(self) -> IdMaker:
        return self.context.ids

    def follow(self, trace: Trace) -> None:
        """What comes next is done because of another cause than what came before."""
        self.events.follow(trace.traceparent)
        self.audit.trace_id = trace.trace_id

    async def finish(self, response: Response) -> None:
        """Writes the audit trail, keeps the answer for its Idempotency-Key, commits; then the caller may be told."""
        await self.audit.write()
        if self.guard is not None and response.status_code < 300:
            await self.guard.keep(self.session, response)
        await self.session.commit()

    async def abandon(self, failure: Response | None) -> None:
        """Rolls everything back; a failure that would come again is kept for its Idempotency-Key."""
        await self.session.rollback()
        if self.guard is None or failure is None or failure.status_code not in KEPT_FAILURES:
            return
        async with self.context.database.session(
            workspace_id=self.principal.workspace_id, on_begin=self.guard.claim
        ) as session:
            await self.guard.keep(session, failure)
            await session.commit()

    async def close(self) -> None:
        await self.session.close()


async def _work(request: Request) -> UnitOfWork:
    return cast("UnitOfWork", request.state.work)


async def _principal(request: Request) -> Principal:
    return cast("Principal", request.state.principal)


def context_of(request: Request) -> Any:
    """The process's context, as the service's own subclass."""
    return request.app.state.context


Work = Annotated[UnitOfWork, Depends(_work)]
Me = Annotated[Principal, Depends(_principal)]
