"""Asks what to build, keeps the answer, and puts it on the roadmap when somebody adopts it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from services.chassis.errors import Conflict, FieldError, Invalid, UnknownReference
from services.chassis.pagination import PageQuery, list_page
from services.chassis.types import Page
from services.chassis.unit_of_work import Work
from services.roadmap.allocations.repository import AllocationRepository
from services.roadmap.decisions.service import DecisionService
from services.roadmap.domain.adoption import Placed, moves_of
from services.roadmap.domain.calendars import monday_of
from services.roadmap.domain.exchange import Exchange
from services.roadmap.domain.rules import StandingRule
from services.roadmap.domain.scheduling.problem import digest_of_schedule
from services.roadmap.domain.selection.problem import SelectionProblem, SelectionRefused, digest_of, require_sound
from services.roadmap.domain.states import PLANNABLE
from services.roadmap.exchange_rates.repository import ExchangeRateRepository
from services.roadmap.exchange_rates.schemas import RateUsed
from services.roadmap.exchange_rates.service import RateLog
from services.roadmap.models import Adoption, Feature, Optimization, Proposal, RoadmapItem
from services.roadmap.optimization.question import costs_in, problem_of
from services.roadmap.optimization.record import keep_problem
from services.roadmap.optimization.repository import (
    AdoptionRepository,
    CandidateRepository,
    IncumbentRepository,
    OptimizationRepository,
    ProposalRepository,
)
from services.roadmap.optimization.schemas import (
    AdoptedChanges,
    AdoptionCreate,
    IncumbentList,
    OptimizationCreate,
    OptimizationRead,
    OptimizationStarted,
)
from services.roadmap.optimization.timetable import House, timetable_of
from services.roadmap.roadmaps.ledger import Grounds, Ledger
from services.roadmap.roadmaps.repository import ItemRepository, RoadmapRepository
from services.roadmap.rules.repository import FeatureRuleRepository
from services.roadmap.teams.repository import TeamRepository

KINDS = {"select": "optimization.select", "schedule": "optimization.schedule"}


class NothingToAdopt(Conflict):
    code, title = "nothing_to_adopt", "The optimisation has no choice that could be adopted"


@dataclass(frozen=True)
class Question:
    """What the solver is given as it is kept, its digest, and the rates at which costs were converted for it."""

    kept: dict[str, Any]
    digest: str
    conversions: Sequence[RateUsed]


class OptimizationService:
    """From the question to the adopted plan."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def optimizations(self) -> OptimizationRepository:
        return OptimizationRepository(self.work.session)

    async def start(self, new: OptimizationCreate) -> OptimizationStarted:
        """Raises UnknownReference and Invalid when the question makes no sense."""
        question = await self.question(new)
        optimization_id = self.work.ids()
        kind = KINDS[new.kind]
        operation = await self.work.operations.start(kind, {"optimization_id": str(optimization_id)})
        optimization = Optimization(
            id=optimization_id,
            roadmap_id=new.roadmap_id,
            operation_id=operation.id,
            kind=new.kind,
            request=new.model_dump(mode="json"),
            problem=question.kept,
            digest=question.digest,
            conversions=[each.model_dump(mode="json") for each in question.conversions],
            created_by=self.work.principal.id,
            created_at=self.work.clock.now(),
        )
        await self.optimizations.add(optimization)
        await self.work.events.append(
            "optimization.requested",
            subject_type="optimization",
            subject_id=optimization_id,
            version=1,
            data={"roadmap_id": new.roadmap_id, "operation_id": operation.id},
        )
        return OptimizationStarted(**operation.model_dump(), optimization_id=optimization_id)

    async def get(self, optimization_id: UUID) -> OptimizationRead:
        optimization = await self.optimizations.get(optimization_id)
        return (await self._shown([optimization]))[optimization_id]

    async def search(self, page: PageQuery, *, roadmap_id: UUID | None) -> Page[OptimizationRead]:
        query = self.optimizations.rows()
        if roadmap_id is not None:
            query = query.where(Optimization.roadmap_id == roadmap_id)
        found: Page[Any] = await list_page(
            self.work,
            query,
            page,
            model=Optimization,
            subject_type="optimization",
            read=lambda row: row,
            filters={"roadmap_id": roadmap_id},
        )
        shown = await self._shown(found.items)
        return found.model_copy(update={"items": list(shown.values())})

    async def adopt(self, optimization_id: UUID, new: AdoptionCreate) -> AdoptedChanges:
        """Raises NothingToAdopt without a choice, Invalid without a roadmap."""
        optimization = await self.optimizations.get(optimization_id)
        proposal = await ProposalRepository(self.work.session).find(optimization_id)
        if proposal is None or proposal.status not in {"optimal", "feasible"}:
            raise NothingToAdopt("It has not finished, or found no feasible choice.")
        roadmap_id = new.roadmap_id or optimization.roadmap_id
        if roadmap_id is None:
            raise Invalid(errors=[FieldError("/roadmap_id", "Say which roadmap: the optimisation names none.")])
        roadmap = await RoadmapRepository(self.work.session).get(roadmap_id, lock=True)
        await DecisionService(self.work).require(new.decision_id)
        ledger = Ledger(self.work, roadmap, Grounds(new.reason, new.decision_id, optimization_id))
        changes = await self._apply(proposal, ledger, new)
        await ledger.close()
        adoption = await self._keep_adoption(optimization_id, roadmap_id, new, changes)
        return AdoptedChanges.model_validate({**adoption_fields(adoption), **changes})

    async def incumbents(self, optimization_id: UUID) -> IncumbentList:
        await self.optimizations.get(optimization_id)
        found = await IncumbentRepository(self.work.session).of(optimization_id)
        return IncumbentList.model_validate({"items": found})

    async def question(self, new: OptimizationCreate) -> Question:
        """What the solver is given, as it is kept."""
        items = await self._items(new.roadmap_id)
        converts = new.budgets.cost is not None
        rates = RateLog(await ExchangeRateRepository(self.work.session).exchange() if converts else Exchange())
        problem, features = await self._problem(new, items, rates)
        if new.kind == "select" or new.starts_on is None:
            plain: dict[str, Any] = msgspec.to_builtins(problem)
            digest = digest_of(problem, seed=new.seed, time_limit_s=new.time_limit_s)
            return Question(plain, digest, rates.used)
        teams = await TeamRepository(self.work.session).everyone()
        reserved = await AllocationRepository(self.work.session).reserved()
        timetable = timetable_of(
            problem,
            features,
            House.of(teams, first=new.starts_on, weeks=new.weeks, reserved=reserved),
            first=new.starts_on,
            weeks=new.weeks,
            items={item.feature_id: item for item in items},
        )
        kept = {
            "problem": keep_problem(timetable.problem),
            "first": monday_of(new.starts_on).isoformat(),
            "unfit": timetable.unfit,
        }
        settings = {"seed": new.seed, "time_limit_s": new.time_limit_s, "deterministic": None}
        return Question(kept, digest_of_schedule(timetable.problem, **settings), rates.used)

    async def _problem(
        self, new: OptimizationCreate, items: Sequence[RoadmapItem], rates: RateLog
    ) -> tuple[SelectionProblem, list[Feature]]:
        rules = await FeatureRuleRepository(self.work.session).everything()
        coupled = [rule.feature_ids for rule in rules if rule.kind in {"coupling", "one_of"}]
        features = await CandidateRepository(self.work.session).considered(new.feature_ids, coupled=coupled)
        named = {
            "/feature_ids": new.feature_ids or [],
            "/must_have_ids": new.must_have_ids,
            "/excluded_ids": new.excluded_ids,
            **{f"/exclusions/{i}": group for i, group in enumerate(new.exclusions)},
            **{f"/couplings/{i}": group for i, group in enumerate(new.couplings)},
            **{f"/one_of/{i}": group for i, group in enumerate(new.one_of)},
            **{f"/customers/{i}/feature_ids": wish.feature_ids for i, wish in enumerate(new.customers)},
        }
        _require_considered(named, features)
        standing = [StandingRule(rule.kind, tuple(map(str, rule.feature_ids))) for rule in rules]
        pinned = [item.feature_id for item in items if item.is_held]
        costs = self._costs(new, features.values(), items, rates)
        problem = problem_of(new, list(features.values()), pinned=pinned, standing=standing, costs=costs)
        try:
            require_sound(problem)
        except SelectionRefused as refused:
            raise Invalid(str(refused)) from None
        return problem, list(features.values())

    def _costs(
        self, new: OptimizationCreate, features: Iterable[Feature], items: Sequence[RoadmapItem], rates: RateLog
    ) -> dict[UUID, int]:
        """At the rate of the day on which a feature is placed; else of the plan's first day, or of today."""
        placed = {item.feature_id: item.starts_on for item in items}
        usual = new.starts_on or self.work.clock.now().date()
        return costs_in(new.budgets.cost, features, rates, on=lambda feature_id: placed.get(feature_id) or usual)

    async def _items(self, roadmap_id: UUID | None) -> Sequence[RoadmapItem]:
        if roadmap_id is None:
            return []
        if await RoadmapRepository(self.work.session).find(roadmap_id) is None:
            raise UnknownReference(errors=[FieldError("/roadmap_id", f"There is no roadmap {roadmap_id}.", "unknown")])
        return await ItemRepository(self.work.session).everything_on(roadmap_id)

    async def _apply(self, proposal: Proposal, ledger: Ledger, new: AdoptionCreate) -> dict[str, list[UUID]]:
        chosen = set(proposal.answer["chosen"])
        left_out = {why["feature_id"] for why in proposal.answer["not_chosen"]}
        features = await CandidateRepository(self.work.session).by_ids(UUID(each) for each in chosen | left_out)
        is_open = {str(each.id) for each in features.values() if each.status in PLANNABLE}
        items = {str(item.feature_id): item for item in await ledger.items.everything_on(ledger.roadmap.id)}
        placed = {each: Placed(item.horizon, item.is_held) for each, item in items.items()}
        dates = _dates_of(proposal)
        moves = moves_of(
            chosen=chosen & is_open, left_out=left_out & is_open, placed=placed, policy=new.left_out, dated=dates.keys()
        )
        for move in moves:
            match move.kind:
                case "place":
                    place = {"horizon": move.horizon, "is_pinned": False}
                    await ledger.place(UUID(move.feature), place | dates.get(move.feature, {}))
                case "move":
                    place = {"horizon": move.horizon} | dates.get(move.feature, {})
                    await ledger.change(items[move.feature], place)
                case "remove":
                    await ledger.remove(items[move.feature])
        return {
            "placed": [UUID(move.feature) for move in moves if move.kind == "place"],
            "moved": [UUID(move.feature) for move in moves if move.kind == "move"],
            "removed": [UUID(move.feature) for move in moves if move.kind == "remove"],
            "skipped": sorted(UUID(each) for each in chosen - is_open),
        }

    async def _keep_adoption(
        self, optimization_id: UUID, roadmap_id: UUID, new: AdoptionCreate, changes: dict[str, list[UUID]]
    ) -> Adoption:
        adoptions = AdoptionRepository(self.work.session)
        earlier = len(await adoptions.of([optimization_id]))
        adoption = Adoption(
            optimization_id=optimization_id,
            roadmap_id=roadmap_id,
            reason=new.reason,
            decision_id=new.decision_id,
            adopted_by=self.work.principal.id,
            adopted_at=self.work.clock.now(),
        )
        await adoptions.add(adoption)
        await self.work.events.append(
            "optimization.adopted",
            subject_type="optimization",
            subject_id=optimization_id,
            version=3 + earlier,
            data={"adoption_id": adoption.id, "roadmap_id": roadmap_id, **changes},
        )
        return adoption

    async def _shown(self, optimizations: Sequence[Optimization]) -> dict[UUID, OptimizationRead]:
        ids = [each.id for each in optimizations]
        states = await self.optimizations.states(optimizations)
        proposals = await ProposalRepository(self.work.session).by_ids(ids)
        adoptions = await AdoptionRepository(self.work.session).of(ids)
        return {
            each.id: _read(
                each,
                proposals.get(each.id),
                [adoption for adoption in adoptions if adoption.optimization_id == each.id],
                state=states.get(each.id),
            )
            for each in optimizations
        }


