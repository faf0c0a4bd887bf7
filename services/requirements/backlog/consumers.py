"""What roadmap and metrics report moves requirements: onto the plan, into customers' hands, to a verdict."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from services.chassis.events import Event
from services.chassis.feed_handlers import Handlers, Sweep
from services.chassis.unit_of_work import UnitOfWork
from services.requirements.backlog.repository import LinkRepository, RequirementRepository
from services.requirements.backlog.service import change_status
from services.requirements.domain.states import RequirementStatus, advanced
from services.requirements.models import FeatureLink, OutcomeLink

REACHED_BY: Mapping[str, RequirementStatus] = {
    "planned": RequirementStatus.COMMITTED,
    "in_progress": RequirementStatus.IN_PROGRESS,
    "shipped": RequirementStatus.SHIPPED,
    "retired": RequirementStatus.SHIPPED,
}
"""How far a feature in this status has brought its requirements; in any other it has not moved them."""


class FeatureNews(msgspec.Struct):
    """What requirements read of a feature's event."""

    status: str
    requirement_ids: list[UUID] = []
    shipped_at: datetime | None = None


class OutcomeNews(msgspec.Struct):
    """What requirements read of an outcome's event."""

    feature_id: UUID
    kpi_id: UUID | None = None
    verdict: str | None = None
    measured_at: datetime | None = None
    requirement_ids: list[UUID] = []


class IssueNews(msgspec.Struct):
    """What requirements read of an issue in a delivery tracker."""

    requirement_id: UUID | None = None
    reported_status: str | None = None


def follow_roadmap(handlers: Handlers) -> None:
    """Features carry the requirements that they answer; so do issues that stand for a requirement itself."""

    @handlers.on("issue_link.reported", data=IssueNews)
    async def follow_issue(work: UnitOfWork, event: Event[IssueNews]) -> None:
        reached = REACHED_BY.get(event.data.reported_status or "")
        if event.data.requirement_id is not None and reached is not None:
            await advance(work, [event.data.requirement_id], reached)

    @handlers.on("feature.created", "feature.updated", "feature.status_changed", "feature.shipped", data=FeatureNews)
    async def remember(work: UnitOfWork, event: Event[FeatureNews]) -> None:
        links, news = LinkRepository(work.session), event.data
        link = FeatureLink(
            id=event.subject,
            source_version=event.subject_version,
            status=news.status,
            requirement_ids=news.requirement_ids,
            shipped_at=news.shipped_at,
        )
        reached = REACHED_BY.get(news.status)
        if not await links.remember(link) or reached is None:
            return
        if reached is RequirementStatus.SHIPPED and await links.is_measured(event.subject):
            reached = RequirementStatus.MEASURED
        await advance(work, news.requirement_ids, reached)

    @handlers.on("feature.deleted", data=dict)
    async def forget(work: UnitOfWork, event: Event[dict[str, object]]) -> None:
        await LinkRepository(work.session).forget(event.subject)

    @handlers.removes("feature")
    async def sweep(work: UnitOfWork, sweep: Sweep) -> None:
        await LinkRepository(work.session).sweep(FeatureLink, sweep)


def follow_metrics(handlers: Handlers) -> None:
    """A verdict closes the circle, whatever it says."""

    @handlers.on("outcome.measured", data=OutcomeNews)
    async def remember(work: UnitOfWork, event: Event[OutcomeNews]) -> None:
        news = event.data
        if news.verdict is None:
            return
        links = LinkRepository(work.session)
        link = OutcomeLink(
            id=event.subject,
            source_version=event.subject_version,
            feature_id=news.feature_id,
            kpi_id=news.kpi_id,
            verdict=news.verdict,
            measured_at=news.measured_at or event.time,
        )
        if await links.remember(link):
            feature = await links.feature(news.feature_id)
            known = feature.requirement_ids if feature is not None else []
            await advance(work, {*news.requirement_ids, *known}, RequirementStatus.MEASURED)

    @handlers.removes("outcome")
    async def sweep(work: UnitOfWork, sweep: Sweep) -> None:
        await LinkRepository(work.session).sweep(OutcomeLink, sweep)


async def advance(work: UnitOfWork, requirement_ids: Iterable[UUID], reached: RequirementStatus) -> None:
    """Moves requirements forward to what was reached, never back."""
    for requirement in await RequirementRepository(work.session).locked(set(requirement_ids)):
        current = RequirementStatus(requirement.status)
        target = advanced(current, reached)
        if target is not current:
            await change_status(work, requirement, target)
