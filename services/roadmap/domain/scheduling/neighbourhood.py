"""Large neighbourhood search (P. Shaw, CP 1998): frees the work of one team, holds all the rest, solves that exactly.

What is held takes its room, its budget and its order from the part that is freed; so the part is a problem of the same
kind, much smaller, and any answer to it fits back into the whole.
"""

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from services.roadmap.domain.scheduling.greedy import room_of
from services.roadmap.domain.scheduling.problem import Job, Placement, Plan, ScheduleProblem
from services.roadmap.domain.selection.problem import Budget

MOST_FREED = 90


def neighbours_of(problem: ScheduleProblem, dice: np.random.Generator) -> set[str]:
    """The jobs that one team, drawn by lot, could do; where these are too many, some of them drawn by lot."""
    teams = sorted({team for team, _ in problem.capacity})
    team = teams[int(dice.integers(len(teams)))]
    able = [job.id for job in problem.jobs if any(p.team == team for mode in job.modes for p in mode.packages)]
    if len(able) <= MOST_FREED:
        return set(able)
    return {able[int(each)] for each in dice.choice(len(able), MOST_FREED, replace=False)}


def part_of(problem: ScheduleProblem, plan: Plan, freed: Collection[str]) -> ScheduleProblem:
    """The problem of placing only the freed jobs, everything else staying where it is."""
    held = {name: place for name, place in plan.items() if name not in freed}
    possible = _possible(problem, held, freed)
    jobs = {job.id: job for job in problem.jobs if job.id in possible}
    for group in problem.couplings:
        if any(member in held for member in group):
            jobs |= {name: replace(jobs[name], is_required=True) for name in _within(group, jobs)}
    for each in problem.precedences:
        if each.after in jobs and each.before in held:
            jobs[each.after] = _after_held(jobs[each.after], held[each.before], lag=each.lag, link=each.link)
        elif each.before in jobs and each.after in held:
            due = held[each.after].start - each.lag
            jobs[each.before] = _before_held(problem, jobs[each.before], due, link=each.link)
    spent = [job for job in problem.jobs if job.id in held]
    left = {
        budget.name: budget.limit - sum(job.uses.get(budget.name, 0) for job in spent) for budget in problem.budgets
    }
    return replace(
        problem,
        jobs=tuple(jobs.values()),
        capacity={resource: tuple(map(int, weeks)) for resource, weeks in room_of(problem, held).items()},
        precedences=tuple(p for p in problem.precedences if p.before in jobs and p.after in jobs),
        budgets=tuple(Budget(name, limit) for name, limit in left.items()),
        one_of=tuple(part for group in problem.one_of if (part := _within(group, jobs))),
        exclusions=tuple(part for group in problem.exclusions if len(part := _within(group, jobs)) > 1),
        couplings=tuple(part for group in problem.couplings if len(part := _within(group, jobs)) > 1),
    )


def _within(group: tuple[str, ...], jobs: Collection[str]) -> tuple[str, ...]:
    return tuple(member for member in group if member in jobs)


def _possible(problem: ScheduleProblem, held: Plan, freed: Collection[str]) -> set[str]:
    """The freed jobs that can be built beside what is held.

    What excludes a held job cannot, nor what waits for, or belongs to, something that is not built; and as each that
    drops out may be what another waits for or belongs to, they drop out until nothing changes.
    """
    names = {job.id for job in problem.jobs if job.id in freed}
    rivals = (*problem.exclusions, *problem.one_of)
    names -= {member for group in rivals if any(each in held for each in group) for member in group}
    while True:
        there = names | held.keys()
        barred = {each.after for each in problem.precedences if each.before not in there}
        barred |= {member for group in problem.couplings if not there >= set(group) for member in group}
        if not names & barred:
            return names
        names -= barred


def _after_held(job: Job, before: Placement, *, lag: int, link: str) -> Job:
    ready = (before.finish if link == "finish_start" else before.start) + lag
    return replace(job, earliest=max(job.earliest, ready))


def _before_held(problem: ScheduleProblem, job: Job, due: int, *, link: str) -> Job:
    if link == "start_start":
        due += min(mode.weeks for mode in job.modes)
    return replace(job, is_required=True, deadline=min(problem.latest_finish(job), due))
