"""How a KPI wanders without us: autocorrelated noise on a drifting level, filtered for many settings at once."""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class NoiseGrid:
    """Candidate noise processes, each with its prior weight.

    y_t = x_t'b + level_t + u_t;  level_t = level_{t-1} + w_t, Var w = drift s^2;  u_t = persistence u_{t-1} + e_t,
    Var e = s^2. Persistence 0 and drift 0 is plain regression; drift 0 is regression with AR(1) errors;
    persistence 0 is the local-level model.
    """

    persistence: Vector
    drift: Vector
    prior: Vector

    @classmethod
    def product(cls, *, persistence: dict[float, float], drift_sd: dict[float, float]) -> "NoiseGrid":
        """Every pair of settings; the dictionaries map a setting to its prior weight."""
        pairs = list(product(persistence.items(), drift_sd.items()))
        prior = np.array([first[1] * second[1] for first, second in pairs])
        return cls(
            persistence=np.array([first[0] for first, _ in pairs]),
            drift=np.array([second[0] ** 2 for _, second in pairs]),
            prior=prior / prior.sum(),
        )


@dataclass(frozen=True)
class Filtered:
    """One pass of the Kalman filter over the columns of a table, for every candidate of the grid.

    `whitened` (candidates, rows, columns) holds the standardised innovations, zero where a row is missing;
    `log_variance` (candidates, rows) the logarithms of their variances over s^2.
    """

    whitened: NDArray[np.float64]
    log_variance: Matrix


def kalman_filter(columns: Matrix, *, observed: NDArray[np.bool_], grid: NoiseGrid) -> Filtered:
    """Filter every column with the same gains, so that a regression on whitened columns is generalised least squares.

    Source: A. C. Harvey, Forecasting, Structural Time Series Models and the Kalman Filter (1989), section 3.4;
    missing rows are skipped as in section 3.4.7.
    """
    rows, width = columns.shape
    count = len(grid.prior)
    rho, drift = grid.persistence, grid.drift
    level, carry = np.zeros((count, width)), np.zeros((count, width))
    level_var, shared, carry_var = np.zeros(count), np.zeros(count), 1.0 / (1.0 - rho**2)
    whitened, log_variance = np.zeros((count, rows, width)), np.zeros((count, rows))
    for row in range(rows):
        if row:
            carry = rho[:, None] * carry
            level_var, shared, carry_var = level_var + drift, rho * shared, rho**2 * carry_var + 1.0
        if not observed[row]:
            continue
        to_level, to_carry = level_var + shared, shared + carry_var
        variance = to_level + to_carry
        surprise = columns[row] - level - carry
        level = level + (to_level / variance)[:, None] * surprise
        carry = carry + (to_carry / variance)[:, None] * surprise
        level_var = level_var - to_level**2 / variance
        shared = shared - to_level * to_carry / variance
        carry_var = carry_var - to_carry**2 / variance
        whitened[:, row] = surprise / np.sqrt(variance)[:, None]
        log_variance[:, row] = np.log(variance)
    return Filtered(whitened, log_variance)
