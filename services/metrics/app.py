"""The metrics service, put together."""

from fastapi import FastAPI

from services.chassis.app import build_app
from services.chassis.following import Follow, Following
from services.chassis.jobs import worker
from services.chassis.operation_routes import operations_router
from services.chassis.operations import OperationKinds
from services.chassis.privacy.routes import privacy_router
from services.chassis.trace import trace_router
from services.metrics.adapters.otlp import routes as otlp
from services.metrics.adapters.segment import routes as segment
from services.metrics.alerts import routes as alerts
from services.metrics.alerts.watch import watching_rules
from services.metrics.analysis import routes as analysis
from services.metrics.calibration import routes as calibration
from services.metrics.charts import routes as charts
from services.metrics.clients.context import MetricsContext, working_with
from services.metrics.dashboards import routes as dashboards
from services.metrics.digest_subscriptions import routes as digest_subscriptions
from services.metrics.digest_subscriptions.telling import telling_digests
from services.metrics.digests import routes as digests
from services.metrics.digests.tasks import kinds as digesting
from services.metrics.drivers import routes as drivers
from services.metrics.experiments import routes as experiments
from services.metrics.insights import routes as insights
from services.metrics.kpis import routes as kpis
from services.metrics.measurements import routes as measurements
from services.metrics.measurements.retention import ageing
from services.metrics.measurements.sketching import sketching
from services.metrics.measurements.tasks import jobs as rebuilding
from services.metrics.measurements.tasks import kinds as measuring
from services.metrics.outcomes import routes as outcomes
from services.metrics.outcomes.consumers import handlers
from services.metrics.outcomes.neighbours import KpiSnapshot, MetricsTrace, OutcomeSnapshot, TargetSnapshot
from services.metrics.outcomes.watch import watching
from services.metrics.privacy import personal_data
from services.metrics.settings import MetricsSettings
from services.metrics.sources import routes as sources
from services.metrics.sources.pulling import pulling
from services.metrics.sources.tasks import kinds as source_kinds
from services.metrics.targets import routes as targets
from services.metrics.trees import routes as trees
from services.metrics.usage_events import routes as usage_events
from services.metrics.usage_events.tasks import jobs as counting

DESCRIPTION = "KPIs that are counted exactly, and verdicts on launches that can be trusted."


def create_app() -> FastAPI:
    """The application, from the environment's settings."""
    return build_service(MetricsContext.build(MetricsSettings()))


def build_service(context: MetricsContext) -> FastAPI:
    """The application around a context: tests bring their own."""
    following = Following(Follow(source="roadmap", handlers=handlers))
    working = worker([kinds().jobs, rebuilding, counting])
    return build_app(
        context,
        title="Fullcircle Metrics",
        description=DESCRIPTION,
        routers=[
            kpis.router,
            kpis.template_router,
            trees.router,
            trees.tree_router,
            measurements.router,
            measurements.revision_router,
            usage_events.router,
            sources.router,
            sources.import_router,
            segment.router,
            otlp.router,
            measurements.series_router,
            analysis.router,
            targets.router,
            outcomes.router,
            experiments.router,
            calibration.router,
            insights.router,
            drivers.router,
            charts.router,
            dashboards.router,
            digests.router,
            digest_subscriptions.router,
            digest_subscriptions.leaving,
            alerts.rules,
            alerts.alerts,
            operations_router(read_scope="metrics:read", write_scope="metrics:write"),
            trace_router(MetricsTrace, scope="metrics:read"),
            privacy_router(personal_data(context.pseudonym)),
            following.router(),
        ],
        snapshots=[KpiSnapshot(), TargetSnapshot(), OutcomeSnapshot()],
        background=[
            *(working_with, working, following, watching, watching_rules, sketching, ageing, pulling),
            telling_digests,
        ],
    )


def kinds() -> OperationKinds:
    """All long work that metrics does."""
    every = OperationKinds()
    every.include(measuring)
    every.include(source_kinds)
    every.include(digesting)
    return every
