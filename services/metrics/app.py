"""The metrics service, put together."""

from fastapi import FastAPI

from services.chassis.app import build_app
from services.metrics.clients.context import MetricsContext
from services.metrics.kpis import routes as kpis
from services.metrics.measurements import routes as measurements
from services.metrics.settings import MetricsSettings

DESCRIPTION = "KPIs that are counted exactly, and verdicts on launches that can be trusted."


def create_app() -> FastAPI:
    """The application, from the environment's settings."""
    return build_service(MetricsContext.build(MetricsSettings()))


def build_service(context: MetricsContext) -> FastAPI:
    """The application around a context: tests bring their own."""
    return build_app(
        context,
        title="Fullcircle Metrics",
        description=DESCRIPTION,
        routers=[kpis.router, measurements.router, measurements.series_router],
    )
