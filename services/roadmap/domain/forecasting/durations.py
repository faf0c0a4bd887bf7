"""How long work takes: the range that people give, read as P10 and P90, and the luck that teams share."""

from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

Z90 = 1.2815515655446004
"""The standard normal's 90 % quantile."""

LEAST_SPREAD = 0.01


@dataclass(frozen=True, slots=True)
class Range:
    """An estimate in person-days: one in ten takes less than `low`, one in ten more than `high`."""

    low: float
    likely: float
    high: float


@dataclass(frozen=True, slots=True)
class Lognormal:
    """exp(mean + spread x Z), Z standard normal."""

    mean: float
    spread: float

    def quantile(self, z: float) -> float:
        return exp(self.mean + self.spread * z)


def lognormal_of(estimate: Range) -> Lognormal:
    """The lognormal whose P10 and P90 are the estimate's ends.

    Effort is never negative and errs upwards, so its logarithm is taken as normal; `likely` only has to lie within. A
    range without width still gets a little: nobody knows to the hour.
    """
    low = max(estimate.low, 1e-3)
    high = max(estimate.high, low)
    return Lognormal((log(low) + log(high)) / 2, max(LEAST_SPREAD, (log(high) - log(low)) / (2 * Z90)))


@dataclass(frozen=True, slots=True)
class SharedLuck:
    """Which part of the variance (of the logarithm) all work shares, and which the work of one team."""

    portfolio: float = 0.1
    team: float = 0.2

    @property
    def own(self) -> float:
        return 1.0 - self.portfolio - self.team


@dataclass(frozen=True, slots=True)
class Correction:
    """What a team's history says of its estimates: how far off in the middle, how much too narrow."""

    factor: float = 1.0
    widening: float = 1.0


def sample_efforts(
    estimates: list[Lognormal],
    teams: npt.NDArray[np.intp],
    corrections: list[Correction],
    *,
    luck: SharedLuck,
    samples: int,
    seed: int,
) -> Samples:
    """Efforts, task by sample. Every cell is a lognormal of its task, correlated through portfolio and team."""
    dice = np.random.Generator(np.random.SFC64(seed))
    everyone = dice.standard_normal(samples, dtype=np.float32) * np.float32(sqrt(luck.portfolio))
    by_team = dice.standard_normal((len(corrections), samples), dtype=np.float32) * np.float32(sqrt(luck.team))
    deviate = dice.standard_normal((len(estimates), samples), dtype=np.float32)
    deviate *= np.float32(sqrt(luck.own))
    deviate += everyone + by_team[teams]
    spread = [each.spread * corrections[team].widening for each, team in zip(estimates, teams, strict=True)]
    mean = [each.mean + log(corrections[team].factor) for each, team in zip(estimates, teams, strict=True)]
    deviate *= np.array(spread, dtype=np.float32)[:, None]
    deviate += np.array(mean, dtype=np.float32)[:, None]
    return np.exp(deviate, out=deviate)
