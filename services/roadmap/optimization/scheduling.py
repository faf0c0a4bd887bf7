"""What runs in the child process that schedules: the timetable in, incumbents on the way, the proposal out."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from time import monotonic
from typing import Any

from services.roadmap.domain.calendars import TENTHS, monday_of
from services.roadmap.domain.scheduling.explanation import WhyUnplanned, schedule_conflict, unplanned
from services.roadmap.domain.scheduling.problem import SCALE, Job, Placement, ScheduleProblem
from services.roadmap.domain.scheduling.solving import Incumbent, Limits, schedule
from services.roadmap.optimization.record import read_problem
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


def rows_of(problem: ScheduleProblem, plan: dict[str, Placement], first: date) -> list[dict[str, Any]]:
    """Who does what when, in dates: from a Monday to a Friday."""
    jobs = {job.id: job for job in problem.jobs}
    rows = [_row(jobs[name], place, monday_of(first)) for name, place in plan.items()]
    return sorted(rows, key=lambda row: (row["starts_on"], row["feature_id"]))


def plan_of(problem: ScheduleProblem, rows: Sequence[dict[str, Any]], first: date) -> dict[str, Placement]:
    """The plan that the rows show, in the problem's weeks; a job whose packages nobody does so any more is left out."""
    jobs, plan = {job.id: job for job in problem.jobs}, {}
    for row in rows:
        job = jobs.get(row["feature_id"])
        ways = [[(each.team, each.skill) for each in mode.packages] for mode in job.modes] if job else []
        done = [(each["team_id"], each["skill"]) for each in row["packages"]]
        if job is not None and done in ways:
            mode = ways.index(done)
            start = (date.fromisoformat(row["starts_on"]) - monday_of(first)).days // 7
            plan[job.id] = Placement(start, start + job.modes[mode].weeks, mode)
    return plan


def _row(job: Job, place: Placement, monday: date) -> dict[str, Any]:
    return {
        "feature_id": job.id,
        **_dates(monday, place.start, place.finish),
        "packages": [
            {
                "team_id": package.team,
                "skill": package.skill,
                "people": package.demand / TENTHS,
                **_dates(monday, place.start, place.start + package.weeks),
            }
            for package in job.modes[place.mode].packages
        ],
    }


def _dates(monday: date, start: int, finish: int) -> dict[str, str]:
    begin = monday + timedelta(weeks=start)
    end = monday + timedelta(weeks=finish, days=-3) if finish > start else begin
    return {"starts_on": begin.isoformat(), "ends_on": end.isoformat()}


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
