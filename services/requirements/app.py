"""The requirements service, put together."""

from fastapi import FastAPI

from services.chassis.app import build_app, build_context
from services.chassis.context import ServiceContext
from services.chassis.feed_handlers import Handlers, Together
from services.chassis.following import Follow, Following
from services.chassis.jobs import worker
from services.chassis.operation_routes import operations_router
from services.chassis.operations import OperationKinds
from services.chassis.privacy.routes import privacy_router
from services.chassis.trace import trace_router
from services.requirements.backlog import routes as backlog
from services.requirements.backlog.consumers import follow_metrics, follow_roadmap
from services.requirements.clients.context import RequirementsContext, open_clients
from services.requirements.comments import routes as comments
from services.requirements.customers import routes as customers
from services.requirements.emails import routes as emails
from services.requirements.estimates import routes as estimates
from services.requirements.feasibility import routes as feasibility
from services.requirements.feedback import routes as feedback
from services.requirements.feedback.collecting import collecting_seldom
from services.requirements.feedback.intake import Intake
from services.requirements.fields import routes as fields
from services.requirements.followup import routes as followup
from services.requirements.followup.consumers import follow_statuses
from services.requirements.followup.tasks import jobs as followup_jobs
from services.requirements.followup_templates import routes as templates
from services.requirements.forms import routes as forms
from services.requirements.imports import routes as imports
from services.requirements.imports.tasks import kinds as import_kinds
from services.requirements.kano import routes as kano
from services.requirements.merges import routes as merges
from services.requirements.prioritization import routes as prioritization
from services.requirements.privacy import routes as privacy
from services.requirements.privacy.holdings import PERSONAL
from services.requirements.proposals import routes as proposals
from services.requirements.relations import routes as relations
from services.requirements.revenues import routes as revenues
from services.requirements.search import routes as search
from services.requirements.segments import routes as segments
from services.requirements.segments.consumers import FreezeStanding
from services.requirements.settings import RequirementsSettings
from services.requirements.similarity import routes as similarity
from services.requirements.similarity.consumers import KeepMeanings, LearnFromDecisions, SuggestRequirements
from services.requirements.studies import routes as studies
from services.requirements.theme_merges import routes as theme_merges
from services.requirements.themes import routes as themes
from services.requirements.themes.consumers import EmbedFeedback, FollowQuarantine
from services.requirements.themes.meaning import Embedder
from services.requirements.themes.tasks import rebuild_kinds
from services.requirements.traces.service import RequirementsTrace
from services.requirements.traces.snapshots import SNAPSHOTS
from services.requirements.understanding import routes as understanding

DESCRIPTION = (
    "Feedback from anywhere, the themes in it, requirements with evidence, and rankings that explain themselves."
)


def create_app() -> FastAPI:
    """The application, from the environment's settings."""
    return build_service(build_context("requirements", RequirementsSettings()))


def build_service(context: ServiceContext) -> FastAPI:
    """The application around a context: tests bring their own."""
    context = RequirementsContext.around(context)
    intake, embedder = Intake(context), Embedder()
    following = Following(
        Follow(
            source=context.name,
            name="after_intake",
            handlers=after_intake_handlers(context, embedder),
            on_gone="oldest",
            page_size=200,
        ),
        Follow(source=context.name, name="standings", handlers=standing_handlers(), on_gone="oldest", page_size=200),
        Follow(source=context.name, name="follow_ups", handlers=follow_up_handlers(), on_gone="oldest"),
        Follow(source="roadmap", handlers=roadmap_handlers()),
        Follow(source="metrics", handlers=metrics_handlers()),
    )
    app = build_app(
        context,
        title="Fullcircle Requirements",
        description=DESCRIPTION,
        routers=[
            feedback.router,
            emails.router,
            imports.router,
            studies.router,
            forms.router,
            forms.votes,
            customers.contacts,
            customers.companies,
            revenues.router,
            merges.router,
            segments.router,
            segments.standings,
            fields.router,
            themes.router,
            theme_merges.router,
            feasibility.router,
            backlog.router,
            relations.router,
            comments.router,
            estimates.router,
            kano.router,
            understanding.labels,
            search.router,
            similarity.asking,
            similarity.likeness,
            similarity.suggestions,
            similarity.calibrators,
            similarity.merges,
            prioritization.router,
            proposals.router,
            followup.router,
            templates.router,
            followup.leaving,
            operations_router(read_scope="requirements:read", write_scope="requirements:write"),
            trace_router(RequirementsTrace, scope="requirements:read"),
            privacy.router,
            privacy_router(PERSONAL),
            following.router(),
        ],
        snapshots=SNAPSHOTS,
        background=[
            open_clients,
            lambda _: collecting_seldom(),
            lambda _: intake.running(),
            lambda _: embedder.running(),
            worker([operation_kinds(embedder).jobs, followup_jobs]),
            following,
        ],
    )
    app.state.intake = intake
    app.state.embedder = embedder
    app.state.following = following
    return app


def operation_kinds(embedder: Embedder) -> OperationKinds:
    """Every kind of long work: one job runs them all."""
    kinds = OperationKinds()
    kinds.include(rebuild_kinds(embedder))
    kinds.include(import_kinds)
    return kinds


def after_intake_handlers(context: ServiceContext, embedder: Embedder) -> Handlers:
    """What follows intake, from the service's own feed."""
    handlers = Handlers()
    handlers.add(Together(EmbedFeedback(context.database, embedder), SuggestRequirements()))
    handlers.add(FollowQuarantine())
    handlers.add(KeepMeanings(context.database, embedder))
    handlers.add(LearnFromDecisions(context.database))
    return handlers


def standing_handlers() -> Handlers:
    """What is frozen of each piece's customer, from the service's own feed."""
    handlers = Handlers()
    handlers.add(FreezeStanding())
    return handlers


def follow_up_handlers() -> Handlers:
    """Who is told what, from the service's own feed."""
    handlers = Handlers()
    follow_statuses(handlers)
    return handlers


def roadmap_handlers() -> Handlers:
    """What is done with the feed of the roadmap."""
    handlers = Handlers()
    follow_roadmap(handlers)
    return handlers


def metrics_handlers() -> Handlers:
    """What is done with the feed of metrics."""
    handlers = Handlers()
    follow_metrics(handlers)
    return handlers
