"""The requirements service on a migrated database, and callers of it."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from services.chassis.app import build_context
from services.chassis.cursor import Place
from services.chassis.following import Following
from services.chassis.identity import INTERNAL_SCOPE, SCOPES, Principal, TokenSigner
from services.requirements.app import build_service
from services.requirements.settings import RequirementsSettings
from tests.migrated import MigratedDatabases
from tests.postgres import DatabaseAddress

SEED = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

Caller = Callable[..., httpx.AsyncClient]


@pytest_asyncio.fixture(scope="package")
async def database(migrated: MigratedDatabases) -> DatabaseAddress:
    return await migrated.database("requirements")


@pytest.fixture(scope="package")
def settings(database: DatabaseAddress, tmp_path_factory: pytest.TempPathFactory) -> RequirementsSettings:
    home: Path = tmp_path_factory.mktemp("home")
    return RequirementsSettings(
        home=home,
        database_url=database.app_url,
        migration_url=database.owner_url,
        direct_url=database.app_url,
        signing_key=SEED,
        cursor_key=SEED,
        key_pepper=SEED,
        log_level="error",
    )


@pytest_asyncio.fixture(scope="package")
async def app(settings: RequirementsSettings) -> AsyncIterator[FastAPI]:
    """The service without its worker: what happens beside the requests is called by the tests themselves."""
    service = build_service(build_context("requirements", settings.model_copy(update={"role": "api"})))
    async with service.router.lifespan_context(service):
        yield service


@pytest_asyncio.fixture
async def following(app: FastAPI) -> Following:
    """Who reads feedback, past all that earlier tests have said: to read that first took minutes."""
    found: Following = app.state.following
    for name in ("after_intake", "standings"):
        cursor = found.consumer(name).cursor
        await cursor.place()
        async with cursor.hold_anywhere() as session:
            await cursor.move(session, Place(*await app.state.context.feed.head()))
    return found


@pytest.fixture
def workspace() -> UUID:
    return uuid4()


@pytest_asyncio.fixture
async def caller(app: FastAPI, workspace: UUID) -> AsyncIterator[Caller]:
    """Makes clients: `caller()` may do everything in the test's workspace."""
    clients: list[httpx.AsyncClient] = []
    signer = TokenSigner(SEED, issuer="tests")

    def make(
        *, workspace_id: UUID = workspace, scopes: frozenset[str] = frozenset((*SCOPES, INTERNAL_SCOPE))
    ) -> httpx.AsyncClient:
        principal = Principal("key:test", "key", workspace_id, "admin", scopes)
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app, raise_app_exceptions=False),
            base_url="http://requirements",
            headers={"Authorization": f"Bearer {signer.sign(principal, audience='requirements', lifetime_s=3600)}"},
        )
        clients.append(client)
        return client

    yield make
    for client in clients:
        await client.aclose()


@pytest.fixture
def api(caller: Caller) -> httpx.AsyncClient:
    return caller()
