"""Solves a problem again with something changed, never forgetting the plan that is known. Child process only."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.roadmap.domain.inquiries.changes import Change, schedule_with, selection_with
from services.roadmap.domain.scheduling.answer import Limits
from services.roadmap.domain.scheduling.explanation import schedule_conflict
from services.roadmap.domain.scheduling.problem import Placement, ScheduleProblem, objective_of
from services.roadmap.domain.scheduling.solving import schedule
from services.roadmap.domain.selection.checker import broken_rules
from services.roadmap.domain.selection.explanation import conflict_of
from services.roadmap.domain.selection.model import model_of
from services.roadmap.domain.selection.problem import SelectionProblem
from services.roadmap.domain.selection.selecting import select

CONFLICT_S = 10.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one problem: `objective` and `bound` in the solver's units, None when nothing fits."""

    status: str
    objective: int | None
    bound: int | None
    chosen: frozenset[str]

    @property
    def is_proved(self) -> bool:
        return self.status in {"optimal", "infeasible"}


@dataclass(frozen=True, slots=True)
class Clash:
    """A rule of those that cannot hold together."""

    kind: str
    subjects: tuple[str, ...]


class Solver(Protocol):
    """A problem that was answered, and can be asked again."""

    @property
    def known(self) -> Outcome: ...

    def under(self, changes: Sequence[Change]) -> Outcome: ...

    def clash(self, changes: Sequence[Change]) -> tuple[Clash, ...]: ...


@dataclass(frozen=True)
class SelectionSolver:
    """What to build; `bound` is the one that was proved with the known choice."""

    problem: SelectionProblem
    chosen: frozenset[str]
    bound: int
    seed: int
    time_limit_s: float

    @property
    def known(self) -> Outcome:
        value = self.problem.value_of(self.chosen)
        return Outcome("optimal" if value == self.bound else "feasible", value, self.bound, self.chosen)

    def under(self, changes: Sequence[Change]) -> Outcome:
        """The best choice then; at least as good as the known one where that still keeps the rules."""
        problem = selection_with(self.problem, changes)
        found = select(problem, seed=self.seed, time_limit_s=self.time_limit_s, explain_s=0)
        outcome = Outcome(found.status, found.objective, found.bound, frozenset(found.chosen))
        value = problem.value_of(self.chosen)
        is_worse = outcome.objective is None or outcome.objective < value
        if not outcome.is_proved and is_worse and not broken_rules(problem, self.chosen):
            return Outcome("feasible", value, outcome.bound, self.chosen)
        return outcome

    def clash(self, changes: Sequence[Change]) -> tuple[Clash, ...]:
        model = model_of(selection_with(self.problem, changes))
        found = conflict_of(model, seed=self.seed, time_limit_s=CONFLICT_S)
        return tuple(Clash(rule.kind, rule.subjects) for rule in found)


@dataclass(frozen=True)
class ScheduleSolver:
    """What, when and by whom; `now` counts the seconds of a large search."""

    problem: ScheduleProblem
    plan: dict[str, Placement]
    bound: int
    seed: int
    time_limit_s: float
    now: Callable[[], float]

    @property
    def known(self) -> Outcome:
        worth = objective_of(self.problem, self.plan)
        return Outcome("optimal" if worth == self.bound else "feasible", worth, self.bound, frozenset(self.plan))

    def under(self, changes: Sequence[Change]) -> Outcome:
        """The best plan found in the time; the search begins at the known one where that still keeps the rules."""
        limits = Limits(seed=self.seed, time_limit_s=self.time_limit_s)
        found = schedule(schedule_with(self.problem, changes), limits, now=self.now, known=self.plan)
        return Outcome(found.status, found.objective, found.bound, frozenset(found.plan))

    def clash(self, changes: Sequence[Change]) -> tuple[Clash, ...]:
        found = schedule_conflict(schedule_with(self.problem, changes), seed=self.seed)
        return tuple(Clash(rule.kind, rule.subjects) for rule in found)


def joined(known: Outcome, other: Outcome) -> list[str]:
    """What the other plan has and the known one has not."""
    return _sorted(other.chosen - known.chosen)


def left(known: Outcome, other: Outcome) -> list[str]:
    """What the known plan has and the other one has not."""
    return _sorted(known.chosen - other.chosen)


def _sorted(names: Iterable[str]) -> list[str]:
    return sorted(names)
