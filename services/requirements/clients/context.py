"""The process's parts, with its clients."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast

from services.chassis.child import ChildServer
from services.chassis.context import ServiceContext
from services.requirements.clients.metrics import MetricsClient
from services.requirements.clients.roadmap import RoadmapClient


@dataclass(kw_only=True)
class RequirementsContext(ServiceContext):
    """What every room of the service finds in its unit of work."""

    roadmap: RoadmapClient
    metrics: MetricsClient
    ranker: ChildServer

    @classmethod
    def around(cls, context: ServiceContext) -> "RequirementsContext":
        """The same parts, with the clients."""
        roadmap = RoadmapClient(context.settings.roadmap_url, audience="roadmap", signer=context.signer)
        metrics = MetricsClient(context.settings.metrics_url, audience="metrics", signer=context.signer)
        return cls(**vars(context), roadmap=roadmap, metrics=metrics, ranker=ChildServer())


@asynccontextmanager
async def open_clients(context: ServiceContext) -> AsyncIterator[None]:
    """The background part that closes the clients' connections in the end."""
    try:
        yield
    finally:
        clients = cast("RequirementsContext", context)
        await clients.roadmap.close()
        await clients.metrics.close()
        await clients.ranker.close()
