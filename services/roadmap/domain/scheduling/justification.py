"""Double justification: all as late as the end allows, then as early as the order of that allows: often shorter.

V. Valls, F. Ballestín, S. Quintanilla, *European Journal of Operational Research* 165, 2005.
"""

from collections.abc import Sequence

from services.roadmap.domain.scheduling.fields import Take
from services.roadmap.domain.scheduling.problem import Job, Placement, Plan, ScheduleProblem
from services.roadmap.domain.scheduling.serial import Arc, SerialScheme, Task

Starts = list[int]


class Justification:
    """All jobs of a problem, each in the mode that it has in a plan, to be done by week `end`."""

    def __init__(self, problem: ScheduleProblem, plan: Plan, *, end: int) -> None:
        self.jobs, self.end = problem.jobs, end
        self.modes = [plan[job.id].mode for job in problem.jobs]
        self.weeks = [job.modes[mode].weeks for job, mode in zip(self.jobs, self.modes, strict=True)]
        rows = {resource: row for row, resource in enumerate(problem.capacity)}
        numbers = {job.id: number for number, job in enumerate(self.jobs)}
        room = [weeks[:end] for weeks in problem.capacity.values()]
        tasks = [self._task(number, min(problem.latest_finish(job), end), rows) for number, job in enumerate(self.jobs)]
        self._arcs = [
            Arc(before, numbers[each.after], each.lag + (self.weeks[before] if each.link == "finish_start" else 0))
            for each in problem.precedences
            for before in [numbers[each.before]]
        ]
        self._due = [task.due for task in tasks]
        self._turned = [end - weeks for weeks in self.weeks]
        self._forward = SerialScheme(tasks, self._arcs, room)
        self._backward = SerialScheme(
            [self._mirrored(number, task) for number, task in enumerate(tasks)],
            [Arc(after, before, lead + self.weeks[after] - self.weeks[before]) for before, after, lead in self._arcs],
            [weeks[::-1] for weeks in room],
        )

    def early(self, keys: Sequence[float]) -> Starts | None:
        """Each as early as it can, in the order of the keys; None when one finds no place."""
        return self._forward.starts(keys)

    def late(self, keys: Sequence[float]) -> Starts | None:
        """Each as late as it can, the one first that would end last if it began at its key."""
        starts = self._backward.starts([-key - weeks for key, weeks in zip(keys, self.weeks, strict=True)])
        return starts and [turned - start for turned, start in zip(self._turned, starts, strict=True)]

    def justified(self, keys: Sequence[float]) -> Starts | None:
        """Late in the order of the keys, then early in the order that this gives."""
        late = self.late(keys)
        return late and self.early(late)

    def latest(self) -> Starts:
        """When each must start, were there people enough: the order of the critical path."""
        latest, is_settled = self._due.copy(), False
        while not is_settled:
            is_settled = True
            for before, after, lead in self._arcs:
                if latest[after] - lead < latest[before]:
                    latest[before], is_settled = latest[after] - lead, False
        return latest

    def makespan(self, starts: Starts) -> int:
        return max(start + weeks for start, weeks in zip(starts, self.weeks, strict=True))

    def plan(self, starts: Starts) -> dict[str, Placement]:
        """The starts as a plan."""
        each = zip(self.jobs, starts, self.weeks, self.modes, strict=True)
        return {job.id: Placement(start, start + weeks, mode) for job, start, weeks, mode in each}

    def _task(self, number: int, finish: int, rows: dict[tuple[str, str], int]) -> Task:
        job: Job = self.jobs[number]
        packages = job.modes[self.modes[number]].packages
        takes = tuple(Take(rows[each.team, each.skill], 0, each.weeks, each.demand) for each in packages)
        latest = finish - self.weeks[number]
        if job.start is None:
            return Task(job.earliest, latest, takes)
        return Task(max(job.earliest, job.start), min(latest, job.start), takes)

    def _mirrored(self, number: int, task: Task) -> Task:
        weeks, turned = self.weeks[number], self._turned[number]
        takes = tuple(take._replace(offset=weeks - take.offset - take.weeks) for take in task.takes)
        return Task(turned - task.due, turned - task.release, takes)
