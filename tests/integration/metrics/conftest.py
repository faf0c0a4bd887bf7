"""The metrics service on a real database, at a time that tests can move, and a caller with every scope."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from services.chassis.clock import FixedClock
from services.chassis.identity import SCOPES, Principal, Role, TokenSigner
from services.metrics.app import build_service
from services.metrics.clients.context import MetricsContext
from services.metrics.settings import MetricsSettings
from tests.integration.metrics.story import Story
from tests.migrated import MigratedDatabases
from tests.postgres import DatabaseAddress

SEED = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)

Caller = Callable[..., httpx.AsyncClient]
MakeKpi = Callable[..., Awaitable[dict[str, Any]]]


@pytest_asyncio.fixture(scope="package")
async def database(migrated: MigratedDatabases) -> DatabaseAddress:
    return await migrated.database("metrics")


@pytest.fixture(scope="package")
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest_asyncio.fixture(scope="package")
async def context(database: DatabaseAddress, clock: FixedClock) -> AsyncIterator[MetricsContext]:
    settings = MetricsSettings(
        database_url=database.app_url,
        migration_url=database.owner_url,
        direct_url=database.app_url,
        signing_key=SEED,
        cursor_key=SEED,
        key_pepper=SEED,
        log_level="error",
        role="api",
    )
    made = MetricsContext.build(settings)
    made.clock = made.database.clock = clock
    yield made
    await made.analyst.close()


@pytest_asyncio.fixture(scope="package")
async def metrics(context: MetricsContext) -> AsyncIterator[FastAPI]:
    app = build_service(context)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture(autouse=True)
def now(clock: FixedClock) -> None:
    """However far the test before has moved it."""
    clock.advance(NOW - clock.now())


@pytest.fixture
def workspace() -> UUID:
    return uuid4()


@pytest_asyncio.fixture
async def caller(metrics: FastAPI, workspace: UUID) -> AsyncIterator[Caller]:
    """Makes clients: `caller()` may do everything in the test's workspace."""
    clients: list[httpx.AsyncClient] = []
    signer = TokenSigner(SEED, issuer="tests")

    def make(
        *,
        workspace_id: UUID = workspace,
        scopes: frozenset[str] = frozenset(SCOPES),
        principal_id: str = "key:test",
        role: Role = "admin",
    ) -> httpx.AsyncClient:
        principal = Principal(principal_id, "key", workspace_id, role, scopes)
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=metrics, raise_app_exceptions=False),
            base_url="http://metrics",
            auth=lambda request: _signed(request, signer.sign(principal, audience="metrics")),
        )
        clients.append(client)
        return client

    yield make
    for client in clients:
        await client.aclose()


def _signed(request: httpx.Request, token: str) -> httpx.Request:
    request.headers["Authorization"] = f"Bearer {token}"
    return request


@pytest.fixture
def api(caller: Caller) -> httpx.AsyncClient:
    return caller()


@pytest.fixture
def make_kpi(api: httpx.AsyncClient) -> MakeKpi:
    """Defines a KPI, with whatever the test needs to differ."""

    async def make(**differing: Any) -> dict[str, Any]:
        body = {"name": f"KPI {uuid4()}", "unit": "accounts", "aggregation": "sum", "direction": "up"} | differing
        answer = await api.post("/v1/kpis", json=body)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    return make


@pytest.fixture
def story(api: httpx.AsyncClient, context: MetricsContext, workspace: UUID) -> Story:
    """A product whose launches can be told, measured and looked at."""
    return Story(api, context, workspace, now=NOW)
