"""Finds prices at which the bound of the relaxation is low, and what jobs are worth beyond what they would pay.

A projected subgradient method: the excess of demand over each limit is a subgradient of the bound, so what is overrun
becomes dearer and what is left over cheaper. Limits differ in size; so each price moves by steps of its own, in the
manner of Adam (D. Kingma, J. Ba, ICLR 2015), that shrink geometrically.
"""

from dataclasses import dataclass
from math import floor, isfinite

import numpy as np

from services.roadmap.domain.scheduling.problem import ScheduleProblem
from services.roadmap.domain.scheduling.relaxation import Floats, Relaxation

STEPS = 400
FIRST_STEP, LAST_STEP = 2.0, 0.003
"""In units of the mean worth of a team member's week, were everything built."""
MOMENTUM, MEMORY = 0.9, 0.99
ROUNDING = 1e-4
"""Far more than sums of floating numbers can be off by, and less than a unit of worth."""


@dataclass(frozen=True)
class Prices:
    """`bound`: no plan is worth more. `profit`: of each job at its best start, less what it takes at these prices."""

    bound: int
    profit: dict[str, float]


def prices_of(problem: ScheduleProblem, *, enough: int = 0, steps: int = STEPS) -> Prices | None:
    """The lowest bound on the way, which ends early at `enough`; None where a required job has no place at all."""
    relaxation = Relaxation(problem)
    prices = np.zeros(len(relaxation.limits))
    mean, square = np.zeros_like(prices), np.zeros_like(prices)
    lowest = relaxation.choose(prices)
    if not isfinite(lowest.bound):
        return None
    unit = max(1.0, lowest.bound) / max(1, sum(map(sum, problem.capacity.values())))
    choice = lowest
    for step in range(1, steps + 1):
        mean += (1 - MOMENTUM) * (choice.excess - mean)
        square += (1 - MEMORY) * (choice.excess**2 - square)
        stride = unit * FIRST_STEP * (LAST_STEP / FIRST_STEP) ** (step / steps)
        prices = relaxation.allowed(prices + stride * _direction(mean, square, step))
        choice = relaxation.choose(prices)
        if choice.bound < lowest.bound:
            lowest = choice
        if _whole(lowest.bound) <= enough:
            break
    names = (job.id for job in problem.jobs)
    return Prices(_whole(lowest.bound), dict(zip(names, map(float, lowest.profit), strict=True)))


def _whole(bound: float) -> int:
    return floor(bound + ROUNDING)


def _direction(mean: Floats, square: Floats, step: int) -> Floats:
    """Both averages began at 0 and are too small at first."""
    spread = np.sqrt(square / (1 - MEMORY**step))
    return np.asarray(mean / (1 - MOMENTUM**step) / (spread + 1e-9))
