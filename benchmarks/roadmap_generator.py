"""Generated roadmaps: features with work packages, alternative teams, calendars, dependencies, deadlines, a budget.

    roadmap_of(features=200, teams=8, skills=6, weeks=52, seed=1)

The same arguments give the same roadmap. Demand is about twice what the teams can do, so that choosing matters.
"""

from dataclasses import dataclass

import numpy as np

from services.roadmap.domain.scheduling.problem import (
    Job,
    Mode,
    Package,
    Precedence,
    Resource,
    ScheduleProblem,
)
from services.roadmap.domain.selection.problem import Budget

BUDGET_SHARE = 0.45
SLACK_WEEKS = 8


@dataclass(frozen=True)
class _House:
    """The teams: how many people of which skill, in which week."""

    staff: list[dict[int, int]]
    capacity: dict[Resource, tuple[int, ...]]


def roadmap_of(*, features: int, teams: int, skills: int, weeks: int, seed: int) -> ScheduleProblem:
    """A feasible roadmap problem."""
    dice = np.random.default_rng(seed)
    house = _house(dice, teams=teams, skills=skills, weeks=weeks)
    jobs = [_job(dice, house, number) for number in range(features)]
    precedences = _precedences(dice, features)
    earliest = _chain_ends(jobs, precedences)
    total = sum(job.uses["cost"] for job in jobs)
    return ScheduleProblem(
        horizon=weeks,
        jobs=tuple(_constrained(dice, job, ends=earliest[job.id], weeks=weeks) for job in jobs),
        capacity=house.capacity,
        precedences=tuple(precedences),
        budgets=(Budget("cost", int(total * BUDGET_SHARE)),),
        exclusions=tuple(
            tuple(jobs[int(each)].id for each in dice.choice(features, 2, replace=False)) for _ in range(features // 50)
        ),
    )


def _house(dice: np.random.Generator, *, teams: int, skills: int, weeks: int) -> _House:
    staff: list[dict[int, int]] = []
    capacity: dict[Resource, tuple[int, ...]] = {}
    for team in range(teams):
        known = dice.choice(skills, int(dice.integers(2, min(4, skills) + 1)), replace=False)
        staff.append({int(skill): int(dice.integers(1, 6)) for skill in sorted(known)})
        for skill, people in staff[-1].items():
            away = dice.random(weeks) < 0.15
            open_weeks = np.where(away, max(1, people - 1), people)
            open_weeks[51::52] = 0  # everybody is away in the last week of the year
            capacity[f"team {team}", f"skill {skill}"] = tuple(int(each) for each in open_weeks)
    return _House(staff, capacity)


def _job(dice: np.random.Generator, house: _House, number: int) -> Job:
    home = int(dice.integers(len(house.staff)))
    skills = list(house.staff[home])
    needed = dice.choice(skills, int(dice.integers(1, min(3, len(skills)) + 1)), replace=False)
    work = [(int(skill), int(dice.integers(1, 7)), _demand(dice, house.staff[home][int(skill)])) for skill in needed]
    able = [team for team, staff in enumerate(house.staff) if all(staff.get(s, 0) >= d for s, _, d in work)]
    modes = tuple(Mode(tuple(Package(f"team {team}", f"skill {s}", w, d) for s, w, d in work)) for team in able[:4])
    cost = sum(w * d for _, w, d in work) * int(dice.integers(3, 7))
    return Job(f"feature {number:04}", max(1, round(float(dice.lognormal(3, 0.8)))), modes, {"cost": cost})


def _demand(dice: np.random.Generator, people: int) -> int:
    return int(dice.integers(1, max(1, people // 2) + 1))


def _precedences(dice: np.random.Generator, features: int) -> list[Precedence]:
    pairs = {
        (int(dice.integers(max(0, later - 40), later)), later)
        for later in range(1, features)
        for _ in range(int(dice.choice([0, 0, 0, 1, 1, 2])))
    }
    return [Precedence(f"feature {before:04}", f"feature {after:04}") for before, after in sorted(pairs)]


def _chain_ends(jobs: list[Job], precedences: list[Precedence]) -> dict[str, int]:
    """When each job would end if there were people enough."""
    ends: dict[str, int] = {}
    for job in jobs:
        begin = max((ends[each.before] for each in precedences if each.after == job.id), default=0)
        ends[job.id] = begin + max(mode.weeks for mode in job.modes)
    return ends


def _constrained(dice: np.random.Generator, job: Job, *, ends: int, weeks: int) -> Job:
    """One job in twenty has a deadline, none of them before its chain and some slack allow."""
    has_deadline, deadline = dice.random() < 0.05, int(dice.integers(weeks // 2, weeks))
    if not has_deadline or ends + SLACK_WEEKS > weeks:
        return job
    return Job(job.id, job.value, job.modes, job.uses, deadline=max(deadline, ends + SLACK_WEEKS))
