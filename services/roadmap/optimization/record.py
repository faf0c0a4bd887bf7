"""How a schedule problem is kept as JSON: capacity, whose keys are pairs, as rows."""

from typing import Any

import msgspec

from services.roadmap.domain.scheduling.problem import Goal, Job, Precedence, ScheduleProblem
from services.roadmap.domain.selection.problem import Budget


class KeptProblem(msgspec.Struct, frozen=True):
    """A schedule problem, field by field."""

    horizon: int
    jobs: tuple[Job, ...]
    capacity: tuple[tuple[str, str, tuple[int, ...]], ...]
    precedences: tuple[Precedence, ...]
    budgets: tuple[Budget, ...]
    exclusions: tuple[tuple[str, ...], ...]
    couplings: tuple[tuple[str, ...], ...]
    goal: Goal
    discount_percent: int
    one_of: tuple[tuple[str, ...], ...] = ()


def keep_problem(problem: ScheduleProblem) -> Any:
    """Plain data that `read_problem` understands."""
    fields = {name: getattr(problem, name) for name in KeptProblem.__struct_fields__ if name != "capacity"}
    capacity = tuple((team, skill, weeks) for (team, skill), weeks in problem.capacity.items())
    return msgspec.to_builtins(KeptProblem(**fields, capacity=capacity))


def read_problem(plain: Any) -> ScheduleProblem:
    """The problem that was kept."""
    kept = msgspec.convert(plain, KeptProblem)
    fields = {name: getattr(kept, name) for name in KeptProblem.__struct_fields__ if name != "capacity"}
    return ScheduleProblem(**fields, capacity={(team, skill): weeks for team, skill, weeks in kept.capacity})
