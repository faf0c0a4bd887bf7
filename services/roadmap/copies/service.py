"""Makes sure that what a caller names exists: asks the neighbour, and falls back on the copy when it is down."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

from services.chassis.errors import FieldError, UnknownReference
from services.chassis.http_client import NeighbourDown
from services.chassis.unit_of_work import Work
from services.roadmap.clients.context import RoadmapContext
from services.roadmap.clients.metrics import SeenKpi
from services.roadmap.clients.requirements import SeenRequirement
from services.roadmap.copies.repository import KpiCopies, KpiFacts, RequirementCopies, RequirementFacts

Named = Mapping[str, UUID]
"""Ids by the JSON Pointer at which the caller named them."""

LookUp = Callable[..., Awaitable[dict[UUID, Any]]]


@dataclass(frozen=True)
class _Asked:
    """What a neighbour said, or why it could not say."""

    seen: dict[UUID, Any] = field(default_factory=dict)
    fault: NeighbourDown | None = None


class CopyService:
    """Knows which requirements and KPIs there are."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.context = cast("RoadmapContext", work.context)

    async def require(
        self,
        *,
        requirements: Named | None = None,
        kpis: Named | None = None,
        themes: Named | None = None,
        companies: Named | None = None,
        targets: Named | None = None,
    ) -> None:
        """Call it before the transaction: it asks over HTTP first, and opens the session only after that.

        Raises UnknownReference for what does not exist, NeighbourDown when neither neighbour nor copy can tell; there
        are copies of requirements and KPIs only.
        """
        requirements, kpis, themes = requirements or {}, kpis or {}, themes or {}
        companies, targets = companies or {}, targets or {}
        backlog = self.context.requirements
        asked, asked_kpis, asked_themes, asked_companies, asked_targets = await asyncio.gather(
            self._ask(backlog.requirements, requirements),
            self._ask(self.context.metrics.kpis, kpis),
            self._ask(backlog.themes, themes),
            self._ask(backlog.companies, companies),
            self._ask(self.context.metrics.targets, targets),
        )
        _require_seen(themes, asked_themes, noun="theme")
        _require_seen(companies, asked_companies, noun="company")
        _require_seen(targets, asked_targets, noun="target")
        session = self.work.session
        if requirements:
            copies = RequirementCopies(session)
            await copies.remember([_requirement_facts(each) for each in asked.seen.values()])
            await _require(requirements, asked, copies, noun="requirement")
        if kpis:
            kpi_copies = KpiCopies(session)
            await kpi_copies.remember([_kpi_facts(each) for each in asked_kpis.seen.values()])
            await _require(kpis, asked_kpis, kpi_copies, noun="KPI")

    async def _ask(self, look_up: LookUp, named: Named) -> _Asked:
        if not named:
            return _Asked()
        try:
            return _Asked(await look_up(set(named.values()), workspace_id=self.work.principal.workspace))
        except NeighbourDown as fault:
            return _Asked(fault=fault)


async def _require(named: Named, asked: _Asked, copies: RequirementCopies | KpiCopies, *, noun: str) -> None:
    if asked.fault is None:
        _require_seen(named, asked, noun=noun)
        return
    known = await copies.by_ids(set(named.values()))
    if any(each not in known or known[each].is_deleted for each in named.values()):
        raise asked.fault


def _require_seen(named: Named, asked: _Asked, *, noun: str) -> None:
    if asked.fault is not None:
        raise asked.fault
    faults = [
        FieldError(pointer, f"There is no {noun} {each}.", "unknown")
        for pointer, each in named.items()
        if each not in asked.seen
    ]
    if faults:
        raise UnknownReference(errors=faults)


def _requirement_facts(seen: SeenRequirement) -> RequirementFacts:
    return RequirementFacts(id=seen.id, source_version=seen.version, title=seen.title, status=seen.status)


def _kpi_facts(seen: SeenKpi) -> KpiFacts:
    return KpiFacts(id=seen.id, source_version=seen.version, name=seen.name, unit=seen.unit, direction=seen.direction)
