"""What runs in the child process that schedules: the timetable in, incumbents on the way, the proposal out."""

from collections.abc import Callable
from datetime import date
from time import monotonic
from typing import Any

from services.roadmap.domain.calendars import TENTHS
from services.roadmap.domain.scheduling.answer import Incumbent, Limits
from services.roadmap.domain.scheduling.explanation import WhyUnplanned, schedule_conflict, unplanned
from services.roadmap.domain.scheduling.problem import SCALE, Placement, ScheduleProblem
from services.roadmap.domain.scheduling.solving import schedule
from services.roadmap.optimization.record import read_problem
from services.roadmap.optimization.schedule_rows import rows_of
from services.roadmap.optimization.units import UNITS, VALUE_UNITS
from services.roadmap.optimization.wording_of_schedules import explain_schedule
from services.roadmap.optimization.wording_of_unfit import explain_unfit


def solve(question: dict[str, Any], report: Callable[[Any], None]) -> dict[str, Any]:
    """Answer a schedule in the caller's units; every better plan is reported as it is found."""
    problem, first = read_problem(question["problem"]), date.fromisoformat(question["first"])
    limits = Limits(seed=question["seed"], time_limit_s=question["time_limit_s"])

    def tell(found: Incumbent) -> None:
        report(
            {
                "objective": _points(found.objective),
                "bound": _points(found.bound),
                "schedule": rows_of(problem, found.plan, first),
            }
        )

    answer = schedule(problem, limits, report=tell, now=monotonic)
    conflict = schedule_conflict(problem, seed=limits.seed) if answer.status == "infeasible" else ()
    reasons = unplanned(problem, answer.plan) if answer.objective is not None else ()
    return {
        "status": answer.status,
        "objective": _points(answer.objective),
        "bound": _points(answer.bound),
        "gap": answer.gap,
        "first_objective": _points(answer.first_objective),
        "chosen": sorted(answer.plan),
        "customers_satisfied": [],
        "used": _used(problem, answer.plan),
        "schedule": rows_of(problem, answer.plan, first),
        "not_chosen": [_reason(why) for why in reasons] + [_unfit(*each) for each in sorted(question["unfit"].items())],
        "conflict": [{"kind": rule.kind, "subjects": list(rule.subjects)} for rule in conflict],
        "solver": answer.solver,
        "seed": limits.seed,
        "time_limit_s": limits.time_limit_s,
        "digest": answer.digest,
    }


def _used(problem: ScheduleProblem, plan: dict[str, Placement]) -> dict[str, float]:
    built = [job for job in problem.jobs if job.id in plan]
    return {each.name: sum(job.uses.get(each.name, 0) for job in built) / UNITS[each.name] for each in problem.budgets}


def _reason(why: WhyUnplanned) -> dict[str, Any]:
    shortfall = {name: amount / UNITS[name] for name, amount in why.shortfall.items()}
    missing: list[dict[str, Any]] = [
        {"team_id": team, "skill": skill, "person_weeks": amount / TENTHS}
        for (team, skill), amount in why.missing_capacity.items()
    ]
    return _not_chosen(
        why.job,
        why.reason,
        explain_schedule(why, shortfall=shortfall, person_weeks=sum(each["person_weeks"] for each in missing)),
        blockers=list(why.blockers),
        shortfall=shortfall,
        missing_capacity=missing,
    )


def _unfit(feature_id: str, reason: str) -> dict[str, Any]:
    return _not_chosen(feature_id, reason, explain_unfit(reason))


def _not_chosen(feature_id: str, reason: str, explanation: str, **more: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "feature_id": feature_id,
        "reason": reason,
        "explanation": explanation,
        "blockers": [],
        "brings": [],
        "shortfall": {},
        "missing_capacity": [],
        "value_added": None,
        "value_given_up": None,
        "is_possible": None,
    }
    return plain | more


def _points(worth: int | None) -> float | None:
    return None if worth is None else worth / (SCALE * VALUE_UNITS)
