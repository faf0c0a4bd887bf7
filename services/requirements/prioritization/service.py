"""Ranks requirements on what is known of them now, and keeps the ranking as it was made."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from services.chassis.errors import FieldError, Invalid
from services.chassis.unit_of_work import Work
from services.requirements.domain.drivers import Driver
from services.requirements.domain.feasibility import risk_adjusted
from services.requirements.domain.prioritizing import DRAWS, Place, method_named, turn
from services.requirements.domain.ranking import Swap
from services.requirements.domain.scoring import Method
from services.requirements.models import Prioritization, RankedRequirement
from services.requirements.prioritization.capacity import Capacity, ask_capacity
from services.requirements.prioritization.gathering import Known
from services.requirements.prioritization.people import Voices, disagreement, voices
from services.requirements.prioritization.questions import PrioritizationCreate
from services.requirements.prioritization.reckoning import Reckoned, reckon
from services.requirements.prioritization.repository import PrioritizationRepository
from services.requirements.prioritization.schemas import PrioritizationRead, PrioritizationSummary, SwapBetweenRead


class PrioritizationService:
    """Makes rankings and reads them again."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def prioritizations(self) -> PrioritizationRepository:
        return PrioritizationRepository(self.work.session)

    async def create(self, new: PrioritizationCreate) -> PrioritizationRead:
        """Raises UnknownReference, NothingToRank, and Invalid for a named requirement without its estimates."""
        reckoned = await reckon(self.work, new)
        return await self.keep(new, reckoned, await ask_capacity(self.work, new.capacity, reckoned))

    async def keep(
        self, new: PrioritizationCreate, reckoned: Reckoned, capacity: Capacity | None = None
    ) -> PrioritizationRead:
        """Writes a ranking as it was made."""
        known = reckoned.gathered.known
        heard = voices({key: known[key] for key in reckoned.candidates}, reckoned.method)
        capacity = capacity or Capacity()
        record = _record(new, reckoned, heard, by=self.work.principal.id)
        if capacity.question is not None:
            record.parameters |= {"capacity": {**capacity.question, "state": capacity.state}}
        await self.prioritizations.add(record)
        lines = _lines(record, reckoned, heard, capacity)
        self.work.session.add_all(lines)
        await self.work.events.append(
            "prioritization.created",
            subject_type="prioritization",
            subject_id=record.id,
            version=record.version,
            data=prioritization_facts(record),
        )
        return read(record, lines)

    async def get(self, prioritization_id: UUID) -> PrioritizationRead:
        record = await self.prioritizations.get(prioritization_id)
        return read(record, await self.prioritizations.lines(prioritization_id))

    async def swap(self, prioritization_id: UUID, *, upper_id: UUID | None, lower_id: UUID | None) -> SwapBetweenRead:
        """What would turn two requirements of a ranking; the first two unless named. Raises NotFound, Invalid."""
        record = await self.prioritizations.get(prioritization_id)
        lines = {line.requirement_id: line for line in await self.prioritizations.lines(prioritization_id)}
        upper, lower = _pair(lines, upper_id, lower_id)
        if upper is None or lower is None:
            return SwapBetweenRead(upper_id=upper and upper.requirement_id, lower_id=None, swap=None)
        method, drivers = method_of(record)
        swap = turn(
            method,
            drivers,
            upper=(str(upper.requirement_id), upper.inputs),
            lower=(str(lower.requirement_id), lower.inputs),
        )
        told = {"upper_id": upper.requirement_id, "lower_id": lower.requirement_id, "swap": _swap(swap)}
        return SwapBetweenRead.model_validate(told)


def method_of(record: Prioritization) -> tuple[Method, list[Driver]]:
    """The method that a ranking was made by, with the weights and scales of then."""
    drivers = drivers_of(record)
    return method_named(record.method, drivers), drivers


def drivers_of(record: Prioritization) -> list[Driver]:
    return [Driver(**each) for each in record.parameters.get("drivers", ())]


def prioritization_facts(record: Prioritization) -> dict[str, Any]:
    """What the feed tells of a ranking."""
    return {"method": record.method, "stability": record.stability}


