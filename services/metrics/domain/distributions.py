"""The few distribution functions that intervals need, without bringing scipy into the running service."""

from dataclasses import dataclass
from math import erf, sqrt

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

_BISECTIONS = 60


def normal_cdf(z: Vector) -> Vector:
    """P(Z <= z) of the standard normal distribution."""
    return np.array([0.5 * (1.0 + erf(value / sqrt(2.0))) for value in np.ravel(z)]).reshape(np.shape(z))


def student_cdf(t: Vector, *, freedom: float) -> Vector:
    """P(T <= t) of Student's t, through Wallace's normal deviate.

    z = sign(t) (8v+1)/(8v+3) sqrt(v ln(1 + t^2/v)); the error in probability stays below 0.0005 for v >= 5.

    Source: D. L. Wallace, Bounds on normal approximations to Student's and the chi-square distributions,
    Annals of Mathematical Statistics 30 (1959) 1121-1130.
    """
    deviate = (8 * freedom + 1) / (8 * freedom + 3) * np.sqrt(freedom * np.log1p(t * t / freedom))
    return normal_cdf(np.sign(t) * deviate)


@dataclass(frozen=True)
class StudentMixture:
    """A weighted mixture of Student distributions: what remains when uncertain settings are averaged over."""

    weights: Vector
    centres: Vector
    scales: Vector
    freedom: float

    @property
    def mean(self) -> float:
        return float(self.weights @ self.centres)

    def cdf(self, value: float) -> float:
        return float(self.weights @ student_cdf((value - self.centres) / self.scales, freedom=self.freedom))

    def quantile(self, probability: float) -> float:
        """The value below which `probability` of the mass lies, by bisection."""
        low = float(np.min(self.centres - 60 * self.scales))
        high = float(np.max(self.centres + 60 * self.scales))
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2
            low, high = (middle, high) if self.cdf(middle) < probability else (low, middle)
        return (low + high) / 2

    def interval(self, level: float) -> tuple[float, float]:
        """The central interval that holds `level` of the mass."""
        tail = (1.0 - level) / 2
        return self.quantile(tail), self.quantile(1.0 - tail)
