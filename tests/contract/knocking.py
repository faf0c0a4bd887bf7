"""Sends an operation of the document as a caller would: path filled, example body, right media type."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar
from uuid import UUID, uuid4

import httpx

from tests.contract.operations import Operation

PARAMETER = re.compile(r"{(\w+)}")
NDJSON = "application/x-ndjson"
EVENT_STREAM = "text/event-stream"
SIDE_BY_SIDE = 12

Thing = TypeVar("Thing")
Found = TypeVar("Found")


async def side_by_side(things: Iterable[Thing], attempt: Callable[[Thing], Awaitable[Found]]) -> list[Found]:
    """What the attempt finds for each, in their order, a dozen at a time: a walk's time grows with every route."""
    room = asyncio.Semaphore(SIDE_BY_SIDE)

    async def within_room(thing: Thing) -> Found:
        async with room:
            return await attempt(thing)

    return await asyncio.gather(*(within_room(thing) for thing in things))


async def faults_side_by_side(things: Iterable[Thing], attempt: Callable[[Thing], Awaitable[list[str]]]) -> list[str]:
    """All faults that the attempts find."""
    return [fault for faults in await side_by_side(things, attempt) for fault in faults]


def filled(path: str, values: dict[str, str]) -> str:
    """The path with its parameters; a fresh id where no value is given."""
    return PARAMETER.sub(lambda found: values.get(found[1]) or fresh(found[1]), path)


def fresh(name: str) -> str:
    """An id that never was; an operation's begins with the service that would know it."""
    return f"requirements_{uuid4()}" if name == "operation_id" else str(uuid4())


def written(body: Any, media_type: str) -> bytes:
    """A documented example as bytes; examples of NDJSON are text or a list of lines."""
    if isinstance(body, str):
        return body.encode()
    if media_type == NDJSON:
        lines = body if isinstance(body, list) else [body]
        return b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    return json.dumps(body).encode()


async def knock(
    client: httpx.AsyncClient, operation: Operation, values: dict[str, str] | None = None, **changes: Any
) -> httpx.Response:
    """Send the operation with its example; `changes` are `content`, `headers`, `params` to send instead or besides."""
    headers: dict[str, str] = {}
    content = None
    if operation.body:
        media_type = next(iter(operation.body))
        headers["Content-Type"] = media_type
        content = written(operation.example(media_type), media_type)
    if operation.method in {"put", "patch", "delete"}:
        headers["If-Match"] = "*"
    headers |= changes.pop("headers", {})
    request = client.build_request(
        operation.method.upper(),
        filled(operation.path, values or {}),
        headers=headers,
        content=changes.pop("content", content),
        params=required_query(operation) | changes.pop("params", {}),
        **changes,
    )
    return await sent(client, request)


async def sent(client: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
    """The answer; of a stream of events, which need not end, only its beginning."""
    answer = await client.send(request, stream=True)
    if answer.headers.get("content-type", "").startswith(EVENT_STREAM):
        await answer.aclose()
        return httpx.Response(answer.status_code, headers={"content-type": EVENT_STREAM}, request=request)
    await answer.aread()
    return answer


def required_query(operation: Operation) -> dict[str, str]:
    """A value for each query parameter that must be sent, and a reason wherever one is taken."""
    parameters = [each for each in operation.spec.get("parameters", []) if each["in"] == "query"]
    return {
        each["name"]: "2026-01-31" if each["schema"].get("format") == "date" else "Because"
        for each in parameters
        if each.get("required") or each["name"] == "reason"
    }


def is_uuid(text: Any) -> bool:
    try:
        return isinstance(text, str) and bool(UUID(text))
    except ValueError:
        return False
