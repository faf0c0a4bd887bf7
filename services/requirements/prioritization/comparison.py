"""Puts rankings beside each other: an earlier one, or several methods at once."""

import itertools
from collections.abc import Mapping, Sequence
from uuid import UUID

from services.chassis.errors import FieldError, Invalid
from services.chassis.unit_of_work import Work
from services.requirements.domain.comparing import Kept, Move, Ranked
from services.requirements.domain.prioritizing import Place, Ranking, Task
from services.requirements.domain.ranking import rank_correlation
from services.requirements.models import Prioritization, RankedRequirement
from services.requirements.prioritization.gathering import Gathered, NothingToRank, by_id, gather, resolve
from services.requirements.prioritization.questions import MethodName, MethodsCompare
from services.requirements.prioritization.reckoning import compare_elsewhere, rank_elsewhere, reading
from services.requirements.prioritization.repository import PrioritizationRepository
from services.requirements.prioritization.schemas import (
    MethodAgreementRead,
    MethodPlaceRead,
    MethodsComparisonRead,
    PrioritizationComparisonRead,
    RankMoveRead,
    RankScoreChangeRead,
    SideBySideRead,
)
from services.requirements.prioritization.service import drivers_of

MOST_NAMED = 20
Lines = Sequence[RankedRequirement]


class ComparisonService:
    """Compares rankings."""

    def __init__(self, work: Work) -> None:
        self.work = work

    async def with_earlier(self, prioritization_id: UUID, earlier_id: UUID | None) -> PrioritizationComparisonRead:
        """Raises NotFound, Invalid."""
        async with reading(self.work) as session:
            rows = PrioritizationRepository(session)
            record = await rows.get(prioritization_id)
            earlier = await rows.before(record) if earlier_id is None else await rows.find(earlier_id)
            if earlier is None and earlier_id is not None:
                raise Invalid(
                    errors=[FieldError("query/earlier_id", f"There is no prioritization {earlier_id}.", "unknown")]
                )
            lines = await rows.lines(record.id)
            past = await rows.lines(earlier.id) if earlier is not None else []
        before = _kept(earlier, past) if earlier is not None else Kept(record.method, (), ())
        moves = await compare_elsewhere(self.work, _kept(record, lines), before)
        titles = {str(line.requirement_id): line.title for line in (*past, *lines)}
        return PrioritizationComparisonRead(
            prioritization_id=record.id,
            earlier_id=earlier.id if earlier is not None else None,
            method=record.method,
            earlier_method=earlier.method if earlier is not None else None,
            moves=[_read(move, titles) for move in moves],
        )

    async def side_by_side(self, wanted: MethodsCompare) -> MethodsComparisonRead:
        """Raises UnknownReference; a method that can rank nothing is told as such."""
        async with reading(self.work) as session:
            gathered = await gather(session, wanted, wanted.methods, changed={})
        gathered = Gathered(gathered.known, are_named=False)
        tasks = {name: task for name in wanted.methods if (task := _task(name, wanted, gathered)) is not None}
        made = dict(zip(tasks, await rank_elsewhere(self.work, list(tasks.values())), strict=True))
        rankings: dict[str, Ranking | None] = {name: made.get(name) for name in wanted.methods}
        scores: dict[str, Mapping[str, float]] = {
            name: {place.key: place.breakdown.score for place in ranking.places} if ranking is not None else {}
            for name, ranking in rankings.items()
        }
        return MethodsComparisonRead(
            ranked={name: len(each) for name, each in scores.items()},
            agreement=[_agreement(pair, scores) for pair in itertools.combinations(wanted.methods, 2)],
            requirements=_side_by_side(rankings, gathered, top=wanted.top),
        )


def _task(name: MethodName, wanted: MethodsCompare, gathered: Gathered) -> Task | None:
    """What to rank by this method; None when it can rank nothing."""
    try:
        _, drivers, candidates = resolve(name, wanted.drivers, gathered)
    except NothingToRank:
        return None
    return Task(candidates, name, drivers, wanted.seed, wanted.top)


def _kept(record: Prioritization, lines: Lines) -> Kept:
    ranked = [Ranked(str(line.requirement_id), line.rank, line.inputs) for line in lines]
    return Kept(record.method, drivers_of(record), ranked)


def _read(move: Move, titles: Mapping[str, str]) -> RankMoveRead:
    change = move.change
    told = None
    if change is not None:
        told = RankScoreChangeRead(
            earlier_score=change.reference_score, score=change.score, contributions=dict(change.contributions)
        )
    return RankMoveRead(
        requirement_id=UUID(move.key),
        title=titles[move.key],
        rank=move.rank,
        earlier_rank=move.earlier_rank,
        passed=len(move.passed),
        passed_by=len(move.passed_by),
        entered_above=len(move.entered_above),
        left_above=len(move.left_above),
        passed_ids=[UUID(key) for key in move.passed[:MOST_NAMED]],
        passed_by_ids=[UUID(key) for key in move.passed_by[:MOST_NAMED]],
        score_change=told,
        summary=move.summary,
    )


def _agreement(pair: tuple[MethodName, MethodName], scores: Mapping[str, Mapping[str, float]]) -> MethodAgreementRead:
    one, other = (scores[name] for name in pair)
    both = sorted(one.keys() & other.keys())
    return MethodAgreementRead(
        methods=pair,
        requirements=len(both),
        rank_correlation=rank_correlation([one[key] for key in both], [other[key] for key in both]),
    )


def _side_by_side(rankings: Mapping[str, Ranking | None], gathered: Gathered, *, top: int) -> list[SideBySideRead]:
    places = {
        name: {place.key: place for place in ranking.places} if ranking is not None else {}
        for name, ranking in rankings.items()
    }
    keys = dict.fromkeys(key for ranked in places.values() for key in ranked)
    told = []
    for key in keys:
        requirement_id, title = by_id(gathered, key)
        each = {name: _place(ranked.get(key), top=top) for name, ranked in places.items()}
        told.append(SideBySideRead(requirement_id=requirement_id, title=title, places=each))
    return told


def _place(place: Place | None, *, top: int) -> MethodPlaceRead | None:
    if place is None:
        return None
    stands = place.standing
    return MethodPlaceRead(
        rank=stands.rank,
        score=place.breakdown.score,
        rank_low=stands.rank_low,
        rank_high=stands.rank_high,
        p_top=stands.p_top[top],
    )
