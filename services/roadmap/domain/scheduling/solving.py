"""Solves a schedule: an answer at once, then better ones, each with what no plan can exceed. Child process only."""

from collections.abc import Callable
from dataclasses import replace

from services.roadmap.domain.scheduling.answer import Found, Limits, Report, Schedule, ignore, is_better
from services.roadmap.domain.scheduling.checker import faults_of
from services.roadmap.domain.scheduling.improving import improve
from services.roadmap.domain.scheduling.pricing import prices_of
from services.roadmap.domain.scheduling.problem import (
    Placement,
    Plan,
    ScheduleProblem,
    digest_of_schedule,
    in_order,
    loosest_bound,
    objective_of,
    require_schedulable,
)
from services.roadmap.domain.scheduling.searching import VERSION, kept_near, search
from services.roadmap.domain.scheduling.shortening import shorten
from services.roadmap.domain.scheduling.starting import first_plans, plan_by_prices

FEW = 50
"""As many jobs are soon proved by the search of the whole, without prices and neighbourhoods."""
MANY = 500
"""With more jobs the search of the whole would see too little of it in its share of the time."""
WHOLE_SHARE = 0.2


class ScheduleBroken(Exception):
    """The solver's plan does not stand up to the independent checker: a defect, never the caller's fault."""


def schedule(
    problem: ScheduleProblem,
    limits: Limits,
    *,
    report: Report = ignore,
    now: Callable[[], float] | None = None,
    known: Plan | None = None,
) -> Schedule:
    """The best plan found within the limits; `report` hears of each better one, the greedy one first.

    More than a few jobs are searched by neighbourhoods, whose seconds `now` counts. The answer is no worse than a
    `known` plan that keeps the rules.
    """
    require_schedulable(problem)
    problem = in_order(_with_all_wanted(problem))
    ends_at = now() + limits.time_limit_s if now else None
    first, best = first_plans(problem, report)
    if known and not faults_of(problem, known) and is_better(problem, known, best):
        best = dict(known)
    if problem.goal == "value" and len(problem.jobs) > FEW:
        found = _priced(problem, best, report)
        if now is not None and ends_at is not None and found.plan:
            found = _improved(problem, found, limits, report, seconds_left=lambda: ends_at - now())
        elif found.status != "optimal":
            found = search(problem, found.plan, limits, report).under(problem, found.bound)
    elif len(problem.jobs) > FEW and best and now is not None and ends_at is not None:
        found = shorten(problem, best, limits, report, seconds_left=lambda: ends_at - now())
    else:
        found = search(problem, best, limits, report)
    if found.status == "optimal":
        found = replace(found, plan=kept_near(problem, found.plan, limits))
    return _answer(problem, found, limits, first_objective=objective_of(problem, first) if first else None)


def _with_all_wanted(problem: ScheduleProblem) -> ScheduleProblem:
    """The makespan is that of everything."""
    if problem.goal == "value":
        return problem
    return replace(problem, jobs=tuple(replace(job, is_required=True) for job in problem.jobs))


def _priced(problem: ScheduleProblem, best: dict[str, Placement], report: Report) -> Found:
    """The bound that prices give, and the best plan that they lead to."""
    prices = prices_of(problem, enough=objective_of(problem, best))
    if prices is None:
        return Found("unknown", best, None)
    best = plan_by_prices(problem, prices, best, report)
    return Found("feasible" if best else "unknown", best, None).under(problem, prices.bound)


def _improved(
    problem: ScheduleProblem, found: Found, limits: Limits, report: Report, *, seconds_left: Callable[[], float]
) -> Found:
    """The whole for a while, which proves what is easy; then parts of it."""
    ceiling = loosest_bound(problem) if found.bound is None else found.bound
    found = found.under(problem, ceiling)
    if len(problem.jobs) <= MANY and found.status != "optimal":
        found = search(problem, found.plan, limits.share(WHOLE_SHARE), report).under(problem, ceiling)
    if found.status != "feasible":
        return found
    return improve(problem, found, limits.share(1 - WHOLE_SHARE), report, seconds_left=seconds_left)


def _answer(problem: ScheduleProblem, found: Found, limits: Limits, *, first_objective: int | None) -> Schedule:
    status, plan = found.status, found.plan
    has_plan = status in {"optimal", "feasible"}
    objective = objective_of(problem, plan) if has_plan else None
    if has_plan and (faults := faults_of(problem, plan)):
        raise ScheduleBroken(f"The plan is broken: {faults[:5]}")
    return Schedule(
        status=status,
        plan=plan if has_plan else {},
        objective=objective,
        bound=objective if status == "optimal" else found.bound,
        gap=0.0 if status == "optimal" else _gap(objective, found.bound),
        first_objective=first_objective,
        solver=VERSION,
        limits=limits,
        digest=digest_of_schedule(
            problem, seed=limits.seed, time_limit_s=limits.time_limit_s, deterministic=limits.deterministic
        ),
    )


def _gap(objective: int | None, bound: int | None) -> float | None:
    if objective is None or bound is None:
        return None
    return abs(bound - objective) / abs(bound) if bound else float(objective != bound)
