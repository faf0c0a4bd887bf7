"""The process's parts, with its clients."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast

from services.chassis.app import build_context
from services.chassis.context import ServiceContext
from services.roadmap.clients.metrics import MetricsClient
from services.roadmap.clients.requirements import RequirementsClient
from services.roadmap.settings import RoadmapSettings


@dataclass(kw_only=True)
class RoadmapContext(ServiceContext):
    """What every room of the roadmap finds in its unit of work."""

    requirements: RequirementsClient
    metrics: MetricsClient

    @classmethod
    def build(cls, settings: RoadmapSettings) -> "RoadmapContext":
        context = build_context("roadmap", settings)
        return cls(
            **vars(context),
            requirements=RequirementsClient(settings.requirements_url, audience="requirements", signer=context.signer),
            metrics=MetricsClient(settings.metrics_url, audience="metrics", signer=context.signer),
        )


@asynccontextmanager
async def open_clients(context: ServiceContext) -> AsyncIterator[None]:
    """The background part that closes the clients' connections in the end."""
    clients = cast("RoadmapContext", context)
    try:
        yield
    finally:
        await clients.requirements.close()
        await clients.metrics.close()
