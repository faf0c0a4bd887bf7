"""An independent checker: walks through the plan week by week, and knows nothing of the model."""

from collections import Counter

from services.roadmap.domain.scheduling.problem import Job, Placement, Plan, Resource, ScheduleProblem


def faults_of(problem: ScheduleProblem, plan: Plan) -> list[str]:
    """Everything that is wrong with a plan, in words; nothing: it may be adopted."""
    jobs = {job.id: job for job in problem.jobs}
    faults = [f"{name} is no job" for name in plan if name not in jobs]
    faults += [
        fault for name, place in plan.items() if name in jobs for fault in _misplaced(problem, jobs[name], place)
    ]
    faults += [f"{job.id} is required" for job in problem.jobs if job.is_required and job.id not in plan]
    return faults + _order_faults(problem, plan) + _group_faults(problem, plan) + _use_faults(problem, jobs, plan)


def _misplaced(problem: ScheduleProblem, job: Job, place: Placement) -> list[str]:
    faults = []
    if place.finish != place.start + job.modes[place.mode].weeks:
        faults.append(f"{job.id} takes another time")
    if place.start < job.earliest or place.finish > problem.latest_finish(job):
        faults.append(f"{job.id} lies outside of its time")
    if job.start is not None and place.start != job.start:
        faults.append(f"{job.id} was moved from where it is held")
    return faults


def _order_faults(problem: ScheduleProblem, plan: Plan) -> list[str]:
    faults = []
    for each in problem.precedences:
        if each.after not in plan:
            continue
        if each.before not in plan:
            faults.append(f"{each.after} lacks {each.before}")
            continue
        before = plan[each.before]
        ready = (before.finish if each.link == "finish_start" else before.start) + each.lag
        if plan[each.after].start < ready:
            faults.append(f"{each.after} starts before {each.before} allows it")
    return faults


def _group_faults(problem: ScheduleProblem, plan: Plan) -> list[str]:
    excluded = [group for group in problem.exclusions if len(set(group) & plan.keys()) > 1]
    torn = [group for group in problem.couplings if len(set(group) & plan.keys()) not in {0, len(set(group))}]
    undecided = [group for group in problem.one_of if len(set(group) & plan.keys()) != 1]
    return [
        *(f"{group} exclude one another" for group in excluded),
        *(f"{group} belong together" for group in torn),
        *(f"exactly one of {group} is wanted" for group in undecided),
    ]


def _use_faults(problem: ScheduleProblem, jobs: dict[str, Job], plan: Plan) -> list[str]:
    used: Counter[tuple[Resource, int]] = Counter()
    spent: Counter[str] = Counter()
    for name, place in plan.items():
        if name not in jobs:
            continue
        spent.update(dict(jobs[name].uses))
        for package in jobs[name].modes[place.mode].packages:
            for week in range(place.start, place.start + package.weeks):
                used[(package.team, package.skill), week] += package.demand
    faults = [
        f"{resource} is overbooked in week {week}"
        for (resource, week), demand in used.items()
        if week < problem.horizon and demand > problem.capacity[resource][week]
    ]
    return faults + [f"{budget.name} is overdrawn" for budget in problem.budgets if spent[budget.name] > budget.limit]
