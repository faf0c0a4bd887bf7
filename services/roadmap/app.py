"""The roadmap service, put together."""

from fastapi import FastAPI

from services.chassis.app import build_app
from services.chassis.feed_handlers import Handlers
from services.chassis.following import Follow, Following
from services.chassis.jobs import worker
from services.chassis.operation_routes import operations_router
from services.chassis.operations import OperationKinds
from services.chassis.privacy.routes import privacy_router
from services.chassis.trace import trace_router
from services.roadmap.allocations import routes as allocations
from services.roadmap.audiences import routes as audiences
from services.roadmap.briefs import routes as briefs
from services.roadmap.budgets import routes as budgets
from services.roadmap.check_ins import routes as check_ins
from services.roadmap.clients.context import RoadmapContext, open_clients
from services.roadmap.commitments import routes as commitments
from services.roadmap.competition import routes as competition
from services.roadmap.constraints import routes as constraints
from services.roadmap.copies.consumers import follow_backlog, follow_kpis
from services.roadmap.costs import routes as costs
from services.roadmap.coverage import routes as coverage
from services.roadmap.decisions import routes as decisions
from services.roadmap.differentiators import routes as differentiators
from services.roadmap.exchange_rates import routes as exchange_rates
from services.roadmap.features import routes as features
from services.roadmap.features.consumers import follow_outcomes
from services.roadmap.features.snapshots import FeatureStates, ShippedFeatures
from services.roadmap.forecasts import routes as forecasts
from services.roadmap.forecasts.tasks import kinds as forecast_kinds
from services.roadmap.handoffs import routes as handoffs
from services.roadmap.initiatives import routes as initiatives
from services.roadmap.inquiries import routes as inquiries
from services.roadmap.inquiries.tasks import kinds as inquiry_kinds
from services.roadmap.launches import routes as launches
from services.roadmap.markets import routes as markets
from services.roadmap.milestones import routes as milestones
from services.roadmap.needs import routes as needs
from services.roadmap.optimization import routes as optimization
from services.roadmap.optimization.tasks import kinds as optimization_kinds
from services.roadmap.pages import routes as pages
from services.roadmap.portfolio import routes as portfolio
from services.roadmap.privacy import PERSONAL
from services.roadmap.products import routes as products
from services.roadmap.release_templates import routes as release_templates
from services.roadmap.releases import routes as releases
from services.roadmap.risks import routes as risks
from services.roadmap.roadmaps import routes as roadmaps
from services.roadmap.roadmaps.snapshots import RoadmapStates
from services.roadmap.rules import routes as rules
from services.roadmap.scenarios import routes as scenarios
from services.roadmap.settings import RoadmapSettings
from services.roadmap.sharing import routes as sharing
from services.roadmap.strategy import routes as strategy
from services.roadmap.strategy.progress import following_progress
from services.roadmap.strategy.snapshots import ObjectiveStates
from services.roadmap.subscriptions import routes as subscriptions
from services.roadmap.subscriptions.telling import telling_subscribers
from services.roadmap.teams import routes as teams
from services.roadmap.templates import routes as templates
from services.roadmap.traces.service import RoadmapTrace
from services.roadmap.trackers import routes as trackers
from services.roadmap.updates import routes as updates
from services.roadmap.updates.tasks import jobs as update_jobs
from services.roadmap.visions import routes as visions
from services.roadmap.work_packages import routes as work_packages
from services.roadmap.workload import routes as workload

DESCRIPTION = "Objectives and key results, features with the effects they promise, roadmaps, and plans that are proved."


def create_app() -> FastAPI:
    """The application, from the environment's settings."""
    return build_service(RoadmapContext.build(RoadmapSettings()))


def build_service(context: RoadmapContext) -> FastAPI:
    """The application around a context: tests bring their own."""
    following = Following(
        Follow(source="requirements", handlers=requirement_handlers()),
        Follow(source="metrics", handlers=metrics_handlers()),
    )
    return build_app(
        context,
        title="Fullcircle Roadmap",
        description=DESCRIPTION,
        routers=[
            products.router,
            markets.segments,
            markets.personas,
            needs.router,
            needs.pain_points,
            strategy.router,
            differentiators.router,
            visions.router,
            initiatives.router,
            exchange_rates.router,
            costs.router,
            budgets.router,
            constraints.router,
            competition.competitors,
            competition.capabilities,
            competition.comparisons,
            competition.positionings,
            coverage.router,
            templates.router,
            pages.router,
            decisions.router,
            teams.router,
            allocations.router,
            workload.router,
            portfolio.router,
            features.router,
            trackers.router,
            trackers.links_router,
            rules.router,
            release_templates.router,
            releases.router,
            work_packages.router,
            milestones.router,
            launches.router,
            commitments.router,
            handoffs.router,
            check_ins.router,
            risks.router,
            subscriptions.router,
            briefs.router,
            roadmaps.router,
            optimization.router,
            inquiries.router,
            forecasts.router,
            scenarios.versions_router,
            scenarios.router,
            audiences.router,
            audiences.views_router,
            updates.router,
            sharing.router,
            sharing.shared_router,
            operations_router(read_scope="roadmap:read", write_scope="roadmap:write"),
            trace_router(RoadmapTrace, scope="roadmap:read"),
            privacy_router(PERSONAL),
            following.router(),
        ],
        snapshots=[ObjectiveStates(), FeatureStates(), ShippedFeatures(), RoadmapStates()],
        background=[
            open_clients,
            worker([kinds().jobs, update_jobs]),
            following,
            following_progress,
            telling_subscribers,
        ],
    )


def kinds() -> OperationKinds:
    """All long work that the roadmap does."""
    every = OperationKinds()
    every.include(optimization_kinds)
    every.include(forecast_kinds)
    every.include(inquiry_kinds)
    return every


def requirement_handlers() -> Handlers:
    """What is done with the feed of requirements."""
    handlers = Handlers()
    follow_backlog(handlers)
    return handlers


def metrics_handlers() -> Handlers:
    """What is done with the feed of metrics."""
    handlers = Handlers()
    follow_kpis(handlers)
    follow_outcomes(handlers)
    return handlers
