"""The problem as rows of whole numbers over yes/no variables; each row knows the rule that it stands for."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from services.roadmap.domain.selection.problem import Rule, SelectionProblem


@dataclass(frozen=True, slots=True)
class Row:
    """lower <= sum of coefficient x variable <= upper; a missing side is open; no rule: always true."""

    terms: tuple[tuple[int, int], ...]
    lower: int | None
    upper: int | None
    rule: Rule | None = None

    def holds(self, chosen: set[int]) -> bool:
        """Whether the variables in `chosen` (all others being 0) keep this row, in exact arithmetic."""
        total = sum(coefficient for variable, coefficient in self.terms if variable in chosen)
        return (self.lower is None or self.lower <= total) and (self.upper is None or total <= self.upper)


@dataclass(frozen=True, slots=True)
class Model:
    """Maximise `objective` over the rows. First come the candidates, in order of id, then the customers."""

    candidates: tuple[str, ...]
    objective: tuple[int, ...]
    rows: tuple[Row, ...]

    def rules(self) -> tuple[Rule, ...]:
        """What the caller laid down, in a stable order."""
        return tuple(sorted({row.rule for row in self.rows if row.rule is not None}))

    def under(self, rules: frozenset[Rule]) -> "Model":
        """The same model with only these rules in force."""
        kept = tuple(row for row in self.rows if row.rule is None or row.rule in rules)
        return Model(self.candidates, self.objective, kept)


def model_of(problem: SelectionProblem) -> Model:
    """One variable per candidate and one per customer: a customer counts only if each wanted candidate is chosen."""
    candidates = sorted(problem.candidates, key=lambda candidate: candidate.id)
    customers = sorted(problem.customers, key=lambda customer: customer.id)
    index = {candidate.id: position for position, candidate in enumerate(candidates)}
    rows = [*_wants(problem, index), *_budgets(problem, index), *_structure(problem, index), *_fixed(problem, index)]
    return Model(
        candidates=tuple(index),
        objective=tuple([c.value for c in candidates] + [c.weight for c in customers]),
        rows=tuple(rows),
    )


def _wants(problem: SelectionProblem, index: dict[str, int]) -> Iterator[Row]:
    for position, customer in enumerate(sorted(problem.customers, key=lambda customer: customer.id), start=len(index)):
        for want in sorted(set(customer.wants)):
            yield Row(terms=((index[want], 1), (position, -1)), lower=0, upper=None)


def _budgets(problem: SelectionProblem, index: dict[str, int]) -> Iterator[Row]:
    for budget in sorted(problem.budgets, key=lambda budget: budget.name):
        uses = ((index[candidate.id], candidate.uses.get(budget.name, 0)) for candidate in problem.candidates)
        terms = tuple(sorted(term for term in uses if term[1]))
        yield Row(terms=terms, lower=None, upper=budget.limit, rule=Rule("budget", (budget.name,)))


def _structure(problem: SelectionProblem, index: dict[str, int]) -> Iterator[Row]:
    for candidate, needs in sorted({(d.candidate, d.needs) for d in problem.dependencies}):
        terms = ((index[needs], 1), (index[candidate], -1))
        yield Row(terms=terms, lower=0, upper=None, rule=Rule("dependency", (candidate, needs)))
    for group in sorted({tuple(sorted(set(group))) for group in problem.exclusions}):
        members = tuple((index[member], 1) for member in group)
        yield Row(terms=members, lower=None, upper=1, rule=Rule("exclusion", group))
    for group in sorted({tuple(sorted(set(group))) for group in problem.couplings}):
        for one, other in pairwise(group):
            terms = ((index[one], 1), (index[other], -1))
            yield Row(terms=terms, lower=0, upper=0, rule=Rule("coupling", group))
    for group in sorted({tuple(sorted(set(group))) for group in problem.one_of}):
        members = tuple((index[member], 1) for member in group)
        yield Row(terms=members, lower=1, upper=1, rule=Rule("one_of", group))


def _fixed(problem: SelectionProblem, index: dict[str, int]) -> Iterator[Row]:
    for member in sorted(problem.must_have):
        yield Row(terms=((index[member], 1),), lower=1, upper=None, rule=Rule("must_have", (member,)))
    for member in sorted(problem.pinned_in):
        yield Row(terms=((index[member], 1),), lower=1, upper=None, rule=Rule("pinned_in", (member,)))
    for member in sorted(problem.pinned_out):
        yield Row(terms=((index[member], 1),), lower=None, upper=0, rule=Rule("pinned_out", (member,)))
