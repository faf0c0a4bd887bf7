"""Why a candidate was left out and what would change it; and, when nothing fits, which rules cannot hold together."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

from services.roadmap.domain.conflicts import minimal_conflict
from services.roadmap.domain.selection.model import Model
from services.roadmap.domain.selection.problem import Candidate, Customer, Rule, SelectionProblem
from services.roadmap.domain.selection.solver import MilpSolver

Reason = Literal["pinned_out", "needs_pinned_out", "excluded", "over_budget", "adds_no_value", "search_ended"]


@dataclass(frozen=True, slots=True)
class WhyNot:
    """The smallest valuable way in which a candidate could join the chosen plan, and what stands in that way.

    `blockers` are the pinned-out or excluding candidates, or the budgets. `brings` is what else would come with it.
    `shortfall` is how much more of each budget lets all of them join with nothing else changed, for `value_added` more.
    `value_given_up` is what the optimum loses when the candidate is pinned in under the budgets as they are; None while
    not examined, and when `is_possible` is False: then no choice at all contains it.
    """

    candidate: str
    reason: Reason
    blockers: tuple[str, ...] = ()
    brings: tuple[str, ...] = ()
    shortfall: Mapping[str, int] = field(default_factory=dict)
    value_added: int = 0
    value_given_up: int | None = None
    is_possible: bool | None = None


@dataclass(frozen=True)
class Plan:
    """A problem with the choice made: answers what it would take for one more candidate to join."""

    problem: SelectionProblem
    chosen: frozenset[str]
    is_proved: bool

    def why_not(self, candidate: str) -> WhyNot:
        """The reason for one candidate outside the choice."""
        joining = self._best_way_in(candidate)
        value_added = self._value_added(joining)
        reason, blockers, shortfall = self._obstacle(candidate, joining, value_added)
        brings = tuple(sorted(joining - {candidate}))
        return WhyNot(candidate, reason, blockers, brings, shortfall, value_added)

    def _obstacle(
        self, candidate: str, joining: frozenset[str], value_added: int
    ) -> tuple[Reason, tuple[str, ...], Mapping[str, int]]:
        if candidate in self.problem.pinned_out:
            return "pinned_out", (candidate,), {}
        if forbidden := joining & self.problem.pinned_out:
            return "needs_pinned_out", tuple(sorted(forbidden)), {}
        if rivals := self._rivals(joining):
            return "excluded", rivals, {}
        if shortfall := self._shortfall(joining):
            return "over_budget", tuple(shortfall), shortfall
        return ("search_ended" if value_added and not self.is_proved else "adds_no_value"), (), {}

    def _best_way_in(self, candidate: str) -> frozenset[str]:
        """With what it needs; or, if that earns nothing, with what the most rewarding of its customers wants."""
        alone = self._closure([candidate])
        if self._value_added(alone):
            return alone
        ways = [alone | self._customer_bundles[customer] for customer in self._wanted_by.get(candidate, ())]
        return max(ways, key=lambda way: (self._value_added(way) / self._effort(way), sorted(way)), default=alone)

    def _closure(self, members: Iterable[str]) -> frozenset[str]:
        """These and all that they need, as far as it is not chosen already."""
        found: set[str] = set()
        waiting = [member for member in members if member not in self.chosen]
        while waiting:
            member = waiting.pop()
            if member not in found:
                found.add(member)
                waiting.extend(self._needs[member] - self.chosen - found)
        return frozenset(found)

    def _value_added(self, joining: frozenset[str]) -> int:
        touched = {customer for member in joining for customer in self._wanted_by.get(member, ())}
        served = sum(
            self._customers[customer].weight
            for customer in touched
            if all(want in joining or want in self.chosen for want in self._customers[customer].wants)
        )
        return served + sum(self._candidates[member].value for member in joining)

    def _rivals(self, joining: frozenset[str]) -> tuple[str, ...]:
        rivals: set[str] = set()
        for group in (*self.problem.exclusions, *self.problem.one_of):
            together = set(group) & (joining | self.chosen)
            if len(together) > 1 and together & joining:
                rivals |= together & self.chosen or together
        return tuple(sorted(rivals))

    def _shortfall(self, joining: frozenset[str]) -> dict[str, int]:
        extra = {name: sum(self._candidates[member].uses.get(name, 0) for member in joining) for name in self._slack}
        missing = {name: extra[name] - slack for name, slack in self._slack.items()}
        return {name: amount for name, amount in sorted(missing.items()) if amount > 0}

    def _effort(self, joining: frozenset[str]) -> float:
        """How much of the budgets this takes, each counted in parts of its limit."""
        limits = {budget.name: budget.limit or 1 for budget in self.problem.budgets}
        uses = (use for member in joining for use in self._candidates[member].uses.items())
        return sum(amount / limits[name] for name, amount in uses) or 1e-9

    @cached_property
    def _candidates(self) -> dict[str, Candidate]:
        return {candidate.id: candidate for candidate in self.problem.candidates}

    @cached_property
    def _customers(self) -> dict[str, Customer]:
        return {customer.id: customer for customer in self.problem.customers}

    @cached_property
    def _customer_bundles(self) -> dict[str, frozenset[str]]:
        return {customer.id: self._closure(customer.wants) for customer in self.problem.customers}

    @cached_property
    def _wanted_by(self) -> dict[str, list[str]]:
        wanted_by: dict[str, list[str]] = {}
        for customer in self.problem.customers:
            for want in set(customer.wants):
                wanted_by.setdefault(want, []).append(customer.id)
        return wanted_by

    @cached_property
    def _needs(self) -> dict[str, set[str]]:
        return self.problem.needs()

    @cached_property
    def _slack(self) -> dict[str, int]:
        used = self.problem.use_of(self.chosen)
        return {budget.name: budget.limit - used[budget.name] for budget in self.problem.budgets}


def reasons_of(plan: Plan, model: Model, *, optimum: int, seed: int, time_limit_s: float) -> tuple[WhyNot, ...]:
    """A reason for each candidate left out, by id; the price of pinning one in, as far as the time reaches."""
    left_out = [candidate.id for candidate in plan.problem.candidates if candidate.id not in plan.chosen]
    reasons = {candidate: plan.why_not(candidate) for candidate in sorted(left_out)}
    if plan.is_proved and time_limit_s > 0:
        reasons |= dict(_priced(list(reasons.values()), model, optimum=optimum, seed=seed, time_limit_s=time_limit_s))
    return tuple(reasons.values())


def _priced(
    reasons: Sequence[WhyNot], model: Model, *, optimum: int, seed: int, time_limit_s: float
) -> Iterator[tuple[str, WhyNot]]:
    """Most valuable first: the exact optimum with each candidate pinned in, by solving again."""
    solver = MilpSolver(model, seed=seed, time_limit_s=time_limit_s)
    index = {candidate: position for position, candidate in enumerate(model.candidates)}
    for reason in sorted(reasons, key=lambda each: (-each.value_added, each.candidate)):
        forced = solver.solve({index[reason.candidate]: 1})
        if forced.status == "infeasible":
            yield reason.candidate, replace(reason, is_possible=False)
        elif forced.status == "optimal" and forced.objective is not None:
            yield reason.candidate, replace(reason, is_possible=True, value_given_up=optimum - forced.objective)
        elif not solver.remaining_s:
            return


def conflict_of(model: Model, *, seed: int, time_limit_s: float) -> tuple[Rule, ...]:
    """A minimal set of rules that cannot hold together; empty when they can."""

    def can_hold(rules: Sequence[Rule]) -> bool:
        part = replace(model.under(frozenset(rules)), objective=(0,) * len(model.objective))
        return MilpSolver(part, seed=seed, time_limit_s=time_limit_s).solve().status != "infeasible"

    return tuple(sorted(minimal_conflict(model.rules(), can_hold=can_hold)))
