"""The least makespan of many jobs: plans are bred while CP-SAT searches and proves beside it. Child process only."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
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
    patience = replace(limits, time_limit_s=max(0.1, seconds_left())).share(PROOF_SHARE)
    with ThreadPoolExecutor(max_workers=1) as beside:
        start = dict(bred.plan)
        whole = beside.submit(search, _cut_off(problem, start), start, patience, bred.hear)
        bred.go_on(whole, limits, seconds_left=seconds_left)
        found = whole.result()
    if found.status == "optimal" or not is_better(problem, bred.plan, found.plan):
        return found
    is_proved = objective_of(problem, bred.plan) == found.bound
    return replace(found, plan=bred.plan, status="optimal" if is_proved else found.status)


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

    def go_on(self, whole: "Future[Found]", limits: Limits, *, seconds_left: Callable[[], float]) -> None:
        """Until time or work is spent, or the search of the whole has its answer."""
        children = 0
        most = inf if limits.deterministic is None else limits.deterministic * CHILDREN_PER_WORK
        while self._breeding.best and children < most and seconds_left() > 0:
            if whole.done() and whole.result().status != "feasible":
                return
            children += 1
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
