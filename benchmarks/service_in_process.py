"""The requirements service on a database of its own, in the benchmark's process: for answers, not for speed alone."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI

from services.chassis.app import build_context
from services.chassis.identity import SCOPES, Principal, TokenSigner
from services.requirements.app import build_service
from services.requirements.settings import RequirementsSettings
from tests.migrated import upgrade
from tests.postgres import DatabaseAddress, running_postgres

SEED = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"


class Service:
    """The application, and workspaces in it."""

    def __init__(self, app: FastAPI, database: DatabaseAddress) -> None:
        self.app = app
        self.database = database
        self._signer = TokenSigner(SEED, issuer="benchmarks")
        self._vectors: dict[str, bytes] = {}
        self._embed = app.state.embedder.vectors
        app.state.embedder.vectors = self._remembered

    def client(self, workspace: UUID | None = None) -> httpx.AsyncClient:
        """A caller who may do everything in a workspace, a new one unless given."""
        principal = Principal("key:bench", "key", workspace or uuid4(), "admin", frozenset(SCOPES))
        token = self._signer.sign(principal, audience="requirements", lifetime_s=36_000)
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app),
            base_url="http://requirements",
            headers={"Authorization": f"Bearer {token}"},
            timeout=600,
        )

    async def settle(self) -> None:
        """Everything that follows intake is done."""
        await self.app.state.following.consumer("after_intake").catch_up()

    async def _remembered(self, texts: Sequence[str]) -> list[bytes]:
        """Each text is embedded once: draws and folds share most of theirs."""
        new = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        if new:
            self._vectors.update(zip(new, await self._embed(new), strict=True))
        return [self._vectors[text] for text in texts]


@asynccontextmanager
async def running_service() -> AsyncIterator[Service]:
    """A service with a fresh database; it follows its feed only when told to `settle`."""
    async with running_postgres() as postgres:
        database = await postgres.database("requirements")
        await upgrade("requirements", database)
        with tempfile.TemporaryDirectory() as home:
            settings = RequirementsSettings(
                home=Path(home),
                database_url=database.app_url,
                migration_url=database.owner_url,
                direct_url=database.app_url,
                signing_key=SEED,
                cursor_key=SEED,
                key_pepper=SEED,
                log_level="error",
                role="api",
            )
            app = build_service(build_context("requirements", settings))
            async with app.router.lifespan_context(app):
                yield Service(app, database)


async def say(client: httpx.AsyncClient, texts: Sequence[str], *, step: int = 5_000) -> list[str]:
    """Post feedback in bulk; answers the ids in order."""
    ids: list[str] = []
    for start in range(0, len(texts), step):
        body = "\n".join(json.dumps({"text": text}) for text in texts[start : start + step])
        headers = {"Content-Type": "application/x-ndjson"}
        answer = await client.post("/v1/feedback/bulk", content=body.encode(), headers=headers)
        ids += [json.loads(line)["id"] for line in answer.text.splitlines()]
    return ids


async def posted(client: httpx.AsyncClient, path: str, bodies: Sequence[Any], *, at_once: int = 8) -> list[Any]:
    """The answers to many posts, in order, some at a time."""
    turn = asyncio.Semaphore(at_once)

    async def one(body: Any) -> Any:
        async with turn:
            answer = await client.post(path, json=body)
            answer.raise_for_status()
            return answer.json()

    return await asyncio.gather(*(one(body) for body in bodies))
