"""The addresses of operations: read, follow, cancel."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Path, Request
from starlette.responses import StreamingResponse

from services.chassis.answers import Accepted, accepted
from services.chassis.context import ServiceContext
from services.chassis.identity import Principal
from services.chassis.operations import FINAL, TOPIC, OperationRead, Operations
from services.chassis.preferences import PREFER, operation_when_done, preferred_wait_s
from services.chassis.routing import Router
from services.chassis.unit_of_work import Me, Work

HEARTBEAT_S = 15.0
MAX_FOLLOW_S = 3600.0

OperationId = Annotated[str, Path(max_length=100, description="As the 202 and its Location gave it.")]


def operations_router(*, read_scope: str, write_scope: str) -> Router:
    """`/v1/operations/{operation_id}`; each service answers for its own, the id says which."""
    router = Router(prefix="/v1/operations", tags=["Follow long work"])

    @router.get("/{operation_id}", scope=read_scope, extra={"parameters": [PREFER]})
    async def get_operation(operation_id: OperationId, request: Request, work: Work) -> OperationRead:
        """Read an operation.

        Ask again until `state` is `succeeded`, `failed` or `cancelled`; then read `result` or `problem`.
        With `Prefer: wait=10` the answer comes when the work has ended, or after ten seconds.
        """
        wait_s = preferred_wait_s(request.headers)
        return await operation_when_done(work.context, work.principal, operation_id, wait_s=wait_s)

    @router.delete("/{operation_id}", scope=write_scope)
    async def cancel_operation(operation_id: OperationId, work: Work) -> Accepted[OperationRead]:
        """Cancel an operation.

        What waits is cancelled at once, what runs within about a second; what has ended stays as it is (409).
        """
        return accepted(await work.operations.cancel(operation_id), operation_id=operation_id)

    @router.get("/{operation_id}/events", scope=read_scope, unit_of_work=False, extra=EVENT_STREAM)
    async def follow_operation(operation_id: OperationId, request: Request, me: Me) -> StreamingResponse:
        """Follow an operation as server-sent events.

        Each `operation` event carries the operation as `GET` shows it; the stream ends with its last state.
        """
        context: ServiceContext = request.app.state.context
        first = await _read(context, me, operation_id)
        stream = _follow(context, me, first)
        return StreamingResponse(stream, media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    return router


# One event of the stream; `data` is the operation as JSON.
EVENT = {
    "type": "object",
    "properties": {"event": {"const": "operation"}, "id": {"type": "string"}, "data": {"type": "string"}},
}
EVENT_STREAM = {
    "responses": {
        "200": {
            "description": "Server-sent events named `operation`.",
            "content": {"text/event-stream": {"schema": EVENT}},
        }
    }
}


async def _follow(context: ServiceContext, me: Principal, operation: OperationRead) -> AsyncIterator[str]:
    deadline = asyncio.get_running_loop().time() + MAX_FOLLOW_S
    with context.wakeup.subscribe(TOPIC) as heard:
        yield _event(operation)
        while operation.state not in FINAL and asyncio.get_running_loop().time() < deadline:
            if not await heard.wait(HEARTBEAT_S):
                yield ": still here\n\n"
            if context.wakeup.is_released:
                return
            latest = await _read(context, me, operation.id)
            if latest.etag != operation.etag:
                operation = latest
                yield _event(operation)


async def _read(context: ServiceContext, me: Principal, operation_id: str) -> OperationRead:
    async with context.database.session(workspace_id=me.workspace, read_only=True) as session:
        return await Operations(session, service=context.name, principal=me, clock=context.clock).get(operation_id)


def _event(operation: OperationRead) -> str:
    return f"event: operation\nid: {operation.etag.strip(chr(34))}\ndata: {operation.model_dump_json()}\n\n"
