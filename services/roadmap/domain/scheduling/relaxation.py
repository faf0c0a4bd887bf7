"""The problem with a price on every limit: each job then chooses its best start for itself, and what they get is a
bound.

Lagrangian relaxation of the time-indexed form (N. Christofides, R. Alvarez-Valdes, J. Tamarit, *European Journal of
Operational Research* 29, 1987; R. Möhring, A. Schulz, F. Stork, M. Uetz, *Management Science* 49, 2003). With x the
choice of a start and a mode for each job that is built, and a price y of 0 or more on each limit a x <= b:

    no plan is worth more than  y b + sum over jobs of max(0, max over its starts of (worth - y a))

whatever the prices are; a limit that must be met exactly may have a price below 0. Limits are: the capacity of each
team and skill in each week; that by each week `after` has begun only if `before` made way for it; budgets and groups.
"""

from collections.abc import Iterator, Mapping
from itertools import chain, count
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from services.roadmap.domain.scheduling.greedy import earliest_starts, fitting_starts, room_of
from services.roadmap.domain.scheduling.problem import ScheduleProblem

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class Choice(NamedTuple):
    """What the jobs choose at some prices: the bound, and by how much each limit is overrun (below 0: what is left).

    `profit` is what each job is worth at its best start less what it pays; below 0 it is left out, unless required.
    """

    bound: float
    excess: Floats
    profit: Floats


class Relaxation:
    """Limits in one vector: the weeks of each resource, the weeks of each precedence, then budgets and groups.

    An option is a job in one of its modes. By each of its terms `(option, row, near, far, factor)`, when it starts in
    week t, it takes `factor` of the limits of that row in the weeks from t + `near` to before t + `far`.
    """

    def __init__(self, problem: ScheduleProblem) -> None:
        self.weeks = problem.horizon
        self.rows = len(problem.capacity) + len(problem.precedences)
        job_of = [number for number, job in enumerate(problem.jobs) for _ in job.modes]
        self._job_of = np.array(job_of)
        self._options_of = _side_by_side(self._job_of)
        self._is_required = np.array([job.is_required or job.start is not None for job in problem.jobs])
        self._worth = _worths(problem)
        self._take_terms(np.array(sorted(_terms(problem)), dtype=np.int64).reshape(-1, 5))
        self._sides, side_limits, is_exact = _sides(problem)
        capacity = np.array(list(problem.capacity.values()), dtype=float).ravel()
        self.limits = np.concatenate([capacity, np.zeros(len(problem.precedences) * self.weeks), side_limits])
        self.is_free = np.concatenate([np.zeros(self.rows * self.weeks, dtype=bool), is_exact])
        """The limits whose prices may be below 0."""

    def allowed(self, prices: Floats) -> Floats:
        """The prices, none below 0 that may not be."""
        return np.where(self.is_free, prices, np.maximum(prices, 0.0))

    def _take_terms(self, terms: Whole) -> None:
        """Many options share a term: what it costs is worked out once, and taken by each in its turn."""
        distinct, which = np.unique(terms[:, 1:], axis=0, return_inverse=True)
        moments = np.arange(self.weeks + 1)
        row, near, far, factor = (distinct[:, each, None] for each in range(4))
        first = row * (self.weeks + 1)
        self._near, self._far = (first + np.minimum(moments + each, self.weeks) for each in (near, far))
        self._factor = factor.astype(float)
        self._option_of, self._which = terms[:, 0], which.ravel()
        rank = np.arange(len(terms)) - np.searchsorted(self._option_of, self._option_of)
        turns = [rank == turn for turn in range(int(rank.max(initial=-1)) + 1)]
        self._turns = [(self._option_of[turn], self._which[turn]) for turn in turns]

    def choose(self, prices: Floats) -> Choice:
        """The bound at these prices, and how far the choices behind it overrun the limits."""
        side_prices = prices[self.rows * self.weeks :]
        reduced = self._worth - (side_prices[:, None] * self._sides).sum(axis=0)[self._job_of, None]
        costs = self._costs(prices)
        for options, which in self._turns:
            reduced[options] -= costs[which]
        start = reduced.argmax(axis=1)
        best = np.append(reduced[np.arange(len(start)), start], -np.inf)[self._options_of]
        profit = best.max(axis=1)
        is_taken = (profit > 0) | self._is_required
        options = self._options_of[is_taken, best[is_taken].argmax(axis=1)]
        bound = float((prices * self.limits).sum() + profit[is_taken].sum())
        return Choice(bound, self._use(options, start, is_taken) - self.limits, profit)

    def _costs(self, prices: Floats) -> Floats:
        """Of each distinct term at each start."""
        weekly = prices[: self.rows * self.weeks].reshape(self.rows, self.weeks)
        sums = np.zeros((self.rows, self.weeks + 1))
        sums[:, :-1] = np.cumsum(weekly[:, ::-1], axis=1)[:, ::-1]
        return np.asarray(self._factor * (sums.ravel()[self._near] - sums.ravel()[self._far]))

    def _use(self, options: Whole, start: Whole, is_taken: Flags) -> Floats:
        """What the chosen options, begun in these weeks, take of each limit."""
        is_chosen = np.zeros(len(start), dtype=bool)
        is_chosen[options] = True
        terms = np.flatnonzero(is_chosen[self._option_of])
        which, moment, size = self._which[terms], start[self._option_of[terms]], self.rows * (self.weeks + 1)
        factor = self._factor[which, 0]
        begun, ended = (np.bincount(each[which, moment], factor, size) for each in (self._near, self._far))
        weekly = np.cumsum((begun - ended).reshape(self.rows, -1), axis=1)[:, :-1]
        return np.concatenate([weekly.ravel(), self._sides[:, is_taken].sum(axis=1)])


