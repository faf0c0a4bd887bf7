"""Makes sure that what a caller names exists: asks the neighbour, and falls back on the copy when it is down."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

from services.chassis.errors import FieldError, UnknownReference
from services.chassis.http_client import NeighbourDown
from services.chassis.unit_of_work import Work
from services.roadmap.clients.context import RoadmapContext
from services.roadmap.clients.neighbours import SeenThing
from services.roadmap.copies.repository import (
    CompanyCopies,
    CopyRepository,
    Heard,
    KpiCopies,
    RequirementCopies,
    TargetCopies,
    ThemeCopies,
)

Named = Mapping[str, UUID]
"""Ids by the JSON Pointer at which the caller named them."""

LookUp = Callable[..., Awaitable[Mapping[UUID, SeenThing]]]


@dataclass(frozen=True)
class _Asked:
    """What a neighbour said, or why it could not say."""

    named: Named
    copies: type[CopyRepository]
    seen: Mapping[UUID, SeenThing] = field(default_factory=dict)
    fault: NeighbourDown | None = None


class CopyService:
    """Knows which things of the neighbours' there are."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.context = cast("RoadmapContext", work.context)

    async def requirement_kinds(self, requirement_ids: Collection[UUID]) -> list[str]:
        """The kinds that these requirements were last heard to be of."""
        copies = await RequirementCopies(self.work.session).by_ids(requirement_ids)
        return sorted({each.kind for each in copies.values() if each.kind})

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

        Raises UnknownReference for what does not exist, NeighbourDown when neither neighbour nor copy can tell.
        """
        backlog, metrics = self.context.requirements, self.context.metrics
        asked = await asyncio.gather(
            self._ask(backlog.requirements, requirements, RequirementCopies),
            self._ask(metrics.kpis, kpis, KpiCopies),
            self._ask(backlog.themes, themes, ThemeCopies),
            self._ask(backlog.companies, companies, CompanyCopies),
            self._ask(metrics.targets, targets, TargetCopies),
        )
        for each in asked:
            if each.named:
                await self._settle(each)

    async def _ask(self, look_up: LookUp, named: Named | None, copies: type[CopyRepository]) -> _Asked:
        if not named:
            return _Asked({}, copies)
        try:
            seen = await look_up(set(named.values()), workspace_id=self.work.principal.workspace)
        except NeighbourDown as fault:
            return _Asked(named, copies, fault=fault)
        return _Asked(named, copies, seen)

    async def _settle(self, asked: _Asked) -> None:
        """What was seen is remembered at once: the feed may take a moment, and the neighbour be down the next."""
        copies = asked.copies(self.work.session)
        if asked.fault is None:
            await copies.remember([_heard(each, copies.facts) for each in asked.seen.values()])
            _require_seen(asked)
            return
        known = await copies.by_ids(set(asked.named.values()))
        if any(each not in known or known[each].is_deleted for each in asked.named.values()):
            raise asked.fault


def _require_seen(asked: _Asked) -> None:
    faults = [
        FieldError(pointer, f"There is no {asked.copies.noun} {each}.", "unknown")
        for pointer, each in asked.named.items()
        if each not in asked.seen
    ]
    if faults:
        raise UnknownReference(errors=faults)


def _heard(seen: SeenThing, facts: tuple[str, ...]) -> Heard:
    told: dict[str, Any] = {name: getattr(seen, name) for name in facts}
    return Heard(id=seen.id, source_version=seen.version, facts=told)
