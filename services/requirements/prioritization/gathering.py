"""Gathers what is known of requirements, as the methods take it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.errors import FieldError, Invalid, UnknownReference
from services.requirements.backlog.estimating import Estimates
from services.requirements.backlog.repository import RequirementRepository
from services.requirements.domain.drivers import Driver, scaled, weighted
from services.requirements.domain.feasibility import Feasibility
from services.requirements.domain.live import LIVE_INPUTS, LiveInput
from services.requirements.domain.methods import KANO, METHODS
from services.requirements.domain.scoring import Belief, Candidate, Method, Pool, Range
from services.requirements.estimates.repository import PersonalEstimateRepository
from services.requirements.feasibility.repository import FeasibilityRepository
from services.requirements.feasibility.service import feasibility_of
from services.requirements.kano.repository import KanoAnswerRepository
from services.requirements.models import Requirement
from services.requirements.prioritization.counting import LiveCounts
from services.requirements.prioritization.questions import MOST_RANKED, DriverCreate, MethodName, Selection, TakenCreate

KANO_INPUTS = frozenset(each.name for each in KANO.inputs)
Ranges = Mapping[str, Range]


class NothingToRank(Invalid):
    code, title = "nothing_to_rank", "No requirement there has the estimates that the method needs"


@dataclass(frozen=True)
class Known:
    """One requirement with all that was gathered of it.

    `people` are single persons' ranges, by name; `taken` says of an input where it was counted.
    """

    requirement: Requirement
    candidate: Candidate
    people: Mapping[str, Ranges] = field(default_factory=dict)
    taken: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    feasibility: Feasibility | None = None


@dataclass(frozen=True)
class Gathered:
    """All requirements of a selection, by key."""

    known: Mapping[str, Known]
    are_named: bool

    def candidates(self, method: Method) -> dict[str, Candidate]:
        """Those that the method can rank. Raises NothingToRank, and Invalid for a named one that it cannot."""
        candidates, faults = {}, []
        for key, each in self.known.items():
            try:
                method.check(each.candidate)
            except ValueError as fault:
                faults.append(FieldError("/requirement_ids", f"Requirement {key}: {fault}.", "estimate"))
            else:
                candidates[key] = each.candidate
        if faults and self.are_named:
            raise Invalid("Not every requirement can be scored.", errors=faults)
        if not candidates:
            raise NothingToRank
        return candidates


async def gather(
    session: AsyncSession,
    selection: Selection,
    methods: Sequence[MethodName],
    *,
    changed: Mapping[UUID, Mapping[str, Any]],
) -> Gathered:
    """The selected requirements, with no more statements than kinds of things to know. Raises UnknownReference."""
    requirements = await _selected(session, selection)
    ids = [each.id for each in requirements]
    is_pooled = selection.estimates_from == "pooled"
    people = await PersonalEstimateRepository(session).of_all(ids) if is_pooled else {}
    inputs = {driver.input for driver in selection.drivers}
    wanted = {each.key: each for each in _wanted(selection)}
    asks_kano = "kano" in methods or inputs & KANO_INPUTS
    surveys = await KanoAnswerRepository(session).surveys(ids) if asks_kano else {}
    judged = await FeasibilityRepository(session).of_all(ids)
    counts = await _counted(session, selection, ids, wanted.values())
    known = {}
    for each in requirements:
        apart = {row.estimator: Estimates.model_validate(row.estimates).ranges() for row in people.get(each.id, ())}
        counted = counts[each.id]
        counted["objective_alignment"] = float(sum(link["alignment"] for link in each.objectives))
        taken: dict[str, Mapping[str, Any]] = {one.input: _taken(one, counted) for one in selection.taken}
        beliefs: dict[str, Belief] = {name: Range.exactly(value) for name, value in counted.items()}
        beliefs |= Estimates.model_validate({**each.estimates, **changed.get(each.id, {})}).ranges()
        beliefs |= pooled(apart)
        beliefs |= {name: Range.exactly(one["value"]) for name, one in taken.items()}
        survey = surveys.get(each.id)
        candidate = Candidate(beliefs, (survey,) if survey is not None else ())
        known[str(each.id)] = Known(each, candidate, apart, taken, feasibility_of(judged.get(each.id, ())))
    return Gathered(known, are_named=selection.requirement_ids is not None)


def _wanted(selection: Selection) -> list[LiveInput]:
    """What has to be counted."""
    drivers = [each.counts(each.input) for each in selection.drivers if each.input in LIVE_INPUTS]
    return [*drivers, *(each.counted for each in selection.taken)]


async def _counted(
    session: AsyncSession, selection: Selection, ids: Sequence[UUID], wanted: Iterable[LiveInput]
) -> dict[UUID, dict[str, float]]:
    """Raises UnknownReference for a segment that is not there."""
    counts = LiveCounts(session)
    named = {
        f"/{place}/{number}/segment_id": each.segment_id
        for place, many in (("drivers", selection.drivers), ("taken", selection.taken))
        for number, each in enumerate(many)
        if each.segment_id is not None
    }
    unknown = await counts.unknown_segments(named.values()) if named else set()
    if unknown:
        faults = [
            FieldError(pointer, f"There is no segment {each}.", "unknown")
            for pointer, each in named.items()
            if each in unknown
        ]
        raise UnknownReference(errors=faults)
    return await counts.of(ids, list(wanted))


def _taken(wanted: TakenCreate, counted: Mapping[str, float]) -> dict[str, Any]:
    """What an input is, and where that comes from."""
    count = counted[wanted.counted.key]
    return {
        "source": wanted.source,
        "currency": wanted.currency,
        "segment_id": wanted.segment_id and str(wanted.segment_id),
        "counted": count,
        "factor": wanted.factor,
        "value": count * wanted.factor,
    }


def pooled(people: Mapping[str, Ranges]) -> dict[str, Belief]:
    """Each input that anybody estimated; several people's are kept apart."""
    names = dict.fromkeys(name for ranges in people.values() for name in ranges)
    given = {name: tuple(ranges[name] for ranges in people.values() if name in ranges) for name in names}
    return {name: ranges[0] if len(ranges) == 1 else Pool(ranges) for name, ranges in given.items()}


