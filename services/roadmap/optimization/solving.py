"""What runs in the child process: the question in, the proposal out, both as plain data."""

from collections.abc import Callable
from typing import Any

import msgspec

from services.roadmap.domain.selection.explanation import WhyNot
from services.roadmap.domain.selection.problem import SelectionProblem
from services.roadmap.domain.selection.selecting import Selection, select
from services.roadmap.optimization.units import UNITS, VALUE_UNITS
from services.roadmap.optimization.wording import explain

EXPLAIN_S = 10.0


def solve(question: dict[str, Any], report: Callable[[Any], None]) -> dict[str, Any]:
    """Answer a selection in the caller's units."""
    del report
    problem = msgspec.convert(question["problem"], SelectionProblem)
    selection = select(problem, seed=question["seed"], time_limit_s=question["time_limit_s"], explain_s=EXPLAIN_S)
    return proposal_of(selection)


def proposal_of(selection: Selection) -> dict[str, Any]:
    """A selection as the API shows it."""
    return {
        "status": selection.status,
        "objective": _points(selection.objective),
        "bound": _points(selection.bound),
        "gap": selection.gap,
        "chosen": list(selection.chosen),
        "first_objective": None,
        "schedule": [],
        "customers_satisfied": list(selection.customers_served),
        "used": _amounts(selection.used),
        "not_chosen": [_reason(why) for why in selection.not_chosen],
        "conflict": [{"kind": rule.kind, "subjects": list(rule.subjects)} for rule in selection.conflict],
        "solver": selection.solver,
        "seed": selection.seed,
        "time_limit_s": selection.time_limit_s,
        "digest": selection.digest,
    }


def _reason(why: WhyNot) -> dict[str, Any]:
    shortfall, value_added, given_up = _amounts(why.shortfall), _points(why.value_added), _points(why.value_given_up)
    return {
        "feature_id": why.candidate,
        "reason": why.reason,
        "explanation": explain(why, shortfall=shortfall, value_added=value_added, value_given_up=given_up),
        "blockers": list(why.blockers),
        "brings": list(why.brings),
        "shortfall": shortfall,
        "missing_capacity": [],
        "value_added": value_added,
        "value_given_up": given_up,
        "is_possible": why.is_possible,
    }


def _points(value: int | None) -> float | None:
    return None if value is None else value / VALUE_UNITS


def _amounts(amounts: Any) -> dict[str, float]:
    return {name: amount / UNITS[name] for name, amount in amounts.items()}
