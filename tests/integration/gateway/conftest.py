"""A gateway on a real, migrated database, served by a real uvicorn, in front of services that tests script."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from alembic import command
from alembic.config import Config

from gateway.app import build_edge
from gateway.edge import Edge
from gateway.identity.administration import KeyAdministration, administration
from gateway.settings import GatewaySettings
from tests.integration.gateway.edge import Stage, served
from tests.integration.gateway.faulty_service import FaultyService, faulty_service
from tests.integration.gateway.signing_in import RunningProvider, running_provider
from tests.migrated import MigratedDatabases
from tests.plain import plain_client
from tests.postgres import DatabaseAddress, PostgresForTests

Edges = Callable[[dict[str, Any]], Awaitable[Edge]]

ROOT = Path(__file__).parents[3]
SEED = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
OPERATION = {"operationId": "", "tags": ["Features"], "responses": {}, "x-required-scope": "roadmap:read"}
SHARED = "/v1/operations/{operation_id}"
FOLLOWED: dict[str, Any] = json.loads((ROOT / "docs" / "openapi" / "gateway.json").read_text())["paths"][SHARED]
"""Every service takes the same at this address, the gateway too; the id says who answers."""
DOCUMENTS: dict[str, dict[str, Any]] = {
    "roadmap": {
        "paths": {
            "/v1/features": {
                "get": {**OPERATION, "operationId": "features_list"},
                "post": {**OPERATION, "operationId": "features_create"},
            },
            "/v1/features/{feature_id}": {"get": {**OPERATION, "operationId": "features_get"}},
            "/v1/features/bulk": {"post": {**OPERATION, "operationId": "features_bulk"}},
            "/v1/forms/{form_slug}/submissions": {
                "post": {**OPERATION, "operationId": "submission_create", "x-required-scope": "forms:submit"}
            },
            "/v1/open/{thing_id}": {"get": {**OPERATION, "operationId": "thing_get", "security": []}, "put": OPERATION},
            SHARED: FOLLOWED,
            "/internal/feed": {"get": {**OPERATION, "operationId": "feed_read"}},
        }
    },
    "metrics": {
        "paths": {SHARED: FOLLOWED},
    },
}


async def migrate(database: DatabaseAddress, revision: str = "head") -> None:
    """Bring a gateway database to a revision, the way `fullcircle migrate` does."""
    config = Config(ROOT / "alembic.ini", ini_section="gateway")
    config.attributes["url"] = database.owner_url
    step = command.downgrade if revision == "base" else command.upgrade
    await asyncio.to_thread(step, config, revision)


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningProvider]:
    """A running OpenID Connect provider; a test that rotates its keys leaves it working."""
    with running_provider(tmp_path_factory.mktemp("provider")) as running:
        yield running


@pytest_asyncio.fixture(scope="module")
async def database(postgres: PostgresForTests, migrated: MigratedDatabases) -> AsyncIterator[DatabaseAddress]:
    copy = await migrated.database("gateway")
    yield copy
    await postgres.drop(copy)


@pytest_asyncio.fixture(scope="module")
async def keys(database: DatabaseAddress) -> AsyncIterator[KeyAdministration]:
    pepper = settings_for(database, "http://127.0.0.1:1").secret_bytes("key_pepper")
    async with administration(database.owner_url, pepper=pepper) as opened:
        yield opened


def settings_for(database: DatabaseAddress, service_url: str, **more: Any) -> GatewaySettings:
    return GatewaySettings(
        database_url=database.app_url,
        migration_url=database.owner_url,
        direct_url=database.app_url,
        signing_key=SEED,
        cursor_key=SEED,
        key_pepper=SEED,
        log_level="error",
        role="api",
        requirements_url=service_url,
        roadmap_url=service_url,
        metrics_url=service_url,
        **more,
    )


@pytest_asyncio.fixture(scope="module")
async def stage() -> AsyncIterator[Stage]:
    async with served() as stage:
        yield stage


@pytest_asyncio.fixture(scope="module")
async def shared_service() -> AsyncIterator[FaultyService]:
    async with faulty_service() as running:
        yield running


@pytest_asyncio.fixture
async def service() -> AsyncIterator[FaultyService]:
    async with faulty_service() as running:
        yield running


@pytest_asyncio.fixture(scope="module")
async def edges(database: DatabaseAddress, shared_service: FaultyService) -> AsyncIterator[Edges]:
    """Running gateways by their settings: most tests share one."""
    async with AsyncExitStack() as stack:
        running: dict[str, Edge] = {}

        async def edge(options: dict[str, Any]) -> Edge:
            if str(options) not in running:
                built = build_edge(settings_for(database, shared_service.url, **options), documents=DOCUMENTS)
                await stack.enter_async_context(built.lifespan())
                running[str(options)] = built
            return running[str(options)]

        yield edge


@dataclass
class RunningGateway:
    """A gateway, and a workspace of the test's own; `client()` sends its admin key unless told otherwise."""

    edge: Edge
    port: int
    key: str
    workspace_id: UUID
    client: Callable[..., httpx.AsyncClient]


@pytest.fixture
def options() -> dict[str, Any]:
    """Settings that a test wants otherwise."""
    return {}


@pytest_asyncio.fixture
async def gateway(
    keys: KeyAdministration, stage: Stage, shared_service: FaultyService, edges: Edges, options: dict[str, Any]
) -> AsyncIterator[RunningGateway]:
    shared_service.forget()
    workspace_id = await keys.create_workspace("Acme")
    first = await keys.create("First", workspace_id=workspace_id)
    stage.app = await edges(options)
    clients: list[httpx.AsyncClient] = []

    def client(key: str | None = first.key) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        made = plain_client(f"http://127.0.0.1:{stage.port}", headers=headers, timeout=10)
        clients.append(made)
        return made

    yield RunningGateway(stage.app, stage.port, first.key, workspace_id, client)
    for each in clients:
        await each.aclose()
