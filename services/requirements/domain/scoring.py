"""Scores of requirements: value, what each input contributes, and how sure we may be of it."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any, Protocol

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
class Pool:
    """Several people's ranges of one thing, kept apart: each weighs the same, and none is averaged away.

    Its likely value is the mean of theirs; a draw believes one of them, each time another (a linear opinion pool).

    Source: M. Stone, The opinion pool, Annals of Mathematical Statistics 32(4), 1961.
    """

    ranges: tuple[Range, ...]

    @property
    def low(self) -> float:
        return min(each.low for each in self.ranges)

    @property
    def likely(self) -> float:
        return math.fsum(each.likely for each in self.ranges) / len(self.ranges)

    @property
    def high(self) -> float:
        return max(each.high for each in self.ranges)


Belief = Range | Pool


class Joint(Protocol):
    """Inputs that are known together, from one survey, and therefore drawn together."""

    def likely(self) -> Mapping[str, float]: ...

    def draw(self, chance: np.random.Generator, draws: int) -> Mapping[str, Scores]: ...


@dataclass(frozen=True)
class Candidate:
    """What is known of one requirement: beliefs about single inputs, and surveys about several at once."""

    beliefs: Mapping[str, Belief]
    surveys: tuple[Joint, ...] = ()

    def likely(self) -> dict[str, float]:
        values = {name: belief.likely for name, belief in self.beliefs.items()}
        for survey in self.surveys:
            values |= survey.likely()
        return values


@dataclass(frozen=True)
class Input:
    """One number that a method asks for, and the values it may take; `levels` when those are a few."""

    name: str
    lowest: float
    highest: float
    levels: tuple[float, ...] = ()

    def holds(self, value: float) -> bool:
        return self.lowest <= value <= self.highest


@dataclass(frozen=True)
class Term:
    """One summand of a score, and the inputs that it takes.

    The formula is plain arithmetic over named inputs, so that one text serves floats, exact fractions and arrays of
    draws; it must be monotone in each input.
    """

    inputs: tuple[str, ...]
    formula: Callable[[Mapping[str, Any]], Any]


@dataclass(frozen=True)
class Method:
    """A published way to score: its inputs, and the sum of terms that makes the score."""

    name: str
    source: str
    inputs: tuple[Input, ...]
    terms: tuple[Term, ...]

    def check(self, candidate: Candidate) -> None:
        """Raises ValueError, naming the input, unless each input is known and within its bounds."""
        likely = candidate.likely()
        for each in self.inputs:
            if each.name not in likely:
                raise ValueError(f"{self.name} needs {each.name}")
            given = candidate.beliefs.get(each.name, Range.exactly(likely[each.name]))
            if not (each.holds(given.low) and each.holds(given.high)):
                raise ValueError(f"{each.name} must be at least {each.lowest:g} and at most {each.highest:g}")

    def formula(self, given: Mapping[str, Any]) -> Any:
        first, *others = self.terms
        total = first.formula(given)
        for term in others:
            total = total + term.formula(given)
        return total

    def value(self, given: Mapping[str, float]) -> float:
        return float(self.formula(given))

    def likely(self, candidate: Candidate) -> dict[str, float]:
        """The likely value of each of its inputs."""
        values = candidate.likely()
        return {each.name: values[each.name] for each in self.inputs}


@dataclass(frozen=True)
class Breakdown:
    """A score as the sum of where it starts and what each input adds; the printed decimals add up exactly."""

    score: float
    reference_score: float
    contributions: Mapping[str, float]


def explain(method: Method, *, given: Mapping[str, float], reference: Mapping[str, float]) -> Breakdown:
    """How far each input moves the score from the score at `reference`: Shapley values over the inputs.

    phi_i = sum over subsets S without i of |S|! (n-|S|-1)! / n! * (f(S + i) - f(S)), where f(S) takes the inputs in S
    from `given` and the others from `reference`. A score is a sum of terms, and so are the values: each term is shared
    among its own few inputs. They are computed in exact fractions, then all figures are rounded to one decimal place:
    that of the 13th significant digit of the largest, or the 15th decimal.

    Source: L. S. Shapley, A value for n-person games, 1953; for explanations: Lundberg and Lee, NeurIPS 2017.
    """
    exact = {each.name: (Fraction(given[each.name]), Fraction(reference[each.name])) for each in method.inputs}
    shares = {each.name: Fraction(0) for each in method.inputs}
    start = total = Fraction(0)
    for term in method.terms:
        values = _values(term, exact)
        start, total = start + values[frozenset()], total + values[frozenset(term.inputs)]
        for name in term.inputs:
            shares[name] += _shapley(name, count=len(term.inputs), values=values)
    return _rounded(start, total, shares)


def _values(term: Term, exact: Mapping[str, tuple[Fraction, Fraction]]) -> dict[frozenset[str], Fraction]:
    """The term with each subset of its inputs as given, and the others as in the reference."""
    names = term.inputs
    subsets = (frozenset(some) for size in range(len(names) + 1) for some in combinations(names, size))
    return {
        some: Fraction(term.formula({name: exact[name][0 if name in some else 1] for name in names}))
        for some in subsets
    }


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


def _shapley(name: str, *, count: int, values: Mapping[frozenset[str], Fraction]) -> Fraction:
    total = Fraction(0)
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


def draw_scores(method: Method, candidate: Candidate, *, key: str, seed: int, draws: int) -> Scores:
    """Scores of one requirement under all that its inputs may be, shape (draws,).

    Each range becomes a beta-PERT variable: low + (high - low) * Beta(a, b) with
    a = 1 + 4 (likely - low) / (high - low) and b = 1 + 4 (high - likely) / (high - low).
    The stream depends on the seed and on the requirement's key alone, so neither order nor company changes it.

    Source: Malcolm, Roseboom, Clark and Fazar, Operations Research 7(5), 1959.
    """
    chance = np.random.default_rng([seed, *key.encode()])
    sampled = {
        each.name: _drawn(candidate.beliefs[each.name], chance=chance, draws=draws)
        for each in method.inputs
        if each.name in candidate.beliefs
    }
    for survey in candidate.surveys:
        sampled |= survey.draw(chance, draws)
    return np.broadcast_to(np.asarray(method.formula(sampled), dtype=np.float64), (draws,))


def _drawn(belief: Belief, *, chance: np.random.Generator, draws: int) -> Scores:
    if isinstance(belief, Range):
        return _pert(belief, chance=chance, draws=draws)
    believed = chance.integers(len(belief.ranges), size=draws)
    table = np.stack([_pert(each, chance=chance, draws=draws) for each in belief.ranges])
    drawn: Scores = np.take_along_axis(table, believed[None, :], axis=0)[0]
    return drawn


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
