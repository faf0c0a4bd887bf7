"""The toy service on a real database, and a caller with every scope."""

from collections.abc import AsyncIterator, Callable
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from services.chassis.identity import SCOPES, Principal, TokenSigner
from tests.integration.chassis.toy import SEED, create_tables, toy_app
from tests.postgres import PostgresForTests

Caller = Callable[..., httpx.AsyncClient]


@pytest_asyncio.fixture(scope="module")
async def toy(postgres: PostgresForTests) -> AsyncIterator[FastAPI]:
    database = await postgres.database("requirements")
    await create_tables(database.owner_url, app_role="fullcircle_requirements_app")
    app = toy_app(database.app_url)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
def workspace() -> UUID:
    return uuid4()


@pytest_asyncio.fixture
async def caller(toy: FastAPI, workspace: UUID) -> AsyncIterator[Caller]:
    """Makes clients: `caller()` may do everything in the test's workspace."""
    clients: list[httpx.AsyncClient] = []
    signer = TokenSigner(SEED, issuer="tests")

    def make(*, workspace_id: UUID = workspace, scopes: frozenset[str] = frozenset(SCOPES)) -> httpx.AsyncClient:
        principal = Principal("key:test", "key", workspace_id, "admin", scopes)
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=toy, raise_app_exceptions=False),
            base_url="http://toy",
            headers={"Authorization": f"Bearer {signer.sign(principal, audience='toy')}"},
        )
        clients.append(client)
        return client

    yield make
    for client in clients:
        await client.aclose()
