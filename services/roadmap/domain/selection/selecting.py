"""One selection: check the problem, solve it, drop what earns nothing, check the answer independently, explain it."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.roadmap.domain.selection.checker import broken_rules
from services.roadmap.domain.selection.explanation import Plan, WhyNot, conflict_of, reasons_of
from services.roadmap.domain.selection.model import model_of
from services.roadmap.domain.selection.problem import Rule, SelectionProblem, digest_of, require_sound
from services.roadmap.domain.selection.solver import VERSION, Answer, MilpSolver, Status


class AnswerBroken(Exception):
    """The solver's answer does not stand up to the independent checker: a defect, never the caller's fault."""


@dataclass(frozen=True, slots=True)
class Selection:
    """An answer with its proof. `gap` is (bound - objective) / bound; 0 with status `optimal` means proved."""

    status: Status
    chosen: tuple[str, ...]
    customers_served: tuple[str, ...]
    objective: int | None
    bound: int | None
    gap: float | None
    used: Mapping[str, int]
    not_chosen: tuple[WhyNot, ...]
    conflict: tuple[Rule, ...]
    solver: str
    seed: int
    time_limit_s: float
    digest: str


def select(
    problem: SelectionProblem, *, seed: int = 0, time_limit_s: float = 60.0, explain_s: float = 10.0
) -> Selection:
    """The most valuable choice that keeps every rule, and a reason for each candidate left out.

    Raises SelectionRefused for a problem that is not sound. Infeasible: `conflict` is a minimal set of rules that
    cannot hold together (leave any one out and the others can).
    """
    require_sound(problem)
    model = model_of(problem)
    answer = MilpSolver(model, seed=seed, time_limit_s=time_limit_s).solve()
    chosen = _worth_choosing(problem, {model.candidates[v] for v in answer.chosen if v < len(model.candidates)})
    has_choice = answer.objective is not None
    objective = _kept(problem, chosen, answer) if has_choice else None
    plan = Plan(problem, chosen, is_proved=answer.status == "optimal")
    return Selection(
        status=answer.status,
        chosen=tuple(sorted(chosen)),
        customers_served=problem.served_by(chosen) if has_choice else (),
        objective=objective,
        bound=answer.bound,
        gap=_gap(objective, answer.bound),
        used=problem.use_of(chosen),
        not_chosen=reasons_of(plan, model, optimum=objective, seed=seed, time_limit_s=explain_s)
        if objective is not None
        else (),
        conflict=conflict_of(model, seed=seed, time_limit_s=explain_s) if answer.status == "infeasible" else (),
        solver=VERSION,
        seed=seed,
        time_limit_s=time_limit_s,
        digest=digest_of(problem, seed=seed, time_limit_s=time_limit_s),
    )


def _worth_choosing(problem: SelectionProblem, chosen: set[str]) -> frozenset[str]:
    """The chosen that are demanded or earn something, and what those need: free riders within a slack budget go."""
    served = problem.served_by(chosen)
    wanted = {
        want for customer in problem.customers if customer.weight and customer.id in served for want in customer.wants
    }
    earning = {candidate.id for candidate in problem.candidates if candidate.value} | wanted
    demanded = {member for group in problem.one_of for member in group} | problem.must_have | problem.pinned_in
    kept = chosen & (earning | demanded)
    needs, waiting = problem.needs(), list(kept)
    while waiting:
        missing = needs[waiting.pop()] - kept
        kept |= missing
        waiting.extend(missing)
    return frozenset(kept)


def _kept(problem: SelectionProblem, chosen: frozenset[str], answer: Answer) -> int:
    """The value of the choice, after the independent checker agreed to it."""
    value = problem.value_of(chosen)
    if broken := broken_rules(problem, chosen):
        raise AnswerBroken(f"The answer breaks {broken}")
    if value < (answer.objective or 0) or (answer.bound is not None and value > answer.bound):
        raise AnswerBroken(f"The answer is worth {value}; the solver said {answer.objective} of at most {answer.bound}")
    return value


def _gap(objective: int | None, bound: int | None) -> float | None:
    if objective is None or bound is None:
        return None
    return (bound - objective) / bound if bound else 0.0
