"""The least makespan of many jobs: plans are bred while CP-SAT searches and proves beside it. Child process only."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from math import inf
from threading import Lock

from services.roadmap.domain.scheduling.answer import Found, Incumbent, Limits, Report, is_better
from services.roadmap.domain.scheduling.breeding import Breeding
from services.roadmap.domain.scheduling.justification import Justification
from services.roadmap.domain.scheduling.problem import Placement, Plan, ScheduleProblem, objective_of
from services.roadmap.domain.scheduling.searching import search

ROOM = 1.15
"""How far beyond the first plan's end others may go."""
PROOF_SHARE = 1 / 3
"""What CP-SAT proves at all it mostly proves soon; it takes the cores from the breeding, which goes on by itself."""
WITHIN_REACH = 0.02
"""Where the bound is as near as this a second search proves what the first did not, below what was bred."""
CHILDREN_PER_WORK = 1000
"""Children bred for each unit of the solver's deterministic work; about a second's."""


def shorten(
    problem: ScheduleProblem,
    first: dict[str, Placement],
    limits: Limits,
    report: Report,
    *,
    seconds_left: Callable[[], float],
) -> Found:
    """The shortest plan that either finds; where CP-SAT proves, it decides, so that equal work gives equal answers."""
    bred = _Bred(problem, first, limits.seed, report)
    patience = replace(limits, time_limit_s=seconds_left())
    found = _searched(problem, Found("feasible", bred.plan, None), bred, patience.share(PROOF_SHARE))
    if found.status != "feasible":
        return found
    rest = replace(limits.share(1 - PROOF_SHARE), time_limit_s=seconds_left())
    if _is_within_reach(problem, found):
        return _searched(problem, found, bred, rest)
    bred.go_on(rest, is_over=lambda: seconds_left() <= 0)
    return _joined(problem, found, bred.plan)


def _searched(problem: ScheduleProblem, known: Found, bred: "_Bred", limits: Limits) -> Found:
    """By CP-SAT, from what is known, while others are bred: with equal work equally many, else until it has done."""

    def is_over() -> bool:
        return whole.done() and (limits.deterministic is None or whole.result().status != "feasible")

    patience = replace(limits, time_limit_s=max(0.1, limits.time_limit_s))
    with ThreadPoolExecutor(max_workers=1) as beside:
        whole = beside.submit(search, _cut_off(problem, known.plan), known.plan, patience, bred.hear)
        bred.go_on(limits, is_over=is_over)
        found = whole.result().under(problem, known.bound)
    return _joined(problem, found, bred.plan) if found.status == "feasible" else found


def _joined(problem: ScheduleProblem, found: Found, bred: dict[str, Placement]) -> Found:
    """With the shorter of two plans."""
    shorter = bred if is_better(problem, bred, found.plan) else found.plan
    return replace(found, plan=shorter).under(problem, found.bound)


def _is_within_reach(problem: ScheduleProblem, found: Found) -> bool:
    best = objective_of(problem, found.plan)
    return found.bound is not None and best - found.bound <= WITHIN_REACH * best


def _cut_off(problem: ScheduleProblem, plan: Plan) -> ScheduleProblem:
    """Weeks after the end of a known plan are of no interest."""
    weeks = objective_of(problem, plan)
    capacity = {resource: units[:weeks] for resource, units in problem.capacity.items()}
    return replace(problem, horizon=weeks, capacity=capacity)


class _Bred:
    """Breeds plans, and tells of each that is shorter than all that were told, whoever found it."""

    def __init__(self, problem: ScheduleProblem, first: dict[str, Placement], seed: int, report: Report) -> None:
        self.plan = first
        self._problem, self._report, self._told, self._lock = problem, report, first, Lock()
        end = min(problem.horizon, int(ROOM * objective_of(problem, first)))
        self._passes = Justification(problem, first, end=end)
        self._breeding = Breeding(self._passes, seed)
        self._take_best()

    def go_on(self, limits: Limits, *, is_over: Callable[[], bool]) -> None:
        """As many children as belong to the work of these limits, unless it is over before."""
        if self._breeding.best is None:
            return
        left = inf if limits.deterministic is None else limits.deterministic * CHILDREN_PER_WORK
        while left > 0 and not is_over():
            left -= 1
            if self._breeding.breed():
                self._take_best()

    def hear(self, found: Incumbent) -> None:
        """One thread breeds, the other searches."""
        with self._lock:
            if is_better(self._problem, found.plan, self._told):
                self._told = found.plan
                self._report(found)

    def _take_best(self) -> None:
        if self._breeding.best is None:
            return
        makespan, starts = self._breeding.best
        if makespan < objective_of(self._problem, self.plan):
            self.plan = self._passes.plan(starts)
            self.hear(Incumbent(self.plan, makespan, None))
