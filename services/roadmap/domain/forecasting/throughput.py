"""When things will be done, from how many were done per week before: no estimate is asked for."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Weeks = npt.NDArray[np.int32]

NEVER = 520
"""Weeks after which a future is given up."""


def finishing_weeks(counts: Sequence[int], *, items: int, samples: int, seed: int) -> Weeks:
    """The week (0 is the first) in which each of so many items is done, item by sample; `NEVER` where it is not.

    Weeks to come are drawn from those that were. How often each of them will come is itself uncertain: every future
    weighs the past weeks anew (Bayesian bootstrap, D. B. Rubin, Annals of Statistics 9, 1981), so that a short history
    gives wide answers.

    Raises ValueError for a history in which nothing was done.
    """
    if not any(counts):
        message = "nothing was done in any of these weeks"
        raise ValueError(message)
    dice = np.random.default_rng(seed)
    past = np.asarray(counts, dtype=np.int32)
    bounds = np.cumsum(dice.dirichlet(np.ones(len(past)), samples), axis=1)[:, :-1]
    done = np.zeros(samples, dtype=np.int32)
    weeks = np.full((items, samples), NEVER, dtype=np.int32)
    number = np.arange(items)[:, None]
    for week in range(NEVER):
        before = done
        drawn = (dice.random(samples)[:, None] > bounds).sum(axis=1)
        done = before + past[drawn]
        first, last = int(before.min()), min(items, int(done.max()))
        rows = slice(first, last)
        weeks[rows][(before <= number[rows]) & (number[rows] < done)] = week
        if done.min() >= items:
            break
    return weeks
