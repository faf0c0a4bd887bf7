"""What to build under budgets: the Next Release Problem, stated.

A. Bagnall, V. Rayward-Smith, I. Whittley, "The Next Release Problem", Information and Software Technology 43 (2001):
each customer wants some features and is worth its weight once all of them are there; features cost, need one another,
and the budget does not reach. Here a candidate may also be worth something by itself, budgets may be several
(money, person-days), and people may exclude, couple, demand and pin.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Literal

LARGEST_TOTAL = 2**40
"""Sums stay below this: far enough from 2^53 for the solver's doubles to tell two neighbouring whole numbers apart."""

RuleKind = Literal["budget", "dependency", "exclusion", "coupling", "one_of", "must_have", "pinned_in", "pinned_out"]


class SelectionRefused(Exception):
    """The problem contradicts itself before any solver is asked; the message names where."""


class DependencyCycle(SelectionRefused):
    """Candidates that wait for one another in a circle; `cycle` begins and ends with the same one."""

    def __init__(self, cycle: tuple[str, ...]) -> None:
        super().__init__(f"These depend on one another in a circle: {' -> '.join(cycle)}")
        self.cycle = cycle


@dataclass(frozen=True, slots=True)
class Candidate:
    """A feature that could be built. Value and use are whole numbers, so that an optimum can be proved exactly."""

    id: str
    value: int = 0
    uses: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Customer:
    """Someone worth `weight` once everything in `wants` is built."""

    id: str
    weight: int
    wants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be used of one resource: minor units of money, hundredths of a person-day."""

    name: str
    limit: int


@dataclass(frozen=True, slots=True)
class Dependency:
    """`candidate` can be built only together with, or after, `needs`."""

    candidate: str
    needs: str


@dataclass(frozen=True, slots=True, order=True)
class Rule:
    """One thing that the caller laid down, named so that a conflict or a reason can point to it."""

    kind: RuleKind
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SelectionProblem:
    """Everything that decides the answer. The order in which things are given decides nothing.

    `exclusions`: of each group at most one. `couplings`: of each group all or none. `one_of`: of each exactly one.
    """

    candidates: tuple[Candidate, ...]
    budgets: tuple[Budget, ...] = ()
    customers: tuple[Customer, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    exclusions: tuple[tuple[str, ...], ...] = ()
    couplings: tuple[tuple[str, ...], ...] = ()
    must_have: frozenset[str] = frozenset()
    pinned_in: frozenset[str] = frozenset()
    pinned_out: frozenset[str] = frozenset()
    one_of: tuple[tuple[str, ...], ...] = ()

    def needs(self) -> dict[str, set[str]]:
        """What each candidate needs directly; coupled candidates need one another."""
        needs: dict[str, set[str]] = {candidate.id: set() for candidate in self.candidates}
        for dependency in self.dependencies:
            needs[dependency.candidate].add(dependency.needs)
        for group in self.couplings:
            for member in group:
                needs[member].update(set(group) - {member})
        return needs

    def value_of(self, chosen: Iterable[str]) -> int:
        """Sum of the chosen candidates' own value and of the customers that are served whole."""
        built = set(chosen)
        own = sum(candidate.value for candidate in self.candidates if candidate.id in built)
        return own + sum(customer.weight for customer in self.customers if built.issuperset(customer.wants))

    def use_of(self, chosen: Iterable[str]) -> dict[str, int]:
        """What the chosen candidates use of each budget."""
        built = set(chosen)
        parts = [candidate.uses for candidate in self.candidates if candidate.id in built]
        return {budget.name: sum(uses.get(budget.name, 0) for uses in parts) for budget in self.budgets}

    def served_by(self, chosen: Iterable[str]) -> tuple[str, ...]:
        """Customers who get everything that they want, by id."""
        built = set(chosen)
        return tuple(sorted(customer.id for customer in self.customers if built.issuperset(customer.wants)))


def require_sound(problem: SelectionProblem) -> None:
    """Raises SelectionRefused when ids repeat or are unknown, numbers are too large, or dependencies go in a circle."""
    known = _unique("candidate", [candidate.id for candidate in problem.candidates])
    _unique("customer", [customer.id for customer in problem.customers])
    budgets = _unique("budget", [budget.name for budget in problem.budgets])
    _require_known("customer", (want for customer in problem.customers for want in customer.wants), known)
    _require_known("dependency", (d for pair in problem.dependencies for d in (pair.candidate, pair.needs)), known)
    _require_known("exclusion", (member for group in problem.exclusions for member in group), known)
    _require_known("coupling", (member for group in problem.couplings for member in group), known)
    _require_known("choice of one", (member for group in problem.one_of for member in group), known)
    _require_known("must-have or pin", problem.must_have | problem.pinned_in | problem.pinned_out, known)
    _require_known("use", (name for candidate in problem.candidates for name in candidate.uses), budgets)
    _require_in_range(problem)
    require_acyclic(problem.dependencies)


def require_acyclic(dependencies: Iterable[Dependency]) -> None:
    """Raises DependencyCycle, naming one circle in the order in which its members need one another."""
    graph: dict[str, list[str]] = {}
    for dependency in sorted(dependencies, key=lambda pair: (pair.candidate, pair.needs)):
        graph.setdefault(dependency.candidate, []).append(dependency.needs)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        # graphlib lists each node as a prerequisite of the next one: reversed, each needs the next.
        raise DependencyCycle(tuple(reversed(circle.args[1]))) from None


def digest_of(problem: SelectionProblem, **settings: object) -> str:
    """SHA-256 over the canonical problem and whatever else decides the answer (seed, limits)."""
    canonical = {
        "candidates": sorted([c.id, c.value, sorted(c.uses.items())] for c in problem.candidates),
        "budgets": sorted([b.name, b.limit] for b in problem.budgets),
        "customers": sorted([c.id, c.weight, sorted(set(c.wants))] for c in problem.customers),
        "dependencies": sorted({(d.candidate, d.needs) for d in problem.dependencies}),
        "exclusions": sorted({tuple(sorted(set(group))) for group in problem.exclusions}),
        "couplings": sorted({tuple(sorted(set(group))) for group in problem.couplings}),
        "one_of": sorted({tuple(sorted(set(group))) for group in problem.one_of}),
        "must_have": sorted(problem.must_have),
        "pinned_in": sorted(problem.pinned_in),
        "pinned_out": sorted(problem.pinned_out),
        "settings": settings,
    }
    text = json.dumps(canonical, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _unique(noun: str, names: list[str]) -> set[str]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise SelectionRefused(f"The {noun} {name} is given twice")
        seen.add(name)
    return seen


def _require_known(noun: str, names: Iterable[str], known: set[str]) -> None:
    for name in names:
        if name not in known:
            raise SelectionRefused(f"A {noun} names {name}, which is not part of the problem")


def _require_in_range(problem: SelectionProblem) -> None:
    values = [c.value for c in problem.candidates] + [c.weight for c in problem.customers]
    uses = [amount for candidate in problem.candidates for amount in candidate.uses.values()]
    if min([*values, *uses, *(budget.limit for budget in problem.budgets)], default=0) < 0:
        raise SelectionRefused("Values, uses and budgets cannot be negative")
    for total in (sum(values), *problem.use_of(c.id for c in problem.candidates).values()):
        if total > LARGEST_TOTAL:
            raise SelectionRefused(f"Values or uses add up to more than {LARGEST_TOTAL}: give them in a larger unit")