def _side_by_side(job_of: Whole) -> Whole:
    """The options of each job in a row of their own, shorter rows filled with one past the last option."""
    counts = np.bincount(job_of)
    table = np.full((len(counts), int(counts.max())), len(job_of))
    table[job_of, np.arange(len(job_of)) - np.searchsorted(job_of, job_of)] = np.arange(len(job_of))
    return table


def _worths(problem: ScheduleProblem) -> Floats:
    """Of each option at each start; minus infinity where it cannot start, were it alone in the world."""
    room, earliest = room_of(problem, {}), earliest_starts(problem)
    worths = np.full((sum(len(job.modes) for job in problem.jobs), problem.horizon + 1), -np.inf)
    options = ((job, mode) for job in problem.jobs for mode in job.modes)
    for row, (job, mode) in zip(worths, options, strict=True):
        begin, latest = earliest[job.id], problem.latest_finish(job) - mode.weeks
        if job.start is not None:
            begin, latest = max(begin, job.start), min(latest, job.start)
        starts = begin + np.flatnonzero(fitting_starts(room, mode.packages, begin, latest))
        row[starts] = problem.worth(job, mode.weeks) - problem.weekly_loss(job) * starts
    return worths


def _terms(problem: ScheduleProblem) -> Iterator[tuple[int, int, int, int, int]]:
    """A package takes its weeks; who waits takes every week from its start on, who is waited for gives them."""
    numbers, always = count(), problem.horizon
    options = {job.id: [(next(numbers), mode) for mode in job.modes] for job in problem.jobs}
    rows = {resource: row for row, resource in enumerate(problem.capacity)}
    for option, mode in chain.from_iterable(options.values()):
        for package in mode.packages:
            yield option, rows[package.team, package.skill], 0, package.weeks, package.demand
    for row, each in enumerate(problem.precedences, len(rows)):
        for option, _ in options[each.after]:
            yield option, row, 0, always, 1
        for option, mode in options[each.before]:
            yield option, row, each.lag + (mode.weeks if each.link == "finish_start" else 0), always, -1


def _sides(problem: ScheduleProblem) -> tuple[Floats, Floats, Flags]:
    """Budgets and groups: what building each job adds to each, the limits, and which must be met exactly.

    A budget counts in units of its greatest use, so that its price is of the size of the others.
    """
    rows: list[tuple[Mapping[str, float], float, bool]] = []
    for budget in problem.budgets:
        unit = max(job.uses.get(budget.name, 0) for job in problem.jobs) or 1
        rows.append(({job.id: job.uses.get(budget.name, 0) / unit for job in problem.jobs}, budget.limit / unit, False))
    rows += [(dict.fromkeys(group, 1.0), 1.0, False) for group in problem.exclusions]
    rows += [(dict.fromkeys(group, 1.0), 1.0, True) for group in problem.one_of]
    rows += [({first: 1.0, other: -1.0}, 0.0, True) for first, *others in problem.couplings for other in others]
    sides = np.array([[adds.get(job.id, 0.0) for job in problem.jobs] for adds, _, _ in rows])
    limits = np.array([limit for _, limit, _ in rows], dtype=float)
    return (
        sides.reshape(len(rows), len(problem.jobs)),
        limits,
        np.array([is_exact for _, _, is_exact in rows], dtype=bool),
    )
