"""The forecast as people read it: percentiles, the chance of each promised day, and what drives them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from services.roadmap.domain.forecasting.durations import (
    Correction,
    Lognormal,
    Samples,
    SharedLuck,
    sample_efforts,
)
from services.roadmap.domain.forecasting.simulation import Crew, Task, simulate

PERCENTILES = (10, 50, 85, 95)
MOST_DRIVERS = 5
DRIVER_SAMPLES = 1_000
"""Enough to tell a strong correlation from a weak one; ranking costs more than simulating."""


@dataclass(frozen=True, slots=True)
class PlannedTask:
    """A piece of a feature, in the order of the plan; effort in workdays of its whole width."""

    feature: str
    label: str
    effort: Lognormal
    task: Task
    team: int


@dataclass(frozen=True, slots=True)
class Bundle:
    """Features that go out together, done with the last of them, and the day of the plan by which they are due."""

    name: str
    features: tuple[str, ...]
    promise: float | None


@dataclass(frozen=True, slots=True)
class ForecastProblem:
    """Everything that decides a forecast. `promises` gives features the day of the plan by which they are due."""

    tasks: tuple[PlannedTask, ...]
    crews: tuple[Crew, ...]
    corrections: tuple[Correction, ...]
    promises: Mapping[str, float]
    bundles: tuple[Bundle, ...] = ()
    luck: SharedLuck = field(default_factory=SharedLuck)


@dataclass(frozen=True, slots=True)
class FeatureForecast:
    """Days of the plan by which so many percent of the samples were done; chance of keeping the promise."""

    feature: str
    days: Mapping[int, float]
    chance: float | None
    criticality: float


@dataclass(frozen=True, slots=True)
class BundleForecast:
    """The same of features that go out together."""

    name: str
    days: Mapping[int, float]
    chance: float | None


@dataclass(frozen=True, slots=True)
class Driver:
    """A task whose length goes with the end of the whole plan: Spearman's rank correlation."""

    feature: str
    label: str
    correlation: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """All features in the order of the plan, and the plan as a whole."""

    features: tuple[FeatureForecast, ...]
    days: Mapping[int, float]
    drivers: tuple[Driver, ...]
    bundles: tuple[BundleForecast, ...] = ()


def forecast(problem: ForecastProblem, *, samples: int, seed: int) -> Forecast:
    """Same problem, samples and seed: same forecast."""
    if not problem.tasks:
        return Forecast((), dict.fromkeys(PERCENTILES, 0.0), ())
    efforts = sample_efforts(
        [each.effort for each in problem.tasks],
        np.array([each.team for each in problem.tasks], dtype=np.intp),
        list(problem.corrections),
        luck=problem.luck,
        samples=samples,
        seed=seed,
    )
    finishes = simulate([each.task for each in problem.tasks], efforts, crews=problem.crews)
    pieces: dict[str, list[int]] = {}
    for index, each in enumerate(problem.tasks):
        pieces.setdefault(each.feature, []).append(index)
    done = {feature: finishes.ends[indices].max(axis=0) for feature, indices in pieces.items()}
    end = np.maximum.reduce(list(done.values()))
    return Forecast(
        features=tuple(
            _feature(feature, done[feature], problem.promises.get(feature), finishes.criticality[indices])
            for feature, indices in pieces.items()
        ),
        days=_percentiles(end),
        drivers=_drivers(problem.tasks, efforts, end),
        bundles=tuple(_bundle(each, done) for each in problem.bundles),
    )


def _feature(
    feature: str, done: npt.NDArray[np.float32], promise: float | None, criticality: npt.NDArray[np.float64]
) -> FeatureForecast:
    return FeatureForecast(feature, _percentiles(done), _chance(done, promise), float(criticality.max()))


def _bundle(bundle: Bundle, done: Mapping[str, npt.NDArray[np.float32]]) -> BundleForecast:
    last = np.maximum.reduce([done[each] for each in bundle.features])
    return BundleForecast(bundle.name, _percentiles(last), _chance(last, bundle.promise))


def _chance(done: npt.NDArray[np.float32], promise: float | None) -> float | None:
    return None if promise is None else float((done <= promise).mean())


def _percentiles(done: npt.NDArray[np.float32]) -> dict[int, float]:
    return dict(zip(PERCENTILES, map(float, np.percentile(done, PERCENTILES)), strict=True))


def _drivers(tasks: Sequence[PlannedTask], efforts: Samples, end: npt.NDArray[np.float32]) -> tuple[Driver, ...]:
    ranked, some = _ranks(end[:DRIVER_SAMPLES]), efforts[:, :DRIVER_SAMPLES]
    found = [
        Driver(each.feature, each.label, float(_ranks(row) @ ranked)) for each, row in zip(tasks, some, strict=True)
    ]
    found.sort(key=lambda driver: (-driver.correlation, driver.feature, driver.label))
    return tuple(driver for driver in found[:MOST_DRIVERS] if driver.correlation > 0)


def _ranks(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Ranks, centred and of length 1, so that the product of two is their correlation."""
    ranks = np.empty(len(values))
    ranks[np.argsort(values, kind="stable")] = np.arange(len(values))
    ranks -= ranks.mean()
    return ranks / (np.linalg.norm(ranks) or 1.0)
