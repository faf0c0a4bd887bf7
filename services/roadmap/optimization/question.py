"""Turns features and a request into the problem that the solver is given: whole numbers, and what each rule means."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from math import ceil
from uuid import UUID

from services.chassis.errors import FieldError, Invalid
from services.chassis.types import Money
from services.roadmap.domain.exchange import RateMissing
from services.roadmap.domain.rules import StandingRule, in_force
from services.roadmap.domain.selection.problem import Budget, Candidate, Customer, Dependency, SelectionProblem
from services.roadmap.domain.states import PLANNABLE
from services.roadmap.exchange_rates.service import RateLog
from services.roadmap.models import Feature
from services.roadmap.optimization.schemas import OptimizationCreate
from services.roadmap.optimization.units import COST, EFFORT, UNITS, VALUE_UNITS


def problem_of(
    new: OptimizationCreate,
    features: Sequence[Feature],
    *,
    pinned: Iterable[UUID] = (),
    standing: Iterable[StandingRule] = (),
    costs: Mapping[UUID, int],
) -> SelectionProblem:
    """`features` are all that may be chosen, and what they need; `standing` rules hold beside those of the request.
    `costs` are in minor units of the budget's currency.
    """
    limits = _limits(new)
    known = {str(feature.id) for feature in features}
    is_open = {str(feature.id): feature.status in PLANNABLE for feature in features}
    done = {str(feature.id) for feature in features if feature.shipped_at is not None}
    closed = {each for each in known - done if not is_open[each]}
    begun = {str(feature.id) for feature in features if feature.status == "in_progress"}
    rules = in_force(standing, candidates=known, shipped=done, begun=begun)
    wanted = {str(feature.id) for feature in features if feature.is_must_have} - done - closed
    excluded = set(map(str, new.excluded_ids))
    return SelectionProblem(
        candidates=tuple(_candidate(feature, limits, costs) for feature in features if str(feature.id) not in done),
        budgets=tuple(Budget(name, limit) for name, limit in limits.items()),
        customers=tuple(
            Customer(wish.name, _value(wish.weight), tuple({str(each) for each in wish.feature_ids} - done))
            for wish in new.customers
        ),
        dependencies=tuple(
            Dependency(str(feature.id), str(needed))
            for feature in features
            if str(feature.id) not in done
            for needed in feature.depends_on
            if str(needed) not in done
        ),
        exclusions=_groups(new.exclusions) + rules.exclusions,
        couplings=_groups(new.couplings) + rules.couplings,
        one_of=_groups(new.one_of) + rules.one_of,
        must_have=frozenset(map(str, new.must_have_ids)) | (wanted - excluded),
        pinned_in=frozenset(each for each in map(str, pinned) if is_open.get(each)),
        pinned_out=frozenset(excluded | closed | rules.ruled_out),
    )


def _candidate(feature: Feature, limits: Mapping[str, int], costs: Mapping[UUID, int]) -> Candidate:
    # Use rounds up and limits round down: no choice that is said to fit exceeds its budget by a rounding.
    uses = {EFFORT: _whole(feature.effort_days, UNITS[EFFORT], ROUND_CEILING), COST: costs.get(feature.id, 0)}
    return Candidate(
        id=str(feature.id),
        value=_value(feature.value),
        uses={name: amount for name, amount in uses.items() if name in limits and amount},
    )


def _limits(new: OptimizationCreate) -> dict[str, int]:
    limits = {}
    if new.budgets.effort_days is not None:
        limits[EFFORT] = _whole(new.budgets.effort_days, UNITS[EFFORT], ROUND_FLOOR)
    if new.budgets.cost is not None:
        limits[COST] = new.budgets.cost.amount_minor
    return limits


def _value(points: float) -> int:
    return _whole(points, VALUE_UNITS, ROUND_HALF_EVEN)


def _whole(amount: float, units: int, rounding: str) -> int:
    """Through the shortest decimal text of the number, for 0.29 x 100 is 28.999999999999996 in doubles."""
    return int((Decimal(repr(amount)) * units).to_integral_value(rounding))


def _groups(groups: Sequence[Sequence[UUID]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(map(str, group)) for group in groups)


def costs_in(
    budget: Money | None, features: Iterable[Feature], rates: RateLog, *, on: Callable[[UUID], date]
) -> dict[UUID, int]:
    """What each feature that is not shipped costs, in minor units of the budget's currency, at the rate of its day.

    Rounded up, so that what is said to fit does. Raises Invalid with every rate that is missing.
    """
    if budget is None:
        return {}
    costs, missing = {}, set()
    for feature in features:
        if feature.cost_minor and feature.currency and feature.shipped_at is None:
            try:
                day = on(feature.id)
                rates.note(feature.currency, budget.currency, on=day)
                costs[feature.id] = ceil(
                    rates.exchange.converted(feature.cost_minor, feature.currency, budget.currency, on=day)
                )
            except RateMissing as fault:
                missing.add(str(fault))
    if missing:
        raise Invalid(
            "Costs in another currency are converted at the exchange rates that you keep.",
            errors=[FieldError("/budgets/cost/currency", detail, "missing_rate") for detail in sorted(missing)],
        )
    return costs
