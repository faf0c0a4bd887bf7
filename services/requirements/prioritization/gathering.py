"""Gathers what is known of requirements, as the methods take it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from services.chassis.errors import FieldError, Invalid, UnknownReference
from services.chassis.unit_of_work import UnitOfWork
from services.requirements.backlog.estimating import Estimates
from services.requirements.backlog.repository import RequirementRepository
from services.requirements.domain.drivers import LIVE_INPUTS, Driver, scaled, weighted
from services.requirements.domain.methods import KANO, METHODS
from services.requirements.domain.scoring import Belief, Candidate, Method, Pool, Range
from services.requirements.estimates.repository import PersonalEstimateRepository
from services.requirements.kano.repository import KanoAnswerRepository
from services.requirements.models import Requirement
from services.requirements.prioritization.repository import PrioritizationRepository
from services.requirements.prioritization.schemas import MOST_RANKED, DriverCreate, MethodName, Selection

KANO_INPUTS = frozenset(each.name for each in KANO.inputs)
Ranges = Mapping[str, Range]


class NothingToRank(Invalid):
    code, title = "nothing_to_rank", "No requirement there has the estimates that the method needs"


@dataclass(frozen=True)
class Known:
    """One requirement with all that was gathered of it; `people` are single persons' ranges, by name."""

    requirement: Requirement
    candidate: Candidate
    people: Mapping[str, Ranges] = field(default_factory=dict)


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


async def gather(work: UnitOfWork, selection: Selection, methods: Sequence[MethodName]) -> Gathered:
    """The selected requirements, with no more statements than kinds of things to know. Raises UnknownReference."""
    requirements = await _selected(work, selection)
    ids = [each.id for each in requirements]
    is_pooled = selection.estimates_from == "pooled"
    people = await PersonalEstimateRepository(work.session).of_all(ids) if is_pooled else {}
    inputs = {driver.input for driver in selection.drivers}
    asks_kano = "kano" in methods or inputs & KANO_INPUTS
    surveys = await KanoAnswerRepository(work.session).surveys(ids) if asks_kano else {}
    counts = await PrioritizationRepository(work.session).counted(ids) if inputs & LIVE_INPUTS.keys() else {}
    known = {}
    for each in requirements:
        apart = {row.estimator: Estimates.model_validate(row.estimates).ranges() for row in people.get(each.id, ())}
        counted = dict.fromkeys(LIVE_INPUTS, 0.0) | dict(counts.get(each.id, {}))
        counted["objective_alignment"] = float(sum(link["alignment"] for link in each.objectives))
        beliefs: dict[str, Belief] = {name: Range.exactly(value) for name, value in counted.items()}
        beliefs |= Estimates.model_validate(each.estimates).ranges()
        beliefs |= pooled(apart)
        survey = surveys.get(each.id)
        candidate = Candidate(beliefs, (survey,) if survey is not None else ())
        known[str(each.id)] = Known(each, candidate, apart)
    return Gathered(known, are_named=selection.requirement_ids is not None)


def pooled(people: Mapping[str, Ranges]) -> dict[str, Belief]:
    """Each input that anybody estimated; several people's are kept apart."""
    names = dict.fromkeys(name for ranges in people.values() for name in ranges)
    given = {name: tuple(ranges[name] for ranges in people.values() if name in ranges) for name in names}
    return {name: ranges[0] if len(ranges) == 1 else Pool(ranges) for name, ranges in given.items()}


async def _selected(work: UnitOfWork, selection: Selection) -> Sequence[Requirement]:
    rows = RequirementRepository(work.session)
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
        else scaled(_driver(each), [one[each.input] for one in likely], less_is_better=each.direction == "less")
        for each in wanted
    ]
    return weighted(drivers), drivers, candidates


def _driver(wanted: DriverCreate) -> Driver:
    worst, best = (wanted.scale.worst, wanted.scale.best) if wanted.scale is not None else (0.0, 1.0)
    return Driver(wanted.name, wanted.input, wanted.weight, worst, best)


def by_id(gathered: Gathered, key: str) -> tuple[UUID, str]:
    """The id and the title of a gathered requirement."""
    requirement = gathered.known[key].requirement
    return requirement.id, requirement.title
