"""Figures that lie too far from what the same place of earlier seasons lets expect."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from statistics import median

from services.metrics.domain.anomalies.told import Anomaly, Kind, Vector

SEASONS = 4
REMEMBERED = 56
LEAST_REMEMBERED = 28
CONSISTENCY = 1.4826  # makes the median absolute deviation a standard deviation under normal noise
LIMIT = 4.5
SHIFT_AFTER = 4


@dataclass(frozen=True)
class Expectation:
    """What the past lets expect of the next figure."""

    centre: float
    spread: float


def find_anomalies(values: Vector, *, season: int, limit: float = LIMIT) -> list[Anomaly]:
    """Walk through a series and name each figure that its past did not let expect; NaN are gaps.

    Expected is the median of the last `SEASONS` figures at the same place of the season, moved by the median of what
    was missed lately; the spread is the median absolute deviation of the last `REMEMBERED` misses, which outliers
    cannot inflate. `SHIFT_AFTER` figures in a row on the same side are a new level: it is told once, as such, and what
    came before is forgotten, so that one event is not told for weeks.

    Sources: F. R. Hampel, The influence curve and its role in robust estimation, JASA 69 (1974) 383-393; R. J. Hyndman,
    G. Athanasopoulos, Forecasting: principles and practice (2021), section 13.9.
    """
    return list(_Walk(season=max(1, season), limit=limit).through(values))


class _Walk:
    def __init__(self, *, season: int, limit: float) -> None:
        self.season, self.limit = season, limit
        self.places: list[deque[float]] = [deque(maxlen=SEASONS) for _ in range(season)]
        self.misses: deque[float] = deque(maxlen=REMEMBERED)
        self.streak: list[tuple[int, float]] = []

    def through(self, values: Vector) -> Iterator[Anomaly]:
        for row, value in enumerate(values.tolist()):
            if not isfinite(value):
                continue
            expected = self.expectation(row)
            if expected is None:
                self.learn(row, value)
                continue
            score = (value - expected.centre) / expected.spread
            if abs(score) <= self.limit:
                self.streak.clear()
                self.learn(row, value)
                continue
            yield from self.told(row, value, expected, score)

    def told(self, row: int, value: float, expected: Expectation, score: float) -> Iterator[Anomaly]:
        """An outlier teaches nothing; a streak of them is a new level, to be learnt."""
        if self.streak and (self.streak[-1][1] > 0) != (score > 0):
            self.streak.clear()
        self.streak.append((row, score))
        half = self.limit * expected.spread
        bounds = (value, expected.centre, expected.centre - half, expected.centre + half, score)
        if len(self.streak) == 1:
            yield Anomaly(row, Kind.SPIKE if score > 0 else Kind.DIP, *bounds)
        elif len(self.streak) == SHIFT_AFTER:
            yield Anomaly(row, Kind.LEVEL_SHIFT, *bounds)
            self.forget(move=value - expected.centre)

    def expectation(self, row: int) -> Expectation | None:
        place = self.places[row % self.season]
        if len(self.misses) < LEAST_REMEMBERED or not place:
            return None
        centre = median(place) + self.moved()
        deviation = CONSISTENCY * _deviation(self.misses)
        return Expectation(centre, max(deviation, 1e-9 * (1 + abs(centre))))

    def moved(self) -> float:
        """By how much the last season lay off the seasons before it."""
        recent = list(self.misses)[-max(self.season, 7) :]
        return median(recent) if recent else 0.0

    def learn(self, row: int, value: float) -> None:
        place = self.places[row % self.season]
        if place:
            self.misses.append(value - median(place))
        place.append(value)

    def forget(self, *, move: float) -> None:
        for place in self.places:
            moved = [value + move for value in place]
            place.clear()
            place.extend(moved)
        self.streak.clear()


def _deviation(misses: Sequence[float] | deque[float]) -> float:
    middle = median(misses)
    return median(abs(miss - middle) for miss in misses)
