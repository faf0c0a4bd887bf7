"""The roadmap service, put together."""

from fastapi import FastAPI

from services.chassis.app import build_app
from services.chassis.jobs import worker
from services.chassis.operation_routes import operations_router
from services.roadmap.clients.context import RoadmapContext, open_clients
from services.roadmap.features import routes as features
from services.roadmap.optimization import routes as optimization
from services.roadmap.optimization.tasks import kinds
from services.roadmap.roadmaps import routes as roadmaps
from services.roadmap.settings import RoadmapSettings
from services.roadmap.strategy import routes as strategy

DESCRIPTION = "Objectives and key results, features with the effects they promise, roadmaps, and plans that are proved."


def create_app() -> FastAPI:
    """The application, from the environment's settings."""
    return build_service(RoadmapContext.build(RoadmapSettings()))


def build_service(context: RoadmapContext) -> FastAPI:
    """The application around a context: tests bring their own."""
    return build_app(
        context,
        title="Fullcircle Roadmap",
        description=DESCRIPTION,
        routers=[
            strategy.router,
            features.router,
            roadmaps.router,
            optimization.router,
            operations_router(read_scope="roadmap:read", write_scope="roadmap:write"),
        ],
        background=[open_clients, worker([kinds.jobs])],
    )
