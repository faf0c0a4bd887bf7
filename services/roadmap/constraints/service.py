"""Keeps constraints, and holds the plan against them."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar, cast
from uuid import UUID

from services.chassis.errors import FieldError, Invalid, UnknownReference
from services.roadmap.constraints.repository import IN_HAND, ConstraintRepository, Plan, Planned
from services.roadmap.constraints.schemas import ConstraintCheck, ConstraintRead
from services.roadmap.domain.constraints import Dated, Side, lateness, shortfall
from services.roadmap.domain.exchange import Exchange, RateMissing
from services.roadmap.exchange_rates.service import RateLog
from services.roadmap.keeping.repository import LinkRepository
from services.roadmap.keeping.service import Keeper
from services.roadmap.models import Constraint


class ConstraintService(Keeper[Constraint, ConstraintRead]):
    """Dates and policies."""

    noun: ClassVar[str] = "constraint"
    repository: ClassVar[Any] = ConstraintRepository
    read: ClassVar[Any] = ConstraintRead

    async def check(self, row: Constraint) -> None:
        """Raises Invalid unless it is about a date or about a share, UnknownReference without its roadmap."""
        if (row.due_on is None) == (row.share is None):
            raise Invalid(errors=[FieldError("/policy", "Give due_on or policy: one of them, not both.")])
        if row.roadmap_id and not await LinkRepository(self.work.session).held("roadmap", [row.roadmap_id]):
            problem = f"There is no roadmap {row.roadmap_id}."
            raise UnknownReference(errors=[FieldError("/roadmap_id", problem, "unknown")])

    async def examine(self, constraint_id: UUID) -> ConstraintCheck:
        constraint = await self.get(constraint_id)
        plan = await ConstraintRepository(self.work.session).plan()
        return examined(constraint, plan, today=self.work.clock.now().date())

    async def examine_all(self) -> list[tuple[Constraint, ConstraintCheck]]:
        """Every constraint, held against one reading of the plan."""
        constraints = ConstraintRepository(self.work.session)
        plan, today = await constraints.plan(), self.work.clock.now().date()
        return [(each, examined(each, plan, today=today)) for each in await constraints.every()]

    async def _write(self, row: Constraint, fields: Mapping[str, Any]) -> None:
        plain = {name: value for name, value in fields.items() if name != "policy"}
        if "policy" in fields:
            policy = fields["policy"]
            plain |= {
                "share": policy and Decimal(str(policy.share)),
                "side": policy and policy.side,
                "measure": policy and policy.measure,
                "currency": policy and policy.currency,
            }
        await super()._write(row, plain)


def examined(constraint: Constraint, plan: Plan, *, today: date) -> ConstraintCheck:
    """The constraint's features, and whether the plan keeps what is asked of them."""
    meant = _meant(constraint, plan)
    check = ConstraintCheck(
        constraint_id=constraint.id,
        is_broken=False,
        features=len(meant),
        days_late=None,
        late_feature_ids=[],
        undated_feature_ids=[],
        share=None,
        missing_share=None,
        missing_amount=None,
        conversions=[],
        missing_rates=[],
    )
    if constraint.due_on is not None:
        return check.model_copy(update=_dated(constraint, constraint.due_on, meant, plan))
    return check.model_copy(update=_shared(constraint, meant, plan, today))


def _meant(constraint: Constraint, plan: Plan) -> set[UUID]:
    products = set(constraint.product_ids)
    meant = {
        *constraint.feature_ids,
        *(each for owner in constraint.initiative_ids for each in plan.of_initiatives.get(owner, ())),
        *(each for owner in constraint.objective_ids for each in plan.of_objectives.get(owner, ())),
        *(each.id for each in plan.features.values() if each.product_id in products),
    }
    return meant & plan.features.keys()


def _dated(constraint: Constraint, due_on: date, meant: Iterable[UUID], plan: Plan) -> dict[str, Any]:
    found = lateness([Dated(str(each), _done_on(each, constraint, plan)) for each in meant], due_on=due_on)
    return {
        "is_broken": found.is_broken,
        "days_late": found.days_late,
        "late_feature_ids": [UUID(each) for each in found.late],
        "undated_feature_ids": [UUID(each) for each in found.undated],
    }


def _shared(constraint: Constraint, meant: set[UUID], plan: Plan, today: date) -> dict[str, Any]:
    placed = [each for each in plan.features.values() if _is_planned(each, constraint, plan)]
    weights, rates = {}, RateLog(plan.exchange)
    for each in placed:
        if constraint.measure == "cost" and each.cost_minor and each.currency and constraint.currency:
            rates.note(each.currency, constraint.currency, on=today)
        with suppress(RateMissing):
            weights[each.id] = _weight(each, constraint, plan.exchange, today)
    found = shortfall(
        part=sum((weight for each, weight in weights.items() if each in meant), Fraction(0)),
        total=sum(weights.values(), Fraction(0)),
        limit=Fraction(constraint.share or 0),
        side=cast("Side", constraint.side),
    )
    return {
        "is_broken": found.is_broken,
        "share": None if found.share is None else float(found.share),
        "missing_share": float(found.missing_share),
        "missing_amount": float(found.missing_amount),
        "conversions": rates.used,
        "missing_rates": rates.wanted,
    }


def _done_on(feature_id: UUID, constraint: Constraint, plan: Plan) -> date | None:
    """When it shipped; else the last of the days at which the roadmaps in question have it done."""
    shipped_on = plan.features[feature_id].shipped_on
    ends = plan.ends.get(feature_id, {})
    if constraint.roadmap_id is not None:
        ends = {each: day for each, day in ends.items() if each == constraint.roadmap_id}
    return shipped_on or max((day for day in ends.values() if day is not None), default=None)


def _is_planned(feature: Planned, constraint: Constraint, plan: Plan) -> bool:
    """Placed on the roadmap in question; where none is, placed on any or in hand."""
    placed = plan.ends.get(feature.id, {})
    if constraint.roadmap_id is not None:
        return constraint.roadmap_id in placed
    return bool(placed) or feature.status in IN_HAND


def _weight(feature: Planned, constraint: Constraint, exchange: Exchange, today: date) -> Fraction:
    """Raises RateMissing for a cost that cannot be converted."""
    if constraint.measure == "features":
        return Fraction(1)
    if constraint.measure == "cost":
        base, quote = feature.currency or "", constraint.currency or ""
        return exchange.converted(feature.cost_minor, base, quote, on=today) if feature.cost_minor else Fraction(0)
    return Fraction(feature.value if constraint.measure == "value" else feature.effort_days)
