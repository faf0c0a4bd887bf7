"""An independent checker: it reads the problem, never the model, and recomputes everything that an answer claims."""

from collections.abc import Iterable

from services.roadmap.domain.selection.problem import Rule, SelectionProblem


def broken_rules(problem: SelectionProblem, chosen: Iterable[str]) -> tuple[Rule, ...]:
    """The rules that this choice breaks, in a stable order; none: the choice may be adopted."""
    built = set(chosen)
    used = problem.use_of(built)
    broken = [Rule("budget", (budget.name,)) for budget in problem.budgets if used[budget.name] > budget.limit]
    broken += [
        Rule("dependency", (pair.candidate, pair.needs))
        for pair in problem.dependencies
        if pair.candidate in built and pair.needs not in built
    ]
    for members in map(set, problem.exclusions):
        if len(members & built) > 1:
            broken.append(Rule("exclusion", tuple(sorted(members))))
    for members in map(set, problem.couplings):
        if len(members & built) not in {0, len(members)}:
            broken.append(Rule("coupling", tuple(sorted(members))))
    for members in map(set, problem.one_of):
        if len(members & built) != 1:
            broken.append(Rule("one_of", tuple(sorted(members))))
    broken += [Rule("must_have", (member,)) for member in problem.must_have - built]
    broken += [Rule("pinned_in", (member,)) for member in problem.pinned_in - built]
    broken += [Rule("pinned_out", (member,)) for member in problem.pinned_out & built]
    return tuple(sorted(set(broken)))
