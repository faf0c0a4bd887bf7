"""A gateway that follows two services' feeds, on real databases, and a workspace of each test's own."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio

from gateway.app import build_edge
from gateway.edge import Edge
from gateway.identity.administration import KeyAdministration, administration
from gateway.settings import GatewaySettings
from services.chassis.context import ServiceContext
from tests.integration.gateway.edge import served
from tests.integration.gateway_events.receiver import Receiver, receiving
from tests.integration.gateway_events.telling import SEED, TellingService, telling_service
from tests.integration.gateway_events.waiting import until
from tests.migrated import MigratedDatabases
from tests.plain import plain_client

NOBODY = "http://127.0.0.1:1"


@dataclass
class House:
    """The gateway and the services that tell it things."""

    edge: Edge
    port: int
    roadmap: TellingService
    metrics: TellingService
    keys: KeyAdministration

    @property
    def context(self) -> ServiceContext:
        context: ServiceContext = self.edge._inner.state.context
        return context

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest_asyncio.fixture(scope="module")
async def house(migrated: MigratedDatabases) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        roadmap = await enter(telling_service("roadmap", await migrated.database("roadmap")))
        metrics = await enter(telling_service("metrics", await migrated.database("metrics")))
        database = await migrated.database("gateway")
        settings = GatewaySettings(
            database_url=database.app_url,
            migration_url=database.owner_url,
            direct_url=database.app_url,
            signing_key=SEED,
            cursor_key=SEED,
            key_pepper=SEED,
            log_level="error",
            requirements_url=NOBODY,
            roadmap_url=roadmap.url,
            metrics_url=metrics.url,
        )
        keys = await enter(administration(database.owner_url, pepper=settings.secret_bytes("key_pepper")))
        edge = build_edge(settings, documents={})
        stage = await enter(served(edge))
        await enter(edge.lifespan())
        yield House(edge, stage.port, roadmap, metrics, keys)


@dataclass
class Tenant:
    """A workspace, and its admin."""

    house: House
    id: UUID
    key: str
    http: httpx.AsyncClient
    client: Callable[[str], httpx.AsyncClient]

    async def log(self, **parameters: Any) -> dict[str, Any]:
        answer = await self.http.get("/v1/event-log", params=parameters)
        assert answer.status_code == 200, answer.text
        page: dict[str, Any] = answer.json()
        return page

    async def logged(self, count: int, **parameters: Any) -> list[dict[str, Any]]:
        """The log's events, once there are so many."""

        async def enough() -> list[dict[str, Any]]:
            items: list[dict[str, Any]] = (await self.log(limit=200, **parameters))["items"]
            return items if len(items) >= count else []

        return await until(enough, what=f"{count} events in the log")

    async def webhook(self, url: str, *event_types: str) -> dict[str, Any]:
        """A new webhook, with its secret."""
        answer = await self.http.post("/v1/webhooks", json={"url": url, "event_types": list(event_types) or ["*"]})
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def deliveries(self, webhook_id: str, **parameters: Any) -> list[dict[str, Any]]:
        answer = await self.http.get(f"/v1/webhooks/{webhook_id}/deliveries", params={"limit": 200, **parameters})
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items


@pytest_asyncio.fixture
async def tenant(house: House) -> AsyncIterator[Tenant]:
    workspace_id = await house.keys.create_workspace("Acme")
    admin = await house.keys.create("Admin", workspace_id=workspace_id)
    async with AsyncExitStack() as stack:

        def client(key: str) -> httpx.AsyncClient:
            made = plain_client(house.url, headers={"Authorization": f"Bearer {key}"}, timeout=10)
            stack.push_async_callback(made.aclose)
            return made

        yield Tenant(house, workspace_id, admin.key, client(admin.key), client)


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as running:
        yield running
