"""The roadmap service on a migrated database, with neighbours that answer over HTTP."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from alembic.config import Config
from fastapi import FastAPI

from services.chassis.identity import INTERNAL_SCOPE, SCOPES, Principal, TokenSigner
from services.launcher.ports import free_port
from services.roadmap.app import build_service
from services.roadmap.clients.context import RoadmapContext
from tests.integration.roadmap.neighbours import Neighbours, running_neighbours
from tests.integration.roadmap.settings import SEED, settings_of
from tests.integration.roadmap.story import Story
from tests.migrated import MigratedDatabases
from tests.postgres import DatabaseAddress

Caller = Callable[..., httpx.AsyncClient]


def alembic(address: DatabaseAddress) -> Config:
    configuration = Config(Path(__file__).parents[3] / "alembic.ini", ini_section="roadmap")
    configuration.attributes["url"] = address.owner_url
    return configuration


@pytest_asyncio.fixture(scope="session")
async def neighbours() -> AsyncIterator[Neighbours]:
    async with running_neighbours() as running:
        yield running


@pytest_asyncio.fixture(scope="session")
async def roadmap_database(migrated: MigratedDatabases) -> DatabaseAddress:
    return await migrated.database("roadmap")


@pytest_asyncio.fixture(scope="session")
async def roadmap_app(roadmap_database: DatabaseAddress, neighbours: Neighbours) -> AsyncIterator[FastAPI]:
    context = RoadmapContext.build(settings_of(roadmap_database, neighbours_url=neighbours.url))
    app = build_service(context)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
def workspace() -> UUID:
    return uuid4()


@pytest_asyncio.fixture
async def lonely_app(roadmap_database: DatabaseAddress) -> AsyncIterator[FastAPI]:
    """A second process on the same database, whose neighbours do not answer."""
    address = f"http://127.0.0.1:{free_port()}"
    app = build_service(RoadmapContext.build(settings_of(roadmap_database, neighbours_url=address)))
    async with app.router.lifespan_context(app):
        yield app


@pytest_asyncio.fixture
async def caller(roadmap_app: FastAPI, workspace: UUID) -> AsyncIterator[Caller]:
    """Makes clients: `caller()` may do everything in the test's workspace."""
    clients: list[httpx.AsyncClient] = []
    signer = TokenSigner(SEED, issuer="tests")

    def make(
        *,
        workspace_id: UUID = workspace,
        scopes: frozenset[str] = frozenset(SCOPES),
        app: FastAPI = roadmap_app,
        principal_id: str = "key:test",
    ) -> httpx.AsyncClient:
        principal = Principal(principal_id, "key", workspace_id, "admin", scopes)
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app, raise_app_exceptions=False),
            base_url="http://roadmap",
            headers={"Authorization": f"Bearer {signer.sign(principal, audience='roadmap')}"},
        )
        clients.append(client)
        return client

    yield make
    for client in clients:
        await client.aclose()


@pytest.fixture
def story(caller: Caller, neighbours: Neighbours, workspace: UUID) -> Story:
    """A product team at work in a workspace of its own."""
    return Story(caller(), neighbours, workspace)


@pytest_asyncio.fixture
async def feed(roadmap_app: FastAPI) -> AsyncIterator[Callable[[], Any]]:
    """Reads everything that the roadmap has told so far."""
    principal = Principal("system:tests", "system", None, None, frozenset({INTERNAL_SCOPE}))
    token = TokenSigner(SEED, issuer="tests").sign(principal, audience="roadmap")
    transport = httpx.ASGITransport(app=roadmap_app)
    async with httpx.AsyncClient(transport=transport, base_url="http://roadmap") as client:

        async def read() -> list[dict[str, Any]]:
            events: list[dict[str, Any]] = []
            after = 0
            while True:
                answer = await client.get(
                    "/internal/feed", params={"after": after}, headers={"Authorization": f"Bearer {token}"}
                )
                events += answer.json()
                after = int(answer.headers["feed-position"])
                if after >= int(answer.headers["feed-head"]):
                    return events

        yield read
