"""Keeps the copies in step with the feeds of requirements and metrics."""

import msgspec

from services.chassis.events import Event
from services.chassis.feed_handlers import Handlers, Sweep
from services.chassis.unit_of_work import UnitOfWork
from services.roadmap.copies.repository import KpiCopies, KpiFacts, RequirementCopies, RequirementFacts


class RequirementNews(msgspec.Struct):
    """What the roadmap reads of a requirement's event."""

    status: str | None = None
    title: str | None = None


class KpiNews(msgspec.Struct):
    """What the roadmap reads of a KPI's event."""

    name: str | None = None
    unit: str | None = None
    direction: str | None = None


def follow_requirements(handlers: Handlers) -> None:
    """Every event of a requirement says how it stands now."""

    @handlers.on(
        "requirement.created",
        "requirement.updated",
        "requirement.status_changed",
        "requirement.deleted",
        data=RequirementNews,
    )
    async def remember(work: UnitOfWork, event: Event[RequirementNews]) -> None:
        facts = RequirementFacts(
            id=event.subject,
            source_version=event.subject_version,
            title=event.data.title,
            status=event.data.status,
            is_deleted=event.type == "requirement.deleted",
        )
        await RequirementCopies(work.session).remember([facts], is_snapshot=event.is_snapshot)

    handlers.removes("requirement")(_forget_requirements)


def follow_kpis(handlers: Handlers) -> None:
    """Every event of a KPI says how it is defined now."""

    @handlers.on("kpi.created", "kpi.updated", "kpi.deleted", data=KpiNews)
    async def remember(work: UnitOfWork, event: Event[KpiNews]) -> None:
        facts = KpiFacts(
            id=event.subject,
            source_version=event.subject_version,
            name=event.data.name,
            unit=event.data.unit,
            direction=event.data.direction,
            is_deleted=event.type == "kpi.deleted",
        )
        await KpiCopies(work.session).remember([facts], is_snapshot=event.is_snapshot)

    handlers.removes("kpi")(_forget_kpis)


async def _forget_requirements(work: UnitOfWork, sweep: Sweep) -> None:
    await RequirementCopies(work.session).forget(sweep)


async def _forget_kpis(work: UnitOfWork, sweep: Sweep) -> None:
    await KpiCopies(work.session).forget(sweep)
