"""Keeps the copies in step with the feeds of requirements and metrics."""

from typing import Any
from uuid import UUID

import msgspec

from services.chassis.events import Event
from services.chassis.feed_handlers import Handlers, Sweep
from services.chassis.unit_of_work import UnitOfWork
from services.roadmap.copies.repository import (
    CompanyCopies,
    CopyRepository,
    Heard,
    KpiCopies,
    RequirementCopies,
    TargetCopies,
    ThemeCopies,
)


class RequirementNews(msgspec.Struct):
    """What the roadmap reads of a requirement's event."""

    status: str | None = None
    title: str | None = None
    kind: str | None = None


class KpiNews(msgspec.Struct):
    """What the roadmap reads of a KPI's event."""

    name: str | None = None
    unit: str | None = None
    direction: str | None = None


class ThemeNews(msgspec.Struct):
    """What the roadmap reads of a theme's event; one that was retired is still there to be cited."""

    size: int | None = None


class CompanyNews(msgspec.Struct):
    """What the roadmap reads of a company's event: one that became part of another is no longer there."""

    merged_into_id: UUID | None = None


class TargetNews(msgspec.Struct):
    """Nothing but whose event it is."""


def follow_backlog(handlers: Handlers) -> None:
    """Requirements, and the themes and companies behind them: every event says how they stand now."""
    _follow(handlers, RequirementCopies, "requirement", RequirementNews, "created", "updated", "status_changed")
    _follow(handlers, ThemeCopies, "theme", ThemeNews, "changed")
    _follow(handlers, CompanyCopies, "company", CompanyNews, "created", "updated")


def follow_kpis(handlers: Handlers) -> None:
    """KPIs and their targets: every event says how they are defined now."""
    _follow(handlers, KpiCopies, "kpi", KpiNews, "created", "updated")
    _follow(handlers, TargetCopies, "target", TargetNews, "created", "updated")


def _follow(
    handlers: Handlers, copies: type[CopyRepository], noun: str, news: type[msgspec.Struct], *changes: str
) -> None:
    gone = f"{noun}.deleted"

    @handlers.on(*(f"{noun}.{change}" for change in changes), gone, data=news)
    async def remember(work: UnitOfWork, event: Event[Any]) -> None:
        facts = msgspec.structs.asdict(event.data)
        heard = Heard(
            id=event.subject,
            source_version=event.subject_version,
            facts=facts,
            is_deleted=event.type == gone or facts.get("merged_into_id") is not None,
        )
        await copies(work.session).remember([heard], is_snapshot=event.is_snapshot)

    @handlers.removes(noun)
    async def forget(work: UnitOfWork, sweep: Sweep) -> None:
        await copies(work.session).forget(sweep)
