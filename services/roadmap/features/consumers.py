"""Takes in what metrics found: the verdict goes to the feature that promised the effect."""

from datetime import datetime
from uuid import UUID

import msgspec

from services.chassis.events import Event, signal_after_commit
from services.chassis.feed_handlers import Handlers, Sweep
from services.chassis.unit_of_work import UnitOfWork
from services.roadmap.features.facts import feature_facts
from services.roadmap.features.repository import FeatureOutcomeRepository, FeatureRepository
from services.roadmap.models import FeatureOutcome
from services.roadmap.models.base import touch
from services.roadmap.strategy.service import PROGRESS


class OutcomeNews(msgspec.Struct):
    """What the roadmap reads of a measured outcome."""

    feature_id: UUID
    kpi_id: UUID
    verdict: str | None = None
    effect: float | None = None
    effect_low: float | None = None
    effect_high: float | None = None
    measured_at: datetime | None = None


def follow_outcomes(handlers: Handlers) -> None:
    """A later look at the same outcome replaces the earlier one."""

    @handlers.on("outcome.measured", data=OutcomeNews)
    async def keep_outcome(work: UnitOfWork, event: Event[OutcomeNews]) -> None:
        feature = await FeatureRepository(work.session).find(event.data.feature_id, lock=True)
        if feature is None or event.data.verdict is None:
            return
        known = next((outcome for outcome in feature.outcomes if outcome.id == event.subject), None)
        if known is not None and not event.supersedes(known.source_version):
            return
        outcome = known or FeatureOutcome(id=event.subject)
        for name, value in msgspec.structs.asdict(event.data).items():
            setattr(outcome, name, value)
        outcome.measured_at = event.data.measured_at or event.time
        outcome.source_version = event.subject_version
        if known is None:
            feature.outcomes.append(outcome)
        touch(feature)
        await work.session.flush()
        await work.events.append(
            "feature.updated",
            subject_type="feature",
            subject_id=feature.id,
            version=feature.version,
            data=feature_facts(feature),
        )
        signal_after_commit(work.session, PROGRESS, work.context.signal)

    @handlers.removes("outcome")
    async def forget_outcomes(work: UnitOfWork, sweep: Sweep) -> None:
        await FeatureOutcomeRepository(work.session).forget(sweep)