def _read(
    optimization: Optimization, proposal: Proposal | None, adoptions: Sequence[Adoption], *, state: str | None
) -> OptimizationRead:
    # Operations are forgotten after a while; proposals are not.
    state = "succeeded" if proposal else state or "failed"
    changed = [optimization.created_at, *(each.adopted_at for each in adoptions)]
    fields: dict[str, Any] = {
        "id": optimization.id,
        "etag": f'"{state}-{len(adoptions)}"',
        "created_at": optimization.created_at,
        "updated_at": max([*changed, proposal.created_at] if proposal else changed),
        "kind": optimization.kind,
        "state": state,
        "roadmap_id": optimization.roadmap_id,
        "operation_id": optimization.operation_id,
        "digest": optimization.digest,
        "request": optimization.request,
        "conversions": optimization.conversions,
        "proposal": {**proposal.answer, "created_at": proposal.created_at} if proposal else None,
        "adoptions": [adoption_fields(each) for each in adoptions],
        "created_by": optimization.created_by,
    }
    return OptimizationRead.model_validate(fields)


def _dates_of(proposal: Proposal) -> dict[str, dict[str, Any]]:
    """When a schedule wants each feature; nothing for a selection."""
    return {
        row["feature_id"]: {name: date.fromisoformat(row[name]) for name in ("starts_on", "ends_on")}
        for row in proposal.answer.get("schedule", [])
    }


def adoption_fields(adoption: Adoption) -> dict[str, Any]:
    return {
        "id": adoption.id,
        "optimization_id": adoption.optimization_id,
        "roadmap_id": adoption.roadmap_id,
        "reason": adoption.reason,
        "decision_id": adoption.decision_id,
        "adopted_by": adoption.adopted_by,
        "adopted_at": adoption.adopted_at,
    }


def _require_considered(named: dict[str, list[UUID]], features: Collection[UUID]) -> None:
    faults = [
        FieldError(f"{pointer}/{position}", f"Feature {each} is not among those to choose from.", "unknown")
        for pointer, ids in named.items()
        for position, each in enumerate(ids)
        if each not in features
    ]
    if faults:
        raise UnknownReference(errors=faults)
