"""Weighted drivers: a team's own weights on whatever it finds telling."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from services.requirements.domain.live import LIVE_INPUTS, name_of
from services.requirements.domain.methods import KANO, METHODS
from services.requirements.domain.scoring import Input, Method, Term

MOST_WEIGHT = 1_000.0

WEIGHABLE: Mapping[str, Input] = {
    **{each.name: each for method in METHODS.values() if method is not KANO for each in method.inputs},
    **{each.name: each for each in KANO.inputs},
    **{name: Input(name, 0, 1e12) for name in LIVE_INPUTS},
}
"""Every input that a driver may rest on."""


@dataclass(frozen=True)
class Driver:
    """One thing that is weighed: `worst` of its input scores 0, `best` scores 1, in a straight line."""

    name: str
    input: str
    weight: float
    worst: float
    best: float

    def attained(self, value: Any) -> Any:
        """The share of the way from worst to best; 0 when the scale has no width."""
        if self.best == self.worst:
            return value * 0
        if isinstance(value, Fraction):
            worst, best = Fraction(self.worst), Fraction(self.best)
            return (value - worst) / (best - worst)
        return (value - self.worst) / (self.best - self.worst)


def scaled(driver: Driver, values: Sequence[float], *, less_is_better: bool) -> Driver:
    """The driver with the scale that the candidates themselves span."""
    low, high = min(values), max(values)
    return replace(driver, worst=high if less_is_better else low, best=low if less_is_better else high)


def weighted(drivers: Sequence[Driver]) -> Method:
    """score = sum of weight_i * attained_i / sum of weights: from 0 to 1 while every value lies within its scale.

    Source: the additive value model, Keeney and Raiffa, Decisions with Multiple Objectives, 1976.
    """
    total = sum(Fraction(driver.weight) for driver in drivers)
    if total <= 0:
        raise ValueError("at least one driver needs a weight")
    return Method(
        name="weighted",
        source="Ralph Keeney and Howard Raiffa, Decisions with Multiple Objectives, 1976",
        inputs=tuple({driver.input: _input(driver.input) for driver in drivers}.values()),
        terms=tuple(_term(driver, Fraction(driver.weight) / total) for driver in drivers),
    )


def _input(key: str) -> Input:
    """The bounds of what is weighed, under the key that tells one currency or segment from another."""
    return replace(WEIGHABLE[name_of(key)], name=key)


def _term(driver: Driver, share: Fraction) -> Term:
    def formula(given: Mapping[str, Any]) -> Any:
        value = given[driver.input]
        return driver.attained(value) * (share if isinstance(value, Fraction) else float(share))

    return Term((driver.input,), formula)


def across_weights(names: Sequence[str]) -> Method:
    """The same score as a formula of what is attained *and* of the weights, to compare two sets of drivers."""
    return Method(
        name="weighted",
        source="Ralph Keeney and Howard Raiffa, Decisions with Multiple Objectives, 1976",
        inputs=tuple(Input(each, -1e15, 1e15) for name in names for each in (name, weight_of(name))),
        terms=tuple(_weighed(name) for name in names),
    )


def _weighed(name: str) -> Term:
    return Term((name, weight_of(name)), lambda given: given[name] * given[weight_of(name)])


def weight_of(name: str) -> str:
    """What the weight of a driver is called among the inputs."""
    return f"weight of {name}"


def standing_of(names: Sequence[str], drivers: Sequence[Driver], inputs: Mapping[str, float]) -> dict[str, float]:
    """What is attained on each driver, and its share of the weights; both 0 for a driver that is not weighed."""
    total = sum(driver.weight for driver in drivers)
    point = dict.fromkeys([each for name in names for each in (name, weight_of(name))], 0.0)
    for driver in drivers:
        point[driver.name] = float(driver.attained(inputs[driver.input]))
        point[weight_of(driver.name)] = driver.weight / total
    return point
