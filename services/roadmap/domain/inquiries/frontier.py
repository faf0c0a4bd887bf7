"""Value against a budget: exact points of the Pareto frontier, by the epsilon-constraint method. Child process only.

Y. Haimes, L. Lasdon, D. Wismer, "On a bicriterion formulation of the problems of integrated system identification and
system optimization", IEEE Transactions on Systems, Man, and Cybernetics 1 (1971): under a limit on one criterion the
other is optimised. Each point is made of two solves: the most value under the limit, then the least use for that value.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from services.roadmap.domain.selection.model import Model, Row, model_of
from services.roadmap.domain.selection.problem import Budget, SelectionProblem
from services.roadmap.domain.selection.solver import MilpSolver


@dataclass(frozen=True, slots=True)
class Point:
    """No choice is worth more for so little, and none of that value uses less; `is_proved` says so for certain."""

    use: int
    value: int
    chosen: tuple[str, ...]
    is_proved: bool


def frontier(
    problem: SelectionProblem, budget: str, *, up_to: int, points: int, seed: int, time_limit_s: float
) -> list[Point]:
    """At most `points` of the frontier under evenly spread limits, cheapest first; `time_limit_s` is for each solve."""
    found: dict[int, Point] = {}
    for step in range(points, 0, -1):
        limit = up_to * step // points
        cheaper = [point for use, point in found.items() if use <= limit]
        if cheaper and all(point.is_proved for point in cheaper):
            continue
        point = _point_under(_limited(problem, budget, limit), budget, seed=seed, time_limit_s=time_limit_s)
        if point is not None:
            found.setdefault(point.use, point)
    return list(_undominated(sorted(found.values(), key=lambda point: (point.use, -point.value))))


def _limited(problem: SelectionProblem, budget: str, limit: int) -> SelectionProblem:
    others = tuple(each for each in problem.budgets if each.name != budget)
    return replace(problem, budgets=(*others, Budget(budget, limit)))


def _point_under(problem: SelectionProblem, budget: str, *, seed: int, time_limit_s: float) -> Point | None:
    model = model_of(problem)
    best = MilpSolver(model, seed=seed, time_limit_s=time_limit_s).solve()
    if best.objective is None:
        return None
    cheapest = MilpSolver(_cheapest(problem, model, budget, best.objective), seed=seed, time_limit_s=time_limit_s)
    answer = cheapest.solve()
    variables = best.chosen if answer.objective is None else answer.chosen
    chosen = tuple(sorted(model.candidates[v] for v in variables if v < len(model.candidates)))
    is_proved = best.status == answer.status == "optimal"
    return Point(problem.use_of(chosen)[budget], problem.value_of(chosen), chosen, is_proved)


def _cheapest(problem: SelectionProblem, model: Model, budget: str, value: int) -> Model:
    """The same rules, at least this value, and now the least use wins."""
    uses = {candidate.id: candidate.uses.get(budget, 0) for candidate in problem.candidates}
    enough = Row(
        terms=tuple((variable, worth) for variable, worth in enumerate(model.objective) if worth),
        lower=value,
        upper=None,
    )
    customers = len(model.objective) - len(model.candidates)
    least = (*(-uses[name] for name in model.candidates), *(0 for _ in range(customers)))
    return Model(model.candidates, least, (*model.rows, enough))


def _undominated(points: list[Point]) -> Iterator[Point]:
    best = -1
    for point in points:
        if point.value > best:
            best = point.value
            yield point
