"""The demo's way to the API: what any client would write, with every surprise named.

It does not give up while a process is being restarted: what it sends again carries the same Idempotency-Key.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import uuid4

import httpx

from services.launcher.errors import LauncherError

PATIENCE_S = 120.0
TIMEOUT_S = 35.0
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 2.0
PASSING = frozenset({429, 502, 503, 504})

Found = TypeVar("Found")
Json = dict[str, Any]


class StepFailed(LauncherError):
    """The API answered something that the story has no place for, or nothing at all."""

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class Api:
    """One workspace, seen with one key; `options` are the HTTP client's."""

    def __init__(self, base_url: str, key: str, *, patience_s: float = PATIENCE_S, **options: Any) -> None:
        headers = {"Authorization": f"Bearer {key}"}
        defaults = {"timeout": TIMEOUT_S, "trust_env": False}
        self._client = httpx.AsyncClient(base_url=base_url, headers=headers, **defaults | options)
        self._patience_s = patience_s

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def get(self, path: str, **parameters: Any) -> Json:
        return _document(await self.send("GET", path, params=parameters))

    async def post(self, path: str, body: Json) -> Json:
        """Safe to repeat, as every POST should be sent."""
        return _document(await self.send("POST", path, json=body, headers={"Idempotency-Key": str(uuid4())}))

    async def put(self, path: str, body: Json) -> Json:
        """Put something new; a repeat that is asked for If-Match shows that the first was heard."""
        try:
            return _document(await self.send("PUT", path, json=body))
        except StepFailed as failure:
            if failure.status != httpx.codes.PRECONDITION_REQUIRED:
                raise
            return await self.get(path)

    async def post_lines(self, path: str, lines: Sequence[Json]) -> list[str]:
        """Send NDJSON; answers the ids in order, and raises StepFailed for the first line that was refused."""
        content = "".join(json.dumps(line) + "\n" for line in lines)
        headers = {"Content-Type": "application/x-ndjson", "Idempotency-Key": str(uuid4())}
        answer = await self.send("POST", path, content=content, headers=headers)
        results = [json.loads(line) for line in answer.text.splitlines() if line.strip()]
        for result in results:
            if result["status"] >= httpx.codes.BAD_REQUEST:
                raise StepFailed(f"POST {path}, line {result['line']}: {result.get('problem')}")
        return [result["id"] for result in results]

    async def items(self, path: str, **parameters: Any) -> AsyncIterator[Json]:
        """All items of a list, page by page."""
        page = await self.get(path, **parameters)
        while True:
            for item in page["items"]:
                yield item
            if page["next_cursor"] is None:
                return
            page = await self.get(path, **parameters, cursor=page["next_cursor"])

    async def follow(self, operation: Json) -> Json:
        """Wait for an operation to end well; answers it."""

        async def ended() -> Json | None:
            seen = await self.get(f"/v1/operations/{operation['id']}")
            return seen if seen["state"] in {"succeeded", "failed", "cancelled"} else None

        done = await self.until(ended, what=f"operation {operation['id']} ends")
        if done["state"] != "succeeded":
            raise StepFailed(f"operation {done['kind']} ended as {done['state']}: {done['problem']}")
        return done

    async def until(self, look: Callable[[], Awaitable[Found | None]], *, what: str) -> Found:
        """Look again until there is something; raises StepFailed, saying what was waited for."""
        deadline, pause = time.monotonic() + self._patience_s, FIRST_PAUSE_S
        while (found := await look()) is None:
            if time.monotonic() > deadline:
                raise StepFailed(f"waited {self._patience_s:g} s in vain until {what}")
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE_S)
        return found

    async def send(self, method: str, path: str, **parts: Any) -> httpx.Response:
        """One request, sent again while who should answer is on the way back; raises StepFailed for a refusal."""

        async def answered() -> httpx.Response | None:
            try:
                answer = await self._client.request(method, path, **parts)
            except httpx.TransportError:
                return None
            return None if _is_passing(answer) else answer

        answer = await self.until(answered, what=f"{method} {path} is answered")
        if answer.is_error:
            told = f"{method} {path} was answered with {answer.status_code}: {answer.text[:500]}"
            raise StepFailed(told, status=answer.status_code)
        return answer


def _is_passing(answer: httpx.Response) -> bool:
    """Whether the same request may be answered otherwise in a moment."""
    if answer.status_code in PASSING:
        return True
    return answer.status_code == httpx.codes.CONFLICT and answer.json().get("code") == "request_in_progress"


def _document(answer: httpx.Response) -> Json:
    document: Json = answer.json()
    return document
