"""What runs in the child process that answers inquiries: plain data in, the answer in the caller's units out."""

from collections.abc import Callable, Sequence
from datetime import date
from itertools import chain
from time import monotonic
from typing import Any

import msgspec

from services.roadmap.domain.inquiries.changes import Change, Demanded, Forbidden
from services.roadmap.domain.inquiries.frontier import frontier
from services.roadmap.domain.inquiries.solvers import Outcome, ScheduleSolver, SelectionSolver, Solver, joined, left
from services.roadmap.domain.scheduling.problem import SCALE
from services.roadmap.domain.selection.problem import SelectionProblem
from services.roadmap.inquiries.changing import changes_of
from services.roadmap.optimization.record import read_problem
from services.roadmap.optimization.schedule_rows import plan_of
from services.roadmap.optimization.units import UNITS, VALUE_UNITS

Answer = dict[str, Any]


def answer(question: dict[str, Any], report: Callable[[Any], None]) -> Answer:
    """The answer to one inquiry, as the API shows it."""
    del report
    solver, first, unit = _solver_of(question)
    request, kind = question["request"], question["kind"]
    if kind == "frontier":
        return {"kind": kind, **_frontier(question)}
    known = _worth(solver.known.objective, unit)
    if kind == "explain":
        return {"kind": kind, "objective": known, "features": [_why(solver, name, unit) for name in _asked(request)]}
    changes = [changes_of(written, first=first) for written in request["changes"]]
    rows = [
        {"change": written, **_outcome(solver, meant, unit)}
        for written, meant in zip(request["changes"], changes, strict=True)
    ]
    is_joint = request["together"] and len(changes) > 1
    together = _outcome(solver, list(chain.from_iterable(changes)), unit) if is_joint else None
    return {"kind": kind, "objective": known, "changes": rows, "together": together}


def _solver_of(question: dict[str, Any]) -> tuple[Solver, date | None, int]:
    """The problem with its known answer, the schedule's first day, and how many of the solver's units a point is."""
    patience = {"seed": question["seed"], "time_limit_s": question["request"]["time_limit_s"]}
    if question["optimization"] == "select":
        problem = msgspec.convert(question["problem"], SelectionProblem)
        bound = round(question["bound"] * VALUE_UNITS)
        return SelectionSolver(problem, frozenset(question["chosen"]), bound, **patience), None, VALUE_UNITS
    kept, first = read_problem(question["problem"]["problem"]), date.fromisoformat(question["problem"]["first"])
    unit = SCALE * VALUE_UNITS
    plan = plan_of(kept, question["schedule"], first)
    return ScheduleSolver(kept, plan, round(question["bound"] * unit), now=monotonic, **patience), first, unit


def _asked(request: dict[str, Any]) -> list[str]:
    return sorted(set(request["feature_ids"]))


def _outcome(solver: Solver, changes: Sequence[Change], unit: int) -> Answer:
    known, other = solver.known, solver.under(changes)
    is_proved = other.is_proved and known.is_proved
    gain = _difference(other.objective, known.objective)
    at_most = _difference(other.bound, known.objective)
    if gain is not None and at_most is not None:
        at_most = gain if is_proved else max(gain, at_most)
    return {
        "status": other.status,
        "objective": _worth(other.objective, unit),
        "bound": _worth(other.bound, unit),
        "gain": _worth(gain, unit),
        "gain_at_most": _worth(at_most, unit) if gain is not None else None,
        "is_proved": is_proved,
        "added": joined(known, other) if gain is not None else [],
        "removed": left(known, other) if gain is not None else [],
    }


def _why(solver: Solver, feature: str, unit: int) -> Answer:
    known = solver.known
    is_chosen = feature in known.chosen
    otherwise: list[Change] = [Forbidden(feature) if is_chosen else Demanded(feature)]
    other = solver.under(otherwise)
    is_possible = None if other.status == "unknown" else other.objective is not None
    at_stake = _difference(known.objective, other.objective)
    clash = solver.clash(otherwise) if is_possible is False else ()
    return {
        "feature_id": feature,
        "is_chosen": is_chosen,
        "is_possible": is_possible,
        "value_at_stake": _worth(at_stake, unit),
        "value_at_stake_at_least": _worth(_at_least(known, other, at_stake), unit),
        "is_proved": known.is_proved and other.is_proved,
        "joins": joined(known, other) if is_possible else [],
        "leaves": left(known, other) if is_possible else [],
        "conflict": [{"kind": rule.kind, "subjects": list(rule.subjects)} for rule in clash],
    }


def _at_least(known: Outcome, other: Outcome, at_stake: int | None) -> int | None:
    """What is lost for certain: even the best that the other way could reach is worth so much less."""
    if at_stake is None or known.objective is None or other.bound is None:
        return None
    return at_stake if known.is_proved and other.is_proved else max(0, known.objective - other.bound)


def _frontier(question: dict[str, Any]) -> Answer:
    request = question["request"]
    problem, name = msgspec.convert(question["problem"], SelectionProblem), request["budget"]
    everything = sum(candidate.uses.get(name, 0) for candidate in problem.candidates)
    up_to = everything if request["up_to"] is None else min(everything, int(request["up_to"] * UNITS[name]))
    patience = {"seed": question["seed"], "time_limit_s": request["time_limit_s"]}
    points = frontier(problem, name, up_to=up_to, points=request["points"], **patience)
    return {
        "budget": name,
        "points": [
            {
                "use": point.use / UNITS[name],
                "value": point.value / VALUE_UNITS,
                "feature_ids": list(point.chosen),
                "is_proved": point.is_proved,
            }
            for point in points
        ],
    }


def _difference(more: int | None, less: int | None) -> int | None:
    return None if more is None or less is None else more - less


def _worth(amount: int | None, unit: int) -> float | None:
    return None if amount is None else amount / unit
