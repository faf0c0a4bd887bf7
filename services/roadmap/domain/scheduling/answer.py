"""What a solver of schedules is given, tells on the way, and answers."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from services.roadmap.domain.scheduling.problem import Placement, Plan, ScheduleProblem, objective_of

Status = Literal["optimal", "feasible", "infeasible", "unknown"]


@dataclass(frozen=True, slots=True)
class Incumbent:
    """The best plan so far, and the bound when it was found."""

    plan: dict[str, Placement]
    objective: int
    bound: int | None


@dataclass(frozen=True, slots=True)
class Limits:
    """`deterministic` counts the solver's own work, so that equal runs end equally; seconds are patience."""

    seed: int = 0
    time_limit_s: float = 60.0
    deterministic: float | None = None
    strategies: int = 8

    def share(self, part: float) -> "Limits":
        """A part of the time and of the work."""
        work = None if self.deterministic is None else self.deterministic * part
        return replace(self, time_limit_s=self.time_limit_s * part, deterministic=work)


@dataclass(frozen=True, slots=True)
class Schedule:
    """An answer with its proof; `gap` is |bound - objective| / |bound|, 0 with status `optimal` means proved."""

    status: Status
    plan: dict[str, Placement]
    objective: int | None
    bound: int | None
    gap: float | None
    first_objective: int | None
    solver: str
    limits: Limits
    digest: str


@dataclass(frozen=True, slots=True)
class Found:
    """Where the search stands."""

    status: Status
    plan: dict[str, Placement]
    bound: int | None

    def under(self, problem: ScheduleProblem, bound: int | None) -> "Found":
        """The same, knowing that no plan is better than `bound`: one that is as good is proved."""
        if bound is None or self.status not in {"feasible", "unknown"}:
            return self
        if self.bound is not None:
            bound = max(bound, self.bound) if problem.goal == "makespan" else min(bound, self.bound)
        is_proved = self.status == "feasible" and objective_of(problem, self.plan) == bound
        return replace(self, bound=bound, status="optimal" if is_proved else self.status)


Report = Callable[[Incumbent], None]


def ignore(_incumbent: Incumbent) -> None:
    """Nobody listens."""


def is_better(problem: ScheduleProblem, plan: Plan, other: Plan) -> bool:
    """Worth more, or shorter; any plan is better than none."""
    gain = objective_of(problem, plan) - objective_of(problem, other)
    return not other or (gain < 0 if problem.goal == "makespan" else gain > 0)
