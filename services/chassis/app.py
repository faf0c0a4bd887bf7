"""Puts a service together: routes, failures, telemetry, and what runs beside the requests."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.telemetry import TelemetryConfig

from services.chassis import audit_routes, health, usage_routes
from services.chassis.clock import SystemClock
from services.chassis.context import ServiceContext
from services.chassis.cursors import CursorSigner
from services.chassis.database import Database
from services.chassis.feed import Feed
from services.chassis.feed_routes import feed_router
from services.chassis.identity import TokenSigner, TokenVerifier
from services.chassis.problems import install_problem_handlers
from services.chassis.route_index import include
from services.chassis.routing import Router
from services.chassis.settings import ServiceSettings
from services.chassis.snapshot import SnapshotProvider, Snapshots
from services.chassis.telemetry import TelemetryMiddleware, configure_logging
from services.chassis.tracing import configure_tracing
from services.chassis.upkeep import upkeep
from services.chassis.wakeup import Wakeup, released_by_signals

Background = Callable[[ServiceContext], AbstractAsyncContextManager[None]]

# The chassis traces and counts every request itself: the framework's own way beside it would only cost time.
OWN_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
MIGRATIONS = Path(__file__).parents[2] / "migrations"


def build_context(name: str, settings: ServiceSettings) -> ServiceContext:
    """The parts that every process has; no connection is made yet."""
    clock = SystemClock()
    seed = settings.secret("signing_key")
    database = Database(
        settings.database_url,
        pool_size=settings.pool_size,
        statement_timeout_s=settings.statement_timeout_s,
        prepared_statements=settings.prepared_statements,
        application_name=f"fullcircle-{name}",
        clock=clock,
    )
    wakeup = Wakeup(settings.direct_url, application_name=f"fullcircle-{name}-wakeup")
    return ServiceContext(
        name=name,
        settings=settings,
        clock=clock,
        database=database,
        wakeup=wakeup,
        feed=Feed(database, wakeup, service=name),
        signer=TokenSigner(seed, issuer=name),
        verifier=TokenVerifier(seed, audience=name),
        cursors=CursorSigner(settings.secret_bytes("cursor_key")),
        migration_head=migration_head(name),
    )


def build_app(
    context: ServiceContext,
    *,
    title: str,
    description: str,
    routers: Sequence[Router | APIRouter],
    snapshots: Sequence[SnapshotProvider] = (),
    background: Sequence[Background] = (),
) -> FastAPI:
    """The service as an application.

    `snapshots` list its subjects for readers of its feed; `background` parts run from start-up to shutdown, in order.
    """

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(context.database.close)
            await stack.enter_async_context(context.wakeup)
            stack.enter_context(released_by_signals(context.wakeup))
            await stack.enter_async_context(upkeep(context))
            for part in background:
                await stack.enter_async_context(part(context))
            yield

    app = FastAPI(
        title=title,
        description=description,
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=OWN_TELEMETRY,
    )
    app.state.context = context
    install_problem_handlers(app)
    own_feed = feed_router(context.feed, Snapshots(context.database, context.feed, snapshots))
    include(app, (health.router, *routers, own_feed, audit_routes.router, usage_routes.router))
    configure_logging(service=context.name, level=context.settings.log_level, log_format=context.settings.log_format)
    spans = configure_tracing(service=context.name, version=health.product_version())
    app.add_middleware(TelemetryMiddleware, service=context.name, spans=spans, access_log=context.settings.access_log)
    return app


def migration_head(name: str) -> str | None:
    """The newest revision of a service's history; files are named `NNNN_what.py` after their revision."""
    revisions = [path.name.partition("_")[0] for path in (MIGRATIONS / name / "versions").glob("[0-9]*_*.py")]
    return max(revisions, default=None)
