"""Plans to begin with: the first at once, then better ones in the light of prices."""

from collections.abc import Mapping

from services.roadmap.domain.scheduling.answer import Incumbent, Report, is_better
from services.roadmap.domain.scheduling.checker import faults_of
from services.roadmap.domain.scheduling.greedy import greedy_plan, value_for_effort, work_of
from services.roadmap.domain.scheduling.pricing import Prices
from services.roadmap.domain.scheduling.problem import Placement, ScheduleProblem, objective_of

BUDGET_WEIGHTS = (0.0, 0.5, 1.0, 2.0)

Begun = dict[str, Placement]


def first_plans(problem: ScheduleProblem, report: Report) -> tuple[Begun, Begun]:
    """The plainest plan, told at once, and the best of some that weigh the budgets otherwise; empty when none fits."""
    first: Begun = {}
    best: Begun = {}
    for weight in BUDGET_WEIGHTS if problem.goal == "value" else BUDGET_WEIGHTS[:1]:
        best = _better(problem, best, value_for_effort(problem, budget_weight=weight), None, report)
        first = first or best
    return first, best


def plan_by_prices(problem: ScheduleProblem, prices: Prices, best: Begun, report: Report) -> Begun:
    """The best known plan, or one that takes first what profits: by profit, by that for effort, by value for effort."""
    profit = prices.profit
    plain = value_for_effort(problem)
    most = max(plain.values())
    for merit in (
        profit,
        {job.id: profit[job.id] / (work_of(job) or 1) for job in problem.jobs},
        {name: merit + (most if profit[name] > 0 else 0.0) for name, merit in plain.items()},
    ):
        best = _better(problem, best, merit, prices.bound, report)
    return best


def _better(
    problem: ScheduleProblem, best: Begun, merit: Mapping[str, float], bound: int | None, report: Report
) -> Begun:
    plan = greedy_plan(problem, merit)
    if faults_of(problem, plan) or not is_better(problem, plan, best):
        return best
    report(Incumbent(plan, objective_of(problem, plan), bound))
    return plan