def read_summary(record: Prioritization) -> PrioritizationSummary:
    """A ranking without its lines."""
    method, drivers = method_of(record)
    own = ("source", "estimates_from", "drivers", "capacity")
    fields = {name: getattr(record, name) for name in PrioritizationSummary.model_fields if name not in own}
    return PrioritizationSummary(
        source=method.source,
        estimates_from=record.parameters.get("estimates_from", "agreed"),
        drivers=[asdict(driver) for driver in drivers],
        capacity=record.parameters.get("capacity"),
        **fields,
    )


def read(record: Prioritization, lines: Sequence[RankedRequirement]) -> PrioritizationRead:
    """A ranking with its lines."""
    kept = ("rank", "requirement_id", "requirement_version", "title", "score", "inputs", "estimates")
    ranking = [{name: getattr(line, name) for name in kept} | line.explanation for line in lines]
    return PrioritizationRead.model_validate(read_summary(record).model_dump() | {"ranking": ranking})


def _pair(
    lines: Mapping[UUID, RankedRequirement], upper_id: UUID | None, lower_id: UUID | None
) -> tuple[RankedRequirement | None, RankedRequirement | None]:
    faults = [
        FieldError(f"query/{name}", f"The ranking has no requirement {each}.", "unknown")
        for name, each in (("upper_id", upper_id), ("lower_id", lower_id))
        if each is not None and each not in lines
    ]
    if faults:
        raise Invalid(errors=faults)
    order = list(lines.values())
    first = (
        lines[upper_id]
        if upper_id is not None
        else next((each for each in order if each.requirement_id != lower_id), None)
    )
    others = [each for each in order if first is not None and each.rank > first.rank]
    second = lines[lower_id] if lower_id is not None else next(iter(others), None)
    if first is not None and second is not None and first.rank >= second.rank:
        raise Invalid(errors=[FieldError("query/lower_id", "It stands above the other one already.", "order")])
    return first, second


def _record(new: PrioritizationCreate, reckoned: Reckoned, heard: Voices, *, by: str) -> Prioritization:
    return Prioritization(
        name=new.name,
        method=new.method,
        seed=new.seed,
        draws=DRAWS,
        top=new.top,
        stability=reckoned.ranking.stability,
        concordance=heard.concordance,
        reference=dict(reckoned.ranking.reference),
        parameters={"estimates_from": new.estimates_from, "drivers": [asdict(driver) for driver in reckoned.drivers]},
        made_by=by,
    )


def _lines(record: Prioritization, reckoned: Reckoned, heard: Voices, capacity: Capacity) -> list[RankedRequirement]:
    ranks, known = heard.ranks(), reckoned.gathered.known
    adjusted = risk_adjusted(
        {place.key: (place.breakdown.score, known[place.key].feasibility) for place in reckoned.ranking.places}
    )
    return [
        _line(
            record,
            place,
            known[place.key],
            apart={
                "disagreement": disagreement(known[place.key], reckoned.method),
                "ranks_by_person": ranks.get(place.key, {}),
                "taken": dict(known[place.key].taken),
                "feasibility": asdict(found) if (found := known[place.key].feasibility) is not None else None,
                "risk_adjusted_score": adjusted[place.key].score,
                "risk_adjusted_rank": adjusted[place.key].rank,
                **capacity.told_of(place.key),
            },
        )
        for place in reckoned.ranking.places
    ]


def _line(record: Prioritization, place: Place, known: Known, *, apart: Mapping[str, Any]) -> RankedRequirement:
    low, high = place.interval
    return RankedRequirement(
        workspace_id=record.workspace_id,
        prioritization_id=record.id,
        rank=place.standing.rank,
        requirement_id=known.requirement.id,
        requirement_version=known.requirement.version,
        title=known.requirement.title,
        score=place.breakdown.score,
        estimates=known.requirement.estimates,
        inputs=dict(place.inputs),
        explanation={
            "score_low": low,
            "score_high": high,
            "reference_score": place.breakdown.reference_score,
            "contributions": dict(place.breakdown.contributions),
            "rank_low": place.standing.rank_low,
            "rank_high": place.standing.rank_high,
            "p_rank": place.standing.p_rank,
            "p_top": place.standing.p_top[record.top],
            "swap_with_above": _swap(place.swap),
            **apart,
        },
    )


def _swap(swap: Swap | None) -> dict[str, Any] | None:
    if swap is None:
        return None
    return {
        "requirement_id": swap.changed,
        "input": swap.input,
        "current": swap.current,
        "needed": swap.needed,
        "relative_change": swap.relative_change,
    }
