"""Puts the gateway together: the edge outside, its own application inside, the services behind."""

import asyncio
import gc
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

from gateway.compositions.parts import Compositions
from gateway.compositions.usage.repository import RequestCounts
from gateway.documents.library import committed_routes, committed_text
from gateway.documents.merge import merge
from gateway.documents.routes import documentation
from gateway.documents.security import security_contact
from gateway.edge import OWN, Edge, Gatehouse
from gateway.events import parts as events
from gateway.events.log.tickets import StreamTickets
from gateway.figures import figures
from gateway.identity.api_keys.routes import router as api_keys
from gateway.identity.authentication import Authenticator
from gateway.identity.last_used import LastUsed
from gateway.identity.members.routes import router as members
from gateway.identity.oidc.people import People, people_of
from gateway.identity.repository import KeyDirectory
from gateway.identity.sandboxes.routes import router as sandboxes
from gateway.identity.tokens import TokenDesk
from gateway.identity.workspaces.routes import router as workspaces
from gateway.limits.origins import OriginDesk
from gateway.limits.rate_limit import Policy, RateLimiter
from gateway.limits.tally import RequestTally
from gateway.observation import Observer
from gateway.privacy import PERSONAL
from gateway.proxy.route_table import RouteTable
from gateway.proxy.upstream import Upstream, UpstreamLimits
from gateway.settings import GatewaySettings
from services.chassis.app import Background, build_app, build_context
from services.chassis.context import ServiceContext
from services.chassis.documents import openapi_document
from services.chassis.following import Following
from services.chassis.health import product_version
from services.chassis.jobs import worker
from services.chassis.operation_routes import operations_router
from services.chassis.outbound.client import OutboundClient, outbound_client
from services.chassis.route_index import include
from services.chassis.routing import Router
from services.chassis.tracing import configure_tracing

KEYS_TOPIC = "api_keys"
KEYS_CHECK_S = 3600.0
DESCRIPTION = "Keys, workspaces and what spans the services."


def create_app() -> Edge:
    """The application that the server runs; reads its settings from the environment."""
    return build_edge(GatewaySettings())


def build_edge(settings: GatewaySettings, *, documents: Mapping[str, Mapping[str, Any]] | None = None) -> Edge:
    """The gateway for these settings, in front of the services: as committed, or as these `documents` describe them."""
    context = build_context(OWN, settings)
    if documents is None:
        routes, text = RouteTable(committed_routes()), committed_text()
    else:
        described = {**documents, OWN: own_document()}
        routes = RouteTable(described)
        text = json.dumps(merge(described, version=product_version()), ensure_ascii=False).encode()
    outbound = outbound_client(environment=settings.environment)
    gatehouse = _gatehouse(context, settings, routes, people_of(context, settings.oidc_issuers, outbound))
    compositions = Compositions.of(context, settings.service_urls, PERSONAL)
    following, deliveries = Following(*events.follows()), events.Deliveries()
    inner = build_app(
        context,
        title="Gateway",
        description=DESCRIPTION,
        routers=[
            *own_routers(compositions),
            following.router(),
            documentation(text),
            security_contact(settings.security_contact),
        ],
        background=[
            _keeping(gatehouse),
            _closing(compositions, outbound),
            figures(settings.figures_listen),
            following,
            deliveries,
            worker([compositions.jobs, deliveries.jobs]),
        ],
    )
    return Edge(inner, gatehouse)


def own_document() -> dict[str, Any]:
    """The document of what the gateway answers itself, as it is committed beside the services'."""
    app = FastAPI(title="Gateway", description=DESCRIPTION)
    include(app, own_routers(Compositions.described()))
    return openapi_document(app)


def own_routers(compositions: Compositions) -> list[Router]:
    """What the gateway answers itself."""
    return [
        workspaces,
        sandboxes,
        members,
        api_keys,
        *events.ROUTERS,
        *compositions.routers,
        operations_router(read_scope="admin:read", write_scope="admin:write"),
    ]


def _gatehouse(
    context: ServiceContext, settings: GatewaySettings, routes: RouteTable, people: People | None
) -> Gatehouse:
    directory = KeyDirectory(context.database)
    limits = UpstreamLimits(connections=settings.upstream_connections, queue=settings.upstream_queue)
    return Gatehouse(
        authenticator=Authenticator(
            directory.find,
            pepper=settings.secret_bytes("key_pepper"),
            changes=context.wakeup,
            clock=context.clock,
            cache_s=settings.key_cache_s,
            find_person=people.find if people is not None else None,
        ),
        tickets=StreamTickets(context.cursors, context.clock),
        tokens=TokenDesk(context.signer),
        last_used=LastUsed(directory.touch, clock=context.clock),
        tally=RequestTally(RequestCounts(context.database).add, clock=context.clock),
        limiter=RateLimiter(Policy(settings.rate_limit_requests, settings.rate_limit_window_s)),
        failures=RateLimiter(Policy(settings.failed_keys_per_minute, 60, name="unknown-keys")),
        forms=RateLimiter(Policy(settings.forms_per_minute, 60, name="forms")),
        strangers=RateLimiter(Policy(settings.strangers_per_minute, 60, name="strangers")),
        origins=OriginDesk(directory.is_allowed_origin, cache_s=settings.key_cache_s),
        routes=routes,
        upstreams={name: Upstream(name, url, limits) for name, url in settings.service_urls.items()},
        observer=Observer(
            spans=configure_tracing(service=OWN, version=product_version()), access_log=settings.access_log
        ),
        timeout_s=settings.request_timeout_s,
        concurrent_requests=settings.concurrent_requests,
    )


def _keeping(gatehouse: Gatehouse) -> Background:
    """What runs beside the requests: hearing of changed keys, writing when keys were used."""

    @asynccontextmanager
    async def keep(context: ServiceContext) -> AsyncIterator[None]:
        tasks = [
            asyncio.create_task(_hear_of_keys(context, gatehouse)),
            asyncio.create_task(gatehouse.last_used.run()),
            asyncio.create_task(gatehouse.tally.run()),
        ]
        # What was made so far lives as long as the process: the collector need not walk it again and again.
        gc.collect(1)
        gc.freeze()
        try:
            yield
        finally:
            gc.unfreeze()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for upstream in gatehouse.upstreams.values():
                upstream.close()

    return keep


def _closing(*parts: Compositions | OutboundClient) -> Background:
    @asynccontextmanager
    async def close(_context: ServiceContext) -> AsyncIterator[None]:
        yield
        for part in parts:
            await part.close()

    return close


async def _hear_of_keys(context: ServiceContext, gatehouse: Gatehouse) -> None:
    with context.wakeup.subscribe(KEYS_TOPIC) as changes:
        while True:
            if await changes.wait(KEYS_CHECK_S):
                gatehouse.authenticator.forget()
                gatehouse.origins.forget()
