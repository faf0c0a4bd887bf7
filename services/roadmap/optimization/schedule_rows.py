"""A schedule as rows with dates, and back; without the solver, so that a serving process may read them."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from services.roadmap.domain.calendars import TENTHS, monday_of
from services.roadmap.domain.scheduling.problem import Job, Placement, ScheduleProblem


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
