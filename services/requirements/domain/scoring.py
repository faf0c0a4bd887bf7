"""Scores of requirements: value, what each input contributes, and how sure we may be of it."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]
PERT_WEIGHT = 4
LEAST_EFFORT = 0.01
"""Person-months: about an hour and a half; nothing that is worth ranking takes less."""
DIGITS = 13
LAST_DECIMAL = -15


@dataclass(frozen=True)
class Range:
    """An estimate as its author would say it: at least, most likely, at most."""

    low: float
    likely: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.likely <= self.high:
            raise ValueError("a range needs low <= likely <= high")

    @classmethod
    def exactly(cls, value: float) -> "Range":
        return cls(value, value, value)


@dataclass(frozen=True)
class Input:
    """One number that a method asks for, and the values it may take."""

    name: str
    lowest: float
    highest: float

    def holds(self, value: float) -> bool:
        return self.lowest <= value <= self.highest


@dataclass(frozen=True)
class Method:
    """A published way to score: its inputs and its formula.

    The formula is plain arithmetic over named inputs, so that one text serves floats, exact fractions and arrays of
    draws; it must be monotone in each input.
    """

    name: str
    source: str
    inputs: tuple[Input, ...]
    formula: Callable[[Mapping[str, Any]], Any]

    def check(self, estimates: Mapping[str, Range]) -> None:
        """Raises ValueError, naming the input, unless each input has a range within its bounds."""
        for each in self.inputs:
            if each.name not in estimates:
                raise ValueError(f"{self.name} needs {each.name}")
            given = estimates[each.name]
            if not (each.holds(given.low) and each.holds(given.high)):
                raise ValueError(f"{each.name} must be at least {each.lowest:g} and at most {each.highest:g}")

    def value(self, likely: Mapping[str, float]) -> float:
        return float(self.formula(likely))


RICE = Method(
    name="rice",
    source="Sean McBride, RICE: Simple prioritization for product managers, Intercom 2018",
    inputs=(
        Input("reach", 0, 1e12),
        Input("impact", 0, 3),
        Input("confidence", 0, 1),
        Input("effort", LEAST_EFFORT, 1e6),
    ),
    formula=lambda given: given["reach"] * given["impact"] * given["confidence"] / given["effort"],
)

METHODS: Mapping[str, Method] = {method.name: method for method in (RICE,)}


def likely_values(estimates: Mapping[str, Range], method: Method) -> dict[str, float]:
    return {each.name: estimates[each.name].likely for each in method.inputs}


@dataclass(frozen=True)
class Breakdown:
    """A score as the sum of where it starts and what each input adds; the printed decimals add up exactly."""

    score: float
    reference_score: float
    contributions: Mapping[str, float]


def explain(method: Method, *, given: Mapping[str, float], reference: Mapping[str, float]) -> Breakdown:
    """How far each input moves the score from the score at `reference`: Shapley values over the inputs.

    phi_i = sum over subsets S without i of |S|! (n-|S|-1)! / n! * (f(S + i) - f(S)), where f(S) takes the inputs in S
    from `given` and the others from `reference`. They are computed in exact fractions, then all figures are rounded to
    one decimal place: that of the 13th significant digit of the largest, or the 15th decimal.

    Source: L. S. Shapley, A value for n-person games, 1953; for explanations: Lundberg and Lee, NeurIPS 2017.
    """
    names = [each.name for each in method.inputs]
    exact = {name: (Fraction(given[name]), Fraction(reference[name])) for name in names}

    def at(chosen: frozenset[str]) -> Fraction:
        return Fraction(method.formula({name: exact[name][0 if name in chosen else 1] for name in names}))

    chosen = (frozenset(some) for size in range(len(names) + 1) for some in combinations(names, size))
    values = {some: at(some) for some in chosen}
    shares = {name: _shapley(name, names=names, values=values) for name in names}
    return _rounded(values[frozenset()], values[frozenset(names)], shares)


def _rounded(start: Fraction, total: Fraction, shares: Mapping[str, Fraction]) -> Breakdown:
    """All figures in whole quanta; what rounding leaves over goes to the largest share, which feels it least."""
    largest = float(max(map(abs, (start, total, *shares.values()))))
    digits = math.floor(math.log10(largest)) if largest > 0 else 0
    quantum = Fraction(10) ** max(digits - DIGITS + 1, LAST_DECIMAL)
    whole = {name: round(share / quantum) for name, share in shares.items()}
    score, reference = round(total / quantum), round(start / quantum)
    heaviest = max(whole, key=lambda name: abs(whole[name]))
    whole[heaviest] += score - reference - sum(whole.values())
    return Breakdown(
        score=float(score * quantum),
        reference_score=float(reference * quantum),
        contributions={name: float(count * quantum) for name, count in whole.items()},
    )


def _shapley(name: str, *, names: Sequence[str], values: Mapping[frozenset[str], Fraction]) -> Fraction:
    total, count = Fraction(0), len(names)
    for subset, value in values.items():
        if name not in subset:
            weight = Fraction(
                math.factorial(len(subset)) * math.factorial(count - len(subset) - 1), math.factorial(count)
            )
            total += weight * (values[subset | {name}] - value)
    return total


def reference_point(candidates: Sequence[Mapping[str, float]], *, method: Method) -> dict[str, float]:
    """The median of each input: the middling requirement that contributions are told against."""
    return {each.name: float(np.median([one[each.name] for one in candidates])) for each in method.inputs}


def draw_scores(method: Method, estimates: Mapping[str, Range], *, key: str, seed: int, draws: int) -> Scores:
    """Scores of one requirement under its ranges, shape (draws,).

    Each range becomes a beta-PERT variable: low + (high - low) * Beta(a, b) with
    a = 1 + 4 (likely - low) / (high - low) and b = 1 + 4 (high - likely) / (high - low).
    The stream depends on the seed and on the requirement's key alone, so neither order nor company changes it.

    Source: Malcolm, Roseboom, Clark and Fazar, Operations Research 7(5), 1959.
    """
    chance = np.random.default_rng([seed, *key.encode()])
    sampled = {each.name: _pert(estimates[each.name], chance=chance, draws=draws) for each in method.inputs}
    return np.broadcast_to(np.asarray(method.formula(sampled), dtype=np.float64), (draws,))


def _pert(given: Range, *, chance: np.random.Generator, draws: int) -> Scores:
    spread = given.high - given.low
    if spread <= 0:
        return np.full(draws, given.likely)
    left = 1 + PERT_WEIGHT * (given.likely - given.low) / spread
    right = 1 + PERT_WEIGHT * (given.high - given.likely) / spread
    return given.low + spread * chance.beta(left, right, draws)


def interval(scores: Scores, *, coverage: float = 0.9) -> tuple[float, float]:
    """The central interval that holds `coverage` of the draws."""
    tail = (1 - coverage) / 2
    low, high = np.quantile(scores, [tail, 1 - tail])
    return float(low), float(high)