async def _selected(session: AsyncSession, selection: Selection) -> Sequence[Requirement]:
    rows = RequirementRepository(session)
    if selection.requirement_ids is None:
        return await rows.in_states(selection.statuses, limit=MOST_RANKED)
    found = await rows.by_ids(selection.requirement_ids)
    missing = [
        FieldError(f"/requirement_ids/{place}", f"There is no requirement {each}.", "unknown")
        for place, each in enumerate(selection.requirement_ids)
        if each not in found
    ]
    if missing:
        raise UnknownReference(errors=missing)
    return list(found.values())


def resolve(
    name: MethodName, wanted: Sequence[DriverCreate], gathered: Gathered
) -> tuple[Method, list[Driver], dict[str, Candidate]]:
    """The method, the drivers with their scales, and what it can rank."""
    if name != "weighted":
        return METHODS[name], [], gathered.candidates(METHODS[name])
    candidates = gathered.candidates(weighted([_driver(each) for each in wanted]))
    likely = [candidate.likely() for candidate in candidates.values()]
    drivers = [
        _driver(each)
        if each.scale is not None
        else scaled(_driver(each), [one[each.key] for one in likely], less_is_better=each.direction == "less")
        for each in wanted
    ]
    return weighted(drivers), drivers, candidates


def _driver(wanted: DriverCreate) -> Driver:
    worst, best = (wanted.scale.worst, wanted.scale.best) if wanted.scale is not None else (0.0, 1.0)
    return Driver(wanted.name, wanted.key, wanted.weight, worst, best)


def by_id(gathered: Gathered, key: str) -> tuple[UUID, str]:
    """The id and the title of a gathered requirement."""
    requirement = gathered.known[key].requirement
    return requirement.id, requirement.title
