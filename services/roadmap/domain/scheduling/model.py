"""The problem as constraints over optional intervals, for CP-SAT. Imported only in the child that solves.

Each job has a start that is 0 when it is not built (so that worth is linear and no symmetry is left), an interval per
mode and package, and cumulative constraints per team and skill in which the dips of the calendar are fixed intervals.
Redundant energy constraints tell the linear relaxation what the calendars allow in total, and up to each deadline.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from ortools.sat.python import cp_model

from services.roadmap.domain.scheduling.problem import Job, Placement, Plan, Precedence, Resource, ScheduleProblem

SOLE_MODE = 1


@dataclass
class _Use:
    """What one job may take of one resource."""

    interval: cp_model.IntervalVar
    demand: int
    energy: int
    presence: cp_model.IntVar
    deadline: int


@dataclass
class ScheduleModel:
    """A CP-SAT model with the variables that a plan is read from."""

    problem: ScheduleProblem
    model: cp_model.CpModel = field(default_factory=cp_model.CpModel)
    is_built: dict[str, cp_model.IntVar] = field(default_factory=dict)
    start: dict[str, cp_model.IntVar] = field(default_factory=dict)
    finish: dict[str, cp_model.LinearExprT] = field(default_factory=dict)
    modes: dict[str, list[cp_model.IntVar]] = field(default_factory=dict)
    uses: dict[Resource, list[_Use]] = field(default_factory=dict)

    @classmethod
    def of(cls, problem: ScheduleProblem) -> "ScheduleModel":
        built = cls(problem)
        for job in problem.jobs:
            built._add_job(job)
        for resource in problem.capacity:
            if resource in built.uses:
                built._add_capacity(resource)
        for each in problem.precedences:
            built._add_precedence(each)
        built._add_groups_and_budgets()
        built._add_goal()
        return built

    def hint(self, plan: Plan) -> None:
        """Start the search from this plan."""
        for job in self.problem.jobs:
            place = plan.get(job.id)
            self.model.add_hint(self.is_built[job.id], place is not None)
            self.model.add_hint(self.start[job.id], place.start if place else 0)
            if len(job.modes) > SOLE_MODE:
                for index, taken in enumerate(self.modes[job.id]):
                    self.model.add_hint(taken, place is not None and place.mode == index)

    def keep_near(self, former: Mapping[str, int], *, worth: int) -> None:
        """Second goal, once the first is settled: give none of `worth` away, and move former jobs least."""
        self.model.add(self.worth() >= worth)
        moves = []
        for name, former_start in former.items():
            moved = self.model.new_int_var(0, self.problem.horizon, "")
            start, built = self.start[name], self.is_built[name]
            self.model.add(moved >= start - former_start).only_enforce_if(built)
            self.model.add(moved >= former_start - start).only_enforce_if(built)
            self.model.add(moved == self.problem.horizon).only_enforce_if(~built)
            moves.append(moved)
        self.model.minimize(sum(moves))

    def worth(self) -> cp_model.LinearExprT:
        """The plan's worth: value when built, less the loss per week until its finish."""
        terms: list[cp_model.LinearExprT] = []
        for job in self.problem.jobs:
            terms.append(self.problem.worth(job, 0) * self.is_built[job.id])
            terms.append(-self.problem.weekly_loss(job) * self.finish[job.id])
        return sum(terms)

    def plan(self, solution: cp_model.CpSolver | cp_model.CpSolverSolutionCallback) -> dict[str, Placement]:
        """The plan that a solution stands for."""
        plan = {}
        for job in self.problem.jobs:
            if solution.boolean_value(self.is_built[job.id]):
                start = solution.value(self.start[job.id])
                mode = next(i for i, taken in enumerate(self.modes[job.id]) if solution.boolean_value(taken))
                plan[job.id] = Placement(start, start + job.modes[mode].weeks, mode)
        return plan

    def _add_job(self, job: Job) -> None:
        model = self.model
        built = model.new_bool_var("")
        taken = [built] if len(job.modes) == SOLE_MODE else [model.new_bool_var("") for _ in job.modes]
        latest = max(0, self.problem.latest_finish(job) - min(mode.weeks for mode in job.modes))
        start = model.new_int_var(0, latest, "")
        finish = start + sum(mode.weeks * literal for mode, literal in zip(job.modes, taken, strict=True))
        model.add(start == 0).only_enforce_if(~built)
        model.add(start >= job.earliest).only_enforce_if(built)
        model.add(finish <= self.problem.latest_finish(job))
        if len(taken) > SOLE_MODE:
            model.add(sum(taken) == built)
        if job.is_required or job.start is not None or self.problem.goal == "makespan":
            model.add(built == 1)
        if job.start is not None:
            model.add(start == job.start)
        self.is_built[job.id], self.start[job.id], self.finish[job.id], self.modes[job.id] = built, start, finish, taken
        for mode, literal in zip(job.modes, taken, strict=True):
            for package in mode.packages:
                if package.weeks and package.demand:
                    interval = model.new_optional_fixed_size_interval_var(start, package.weeks, literal, "")
                    use = _Use(
                        interval,
                        package.demand,
                        package.weeks * package.demand,
                        literal,
                        self.problem.latest_finish(job),
                    )
                    self.uses.setdefault((package.team, package.skill), []).append(use)

    def _add_capacity(self, resource: Resource) -> None:
        weeks, uses = self.problem.capacity[resource], self.uses[resource]
        most = max(weeks, default=0)
        intervals = [use.interval for use in uses]
        demands = [use.demand for use in uses]
        for begin, length, capacity in _stretches(weeks):
            if capacity < most:
                intervals.append(self.model.new_fixed_size_interval_var(begin, length, ""))
                demands.append(most - capacity)
        self.model.add_cumulative(intervals, demands, most)
        for deadline in sorted({use.deadline for use in uses}):
            due = [use for use in uses if use.deadline <= deadline]
            energy = sum(use.energy * use.presence for use in due)
            self.model.add(energy <= sum(weeks[:deadline]))

    def _add_precedence(self, each: Precedence) -> None:
        before = self.finish[each.before] if each.link == "finish_start" else self.start[each.before]
        after_built = self.is_built[each.after]
        self.model.add_implication(after_built, self.is_built[each.before])
        self.model.add(self.start[each.after] >= before + each.lag).only_enforce_if(after_built)

    def _add_groups_and_budgets(self) -> None:
        for group in self.problem.exclusions:
            self.model.add_at_most_one(self.is_built[member] for member in group)
        for group in self.problem.couplings:
            for member in group[1:]:
                self.model.add(self.is_built[member] == self.is_built[group[0]])
        for group in self.problem.one_of:
            self.model.add_exactly_one(self.is_built[member] for member in group)
        for budget in self.problem.budgets:
            spent = sum(job.uses.get(budget.name, 0) * self.is_built[job.id] for job in self.problem.jobs)
            self.model.add(spent <= budget.limit)

    def _add_goal(self) -> None:
        if self.problem.goal == "makespan":
            end = self.model.new_int_var(0, self.problem.horizon, "")
            for job in self.problem.jobs:
                self.model.add(end >= self.finish[job.id])
            self.model.minimize(end)
        else:
            self.model.maximize(self.worth())


def _stretches(weeks: tuple[int, ...]) -> Iterator[tuple[int, int, int]]:
    """Neighbouring weeks of equal capacity: begin, length, capacity."""
    begin = 0
    for capacity, run in groupby(weeks):
        length = len(list(run))
        yield begin, length, capacity
        begin += length
