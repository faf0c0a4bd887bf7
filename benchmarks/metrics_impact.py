"""Can the verdicts be trusted? Coverage, false positives and power in simulated worlds, and three published examples.

    python -m benchmarks.metrics_impact [--runs 1000] [--examples DIRECTORY]

Each world is judged with the one default estimator, with control series (grade B) and
without (grade C): 90 days before the launch, 28 after, an effect of 0 and of 5 %.
"""

import argparse
import csv
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import Figure, exit_code, remark, report
from services.metrics.domain.counterfactual import Series
from services.metrics.domain.impact import Aim, Direction, Impact, Launch, Verdict, assess

Vector = NDArray[np.float64]

BEFORE, AFTER = 90, 28
EFFECT = 0.05
NOISE = 1.5
FOUND = (Verdict.IMPROVED, Verdict.WORSE)


@dataclass(frozen=True)
class World:
    """How a KPI wanders: its noise, its season and its gaps."""

    noise: Callable[[np.random.Generator, int], Vector]
    season: float = 0.0
    gaps: float = 0.0


def independent(random: np.random.Generator, rows: int) -> Vector:
    return random.normal(0, NOISE, rows)


def autocorrelated(random: np.random.Generator, rows: int) -> Vector:
    shocks, noise = random.normal(0, NOISE, rows), np.zeros(rows)
    noise[0] = shocks[0] / np.sqrt(1 - 0.7**2)
    for row in range(1, rows):
        noise[row] = 0.7 * noise[row - 1] + shocks[row]
    return noise


def drifting(random: np.random.Generator, rows: int) -> Vector:
    return random.normal(0, NOISE, rows) + np.cumsum(random.normal(0, 0.2 * NOISE, rows))


def fast_drifting(random: np.random.Generator, rows: int) -> Vector:
    return random.normal(0, NOISE, rows) + np.cumsum(random.normal(0, 0.6 * NOISE, rows))


def heavy_tailed(random: np.random.Generator, rows: int) -> Vector:
    return NOISE * random.standard_t(4, rows) / np.sqrt(2)


def trending(random: np.random.Generator, rows: int) -> Vector:
    return random.normal(0, NOISE, rows) + 0.07 * np.arange(rows)


WORLDS = {
    "independent": World(independent),
    "autocorrelated": World(autocorrelated),
    "drifting_level": World(drifting),
    "seasonal_with_gaps": World(independent, season=4.0, gaps=0.1),
}
BEYOND = {
    "fast_drift": World(fast_drifting),
    "heavy_tails": World(heavy_tailed),
    "trend": World(trending),
}


def simulate(world: World, seed: int, *, has_controls: bool) -> tuple[Vector, Vector | None]:
    """A KPI without any effect, and its controls."""
    random = np.random.default_rng(seed)
    rows = BEFORE + AFTER
    day = np.arange(rows)
    weekly = 3 * np.sin(2 * np.pi * day / 7)
    first = 100 + np.cumsum(random.normal(0, 0.3, rows)) + weekly
    controls = np.column_stack([first, 50 + np.cumsum(random.normal(0, 0.5, rows))])
    values = (20 + 1.1 * first if has_controls else np.full(rows, 130.0)) + world.noise(random, rows)
    values += world.season * np.cos(2 * np.pi * day / 7) * (day % 7 < 5)
    values = np.where(random.random(rows) < world.gaps, np.nan, values)
    return values, controls if has_controls else None


def judge(values: Vector, controls: Vector | None, *, effect: float) -> tuple[Impact, float]:
    """The impact, and the true effect on the mean."""
    changed = values.copy()
    changed[BEFORE:] *= 1 + effect
    launch = Launch(Series.of(changed, controls=controls, seasons=(7,)), BEFORE, Aim(Direction.UP))
    return assess(launch), effect * float(np.nanmean(values[BEFORE:]))


def measure(name: str, world: World, *, runs: int, has_controls: bool, has_goal: bool) -> list[Figure]:
    covered = false = found = 0
    began = time.process_time()
    for seed in range(runs):
        values, controls = simulate(world, seed, has_controls=has_controls)
        for effect in (0.0, EFFECT):
            impact, truth = judge(values, controls, effect=effect)
            covered += impact.interval is not None and truth in impact.interval
            false += effect == 0 and impact.verdict in FOUND
            found += effect > 0 and impact.verdict is Verdict.IMPROVED
    cost_ms = 1000 * (time.process_time() - began) / (2 * runs)
    label = f"impact_{name}_{'controls' if has_controls else 'before_after'}"
    least, most, worst = (0.92, 0.98, 0.06) if has_goal else (None, None, None)
    return [
        report(Figure(f"{label}_coverage", covered / (2 * runs), at_least=least, at_most=most)),
        report(Figure(f"{label}_false_positives", false / runs, at_most=worst)),
        report(Figure(f"{label}_power_at_5_percent", found / runs)),
        report(Figure(f"{label}_cpu_ms", cost_ms)),
    ]


@dataclass(frozen=True)
class Example:
    """A published analysis: its file, its columns, the first row after the launch, and R's interval of the effect."""

    file: str
    outcome: str
    controls: tuple[str, ...]
    row: int
    published: tuple[float, float]


EXAMPLES = (
    Example("arma.csv", "y", ("X",), 70, (0.27, 1.5)),
    Example("google.csv", "y", ("x1", "x2"), 61, (18, 36)),
    Example("comparison.csv", "CHANGED", ("NOT_CHANGED_1", "NOT_CHANGED_2", "NOT_CHANGED_3"), 90, (-2076, 832)),
)


def compare(example: Example, directory: Path) -> Figure:
    with (directory / example.file).open() as file:
        rows = list(csv.DictReader(file))
    values = [float(row[example.outcome]) for row in rows]
    controls = np.array([[float(row[name]) for name in example.controls] for row in rows])
    impact = assess(Launch(Series.of(values, controls=controls), example.row, Aim(Direction.UP)))
    low, high = example.published
    theirs = Verdict.IMPROVED if low > 0 else Verdict.WORSE if high < 0 else None
    ours = impact.verdict if impact.verdict in FOUND else None
    remark(f"{example.file}: effect {impact.effect:.4g} in {impact.interval}, R says [{low:g}, {high:g}]")
    return report(Figure(f"impact_published_{Path(example.file).stem}_same_verdict", float(ours == theirs), at_least=1))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--examples", type=Path, help="the folder with arma.csv, google.csv and comparison.csv")
    options = parser.parse_args()
    figures = [compare(example, options.examples) for example in EXAMPLES if options.examples]
    for worlds, has_goal in ((WORLDS, True), (BEYOND, False)):
        for name, world in worlds.items():
            for has_controls in (False, True):
                figures += measure(name, world, runs=options.runs, has_controls=has_controls, has_goal=has_goal)
    return exit_code(figures)


if __name__ == "__main__":
    sys.exit(main())
