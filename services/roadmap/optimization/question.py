"""Turns features and a request into the problem that the solver is given: whole numbers, and what each rule means."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from uuid import UUID

from services.chassis.errors import FieldError, Invalid
from services.roadmap.domain.rules import StandingRule, in_force
from services.roadmap.domain.selection.problem import Budget, Candidate, Customer, Dependency, SelectionProblem
from services.roadmap.domain.states import PLANNABLE
from services.roadmap.models import Feature
from services.roadmap.optimization.schemas import OptimizationCreate
from services.roadmap.optimization.units import COST, EFFORT, UNITS, VALUE_UNITS


def problem_of(
    new: OptimizationCreate,
    features: Sequence[Feature],
    *,
    pinned: Iterable[UUID] = (),
    standing: Iterable[StandingRule] = (),
) -> SelectionProblem:
    """`features` are all that may be chosen, and what they need; `standing` rules hold beside those of the request.

    Raises Invalid for costs in another currency.
    """
    _require_one_currency(new, features)
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
        candidates=tuple(_candidate(feature, limits) for feature in features if str(feature.id) not in done),
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


def _candidate(feature: Feature, limits: Mapping[str, int]) -> Candidate:
    # Use rounds up and limits round down: no choice that is said to fit exceeds its budget by a rounding.
    uses = {EFFORT: _whole(feature.effort_days, UNITS[EFFORT], ROUND_CEILING), COST: feature.cost_minor or 0}
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


def _require_one_currency(new: OptimizationCreate, features: Sequence[Feature]) -> None:
    if new.budgets.cost is None:
        return
    currency = new.budgets.cost.currency
    others = sorted({str(each.currency) for each in features if each.cost_minor and each.currency != currency})
    if others:
        detail = f"Some features cost {', '.join(others)}: state their costs in {currency}, or leave them out."
        raise Invalid(errors=[FieldError("/budgets/cost/currency", detail)])
