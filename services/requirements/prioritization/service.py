"""Ranks requirements on what is known of them now, and keeps the ranking as it was made."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from services.chassis.errors import FieldError, Invalid, UnknownReference
from services.chassis.unit_of_work import Work
from services.requirements.backlog.repository import RequirementRepository
from services.requirements.backlog.schemas import Estimates
from services.requirements.domain.prioritizing import DRAWS, Estimated, Place, Ranking, rank
from services.requirements.domain.scoring import METHODS, Method
from services.requirements.models import Prioritization, RankedRequirement, Requirement
from services.requirements.prioritization.repository import PrioritizationRepository
from services.requirements.prioritization.schemas import (
    MOST_RANKED,
    PrioritizationCreate,
    PrioritizationRead,
    PrioritizationSummary,
)


class NothingToRank(Invalid):
    code, title = "nothing_to_rank", "No requirement there has the estimates that the method needs"


class PrioritizationService:
    """Makes rankings and reads them again."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def prioritizations(self) -> PrioritizationRepository:
        return PrioritizationRepository(self.work.session)

    async def create(self, new: PrioritizationCreate) -> PrioritizationRead:
        """Raises UnknownReference, NothingToRank, and Invalid for a named requirement without its estimates."""
        method = METHODS[new.method]
        requirements = await self._requirements(new)
        candidates = self._candidates(requirements, method, are_named=new.requirement_ids is not None)
        # In a thread: numpy lets go of the interpreter, and a thousand requirements take a second.
        ranking = await asyncio.to_thread(rank, candidates, method=method, seed=new.seed, top=new.top)
        record = await self._keep(new, ranking)
        known = {str(each.id): each for each in requirements}
        lines = [_line(record, place, known[place.key], top=new.top) for place in ranking.places]
        self.work.session.add_all(lines)
        await self.work.events.append(
            "prioritization.created",
            subject_type="prioritization",
            subject_id=record.id,
            version=record.version,
            data=prioritization_facts(record),
        )
        return _read(record, lines)

    async def get(self, prioritization_id: UUID) -> PrioritizationRead:
        record = await self.prioritizations.get(prioritization_id)
        return _read(record, await self.prioritizations.lines(prioritization_id))

    async def _requirements(self, new: PrioritizationCreate) -> Sequence[Requirement]:
        rows = RequirementRepository(self.work.session)
        if new.requirement_ids is None:
            return await rows.in_states(new.statuses, limit=MOST_RANKED)
        found = await rows.by_ids(new.requirement_ids)
        missing = [
            FieldError(f"/requirement_ids/{place}", f"There is no requirement {each}.", "unknown")
            for place, each in enumerate(new.requirement_ids)
            if each not in found
        ]
        if missing:
            raise UnknownReference(errors=missing)
        return list(found.values())

    def _candidates(
        self, requirements: Sequence[Requirement], method: Method, *, are_named: bool
    ) -> Mapping[str, Estimated]:
        candidates, faults = {}, []
        for each in requirements:
            estimates = _ranges(each)
            try:
                method.check(estimates)
            except ValueError as fault:
                faults.append(FieldError("/requirement_ids", f"Requirement {each.id}: {fault}.", "estimate"))
            else:
                candidates[str(each.id)] = estimates
        if faults and are_named:
            raise Invalid("Not every requirement can be scored.", errors=faults)
        if not candidates:
            raise NothingToRank
        return candidates

    async def _keep(self, new: PrioritizationCreate, ranking: Ranking) -> Prioritization:
        return await self.prioritizations.add(
            Prioritization(
                name=new.name,
                method=new.method,
                seed=new.seed,
                draws=DRAWS,
                top=new.top,
                stability=ranking.stability,
                reference=dict(ranking.reference),
                made_by=self.work.principal.id,
            )
        )


def prioritization_facts(record: Prioritization) -> dict[str, Any]:
    """What the feed tells of a ranking."""
    return {"method": record.method, "stability": record.stability}


def _ranges(requirement: Requirement) -> Estimated:
    estimates = Estimates.model_validate(requirement.estimates)
    return {name: given.as_range() for name, given in estimates if given is not None}


def _line(record: Prioritization, place: Place, requirement: Requirement, *, top: int) -> RankedRequirement:
    low, high = place.interval
    return RankedRequirement(
        workspace_id=record.workspace_id,
        prioritization_id=record.id,
        rank=place.standing.rank,
        requirement_id=requirement.id,
        requirement_version=requirement.version,
        title=requirement.title,
        score=place.breakdown.score,
        estimates=requirement.estimates,
        explanation={
            "score_low": low,
            "score_high": high,
            "reference_score": place.breakdown.reference_score,
            "contributions": dict(place.breakdown.contributions),
            "rank_low": place.standing.rank_low,
            "rank_high": place.standing.rank_high,
            "p_rank": place.standing.p_rank,
            "p_top": place.standing.p_top[top],
            "swap_with_above": _swap(place),
        },
    )


def _swap(place: Place) -> dict[str, Any] | None:
    if place.swap is None:
        return None
    return {
        "requirement_id": place.swap.changed,
        "input": place.swap.input,
        "current": place.swap.current,
        "needed": place.swap.needed,
        "relative_change": place.swap.relative_change,
    }


def _read(record: Prioritization, lines: Sequence[RankedRequirement]) -> PrioritizationRead:
    summary = PrioritizationSummary.model_validate(record).model_dump()
    ranking = [
        {
            "rank": line.rank,
            "requirement_id": line.requirement_id,
            "requirement_version": line.requirement_version,
            "title": line.title,
            "score": line.score,
            "estimates": line.estimates,
            **line.explanation,
        }
        for line in lines
    ]
    return PrioritizationRead.model_validate(summary | {"ranking": ranking})
