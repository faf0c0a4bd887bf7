"""`Prefer: wait=N` (RFC 7240): the answer about long work may come a little later, when the work is done."""

import asyncio
import json
import re
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from services.chassis.context import ServiceContext
from services.chassis.deadline import remaining_s
from services.chassis.identity import Principal
from services.chassis.operations import FINAL, TOPIC, OperationRead, Operations

LONGEST_WAIT_S = 25
MARGIN_S = 2.0
LOOK_AGAIN_S = 2.0
WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,6})\"?(?=$|[,;\s])", re.IGNORECASE)

PREFER = {
    "name": "Prefer",
    "in": "header",
    "required": False,
    "description": f"`wait=N` waits up to N seconds (at most {LONGEST_WAIT_S}) for the work to end before answering "
    "(RFC 7240).",
    "schema": {"type": "string"},
    "example": "wait=10",
}


def preferred_wait_s(headers: Mapping[str, str]) -> float:
    """The seconds that the caller would wait: 0 unless asked, never so long that the answer would come too late."""
    asked = WAIT.search(headers.get("prefer", ""))
    return min(float(asked[1]), max(0.0, remaining_s(LONGEST_WAIT_S + MARGIN_S) - MARGIN_S)) if asked else 0.0


async def operation_when_done(
    context: ServiceContext, principal: Principal, operation_id: str, *, wait_s: float
) -> OperationRead:
    """The operation, once it has ended or the time is over. Raises NotFound. Holds no connection while it waits."""
    clock = asyncio.get_running_loop().time
    until = clock() + wait_s
    with context.wakeup.subscribe(TOPIC) as heard:
        while True:
            async with context.database.session(workspace_id=principal.workspace, read_only=True) as session:
                operations = Operations(session, service=context.name, principal=principal, clock=context.clock)
                operation = await operations.get(operation_id)
            remaining = until - clock()
            if operation.state in FINAL or remaining <= 0 or context.wakeup.is_released:
                return operation
            await heard.wait(min(remaining, LOOK_AGAIN_S))


async def answer_when_done(
    request: Request, response: Response, *, context: ServiceContext, principal: Principal
) -> Response:
    """The 202, later if the caller prefers, with its operation as it is then."""
    wait_s = preferred_wait_s(request.headers)
    _, _, operation_id = response.headers.get("location", "").rpartition("/v1/operations/")
    if response.status_code != 202 or not operation_id or wait_s == 0:
        return response
    operation = await operation_when_done(context, principal, operation_id, wait_s=wait_s)
    body = json.loads(bytes(response.body)) | operation.model_dump(mode="json")
    headers = {
        "Location": response.headers["location"],
        "ETag": operation.etag,
        "Preference-Applied": f"wait={int(wait_s)}",
    }
    return Response(json.dumps(body), response.status_code, headers, media_type="application/json")
