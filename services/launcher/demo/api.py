"""The demo's way to the API: what any client would write, with every surprise named."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import uuid4

import httpx

from services.launcher.errors import LauncherError

POLL_S = 0.1
DEADLINE_S = 120.0
TIMEOUT_S = 35.0

Found = TypeVar("Found")
Json = dict[str, Any]


class StepFailed(LauncherError):
    """The API answered something that the story has no place for."""


class Api:
    """One workspace, seen with one key."""

    def __init__(self, base_url: str, key: str) -> None:
        self._client = httpx.AsyncClient(
            base_url=base_url, headers={"Authorization": f"Bearer {key}"}, timeout=TIMEOUT_S, trust_env=False
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def get(self, path: str, **parameters: Any) -> Json:
        return await self._send("GET", path, params=parameters)

    async def post(self, path: str, body: Json) -> Json:
        """Safe to repeat, as every POST should be sent."""
        return await self._send("POST", path, json=body, headers={"Idempotency-Key": str(uuid4())})

    async def put(self, path: str, body: Json) -> Json:
        return await self._send("PUT", path, json=body)

    async def post_lines(self, path: str, lines: Sequence[Json]) -> list[str]:
        """Send NDJSON; answers the ids in order, and raises StepFailed for the first line that was refused."""
        content = "".join(json.dumps(line) + "\n" for line in lines)
        answer = await self._client.post(path, content=content, headers={"Content-Type": "application/x-ndjson"})
        if answer.is_error:
            raise StepFailed(f"POST {path} was answered with {answer.status_code}: {answer.text[:500]}")
        results = [json.loads(line) for line in answer.text.splitlines() if line.strip()]
        for result in results:
            if result["status"] >= httpx.codes.BAD_REQUEST:
                raise StepFailed(f"POST {path}, line {result['line']}: {result.get('problem')}")
        return [result["id"] for result in results]

    async def follow(self, operation: Json) -> Json:
        """Wait for an operation to end well; answers it."""

        async def ended() -> Json | None:
            seen = await self.get(f"/v1/operations/{operation['id']}")
            return seen if seen["state"] in {"succeeded", "failed", "cancelled"} else None

        done = await until(ended, what=f"operation {operation['id']} ends")
        if done["state"] != "succeeded":
            raise StepFailed(f"operation {done['kind']} ended as {done['state']}: {done['problem']}")
        return done

    async def _send(self, method: str, path: str, **rest: Any) -> Json:
        try:
            answer = await self._client.request(method, path, **rest)
        except httpx.HTTPError as error:
            raise StepFailed(f"{method} {path} got no answer: {error!r}") from error
        if answer.is_error:
            raise StepFailed(f"{method} {path} was answered with {answer.status_code}: {answer.text[:500]}")
        document: Json = answer.json()
        return document


async def until(look: Callable[[], Awaitable[Found | None]], *, what: str) -> Found:
    """Look again until there is something; raises StepFailed, saying what was waited for."""
    deadline = time.monotonic() + DEADLINE_S
    while (found := await look()) is None:
        if time.monotonic() > deadline:
            raise StepFailed(f"waited {DEADLINE_S:g} s in vain until {what}")
        await asyncio.sleep(POLL_S)
    return found
